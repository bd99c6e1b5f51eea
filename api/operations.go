package api

import (
	"net/http"
	"strings"
	"time"

	"seatbridge/call"
	"seatbridge/seat"
)

// operations lets administrators and quality inspectors pass who send a token for operations.
func (s *Server) operations(next http.HandlerFunc) http.HandlerFunc {
	return s.operationsBy(func(w http.ResponseWriter, r *http.Request, _ string) { next(w, r) })
}

// operationsBy is operations for what has to know who asks.
func (s *Server) operationsBy(next func(w http.ResponseWriter, r *http.Request, user string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		secret, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		user, known := s.tokens.use(secret, forOperations, time.Now())
		switch {
		case !isBearer || !known:
			if isBearer {
				s.authFailed(r, "token", "")
			}
			w.Header().Set("WWW-Authenticate", `Bearer realm="seatbridge"`)
			fail(w, http.StatusUnauthorized, call.Errorf(codeUnauthorized,
				`send "Authorization: Bearer" with a token that POST /api/v1/token gave for operations`))
		case !s.config.Seats.Has(user, seat.RoleAdministrator, seat.RoleQualityInspector):
			fail(w, http.StatusForbidden, call.Errorf(call.CodeForbidden,
				"%s is neither an administrator nor a quality inspector", user))
		default:
			next(w, r, user)
		}
	}
}

// operationsView is a session as operations get it.
type operationsView struct {
	sessionView
	User   string `json:"user,omitempty"` // of the seat that calls
	UUI    string `json:"uui,omitempty"`
	Secure bool   `json:"secure,omitempty"` // the customer's digits are kept to itself
	// Recording is where its recording stands: on, paused, failed; empty where there is none. RecordingProblem is why it
	// is not whole.
	Recording        string      `json:"recording,omitempty"`
	RecordingProblem string      `json:"recordingProblem,omitempty"`
	Trunk            string      `json:"trunk,omitempty"`
	Group            int64       `json:"group,omitempty"`   // that it waits or waited for last
	Waiting          bool        `json:"waiting,omitempty"` // for a seat of the group, and none rings
	EndedAt          time.Time   `json:"endedAt,omitzero"`
	CloseBy          string      `json:"closeBy,omitempty"`
	Cause            *causeView  `json:"cause,omitempty"`
	Parties          []partyView `json:"parties"`
}

// causeView is why a session ended.
type causeView struct {
	Reason string `json:"reason"`
	Remote bool   `json:"remote"` // the party or its network ended it
	SIP    int    `json:"sip,omitempty"`
	Text   string `json:"text,omitempty"`
}

// partyView is one party with its leg.
type partyView struct {
	ID    string     `json:"id"`
	Role  call.Role  `json:"role"`
	User  string     `json:"user,omitempty"`
	Mode  call.Mode  `json:"mode,omitempty"` // of a supervisor
	Muted bool       `json:"muted"`
	Held  bool       `json:"held"`            // it put the other side on hold
	Left  bool       `json:"left,omitempty"`  // it is gone, while the session went on
	Hears []string   `json:"hears"`           // ids of parties
	Sound call.Sound `json:"sound,omitempty"` // what it hears in place of anybody: hold, ringback
	Leg   legView    `json:"leg"`
}

// legView is a leg with what it received and was sent.
type legView struct {
	ID         string      `json:"id"`
	Kind       string      `json:"kind"`
	Remote     string      `json:"remote"`
	CallID     string      `json:"callId,omitempty"`
	Codec      string      `json:"codec,omitempty"`
	Secure     bool        `json:"secure"`
	StartedAt  time.Time   `json:"startedAt"`
	AnsweredAt time.Time   `json:"answeredAt,omitzero"`
	Received   receiveView `json:"received"`
	Sent       sendView    `json:"sent"`
}

// receiveView counts packets that arrived.
type receiveView struct {
	Packets     uint64    `json:"packets"`
	Bytes       uint64    `json:"bytes"`
	Lost        uint64    `json:"lost"`
	Late        uint64    `json:"late"`
	Duplicate   uint64    `json:"duplicate"`
	Reordered   uint64    `json:"reordered"`
	UnknownType uint64    `json:"unknownType"`
	Digits      uint64    `json:"digits"`
	Streams     uint64    `json:"streams"`
	JitterMs    float64   `json:"jitterMs"`
	LastAt      time.Time `json:"lastAt,omitzero"`
}

