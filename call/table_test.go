package call

import (
	"math/rand/v2"
	"slices"
	"testing"

	"seatbridge/bridge"
	"seatbridge/media"
)

func TestTableFor(t *testing.T) {
	ring, music := &media.Clip{}, &media.Clip{}
	sounds := Sounds{Ringback: ring, Hold: music}
	both := bridge.Table{"c": {Speakers: []bridge.PartyID{"a"}}, "a": {Speakers: []bridge.PartyID{"c"}}}
	for _, ca := range []struct {
		name     string
		customer member
		agent    member
		want     bridge.Table
	}{
		{"dialling", member{state: stateAnswered}, member{state: stateDialling}, bridge.Table{"c": {}, "a": {}}},
		{"ringing, caller not connected", member{state: stateCalling}, member{state: stateRinging},
			bridge.Table{"c": {}, "a": {}}},
		{"ringing, caller connected", member{state: stateAnswered}, member{state: stateRinging},
			bridge.Table{"c": {Sound: ring}, "a": {}}},
		{"early media, caller listens", member{state: stateListening}, member{state: stateEarly},
			bridge.Table{"c": {Speakers: []bridge.PartyID{"a"}}, "a": {}}},
		{"early media, caller connected", member{state: stateAnswered}, member{state: stateEarly},
			bridge.Table{"c": {Speakers: []bridge.PartyID{"a"}}, "a": {}}},
		{"answered", member{state: stateAnswered}, member{state: stateAnswered}, both},
		{"agent muted", member{state: stateAnswered}, member{state: stateAnswered, muted: true},
			bridge.Table{"c": {}, "a": {Speakers: []bridge.PartyID{"c"}}}},
		{"agent holds", member{state: stateAnswered}, member{state: stateAnswered, held: true},
			bridge.Table{"c": {Sound: music}, "a": {}}},
		{"both hold", member{state: stateAnswered, held: true}, member{state: stateAnswered, held: true},
			bridge.Table{"c": {}, "a": {}}},
		{"agent gone", member{state: stateAnswered}, member{state: stateEnded}, bridge.Table{"c": {}}},
	} {
		t.Run(ca.name, func(t *testing.T) {
			ca.customer.id, ca.customer.role = "c", RoleCustomer
			ca.agent.id, ca.agent.role = "a", RoleAgent
			if got := tableFor([]member{ca.customer, ca.agent}, sounds); !sameTable(got, ca.want) {
				t.Errorf("table %v, want %v", got, ca.want)
			}
		})
	}
}

// TestTableProperties asks of tables of random parties what must be true of every one.
func TestTableProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	states := []state{stateDialling, stateRinging, stateEarly, stateCalling, stateListening, stateAnswered, stateEnded}
	roles := []Role{RoleCustomer, RoleAgent, RoleConsulted, RoleSupervisor, "unheard of"}
	clip := &media.Clip{}
	for range 100_000 {
		members := make([]member, r.IntN(5))
		for i := range members {
			members[i] = member{
				id: bridge.PartyID('a' + rune(i)), role: roles[r.IntN(len(roles))], state: states[r.IntN(len(states))],
				muted: r.IntN(3) == 0, held: r.IntN(3) == 0,
			}
		}
		if fault := faultIn(members, tableFor(members, Sounds{Ringback: clip, Hold: clip})); fault != "" {
			t.Fatalf("%s\nparties %+v", fault, members)
		}
	}
}

// faultIn says what is wrong with a table, or nothing.
func faultIn(members []member, table bridge.Table) string {
	for _, l := range members {
		row, ok := table[l.id]
		if ok != (l.state != stateEnded) {
			return "a row for who has ended, or none for who has not: " + string(l.id)
		}
		for _, s := range members {
			if fault := pairFault(l, s, slices.Contains(row.Speakers, s.id)); fault != "" {
				return string(l.id) + " and " + string(s.id) + ": " + fault
			}
		}
		if row.Sound != nil && (len(row.Speakers) > 0 || l.state != stateAnswered && l.state != stateListening) {
			return "a sound to who hears somebody, or can't: " + string(l.id)
		}
	}
	return ""
}

// pairFault says what is wrong with l hearing, or not hearing, s.
func pairFault(l, s member, hears bool) string {
	talk := func(m member) bool {
		return m.state == stateAnswered && !m.held && (m.role == RoleCustomer || m.role == RoleAgent)
	}
	switch {
	case hears && l.id == s.id:
		return "hears itself"
	case hears && s.muted:
		return "hears who is muted"
	case hears && (s.state != stateAnswered && s.state != stateEarly):
		return "hears who has not answered and sends no early media"
	case hears && (l.state == stateDialling || l.state == stateRinging || l.state == stateEarly || l.state == stateEnded):
		return "a called party hears before it answered"
	case hears && (s.role == RoleSupervisor || l.role == RoleSupervisor || s.role == RoleConsulted):
		return "a role without a line of its own takes part"
	case hears && (s.held || l.held):
		return "hears through a hold"
	case !hears && l.id != s.id && talk(l) && talk(s) && !s.muted:
		return "does not hear who talks to it"
	}
	return ""
}
