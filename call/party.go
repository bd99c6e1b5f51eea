package call

import (
	"seatbridge/bridge"
	"seatbridge/codec"
	"seatbridge/leg"
)

// state is where a party stands.
type state string

// A called party goes from dialling to answered, and may leave out what is between; a calling party goes from calling
// to answered. Both end in ended.
const (
	stateDialling  state = "dialling"  // called, nothing heard of it yet
	stateRinging   state = "ringing"   // called, its device rings
	stateEarly     state = "early"     // called, its sound reaches us before it answers
	stateCalling   state = "calling"   // calling, waits for the other side
	stateListening state = "listening" // calling, hears the other side's early media
	stateAnswered  state = "answered"  // established, or our answer to it is on its way
	stateEnded     state = "ended"
)

// party is a leg with a role. It belongs to its session's goroutine.
type party struct {
	id      bridge.PartyID // the leg's id
	kind    leg.Kind
	role    Role
	user    string // the seat's; empty for a customer or a bare phone
	leg     leg.Leg
	state   state
	bridged bool // the bridge has it
	muted   bool // nobody hears it
	held    bool // it put the other side on hold
	codec   codec.ID
	digits  digitQueue // to be sent to it
}

// party is the side of a session that a target is for.
func (t *target) party() *party { return &party{role: t.role, user: t.user} }

// member is what the table needs to know of the party.
func (p *party) member() member {
	return member{id: p.id, role: p.role, state: p.state, muted: p.muted, held: p.held}
}

// setState moves the party on and keeps the count.
func (s *session) setState(p *party, to state) {
	s.metrics.legState(p.kind, p.state, to)
	p.state = to
}

// other is the party on the other side of p, or nil.
func (s *session) other(p *party) *party {
	for _, o := range s.parties {
		if o != p && o.state != stateEnded {
			return o
		}
	}
	return nil
}

// byUser is the party of a seat, or nil.
func (s *session) byUser(user string) *party {
	for _, p := range s.parties {
		if p.user == user && user != "" {
			return p
		}
	}
	return nil
}
