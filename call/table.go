package call

import (
	"maps"
	"slices"

	"seatbridge/bridge"
	"seatbridge/media"
)

// member is what the table needs to know of a party.
type member struct {
	id    bridge.PartyID
	role  Role
	state state
	muted bool
	held  bool
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
	for _, s := range members {
		if hears(l, s) {
			row.Speakers = append(row.Speakers, s.id)
		}
	}
	if len(row.Speakers) == 0 {
		row.Sound = soundFor(l, members, sounds)
	}
	return row
}

// hears says whether l hears s.
func hears(l, s member) bool {
	switch {
	case l.id == s.id, !l.canHear(), !s.canSpeak():
		return false
	case !l.role.converses(), !s.role.converses():
		return false
	case s.muted, s.held, l.held:
		return false
	}
	return true
}

// soundFor is what l hears in place of nobody: music while the other side holds it, else ringback while the other
// side's device rings.
func soundFor(l member, members []member, sounds Sounds) *media.Clip {
	if l.held {
		return nil
	}
	for _, s := range members {
		switch {
		case s.id == l.id:
		case s.held && s.state != stateEnded:
			return sounds.Hold
		case s.state == stateRinging:
			return sounds.Ringback
		}
	}
	return nil
}

// canHear says that sound sent to the party reaches its user's ear.
func (m member) canHear() bool { return m.state == stateAnswered || m.state == stateListening }

// canSpeak says that the party's sound may reach others: an answered party's, and early media of a called one.
func (m member) canSpeak() bool { return m.state == stateAnswered || m.state == stateEarly }

// converses says that a role takes part in the conversation. A role that is not known here hears nothing and is heard
// by nobody.
func (r Role) converses() bool { return r == RoleCustomer || r == RoleAgent }

// sameTable compares tables; sounds are the same where they are the same Clip.
func sameTable(a, b bridge.Table) bool {
	return maps.EqualFunc(a, b, func(a, b bridge.Row) bool {
		return a.Sound == b.Sound && slices.Equal(a.Speakers, b.Speakers)
	})
}
