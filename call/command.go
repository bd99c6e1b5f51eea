package call

import "context"

// command has a session's goroutine do something for a seat that takes part in it.
func (m *Manager) command(ctx context.Context, user, id string, do func(s *session, p *party) error) error {
	return m.ask(ctx, user, id, func(s *session, _ func(error)) error { return s.command(user, do) })
}

// ask has a session's goroutine do something. It waits for that goroutine, which never waits for anything, for the
// session's end, or for ctx. What do returns is the answer, but for errLater: then do has to see that answer is called.
func (m *Manager) ask(ctx context.Context, user, id string, do func(s *session, answer func(error)) error) error {
	s, ok := m.find(id)
	if !ok {
		return m.over(user, id)
	}
	reply := make(chan error, 1)
	msg := message{reply: reply}
	msg.do = func() error { return do(s, msg.answer) }
	switch s.mail.put(msg) {
	case full:
		return Errorf(CodeBusy, "the session has too much to do")
	case closed:
		return m.over(user, id)
	}
	select {
	case err := <-reply:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-s.done:
	}
	select {
	case err := <-reply:
		return err
	default:
		return m.over(user, id)
	}
}

// over is the answer to a command for a session that is not live: one's own has ended, any other was never there.
func (m *Manager) over(user, id string) error {
	if info, ok := m.Session(id); ok && info.has(user) {
		return Errorf(CodeWrongState, "the session has ended")
	}
	return notFound()
}

func notFound() error { return Errorf(CodeNotFound, "no such session") }

// command does something for a seat, on the session's goroutine.
func (s *session) command(user string, do func(s *session, p *party) error) error {
	p := s.byUser(user)
	switch {
	case p == nil:
		return notFound()
	case s.ending():
		return Errorf(CodeWrongState, "the session has ended")
	}
	return do(s, p)
}
