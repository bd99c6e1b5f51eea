package sip

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"seatbridge/leg"
	"seatbridge/sip/dialog"
	"seatbridge/sip/trunk"
)

// starts are the first words of the messages, with > for sent and < for received.
func starts(messages []dialog.Message) string {
	var all []string
	for _, m := range messages {
		arrow := "<"
		if m.Sent {
			arrow = ">"
		}
		word := strings.Fields(string(m.Raw))
		if word[0] == "SIP/2.0" {
			word = word[1:]
		}
		all = append(all, arrow+word[0])
	}
	return strings.Join(all, " ")
}

// The trace has a call from the first INVITE on, which nobody could know for one.
func TestTraceOfIncoming(t *testing.T) {
	g := newGateway(t)
	p := newPeer(t, "1001", g.udp)
	c, a := g.talking(p, "0")
	a.Leg.Hangup(leg.Cause{Reason: leg.Normal})
	a.w.ended(leg.Normal)
	c.ok("BYE")
	p.calls("x").send("OPTIONS", "") // a stranger
	p.find("SIP/2.0 200")
	const whole = "<INVITE >401 <ACK <INVITE >100 >200 <ACK >BYE <200"
	got := ""
	for begun := time.Now(); got != whole && time.Since(begun) < patience; {
		got = starts(g.Trace().Messages([]string{a.Leg.Info().CallID}))
	}
	if got != whole {
		t.Error(got)
	}
	if m := g.Trace().Messages([]string{"nobody's"}); len(m) > 0 {
		t.Error(m)
	}
}

// The trace of a leg has every place that was tried for it.
func TestTraceOfFailover(t *testing.T) {
	p, q := newPeer(t, "one", ""), newPeer(t, "two", "")
	g := newGateway(t, withTrunk(trunk.Config{Name: "carrier"}, p.addr, q.addr))
	p.gateway, q.gateway = g.udp, g.udp
	l, w := g.dial(outside("carrier"))
	first := p.find("INVITE")
	p.reply(first, "503 Service Unavailable", "t", "")
	p.find("ACK")
	q.reply(q.find("INVITE"), "486 Busy Here", "t", "")
	w.ended(leg.Busy)
	q.find("ACK")
	for _, callIDs := range [][]string{{l.Info().CallID}, {first.get("Call-ID")}, {l.Info().CallID, first.get("Call-ID")}} {
		got := strings.ReplaceAll(starts(g.Trace().Messages(callIDs)), " >ACK", "") // these come in any order
		if got != ">INVITE <503 >INVITE <486" {
			t.Error(got)
		}
	}
}

func TestTraceForgets(t *testing.T) {
	t.Parallel()
	trace := newTrace()
	at := time.Now()
	add := func(callID string, size int) {
		at = at.Add(time.Second)
		trace.add(dialog.Message{At: at, CallID: callID, Raw: make([]byte, size)})
	}
	for i := range 3 * untracedRecent { // strangers share a ring
		add(fmt.Sprint("stranger ", i), 10)
	}
	add("a", 10)
	trace.open("leg a", "a")
	trace.open("leg a", "a")
	for range 2 * tracedMessages {
		add("a", 10)
	}
	if got := trace.Messages([]string{"a", "a"}); len(got) != tracedMessages || !got[0].At.Before(got[1].At) {
		t.Errorf("%d messages", len(got))
	}
	for i := range tracedLegs {
		trace.open(fmt.Sprint("leg ", i), fmt.Sprint("call ", i))
	}
	if got := trace.Messages([]string{"a"}); len(got) > 0 || len(trace.calls) != tracedLegs || trace.bytes != 0 {
		t.Errorf("%d messages, %d calls, %d bytes", len(got), len(trace.calls), trace.bytes)
	}
	for i := range tracedLegs { // all that they say is too much
		add(fmt.Sprint("call ", i), tracedBytes/1000)
	}
	if n := len(trace.legs); n != 1000 || len(trace.calls) != n || trace.bytes > tracedBytes {
		t.Errorf("%d legs, %d calls, %d bytes", n, len(trace.calls), trace.bytes)
	}
}
