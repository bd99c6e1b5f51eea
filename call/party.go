package call

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

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
	stateLeaving   state = "leaving"   // hung up by us, while the session goes on
	stateEnded     state = "ended"
)

// party is a leg with a role. It belongs to its session's goroutine.
type party struct {
	id      bridge.PartyID // the leg's id
	kind    leg.Kind
	role    Role
	user    string // the seat's; empty for a customer or a bare phone
	target  target // whom its leg was for
	leg     leg.Leg
	home    atomic.Pointer[session] // that it is in; others than its goroutine read it too
	state   state
	room    room
	mode    Mode      // of a supervisor
	bridged bool      // the bridge has it
	muted   bool      // nobody hears it
	held    bool      // its device put the other side on hold
	holding bool      // it put the other side on hold by command
	waits   bool      // its leg was told that it is on hold
	lost    string    // why its sound is lost, as its leg says; empty while it is there
	left    bool      // it was told that the session is over for it, while it goes on for others
	vacate  sync.Once // has its seat freed by the leg's end, unless it has left
	codec   codec.ID
	digits  digitQueue // to be sent to it
	// ringUntil is when its leg, called into a session that goes on, must have been answered; zero where none is.
	ringUntil time.Time
	tab       string    // the page that took the call for it, as that calls itself
	missed    bool      // it was offered from a queue, and did not take the call
	group     int64     // whose queue it was offered from
	cause     leg.Cause // why it left
	times     times
	from, to  Handover // who it got the call from, and gave it to
	tracked   bool     // it stands in the session's tracks, or another party stands there for it
	client    bool     // the customer, whom the others serve
	taping    taping   // how the session was recorded that it came from
}

// room is where in its session a party talks: those in the same room hear each other.
type room int

const (
	roomMain room = iota // where the customer is
	roomSide             // of a consultation
	roomAway             // of who has handed the call over, but may get it back
)

// party is the side of a session that a target is for.
func (t *target) party() *party { return &party{role: t.role, user: t.user, target: *t} }

// member is what the table needs to know of the party.
func (p *party) member() member {
	return member{
		id: p.id, role: p.role, state: p.state, room: p.room, mode: p.mode, muted: p.muted, held: p.held, holding: p.holding,
	}
}

// isThere says that the party has a leg that is not hung up.
func (p *party) isThere() bool { return p.state != stateLeaving && p.state != stateEnded }

// setState moves the party on and keeps the count.
func (s *session) setState(p *party, to state) {
	s.metrics.legState(p.kind, p.state, to)
	p.state = to
	p.times.note(to, time.Now())
	if to == stateAnswered || !p.isThere() {
		p.ringUntil = time.Time{}
	}
	if to == stateEnded {
		p.target.charge.release()
	}
}

// other is the party that p talks to, or nil. A supervisor talks to nobody.
func (s *session) other(p *party) *party {
	if !p.role.converses() {
		return nil
	}
	for _, o := range s.parties {
		if o != p && o.isThere() && o.role.converses() && o.room == p.room {
			return o
		}
	}
	return nil
}

// agent is the one whom a whisper is for and whose place an intercept takes, or nil. Of two seats that talk to each other
// it is who came last: the first has the customer's part.
func (s *session) agent() *party {
	for _, p := range slices.Backward(s.parties) {
		if p.role == RoleAgent && p.state == stateAnswered && p.room != roomAway {
			return p
		}
	}
	return nil
}

// byUser is the party of a seat, or nil.
func (s *session) byUser(user string) *party {
	for _, p := range s.parties {
		if p.user == user && user != "" && !p.left {
			return p
		}
	}
	return nil
}
