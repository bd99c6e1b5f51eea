package call

import (
	"context"

	"seatbridge/bridge"
	"seatbridge/media"
)

// Recording keeps what is said in one session, under the session's id; *recording.Recording is one.
type Recording interface {
	Customer() media.Tap // takes what the customer says
	Agent() media.Tap    // takes what the others say, all on one side
	// Close ends it, and waits for the disk. The error is why it is not whole.
	Close() error
}

// Where a recording stands, as its events and Info tell.
const (
	recordingOn     = "on"
	recordingPaused = "paused"
	recordingFailed = "failed"
)

// taping is a session's recording. It begins when both sides can talk, or later where the session comes to a group that
// is recorded, and goes on until the end.
type taping struct {
	wanted  bool // by a rule or a group
	paused  bool // by command
	begun   bool
	tape    Recording // while it goes on
	state   string    // as last told; empty before it began
	problem string    // why it is not whole
}

// follow takes over how the session was recorded that a party came from.
func (t *taping) follow(other taping) {
	t.wanted = t.wanted || other.wanted
	t.paused = t.paused || other.paused
}

// SetRecordingPaused has nothing of the session be recorded, or goes on to: there is silence in the recording meanwhile.
func (m *Manager) SetRecordingPaused(ctx context.Context, user, id string, paused bool) error {
	return m.command(ctx, user, id, func(s *session, p *party) error {
		switch t := &s.taping; {
		case !s.talks(p):
			return Errorf(CodeWrongState, "only who talks to somebody can do that")
		case t.tape == nil || t.state == recordingFailed:
			return Errorf(CodeWrongState, "the session is not recorded")
		case t.paused && paused:
			return Errorf(CodeWrongState, "the recording is paused already")
		case !t.paused && !paused:
			return Errorf(CodeWrongState, "the recording is not paused")
		}
		s.taping.paused = paused
		s.log.Info("recording paused", "paused", paused, "user", user)
		s.tellRecording(s.taping.going())
		return nil
	})
}

// tellRecording tells every seat in the session what has become of the recording.
func (s *session) tellRecording(state string) {
	s.taping.state = state
	s.tellAll(Event{Type: EventRecording, State: state})
}

// startRecording begins the recording that is wanted, once both sides can talk.
func (s *session) startRecording() {
	t := &s.taping
	if !t.wanted || t.begun || s.status != StatusInProgress || s.config.NewRecording == nil {
		return
	}
	t.begun = true
	t.tape = s.config.NewRecording(s.id, func(err error) { s.later(func() { s.recordingFailed(err) }) })
	s.tellRecording(t.going()) // paused where it was that in the session that the customer came from
}

// going is where a recording stands that goes on.
func (t *taping) going() string {
	if t.paused {
		return recordingPaused
	}
	return recordingOn
}

// recordingFailed goes on without the recording.
func (s *session) recordingFailed(err error) {
	s.taping.problem = err.Error()
	if !s.ending() {
		s.tellRecording(recordingFailed)
	}
}

// endRecording finishes the recording of a session that is over.
func (s *session) endRecording() {
	t := &s.taping
	if t.tape == nil || !s.ending() {
		return
	}
	tape := t.tape
	t.tape = nil
	s.guard(func() {
		if err := tape.Close(); err != nil {
			t.problem = err.Error()
			s.publish()
		}
	})
}

// recording is the id of the session's recording and why it is not whole; empty where there is none.
func (s *session) recording() (id, problem string) {
	if !s.taping.begun {
		return "", ""
	}
	return s.id, s.taping.problem
}

// withTaps has what is said be recorded, unless that is paused, or digits are secret: who says them aloud is not
// recorded either.
func (s *session) withTaps(t bridge.Table, members []member) bridge.Table {
	if r := &s.taping; r.tape == nil || r.paused || r.state == recordingFailed || s.secure {
		return t
	}
	tape := s.taping.tape
	customer := customerOf(members)
	for _, m := range members {
		row, ok := t[m.id]
		switch {
		case !ok || !isRecorded(m):
			continue
		case m.id == customer:
			row.Tap = tape.Customer()
		default:
			row.Tap = tape.Agent()
		}
		t[m.id] = row
	}
	return t
}

// isRecorded says that a recording has what m says: what one hears who monitors, so that hold, a consultation and who
// barges in are in it, and a whisper, the muted and monitors are not.
func isRecorded(m member) bool {
	return hears(member{role: RoleSupervisor, state: stateAnswered}, m)
}

// customerOf is whose side of a recording is the left one: of two seats the first has the customer's part, and so has
// the first of two numbers outside.
func customerOf(members []member) bridge.PartyID {
	var first bridge.PartyID
	for _, m := range members {
		switch {
		case !m.isThere() || !m.role.converses():
		case m.role == RoleCustomer:
			return m.id
		case first == "":
			first = m.id
		}
	}
	return first
}
