package call

import (
	"math/rand/v2"
	"slices"
	"strings"
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

// TestTableOfModes has a row of the test for each mode and each thing that can happen in it: the customer c, the agent
// a, the consulted party x, and the supervisors m (monitors), w (whispers) and b (barged in).
func TestTableOfModes(t *testing.T) {
	ring, music := &media.Clip{}, &media.Clip{}
	talk := func(id bridge.PartyID, role Role) member { return member{id: id, role: role, state: stateAnswered} }
	c, a, x := talk("c", RoleCustomer), talk("a", RoleAgent), talk("x", RoleConsulted)
	m, w, b := talk("m", RoleSupervisor), talk("w", RoleSupervisor), talk("b", RoleSupervisor)
	m.mode, w.mode, b.mode = ModeMonitor, ModeWhisper, ModeBarge
	a.coached, x.room = true, roomSide
	with := func(m member, change func(*member)) member { change(&m); return m }
	holds := func(m *member) { m.holding = true }
	aside := func(m *member) { m.room = roomSide }
	away := func(m *member) { m.room = roomAway }
	waits := func(m *member) { m.waits = music }
	rings := func(m *member) { m.state, m.room = stateRinging, roomMain }
	for _, ca := range []struct {
		name    string
		members []member
		want    string // each party and whom it hears; * is music, + ringback
	}{
		{"nobody supervises", []member{c, a}, "c:a a:c"},
		{"monitor", []member{a, c, m}, "a:c c:a m:ca"},
		{"monitor, muted agent", []member{c, with(a, func(m *member) { m.muted = true }), m}, "c: a:c m:c"},
		{"monitor, the agent holds", []member{c, with(a, holds), m}, "c:* a: m:ca"},
		{"monitor, the customer holds as well", []member{with(c, holds), with(a, holds), m}, "c: a: m:ca"},
		{"monitor, the agent's phone holds", []member{c, with(a, func(m *member) { m.held = true }), m}, "c:* a: m:c"},
		{"whisper", []member{c, a, w}, "c:a a:cw w:ca"},
		{"whisper, the agent holds", []member{c, with(a, holds), w}, "c:* a:w w:ca"},
		{"whisper, nobody to whisper to", []member{c, with(a, func(m *member) { m.coached = false }), w}, "c:a a:c w:ca"},
		{"barge", []member{c, a, b}, "c:ab a:cb b:ca"},
		{"barge, muted", []member{c, a, with(b, func(m *member) { m.muted = true })}, "c:a a:c b:ca"},
		{"barge, the agent holds", []member{c, with(a, holds), b}, "c:b a: b:ca"},
		{"all at once", []member{m, w, b, a, c}, "m:cab w:cab b:ca a:wbc c:ba"},
		{"consulting, it rings", []member{with(c, waits), with(a, aside), with(x, func(m *member) { m.state = stateRinging })},
			"c:* a:+ x:"},
		{"consulting", []member{with(c, waits), with(a, aside), x, m}, "c:* a:x x:a m:cax"},
		{"consulting, muted", []member{with(c, waits), with(a, func(m *member) { m.room, m.muted = roomSide, true }), x},
			"c:* a:x x:"},
		{"consulting, swapped", []member{c, a, with(x, waits), w}, "c:a a:cw x:* w:cax"},
		{"consulting, barged in", []member{with(c, waits), with(a, aside), x, b}, "c:b a:x x:a b:cax"},
		{"blind, called", []member{with(c, waits), with(a, away), with(x, func(m *member) { m.state, m.room = stateDialling, roomMain })},
			"c:* a: x:"},
		{"blind, it rings", []member{with(c, waits), with(a, away), with(x, rings), m}, "c:+ a: x: m:ca"},
		{"blind, early media", []member{with(c, waits), with(a, away), with(x, func(m *member) { m.state, m.room = stateEarly, roomMain })},
			"c:x a: x:"},
		{"taken over, not yet final", []member{c, with(a, away), talk("s", RoleAgent), m}, "c:s a: s:c m:cas"},
		{"who leaves", []member{c, with(a, func(m *member) { m.state = stateLeaving }), talk("s", RoleAgent), m},
			"c:s a: s:c m:cs"},
	} {
		t.Run(ca.name, func(t *testing.T) {
			table := tableFor(ca.members, Sounds{Ringback: ring, Hold: music})
			var rows []string
			for _, m := range ca.members {
				row := string(m.id) + ":"
				for _, s := range table[m.id].Speakers {
					row += string(s)
				}
				row += map[*media.Clip]string{nil: "", ring: "+", music: "*"}[table[m.id].Sound]
				rows = append(rows, row)
			}
			if got := strings.Join(rows, " "); got != ca.want {
				t.Errorf("table %q, want %q", got, ca.want)
			}
			if fault := faultIn(ca.members, table); fault != "" {
				t.Error(fault)
			}
		})
	}
}

// TestTableProperties asks of tables of random parties what must be true of every one.
func TestTableProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	states := []state{stateDialling, stateRinging, stateEarly, stateCalling, stateListening, stateAnswered, stateAnswered,
		stateAnswered, stateLeaving, stateEnded}
	roles := []Role{RoleCustomer, RoleAgent, RoleConsulted, RoleSupervisor, RoleSupervisor, "unheard of"}
	modes := []Mode{ModeMonitor, ModeWhisper, ModeBarge, ""}
	clip := &media.Clip{}
	for range 100_000 {
		members := make([]member, r.IntN(7))
		for i := range members {
			members[i] = member{
				id: bridge.PartyID('a' + rune(i)), role: roles[r.IntN(len(roles))], state: states[r.IntN(len(states))],
				mode: modes[r.IntN(len(modes))], room: room(r.IntN(3)), muted: r.IntN(3) == 0, held: r.IntN(4) == 0,
				holding: r.IntN(4) == 0, coached: r.IntN(3) == 0, waits: pick(r, nil, clip),
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
		if l.role == RoleSupervisor && l.canHear() {
			if fault := placesFault(members, row.Places); fault != "" {
				return string(l.id) + ": " + fault
			}
		}
		if row.Sound != nil && (len(row.Speakers) > 0 || l.state != stateAnswered && l.state != stateListening) {
			return "a sound to who hears somebody, or can't: " + string(l.id)
		}
		if row.Sound != nil && (l.held || l.holding || l.role == RoleSupervisor) {
			return "a sound to who holds, or only listens: " + string(l.id)
		}
	}
	return ""
}

// placesFault says what is wrong with the ears of a supervisor, or nothing.
func placesFault(members []member, places []bridge.PartyID) string {
	order := map[Role]int{RoleCustomer: 1, RoleAgent: 2, RoleConsulted: 3}
	last := 0
	for _, id := range places {
		i := slices.IndexFunc(members, func(m member) bool { return m.id == id })
		if rank := order[members[i].role]; rank < last || rank == 0 {
			return "the ears are not in the order of customer, agent, consulted"
		}
		last = order[members[i].role]
	}
	for _, m := range members {
		if order[m.role] > 0 && m.isThere() != slices.Contains(places, m.id) {
			return "an ear for who is gone, or none for who is there"
		}
	}
	return ""
}

// pairFault says what is wrong with l hearing, or not hearing, s.
func pairFault(l, s member, hears bool) string {
	talks := func(m member) bool { return m.role == RoleCustomer || m.role == RoleAgent || m.role == RoleConsulted }
	free := func(m member) bool { return m.state == stateAnswered && !m.held && !m.holding }
	switch {
	case !hears:
		if l.id != s.id && talks(l) && talks(s) && l.room == s.room && free(l) && free(s) && !s.muted {
			return "does not hear who talks to it"
		}
		if l.role == RoleSupervisor && talks(s) && l.state == stateAnswered && s.state == stateAnswered &&
			!s.muted && !s.held && !l.held {
			return "supervises and does not hear who speaks"
		}
	case l.id == s.id:
		return "hears itself"
	case s.muted:
		return "hears who is muted"
	case s.state != stateAnswered && s.state != stateEarly:
		return "hears who has not answered and sends no early media"
	case l.state != stateAnswered && l.state != stateListening:
		return "hears before it answered, or after it left"
	case s.held || l.held:
		return "hears through a hold"
	case s.role == RoleSupervisor && s.mode == ModeBarge:
		if !(talks(l) && l.room == roomMain && !l.holding) && l.role != RoleSupervisor {
			return "hears who barged into another room"
		}
	case s.role == RoleSupervisor && (s.mode != ModeWhisper || !l.coached || l.role != RoleAgent):
		return "hears a monitor, or a whisper that is for another"
	case s.role == RoleSupervisor, l.role == RoleSupervisor && talks(s):
	case !talks(s) || !talks(l):
		return "a role without a line of its own takes part"
	case s.holding || l.holding || s.room != l.room:
		return "hears through a hold or into another room"
	}
	return ""
}
