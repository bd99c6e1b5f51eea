package api

import (
	"context"

	"seatbridge/call"
)

// The commands that change who talks to whom.

// session is a command that says nothing but which session it is about.
func (s *Server) session(do func(c call.Commands, ctx context.Context, user, session string) error) command {
	return func(ctx context.Context, l *login, message []byte) (any, error) {
		m, err := decodeSession(message)
		if err != nil {
			return nil, err
		}
		return nil, do(s.config.Commands, ctx, l.user, m.SessionID)
	}
}

func (s *Server) setHeld(held bool) command {
	return s.session(func(c call.Commands, ctx context.Context, user, session string) error {
		return c.SetHeld(ctx, user, session, held)
	})
}

func (s *Server) supervise(mode call.Mode) command {
	return s.session(func(c call.Commands, ctx context.Context, user, session string) error {
		return c.Supervise(ctx, user, session, mode)
	})
}

func (s *Server) intercept(ctx context.Context, l *login, message []byte) (any, error) {
	m, err := decodeSession(message)
	if err != nil {
		return nil, err
	}
	return nil, s.config.Commands.Intercept(ctx, l.user, m.SessionID, m.Tab)
}

func (s *Server) secureDigits(ctx context.Context, l *login, message []byte) (any, error) {
	m, err := decode[struct {
		SessionID string `json:"sessionId"`
		Secure    *bool  `json:"secure"`
	}](message)
	switch {
	case err != nil:
		return nil, err
	case m.SessionID == "":
		return nil, call.Errorf(call.CodeBadRequest, `"sessionId" is missing`)
	case m.Secure == nil:
		return nil, call.Errorf(call.CodeBadRequest, `"secure" is missing: true or false`)
	}
	return nil, s.config.Commands.SetSecureDigits(ctx, l.user, m.SessionID, *m.Secure)
}

// handOver is a command that says to whom.
func (s *Server) handOver(do func(call.Commands, context.Context, string, string, call.TransferTo) error) command {
	return func(ctx context.Context, l *login, message []byte) (any, error) {
		m, err := decode[struct {
			SessionID string `json:"sessionId"`
			To        string `json:"to"`
			User      string `json:"user"`
			Group     string `json:"skillGroupId"`
		}](message)
		group, badGroup := groupOf(m.Group)
		switch {
		case err != nil:
			return nil, err
		case m.SessionID == "":
			return nil, call.Errorf(call.CodeBadRequest, `"sessionId" is missing`)
		case badGroup != nil:
			return nil, badGroup
		case !one(m.To != "", m.User != "", group != 0):
			return nil, call.Errorf(call.CodeBadRequest,
				`say to whom: a number in "to", a seat in "user", or a group in "skillGroupId"`)
		}
		return nil, do(s.config.Commands, ctx, l.user, m.SessionID, call.TransferTo{User: m.User, Number: m.To, Group: group})
	}
}

// one says that exactly one of them holds.
func one(all ...bool) bool {
	n := 0
	for _, is := range all {
		if is {
			n++
		}
	}
	return n == 1
}
