package call

import (
	"context"
	"fmt"
	"time"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/seat"
)

// TransferTo says whom a call is to be handed over to: exactly one of the three.
type TransferTo struct {
	User   string // a seat, on its device of the moment
	Number string // an extension, or a number outside by the outbound rules
	Group  int64  // a seat of a skill group, by its queue
}

// Where a transfer stands, as its events tell.
const (
	transferStarted   = "started"
	transferRinging   = "ringing"
	transferAnswered  = "answered" // of a consultation
	transferCompleted = "completed"
	transferCancelled = "cancelled"
	transferFailed    = "failed"
)

// transfer is a call that is being handed over. The target of a consultation is in the side room, and so is, unless it
// has swapped, who consults; the target of a blind one goes where the customer is.
type transfer struct {
	by, target *party
	consult    bool
	state      string         // as last told
	result     func(code int) // tells a phone that asked by REFER; does nothing where none did
}

func (t *transfer) concerns(p *party) bool { return t != nil && (p == t.by || p == t.target) }

// Transfer hands the call over blindly: the other side hears music and ringing while the target's device rings, the
// seat leaves when the target answers, and has the other side back where it does not. The events (EventTransfer) tell.
func (m *Manager) Transfer(ctx context.Context, user, id string, to TransferTo) error {
	return m.handOver(ctx, user, id, to, false)
}

// Consult puts the other side on hold and calls the target, to talk to it before CompleteTransfer.
func (m *Manager) Consult(ctx context.Context, user, id string, to TransferTo) error {
	return m.handOver(ctx, user, id, to, true)
}

func (m *Manager) handOver(ctx context.Context, user, id string, to TransferTo, consult bool) error {
	return m.command(ctx, user, id, func(s *session, p *party) error {
		t, err := s.transferTo(p, to)
		if err != nil {
			return err
		}
		return s.handOver(p, t, consult, func(int) {})
	})
}

// transferTo is whom a transfer leads to, by the rules that hold for what a seat dials.
func (s *session) transferTo(p *party, to TransferTo) (target, error) {
	rule := InboundRule{User: to.User, Outside: to.Number, Group: to.Group}
	if rule.ways() != 1 {
		return target{}, Errorf(CodeBadRequest, "a transfer needs just one of a number, a user and a group")
	}
	var t target
	var cause *leg.Cause
	switch {
	case to.User != "":
		t, cause = s.manager.router.user(to.User)
	case to.Group != 0:
		t, cause = s.manager.router.group(to.Group)
	default:
		t, cause = s.manager.router.dialled(to.Number)
	}
	if cause == nil && t.to.Number != "" && s.manager.router.ours(t.to.Number) {
		cause = refusal(leg.Forbidden, "%s is a number of ours: the call would come back", t.to.Number)
	}
	if cause != nil {
		s.manager.denied(cause, p.target.spender(), to.Number+to.User, s.id)
		return target{}, commandError(cause)
	}
	return t, nil
}

// handOver begins to hand p's call over.
func (s *session) handOver(p *party, t target, consult bool, result func(int)) error {
	far, here := s.other(p), s.partyFor(t)
	switch {
	case s.busy():
		return Errorf(CodeWrongState, "the call is just being handed over")
	case !s.talks(p) || p.role != RoleAgent || far == nil || far.state != stateAnswered:
		return Errorf(CodeWrongState, "there is no conversation to hand over")
	case here != nil && here.role == RoleSupervisor: // who is not to be betrayed
		return commandError(claimCause(fmt.Errorf("%w: %q", seat.ErrBusy, here.user)))
	case here != nil:
		return Errorf(CodeWrongState, "%s takes part in the call already", t.shown.Number)
	}
	if t.group != 0 {
		return s.handToGroup(p, t, consult, result)
	}
	if cause := s.manager.charge(p.target.spender(), &t); cause != nil {
		s.manager.denied(cause, p.target.spender(), t.to.Number, s.id)
		return commandError(cause)
	}
	target := t.party()
	target.from = p.asGiver()
	room := roomAway
	if consult {
		room, target.role, target.room = roomSide, RoleConsulted, roomSide
	}
	d := leg.Dial{From: s.shownTo(far), Codecs: s.codecs([]codec.ID{far.codec})}
	if err := s.invite(target, t, d); err != nil {
		t.charge.release()
		return err
	}
	s.transfer = &transfer{by: p, target: target, consult: consult, result: result}
	s.log.Info("transfer", "leg", p.id, "to", t.shown.Number, "user", t.user, "consult", consult)
	s.tell(t.user, Event{Type: EventCallIn, Timeout: t.ring}) // the first that it hears of the session
	if p.room = room; p.holding {
		s.hold(p, false)
	}
	s.tellTransfer(transferStarted, "")
	return nil
}