// sendView counts packets that were sent.
type sendView struct {
	Packets uint64    `json:"packets"`
	Bytes   uint64    `json:"bytes"`
	Dropped uint64    `json:"dropped"`
	LastAt  time.Time `json:"lastAt,omitzero"`
}

func newOperationsView(i call.Info) operationsView {
	v := operationsView{
		sessionView: newSessionView(i),
		User:        i.User,
		UUI:         i.UUI,
		Secure:      i.Secure,
		Recording:   i.Recording, RecordingProblem: i.RecordingProblem,
		Trunk:   i.Trunk,
		Group:   i.Group,
		Waiting: i.Waiting,
		EndedAt: optionalTime(i.Ended),
		CloseBy: i.ClosedBy,
		Parties: make([]partyView, len(i.Parties)),
	}
	if i.Cause.Reason != "" {
		v.Cause = &causeView{string(i.Cause.Reason), i.Cause.Remote, i.Cause.SIP, i.Cause.Text}
	}
	for n, p := range i.Parties {
		v.Parties[n] = partyView{
			ID: p.ID, Role: p.Role, User: p.User, Mode: p.Mode, Muted: p.Muted, Held: p.Held, Left: p.Left,
			Hears: append([]string{}, p.Hears...), Sound: p.Sound, Leg: newLegView(p),
		}
	}
	return v
}

func newLegView(p call.PartyInfo) legView {
	in, out := p.Leg.Receive, p.Leg.Send
	return legView{
		ID: p.Leg.ID, Kind: string(p.Leg.Kind), Remote: p.Leg.Remote, CallID: p.Leg.CallID, Codec: p.Leg.Codec,
		Secure: p.Leg.Secure, StartedAt: wireTime(p.Leg.Started), AnsweredAt: optionalTime(p.Leg.Answered),
		Received: receiveView{
			Packets: in.Packets, Bytes: in.Bytes, Lost: in.Lost, Late: in.Late, Duplicate: in.Duplicate,
			Reordered: in.Reordered, UnknownType: in.UnknownType, Digits: in.Digits, Streams: in.Streams,
			JitterMs: float64(in.Jitter.Microseconds()) / 1000, LastAt: optionalTime(in.Last),
		},
		Sent: sendView{Packets: out.Packets, Bytes: out.Bytes, Dropped: out.Dropped, LastAt: optionalTime(out.Last)},
	}
}

func (s *Server) handleSessions(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusOK, map[string]any{
		"sessions": newOperationsViews(s.config.Commands.Sessions("")),
		"recent":   newOperationsViews(s.config.Commands.Recent()),
	})
}

func newOperationsViews(infos []call.Info) []operationsView {
	views := make([]operationsView, len(infos))
	for i, info := range infos {
		views[i] = newOperationsView(info)
	}
	return views
}

func (s *Server) handleSession(w http.ResponseWriter, r *http.Request) {
	if info, ok := s.sessionOf(w, r); ok {
		respond(w, http.StatusOK, newOperationsView(info))
	}
}

// handleTrace answers with the session's SIP messages.
func (s *Server) handleTrace(w http.ResponseWriter, r *http.Request) {
	info, ok := s.sessionOf(w, r)
	if !ok {
		return
	}
	messages := s.messagesOf(info)
	views := make([]traceView, len(messages))
	for i, m := range messages {
		views[i] = newTraceView(m)
	}
	respond(w, http.StatusOK, map[string]any{"sessionId": info.ID, "messages": views})
}

// handleLadder answers with the same as a picture, for reading.
func (s *Server) handleLadder(w http.ResponseWriter, r *http.Request) {
	if info, ok := s.sessionOf(w, r); ok {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_ = writeLadder(w, info, s.messagesOf(info)) // an error means that the client is gone
	}
}

// sessionOf is the session that the path names; where there is none, that is answered.
func (s *Server) sessionOf(w http.ResponseWriter, r *http.Request) (call.Info, bool) {
	info, ok := s.config.Commands.Session(r.PathValue("id"))
	if !ok {
		fail(w, http.StatusNotFound, call.Errorf(call.CodeNotFound, "there is no session %q", r.PathValue("id")))
	}
	return info, ok
}

func (s *Server) messagesOf(info call.Info) []TraceMessage {
	if s.config.Tracer == nil {
		return nil
	}
	var ids []string
	for _, p := range info.Parties {
		if p.Leg.CallID != "" {
			ids = append(ids, p.Leg.CallID)
		}
	}
	return s.config.Tracer.Messages(ids)
}
