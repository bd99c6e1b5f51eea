package rtc

// moved takes what a connection's state has become.
func (s *Server) moved(p *peer, state State, why string) {
	s.mu.Lock()
	l := p.login
	if l.peer != p || l.state == state {
		s.mu.Unlock()
		return
	}
	s.move(l, state)
	if l.leg != nil {
		l.leg.tellState(state)
	}
	s.mu.Unlock()
	if state == StateDisconnected {
		s.metrics.lost.Inc()
	}
	s.tell(Event{User: l.user, Login: l.id, State: state, Reason: why})
}

// move changes a login's state; mu is held.
func (s *Server) move(l *login, state State) {
	if l.state != "" {
		s.metrics.peers.WithLabelValues(string(l.state)).Dec()
	}
	if l.state = state; state != StateClosed {
		s.metrics.peers.WithLabelValues(string(state)).Inc()
	}
}

// gone takes that a connection is about to end. Its login ends with it, unless another connection has taken its place.
func (s *Server) gone(p *peer, why string) {
	l := p.login
	s.mu.Lock()
	if l.peer != p {
		s.mu.Unlock()
		return
	}
	s.remove(l, why)
	s.move(l, StateClosed)
	s.mu.Unlock()
	l.close()
	s.tell(Event{User: l.user, Login: l.id, State: StateClosed, Reason: why})
}

// forget takes that nothing of a connection runs any more.
func (s *Server) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peers--
}

// tell logs an event and tells the observer.
func (s *Server) tell(e Event) {
	s.log.Info("browser "+string(e.State), "user", e.User, "login", e.Login, "reason", e.Reason)
	s.config.Observer(e)
}
