package test

import (
	"fmt"
	"testing"

	"seatbridge/test/peers"
)

// TestMemoryOfPage has a page do in a minute what it does in eight hours: as many calls as an agent takes, and as many
// pings, looks at its statistics, and changes of status. Once its lists are as long as they get, and its scripts compiled,
// it holds no more after the last hour than after the first.
func TestMemoryOfPage(t *testing.T) {
	t.Parallel()
	const hours = 8
	for _, ca := range []struct {
		name string
		hour func(p *peers.Page, customer *peers.RTPPhone)
		warm int // hours before: a hundred calls are kept in the history
	}{
		{"busy", busyHour, 6},
		{"idle", idleHour, 2},
	} {
		t.Run(ca.name, func(t *testing.T) {
			t.Parallel()
			k := peers.Kamailio(t)
			g := suite.Gateway(t, peers.Config{Carrier: k, LogLevel: "warn"})
			customer := peers.RTP(t, k.Subscriber("+15550198"), tone(0))
			p := suite.Browser(t).Page(g, "alice", tone(1))
			busyHour(p, customer)
			busyHour(p, customer) // which fill the list of what has happened
			for range ca.warm {
				ca.hour(p, customer)
			}
			before := p.Memory()
			for range hours {
				ca.hour(p, customer)
				t.Logf("%+v", p.Memory())
			}
			wantNoGrowth(t, before, p.Memory(), hours)
		})
	}
}

// TestMemoryOfSDK is the same of a business's page that takes the calls by the SDK.
func TestMemoryOfSDK(t *testing.T) {
	t.Parallel()
	const hours = 8
	g, k, api := sdkGateway(t)
	c := newCRM(t, api, "alice", tone(1))
	c.load("alice")
	customer := peers.RTP(t, k.Subscriber("+15550198"), tone(0))
	hour := func() {
		for range 15 {
			customer.Dial("+15550100")
			c.called()
			c.ask("Call.accept", "")
			customer.WaitEstablished()
			c.ask("Call.hungUp", "")
			customer.WaitClosed()
			c.waitTold("sessionCompleted", "true")
			c.Eval("void (told.length = 0)", nil)
		}
	}
	for range 7 { // until the history is as long as it gets
		hour()
	}
	before := c.Memory()
	for range hours {
		hour()
		t.Logf("%+v", c.Memory())
	}
	wantNoGrowth(t, before, c.Memory(), hours)
	empty(g)
}

// busyHour is fifteen calls.
func busyHour(p *peers.Page, customer *peers.RTPPhone) {
	for range 15 {
		customer.Dial("+15550100")
		p.WaitRinging()
		p.Answer()
		customer.WaitEstablished()
		customer.Hangup()
		p.WaitClosed()
		p.WaitFor("seatbridge.state.status.status === 'free'")
	}
}

// idleHour is a ping every 15 s and, as the statistics are shown in calls only, a tenth of the looks at them; and a rest.
func idleHour(p *peers.Page, _ *peers.RTPPhone) {
	p.Eval(`(async () => {
		for (let i = 0; i < 240; i++) {
			await seatbridge.command('ping');
			await seatbridge.stats();
			await new Promise((resolve) => setTimeout(resolve, 25)); // the gateway takes 50 messages a second
		}
		await seatbridge.setStatus('rest', 'Meal');
		await seatbridge.setStatus('free');
	})()`, nil)
}

// wantNoGrowth allows what a heap's measuring varies by: a leak of 1 KiB a call, or 100 bytes a ping, would be more.
func wantNoGrowth(t *testing.T, before, after peers.Memory, hours int) {
	t.Helper()
	if grown := after.Bytes - before.Bytes; grown > float64(hours)*16*1024 {
		t.Errorf("the heap grew by %.0f KiB", grown/1024)
	}
	if after.Nodes > before.Nodes+10 || after.Listeners > before.Listeners+5 {
		t.Errorf("nodes and listeners: %s, then %s", fmt.Sprint(before), fmt.Sprint(after))
	}
}
