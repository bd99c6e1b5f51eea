package rtc

import (
	"time"

	"github.com/pion/rtp"

	"seatbridge/leg"
	"seatbridge/media"
)

// Dial starts a leg towards the user d.To.User: Ringing when the user's newest login is connected or about to be, else
// Ended{Unavailable}; Ended{Busy} when it carries a leg already.
func (s *Server) Dial(d leg.Dial, o leg.Observer) leg.Leg {
	l := s.newLeg(d.To.User, d.ID, o)
	if d.Timeout > 0 {
		l.ring.Reset(d.Timeout)
	}
	begin := func() { l.observe(leg.Ringing{}) }
	s.mu.Lock()
	err := s.claim(l)
	switch err {
	case nil:
	case ErrBusy:
		begin = func() { l.end(leg.Cause{Reason: leg.Busy, Remote: true}) }
	default:
		begin = func() { l.end(leg.Cause{Reason: leg.Unavailable, Remote: true}) }
	}
	if err != ErrClosed {
		s.running.Go(func() { l.run(begin) })
	}
	s.mu.Unlock()
	if err == ErrClosed { // here, since nobody would wait for a goroutine
		l.end(leg.Cause{Reason: leg.Shutdown})
	}
	return l
}

// Caller makes the leg of a browser that places a call, on the user's newest login. It fails with ErrNoLogin, ErrBusy
// and ErrClosed.
func (s *Server) Caller(user, id string, o leg.Observer) (leg.Leg, error) {
	l := s.newLeg(user, id, o)
	l.calling = true
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.claim(l); err != nil {
		return nil, err
	}
	s.running.Go(func() { l.run(func() {}) })
	return l, nil
}

// claim gives a leg the user's newest login; mu is held.
func (s *Server) claim(l *callLeg) error {
	if s.closed {
		return ErrClosed
	}
	logins := s.users[l.user]
	if len(logins) == 0 {
		return ErrNoLogin
	}
	newest := logins[len(logins)-1]
	switch {
	case newest.state == StateDisconnected:
		return ErrNoLogin
	case newest.leg != nil:
		return ErrBusy
	}
	newest.leg, l.login = l, newest
	l.state, l.port = newest.state, newest.port()
	return nil
}

// release takes a leg off its login, unless that has been done: the login may carry another one by now.
func (s *Server) release(l *callLeg) {
	if l.login == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.login.leg == l {
		l.port.In.SetSink(nil)
		l.login.leg = nil
	}
}

// newLeg makes a leg that has no login.
func (s *Server) newLeg(user, id string, o leg.Observer) *callLeg {
	l := &callLeg{
		server: s, id: id, user: user, started: time.Now(), observe: o, box: newMailbox(), port: deadPort(),
		ring: time.NewTimer(time.Hour), grace: time.NewTimer(time.Hour), watcher: time.NewTicker(time.Hour),
	}
	l.stopTimers()
	return l
}

// deadPort is the media of a leg that was refused: all is dropped.
func deadPort() media.Port {
	return media.Port{
		In:   media.NewReceiver(media.ReceiverConfig{}),
		Ears: []*media.Sender{media.NewSender(media.SenderConfig{Writer: nowhere{}})},
	}
}

// nowhere is a Writer without a far end.
type nowhere struct{}

// WriteRTP fails.
func (nowhere) WriteRTP(*rtp.Header, []byte) (int, error) { return 0, errUnbound }
