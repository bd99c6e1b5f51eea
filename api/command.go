package api

import (
	"context"
	"time"

	"seatbridge/call"
	"seatbridge/seat"
)

// commandTime is how long one command may take.
const commandTime = 10 * time.Second

// What a session carries for its page is kept and told again, so it is bounded, in bytes.
const (
	maxUUI          = 1024
	maxTab          = 64
	maxPhoneDesc    = 128
	maxNumberGroups = 32
)

// codeOK is the result of a command that was carried out, in metrics.
const codeOK call.Code = "ok"

// command carries out one message of a page and returns what the reply is to hold.
type command func(ctx context.Context, l *login, message []byte) (data any, err error)

// commandTable has every command of docs/protocol.md.
func (s *Server) commandTable() map[string]command {
	return map[string]command{
		"accept":    s.accept,
		"call":      s.call,
		"candidate": s.candidate,
		"digits":    s.digits,
		"hangup":    s.hangUp,
		"logout":    s.logOut,
		"mute":      s.mute,
		"muted":     s.muted,
		"offer":     s.offer,
		"ping":      s.ping,
		"sessions":  s.sessions,
		"wall":      s.wall,
		"groups":    s.groups,
		"status":    s.status,
		"setStatus": s.setStatus,
		"device":    s.setDevice,
		"useMobile": s.setUseMobile,
		"unmute":    s.unmute,

		"hold":         s.setHeld(true),
		"unhold":       s.setHeld(false),
		"secureDigits": s.secureDigits,

		"pauseRecording":  s.pauseRecording(true),
		"resumeRecording": s.pauseRecording(false),

		"transfer":         s.handOver((call.Commands).Transfer),
		"consult":          s.handOver((call.Commands).Consult),
		"completeTransfer": s.session((call.Commands).CompleteTransfer),
		"swap":             s.session((call.Commands).Swap),
		"cancelTransfer":   s.session((call.Commands).CancelTransfer),

		"monitor":   s.supervise(call.ModeMonitor),
		"whisper":   s.supervise(call.ModeWhisper),
		"barge":     s.supervise(call.ModeBarge),
		"intercept": s.intercept,
		"leave":     s.session((call.Commands).Leave),
	}
}

// command carries out a message of a page that is logged in, and replies.
func (c *client) command(message []byte) {
	s := c.server
	h, err := decode[header](message)
	run, known := s.commands[h.Type]
	label := h.Type
	switch {
	case err != nil:
		label = "unreadable"
	case h.ID == "":
		err = call.Errorf(call.CodeBadRequest, `"id" is missing: a reply needs it`)
	case !known:
		err = call.Errorf(codeUnknownCommand, "there is no command %q", h.Type)
	}
	if !known {
		label = "unknown"
	}
	var data any
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), commandTime)
		data, err = run(ctx, c.login, message)
		cancel()
	}
	if err != nil {
		e := s.errorOf(err)
		s.countCommand(label, e.Code)
		c.socket.send(newErrorReply(h.ID, e))
		return
	}
	s.countCommand(label, codeOK)
	c.socket.send(newReply(h.ID, data))
	if c.login.isGone() {
		c.socket.end(closeLoggedOut)
	}
}

func (s *Server) countCommand(kind string, result call.Code) {
	s.metrics.commands.WithLabelValues(kind, string(result)).Inc()
}

// sessionMessage is a command about one session.
type sessionMessage struct {
	SessionID string `json:"sessionId"`
	Digits    string `json:"digits"`
	Tab       string `json:"tab"` // of accept and intercept: what the page calls itself
}

func decodeSession(message []byte) (sessionMessage, error) {
	m, err := decode[sessionMessage](message)
	switch {
	case err != nil:
	case m.SessionID == "":
		err = call.Errorf(call.CodeBadRequest, `"sessionId" is missing`)
	case len(m.Tab) > maxTab:
		err = call.Errorf(call.CodeBadRequest, `"tab" has at most %d bytes`, maxTab)
	}
	return m, err
}

