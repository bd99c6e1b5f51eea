package api

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"seatbridge/call"
	"seatbridge/seat"
)

// A wall's reply must fit into an outbox of 1 MB, with room for events: so many of each kind, and so many bytes.
const (
	maxWallSessions = 500
	maxWallSeats    = 2000
	maxWallQueues   = 500

	maxWallSessionBytes = 560 << 10
	maxWallSeatBytes    = 256 << 10
	maxWallQueueBytes   = 96 << 10
)

// wallData is what goes on at the gateway, as a supervisor's page gets it.
type wallData struct {
	ServerTime time.Time         `json:"serverTime"`
	Sessions   []json.RawMessage `json:"sessions"` // wallSession, oldest first
	Queues     []json.RawMessage `json:"queues"`   // Queue
	Seats      []json.RawMessage `json:"seats"`    // wallSeat
	More       moreData          `json:"more"`
}

// moreData counts what is left out.
type moreData struct {
	Sessions int `json:"sessions"` // the oldest
	Queues   int `json:"queues"`
	Seats    int `json:"seats"`
}

// wallSession is a session that goes on.
type wallSession struct {
	SessionID         string         `json:"sessionId"`
	Direction         call.Direction `json:"direction"`
	Type              string         `json:"type"`
	Status            call.Status    `json:"status"`
	CallerPhoneNumber string         `json:"callerPhoneNumber"`
	CallerName        string         `json:"callerName,omitempty"`
	CalleePhoneNumber string         `json:"calleePhoneNumber"`
	CalleeName        string         `json:"calleeName,omitempty"`
	SkillGroupID      string         `json:"skillGroupId,omitempty"`
	Group             string         `json:"group,omitempty"` // its name
	Waiting           bool           `json:"waiting,omitempty"`
	InMenu            bool           `json:"inMenu,omitempty"`
	Secure            bool           `json:"secure,omitempty"`
	Trunk             string         `json:"trunk,omitempty"`
	// ProtectedCaller and ProtectedCallee are the masked number, where the true one is kept from agents.
	ProtectedCaller string      `json:"protectedCaller,omitempty"`
	ProtectedCallee string      `json:"protectedCallee,omitempty"`
	User            string      `json:"user,omitempty"` // of the seat that calls
	StartedAt       time.Time   `json:"startedAt"`
	AnsweredAt      time.Time   `json:"answeredAt,omitzero"`
	Parties         []wallParty `json:"parties"`
}

// wallParty is a party that has not left, with what was received of it since it came.
type wallParty struct {
	ID       string     `json:"id"`
	Role     call.Role  `json:"role"`
	User     string     `json:"user,omitempty"`
	Mode     call.Mode  `json:"mode,omitempty"`
	Muted    bool       `json:"muted,omitempty"`
	Held     bool       `json:"held,omitempty"` // it put the other side on hold
	Answered bool       `json:"answered,omitempty"`
	Hears    []string   `json:"hears,omitempty"`
	Sound    call.Sound `json:"sound,omitempty"`
	Kind     string     `json:"kind"` // of its leg
	Codec    string     `json:"codec,omitempty"`
	Packets  uint64     `json:"packets"`
	Lost     uint64     `json:"lost"`
	JitterMs float64    `json:"jitterMs"`
	// RoundTripMs is to the party and back; absent where its RTCP does not tell.
	RoundTripMs float64 `json:"roundTripMs,omitempty"`
}

// wallSeat is a seat with the groups that it is in.
type wallSeat struct {
	Seat
	SkillGroupIDs []string `json:"skillGroupIds"`
}

// wall tells administrators and quality inspectors what goes on.
func (s *Server) wall(_ context.Context, l *login, _ []byte) (any, error) {
	if !s.config.Seats.Has(l.user, seat.RoleAdministrator, seat.RoleQualityInspector) {
		return nil, call.Errorf(call.CodeForbidden, "%s is neither an administrator nor a quality inspector", l.user)
	}
	names, groupsOf := map[int64]string{}, map[string][]string{}
	for _, g := range s.config.Seats.Groups() {
		names[g.ID] = g.Name
		for _, m := range g.Members {
			groupsOf[m.User] = append(groupsOf[m.User], skillGroupID(g.ID))
		}
	}
	seats := []wallSeat{}
	for _, v := range s.allSeats() {
		seats = append(seats, wallSeat{v, append([]string{}, groupsOf[v.User]...)})
	}
	infos := s.config.Commands.Sessions("")
	slices.Reverse(infos) // the newest come first where there is no room for all
	data := wallData{ServerTime: wireTime(time.Now())}
	data.Sessions, data.More.Sessions = fitting(infos, maxWallSessions, maxWallSessionBytes,
		func(i call.Info) wallSession { return newWallSession(i, names[i.Group]) })
	slices.Reverse(data.Sessions)
	data.Queues, data.More.Queues = fitting(s.allQueues(), maxWallQueues, maxWallQueueBytes, same[Queue])
	data.Seats, data.More.Seats = fitting(seats, maxWallSeats, maxWallSeatBytes, same[wallSeat])
	return data, nil
}

func same[T any](v T) T { return v }

// fitting are the views of the first ones, as JSON: at most so many and so many bytes; more is how many are left out.
func fitting[T, V any](all []T, most, bytes int, view func(T) V) (fit []json.RawMessage, more int) {
	fit = []json.RawMessage{}
	for _, one := range all[:min(len(all), most)] {
		text := marshal(view(one))
		if bytes -= len(text) + len(","); bytes < 0 {
			break
		}
		fit = append(fit, text)
	}
	return fit, len(all) - len(fit)
}

func newWallSession(i call.Info, group string) wallSession {
	v := wallSession{
		SessionID: i.ID, Direction: i.Direction, Type: sessionType(i.Direction), Status: i.Status,
		CallerPhoneNumber: i.Caller.Number, CallerName: i.Caller.Name,
		CalleePhoneNumber: i.Callee.Number, CalleeName: i.Callee.Name,
		SkillGroupID: skillGroupID(i.Group), Group: group, Waiting: i.Waiting, InMenu: i.InMenu, Secure: i.Secure,
		Trunk: i.Trunk, User: i.User, StartedAt: wireTime(i.Started), AnsweredAt: optionalTime(i.Answered),
		Parties: []wallParty{},
	}
	// Who takes a call over is its agent.
	if v.ProtectedCaller = i.ProtectedCaller; v.ProtectedCaller != "" {
		v.CallerPhoneNumber, v.CallerName = v.ProtectedCaller, ""
	}
	if v.ProtectedCallee = i.ProtectedCallee; v.ProtectedCallee != "" {
		v.CalleePhoneNumber = v.ProtectedCallee
	}
	for _, p := range i.Parties {
		if !p.Left {
			v.Parties = append(v.Parties, newWallParty(p))
		}
	}
	return v
}

func newWallParty(p call.PartyInfo) wallParty {
	in := p.Leg.Receive
	return wallParty{
		ID: p.ID, Role: p.Role, User: p.User, Mode: p.Mode, Muted: p.Muted, Held: p.Held,
		Answered: !p.Leg.Answered.IsZero(), Hears: p.Hears, Sound: p.Sound, Kind: string(p.Leg.Kind), Codec: p.Leg.Codec,
		Packets: in.Packets, Lost: in.Lost, JitterMs: milliseconds(in.Jitter), RoundTripMs: milliseconds(p.Leg.Report.RTT),
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
