package api

import (
	"context"
	"errors"
	"strings"
	"time"

	"seatbridge/call"
	"seatbridge/seat"
)

// maxReason bounds the reason of a rest, in bytes.
const maxReason = 128

// statusView is what a seat does, and where it takes its calls, as its page gets it.
type statusView struct {
	Status seat.Status `json:"status"`
	Since  time.Time   `json:"since"`
	Until  time.Time   `json:"until,omitzero"` // of arrange: when it ends by itself
	Wanted seat.Status `json:"wanted"`
	Reason string      `json:"reason,omitempty"` // of the rest that it is in, or wants
	// Device is that of the moment: the mobile, where it stands in.
	Device    seat.Device    `json:"device"`
	UseMobile seat.MobileUse `json:"useMobile"`
}

func newStatusView(s seat.State) statusView {
	return statusView{
		Status: s.Status, Since: wireTime(s.Since), Until: optionalTime(s.Until), Wanted: s.Wanted.Status,
		Reason: s.Wanted.Reason, Device: s.Device, UseMobile: s.Staff.UseMobile,
	}
}

// seatChanged tells the browser of a seat what the seat does now, and logs it out where there is no such seat any more.
func (s *Server) seatChanged(user string) {
	l := s.logins.user(user)
	if l == nil {
		return
	}
	if _, ok := s.config.Seats.Lookup(user); ok {
		s.tellStatus(l)
		return
	}
	if s.logins.remove(l) {
		l.kick(newEvent(call.Event{Type: eventKickedOut, Reason: "deleted"}))
		s.ended(l, "deleted")
	}
}

// tellStatus tells a login's page the seat's status, if it is another than it knows, and returns it.
func (s *Server) tellStatus(l *login) statusView {
	l.telling.Lock()
	defer l.telling.Unlock()
	// Asked for under the lock: of two changes at once, the later one is told last.
	state, _ := s.config.Seats.State(l.user)
	v := newStatusView(state)
	if known := l.told; known != v {
		l.told = v
		if known != (statusView{}) { // else its first snapshot will tell
			s.metrics.events.WithLabelValues(string(eventStatusChanged)).Inc()
			m := newEvent(call.Event{Type: eventStatusChanged, At: time.Now(), Reason: v.Reason})
			m.statusView = &v
			l.emit(m)
		}
	}
	return v
}

func (s *Server) status(_ context.Context, l *login, _ []byte) (any, error) {
	return s.tellStatus(l), nil
}

func (s *Server) setStatus(_ context.Context, l *login, message []byte) (any, error) {
	m, err := decode[struct {
		Status seat.Status `json:"status"`
		Reason string      `json:"reason"`
	}](message)
	switch {
	case err != nil:
		return nil, err
	case m.Status == "":
		return nil, call.Errorf(call.CodeBadRequest, `"status" is missing`)
	case len(m.Reason) > maxReason:
		return nil, call.Errorf(call.CodeBadRequest, `"reason" has at most %d bytes`, maxReason)
	case m.Status != seat.StatusRest:
		m.Reason = ""
	}
	if err := s.config.Seats.SetStatus(l.user, m.Status, m.Reason); err != nil {
		return nil, seatError(err)
	}
	return s.tellStatus(l), nil
}

// setDevice changes where the seat takes its calls from now on.
func (s *Server) setDevice(ctx context.Context, l *login, message []byte) (any, error) {
	m, err := decode[struct {
		Device seat.Device `json:"device"`
	}](message)
	switch {
	case err != nil:
		return nil, err
	case m.Device == "":
		return nil, call.Errorf(call.CodeBadRequest, `"device" is missing`)
	}
	if err := s.config.Seats.SetDevice(ctx, l.user, m.Device); err != nil {
		return nil, seatError(err)
	}
	return s.tellStatus(l), nil
}

// setUseMobile says when the mobile stands in for the seat's device.
func (s *Server) setUseMobile(ctx context.Context, l *login, message []byte) (any, error) {
	m, err := decode[struct {
		UseMobile *seat.MobileUse `json:"useMobile"`
	}](message)
	switch {
	case err != nil:
		return nil, err
	case m.UseMobile == nil:
		return nil, call.Errorf(call.CodeBadRequest,
			`"useMobile" is missing: 0 never, 1 while the device is not there, 2 always`)
	}
	staff := s.staff(l)
	staff.UseMobile = *m.UseMobile
	if _, err := s.config.Seats.Change(ctx, staff); err != nil {
		return nil, seatError(err)
	}
	return s.tellStatus(l), nil
}

// seatError is what a seat refused, for the page; a Store's error is for the log alone.
func seatError(err error) error {
	codes := map[error]call.Code{
		seat.ErrStatus: call.CodeBadRequest, seat.ErrConfig: call.CodeBadRequest,
		seat.ErrConflict: call.CodeWrongState, seat.ErrUnknown: call.CodeNotFound,
	}
	for known, code := range codes {
		if errors.Is(err, known) {
			return call.Errorf(code, "%s", strings.TrimPrefix(err.Error(), "seat: "))
		}
	}
	return err
}

// passwordHash is a user's bcrypt hash as it is now; empty where nobody can log in by password.
func (s *Server) passwordHash(user string) string {
	state, ok := s.config.Seats.State(user)
	if !ok || state.Deleted {
		return ""
	}
	return state.Staff.PasswordHash
}