func (s *Server) call(ctx context.Context, l *login, message []byte) (any, error) {
	m, err := decode[struct {
		To        string `json:"to"`
		User      string `json:"user"`
		UseMobile bool   `json:"useMobile"`
		CallerID  string `json:"callerId"`
		// NumberGroups, Remark and PhoneDesc are as in call.Outbound.
		NumberGroups []string `json:"servingNumberGroupIds"`
		Remark       string   `json:"remark"`
		PhoneDesc    string   `json:"phoneDesc"`
		UUI          string   `json:"uui"`
		Tab          string   `json:"tab"`
		Group        string   `json:"skillGroupId"`
	}](message)
	group, badGroup := groupOf(m.Group)
	switch {
	case err != nil:
		return nil, err
	case (m.To == "") == (m.User == ""):
		return nil, call.Errorf(call.CodeBadRequest, `say whom to call: a number in "to" or a seat in "user"`)
	case m.UseMobile && m.User == "":
		return nil, call.Errorf(call.CodeBadRequest, `"useMobile" is for a seat: say which in "user"`)
	case len(m.Remark) > maxUUI || len(m.PhoneDesc) > maxPhoneDesc || len(m.NumberGroups) > maxNumberGroups:
		return nil, call.Errorf(call.CodeBadRequest,
			`"remark" has at most %d bytes, "phoneDesc" %d, and there are at most %d "servingNumberGroupIds"`,
			maxUUI, maxPhoneDesc, maxNumberGroups)
	case len(m.UUI) > maxUUI || len(m.Tab) > maxTab:
		return nil, call.Errorf(call.CodeBadRequest, `"uui" has at most %d bytes and "tab" %d`, maxUUI, maxTab)
	case badGroup != nil:
		return nil, badGroup
	}
	info, err := s.config.Commands.Call(ctx, call.Outbound{
		User: l.user, Number: m.To, CalleeUser: m.User, CallerID: m.CallerID, UUI: m.UUI, Tab: m.Tab, Group: group,
		NumberGroups: m.NumberGroups, Remark: m.Remark, PhoneDesc: m.PhoneDesc, UseMobile: m.UseMobile,
	})
	if err != nil {
		return nil, err
	}
	return ownSession(info, s.staff(l)), nil
}

func (s *Server) accept(ctx context.Context, l *login, message []byte) (any, error) {
	m, err := decodeSession(message)
	if err != nil {
		return nil, err
	}
	return nil, s.config.Commands.Accept(ctx, l.user, m.SessionID, m.Tab)
}

func (s *Server) hangUp(ctx context.Context, l *login, message []byte) (any, error) {
	m, err := decodeSession(message)
	if err != nil {
		return nil, err
	}
	return nil, s.config.Commands.HangUp(ctx, l.user, m.SessionID)
}

func (s *Server) digits(ctx context.Context, l *login, message []byte) (any, error) {
	m, err := decodeSession(message)
	switch {
	case err != nil:
		return nil, err
	case m.Digits == "":
		return nil, call.Errorf(call.CodeBadRequest, `"digits" is missing`)
	}
	return nil, s.config.Commands.SendDigits(ctx, l.user, m.SessionID, m.Digits)
}

// mutedData answers mute, unmute and muted.
type mutedData struct {
	Muted bool `json:"muted"`
}

func (s *Server) mute(ctx context.Context, l *login, message []byte) (any, error) {
	return s.setMuted(ctx, l, message, true)
}

func (s *Server) unmute(ctx context.Context, l *login, message []byte) (any, error) {
	return s.setMuted(ctx, l, message, false)
}

func (s *Server) setMuted(ctx context.Context, l *login, message []byte, muted bool) (any, error) {
	m, err := decodeSession(message)
	if err != nil {
		return nil, err
	}
	return mutedData{muted}, s.config.Commands.SetMuted(ctx, l.user, m.SessionID, muted)
}

func (s *Server) muted(ctx context.Context, l *login, message []byte) (any, error) {
	m, err := decodeSession(message)
	if err != nil {
		return nil, err
	}
	muted, err := s.config.Commands.Muted(ctx, l.user, m.SessionID)
	return mutedData{muted}, err
}

func (s *Server) sessions(_ context.Context, l *login, _ []byte) (any, error) {
	return map[string]any{"sessions": ownSessions(s.config.Commands.Sessions(l.user), s.staff(l))}, nil
}

func (s *Server) offer(ctx context.Context, l *login, message []byte) (any, error) {
	m, err := decode[struct {
		SDP string `json:"sdp"`
	}](message)
	switch {
	case err != nil:
		return nil, err
	case m.SDP == "":
		return nil, call.Errorf(call.CodeBadRequest, `"sdp" is missing`)
	}
	answer, err := s.config.Media.Connect(ctx, l.user, l.id, m.SDP)
	if l.isGone() {
		// It ended while the connection was being made, so that this one may have come after the Disconnect.
		s.config.Media.Disconnect(l.user, l.id)
		return nil, call.Errorf(codeUnauthorized, "this login is over: log in again")
	}
	if err != nil {
		return nil, call.Errorf(codeMediaFailed, "the offer was not taken: %v", err)
	}
	return map[string]string{"sdp": answer}, nil
}

func (s *Server) candidate(_ context.Context, l *login, message []byte) (any, error) {
	m, err := decode[struct {
		Candidate string `json:"candidate"`
	}](message)
	if err != nil {
		return nil, err
	}
	if err := s.config.Media.Candidate(l.user, l.id, m.Candidate); err != nil {
		return nil, call.Errorf(codeMediaFailed, "the candidate was not taken: %v", err)
	}
	return nil, nil
}

func (s *Server) ping(context.Context, *login, []byte) (any, error) {
	return map[string]time.Time{"serverTime": wireTime(time.Now())}, nil
}

func (s *Server) logOut(_ context.Context, l *login, _ []byte) (any, error) {
	l.leave()
	s.forget(l, "asked to")
	return nil, nil
}

func (s *Server) staff(l *login) seat.Staff {
	staff, _ := s.config.Seats.Lookup(l.user)
	return staff
}
