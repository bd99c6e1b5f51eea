package call

import (
	"cmp"
	"maps"
	"slices"

	"seatbridge/bridge"
	"seatbridge/media"
)

// member is what the table needs to know of a party.
type member struct {
	id      bridge.PartyID
	role    Role
	state   state
	room    room
	mode    Mode // of a supervisor
	muted   bool
	held    bool        // its device put the other side on hold
	holding bool        // it did by command
	coached bool        // the agent that a whisper is for
	waits   *media.Clip // what it hears where nobody is with it: music, an announcement, a prompt
}

// tableFor says who hears whom. It is the only place that does: a hold, a monitor or a whisper is a line here.
// Parties that ended have no row.
func tableFor(members []member, sounds Sounds) bridge.Table {
	t := bridge.Table{}
	for _, l := range members {
		if l.state != stateEnded {
			t[l.id] = rowFor(l, members, sounds)
		}
	}
	return t
}

func rowFor(l member, members []member, sounds Sounds) bridge.Row {
	var row bridge.Row
	if !l.canHear() {
		return row
	}
	for _, s := range inOrderFor(l, members) {
		if hears(l, s) {
			row.Speakers = append(row.Speakers, s.id)
		}
	}
	if l.role == RoleSupervisor {
		row.Places = placesOf(members)
	} else if len(row.Speakers) == 0 && l.role.converses() {
		row.Sound = soundFor(l, members, sounds)
	}
	return row
}

// placesOf are the parties of the conversation in the order of a supervisor's ears. Who is not heard for a while keeps
// its ear, and who takes another's part takes its ear.
func placesOf(members []member) []bridge.PartyID {
	var places []bridge.PartyID
	for _, m := range inOrderFor(member{role: RoleSupervisor}, members) {
		if m.role.converses() && m.isThere() {
			places = append(places, m.id)
		}
	}
	return places
}

// inOrderFor has the customer first and the agent second for a supervisor, whose page pans them left and right.
func inOrderFor(l member, members []member) []member {
	if l.role != RoleSupervisor {
		return members
	}
	order := []Role{RoleCustomer, RoleAgent, RoleConsulted, RoleSupervisor}
	return slices.SortedStableFunc(slices.Values(members), func(a, b member) int {
		return cmp.Compare(slices.Index(order, a.role), slices.Index(order, b.role))
	})
}

// hears says whether l hears s.
func hears(l, s member) bool {
	switch {
	case l.id == s.id, !l.canHear(), !s.canSpeak():
		return false
	case s.muted, s.held, l.held:
		return false
	case s.role == RoleSupervisor:
		return hearsSupervisor(l, s)
	case l.role == RoleSupervisor:
		return s.role.converses() // whatever room it is in, and on hold as well
	case s.holding, l.holding:
		return false
	}
	return l.role.converses() && s.role.converses() && l.room == s.room
}

// hearsSupervisor says whether l hears the supervisor s: nobody hears a monitor, the agent alone a whisper, all that
// talk to the customer and all supervisors hear who barged in.
func hearsSupervisor(l, s member) bool {
	switch s.mode {
	case ModeWhisper:
		return l.coached && l.role == RoleAgent
	case ModeBarge:
		return l.role == RoleSupervisor || l.role.converses() && l.room == roomMain && !l.holding
	}
	return false
}

// soundFor is what l hears in place of nobody: music while the other side holds it, else ringback while the other
// side's device rings, else music where it waits alone.
func soundFor(l member, members []member, sounds Sounds) *media.Clip {
	if l.held || l.holding {
		return nil
	}
	alone := true
	for _, s := range members {
		switch {
		case s.id == l.id, s.room != l.room, !s.role.converses():
		case (s.held || s.holding) && s.isThere():
			return sounds.Hold
		case s.state == stateRinging:
			return sounds.Ringback
		case s.canSpeak():
			alone = false
		}
	}
	if alone {
		return l.waits
	}
	return nil
}

// canHear says that sound sent to the party reaches its user's ear.
func (m member) canHear() bool { return m.state == stateAnswered || m.state == stateListening }

// canSpeak says that the party's sound may reach others: an answered party's, and early media of a called one.
func (m member) canSpeak() bool { return m.state == stateAnswered || m.state == stateEarly }

func (m member) isThere() bool { return m.state != stateEnded && m.state != stateLeaving }

// converses says that a role takes part in the conversation. A role that is not known here hears nothing and is heard
// by nobody.
func (r Role) converses() bool { return r == RoleCustomer || r == RoleAgent || r == RoleConsulted }

// withoutDigits keeps the digits of customers from everybody.
func withoutDigits(t bridge.Table, members []member) bridge.Table {
	for _, m := range members {
		if row, ok := t[m.id]; ok && m.role == RoleCustomer {
			row.Secret = true
			t[m.id] = row
		}
	}
	return t
}

// sameTable compares tables; sounds are the same where they are the same Clip.
func sameTable(a, b bridge.Table) bool {
	return maps.EqualFunc(a, b, func(a, b bridge.Row) bool {
		return a.Sound == b.Sound && a.Secret == b.Secret && a.Tap == b.Tap && slices.Equal(a.Speakers, b.Speakers) &&
			slices.Equal(a.Places, b.Places)
	})
}