// handToGroup begins to hand p's call over to whichever seat of a group is free first: the other side waits for it in the
// group's queue.
func (s *session) handToGroup(p *party, t target, consult bool, result func(int)) error {
	if consult {
		return Errorf(CodeWrongState, "a group can't be asked first: transfer to it, or ask one of its seats")
	}
	nobody := t.party() // stands for the seat that will answer
	nobody.state, nobody.group = stateEnded, t.group
	s.transfer = &transfer{by: p, target: nobody, result: result}
	s.log.Info("transfer", "leg", p.id, "group", t.group)
	if p.room = roomAway; p.holding {
		s.hold(p, false)
	}
	s.tellTransfer(transferStarted, "")
	s.enqueue(t.group, time.Now())
	return nil
}

// partyFor is the party that a target is already, or nil.
func (s *session) partyFor(t target) *party {
	for _, p := range s.parties {
		if p.isThere() && t.is(p.target) {
			return p
		}
	}
	return nil
}

// present are the targets of those who take part.
func (s *session) present() []target {
	var all []target
	for _, p := range s.parties {
		if p.isThere() {
			all = append(all, p.target)
		}
	}
	return all
}

// is says that a target leads to the same seat, extension or number as another, which may be a caller's.
func (t target) is(other target) bool {
	sameNumber := t.to.Number != "" && (t.to.Number == other.to.Number || t.to.Number == other.shown.Number)
	sameExtension := t.to.Extension != "" &&
		(t.to.Extension == other.to.Extension || t.to.Extension == other.shown.Number)
	return t.user != "" && t.user == other.user || sameNumber || sameExtension
}

// tellTransfer tells who hands the call over how far that is.
func (s *session) tellTransfer(state, reason string) {
	t := s.transfer
	t.state = state
	if t.by.left {
		return
	}
	s.tell(t.by.user, Event{
		Type: EventTransfer, State: state, To: t.target.target.shown.Number, ToUser: t.target.user, Reason: reason,
	})
}

// info is a snapshot; nil of nil.
func (t *transfer) info() *TransferInfo {
	if t == nil {
		return nil
	}
	return &TransferInfo{
		By: t.by.user, To: t.target.target.shown.Number, ToUser: t.target.user, State: t.state, Consult: t.consult,
		Swapped: t.consult && t.state == transferAnswered && t.by.room == roomMain,
	}
}

// transferRang passes on that the target's device rings.
func (s *session) transferRang() {
	s.transfer.result(180)
	s.tellTransfer(transferRinging, "")
}

// transferAnswered lets the target talk: to the customer, or to who consults. Where its number is recorded the session is
// from now on.
func (s *session) transferAnswered() {
	s.taping.wanted = s.taping.wanted || s.transfer.target.target.record
	s.accessed(s.transfer.target.user)
	if s.transfer.consult {
		s.tellTransfer(transferAnswered, "")
		return
	}
	s.completeTransfer()
}

// completeTransfer leaves the target with the customer and lets the one go who handed the call over.
func (s *session) completeTransfer() {
	t := s.transfer
	t.target.role, t.target.room = t.target.target.role, roomMain
	t.by.handOverTo(t.target)
	s.tellTransfer(transferCompleted, "")
	s.transfer = nil
	t.result(200)
	s.log.Info("transferred", "from", t.by.id, "to", t.target.id)
	s.dismiss(t.by, leg.Cause{Reason: leg.Transferred, Text: "transferred"}, closedBySeat)
}

// transferLost goes on without one of the two.
func (s *session) transferLost(p *party, c leg.Cause) {
	t := s.transfer
	switch {
	case p == t.target:
		s.transferBack(transferFailed, c)
	case t.target.state == stateAnswered: // who consulted has hung up, and means that they talk now
		s.completeTransfer()
	default: // who hands over need not wait for the answer
		s.blindly()
	}
}

// blindly goes on with a consultation as a transfer that does not wait for its answer.
func (s *session) blindly() {
	t := s.transfer
	t.consult = false
	t.target.role, t.target.room, t.by.room = t.target.target.role, roomMain, roomAway
}

// transferBack ends a transfer that came to nothing; the call is as it was before. Where who handed it over is gone,
// or the configuration says so, it ends.
func (s *session) transferBack(state string, c leg.Cause) {
	t := s.transfer
	s.stopWaiting(leg.Cause{Reason: leg.Cancelled, Text: "the transfer is over"}, closedBySeat)
	s.tellTransfer(state, string(c.Reason))
	s.transfer = nil
	t.result(codeFor(c.Reason))
	t.by.room = roomMain
	s.log.Info("transfer ended", "state", state, "reason", string(c.Reason), "sip", c.SIP, "text", c.Text)
	if t.by.left || state == transferFailed && !t.consult && s.config.EndOnFailedTransfer {
		s.end(c, closedByAdmin)
	}
}

// codeFor is the status that a phone is told which asked for a transfer.
func codeFor(r leg.Reason) int {
	switch r {
	case leg.Busy:
		return 486
	case leg.NoAnswer:
		return 408
	case leg.Rejected:
		return 603
	case leg.NotFound:
		return 404
	case leg.Forbidden:
		return 403
	case leg.Cancelled, leg.Normal:
		return 487
	case leg.Unavailable:
		return 480
	}
	return 503
}
