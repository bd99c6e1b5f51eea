package bridge

import (
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/codec"
)

// TestSecretEvents checks that a secret row keeps the telephone-events of its party, and nothing else, from one ear and
// from a mix, from the moment on that it is applied.
func TestSecretEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := phoneOptions{codec: codec.PCMU, event: events8k()}
		customer, agent, monitor := newPhone(t, "customer", 600, o), newPhone(t, "agent", 1000, o), newPhone(t, "monitor", 1400, o)
		br := newBridge(t)
		for _, p := range []*phone{customer, agent, monitor} {
			br.Add(p.id, p.port)
		}
		table := func(secret bool) Table {
			return Table{
				"customer": {Speakers: []PartyID{"agent"}, Secret: secret},
				"agent":    {Speakers: []PartyID{"customer"}},
				"monitor":  {Speakers: []PartyID{"customer", "agent"}},
			}
		}
		counts := func() (n [3]int) {
			for i, p := range []*phone{customer, agent, monitor} {
				p.ears[0].mu.Lock()
				n[i] = len(p.ears[0].events)
				p.ears[0].mu.Unlock()
			}
			return n
		}
		br.Apply(table(false))
		talk(100*time.Millisecond, customer, agent)
		customer.press(5, o.event[0], true)
		talk(200*time.Millisecond, customer, agent)
		before := counts()
		if before[0] != 0 || before[1] == 0 || before[2] == 0 {
			t.Fatalf("events heard: %v, want them at the agent and the monitor", before)
		}
		br.Apply(table(true))
		for e := range 10 {
			customer.press(5, o.event[0], e%2 == 0)
			talk(200*time.Millisecond, customer, agent)
		}
		if now := counts(); now != before {
			t.Errorf("events heard: %v, were %v: digits got through", now, before)
		}
		agent.press(7, o.event[0], true) // which the customer is to hear
		if now := counts(); now[0] == 0 {
			t.Error("the customer gets no digits of the agent")
		}
		forgetAudio(agent)
		talk(300*time.Millisecond, customer, agent)
		hearing(t, agent.ears[0], 200*time.Millisecond, []*phone{customer, agent, monitor}, customer)
	})
}
