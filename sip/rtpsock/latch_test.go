package rtpsock

import (
	"net/netip"
	"testing"
	"time"
)

func ap(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// step is one thing that happens to a latch.
type step struct {
	at     time.Duration // since the beginning
	from   string        // a packet from there; empty: an exchange
	ssrc   uint32
	seq    uint16
	want   verdict
	expect string // for an exchange: the negotiated address
	target string // where RTP goes after the step; empty: nowhere
}

const (
	phoneAddr = "198.51.100.7:4000" // in SDP
	otherPort = "198.51.100.7:4444"
	sipAddr   = "203.0.113.50:5555" // where the SIP comes from
	third     = "192.0.2.66:4000"
)

// run is four packets from one place, which are what a lock takes.
func run(from string, at time.Duration, want verdict, before, after string) []step {
	steps := make([]step, 4)
	for i := range steps {
		at := at + time.Duration(i)*20*time.Millisecond
		steps[i] = step{at: at, from: from, ssrc: 1, seq: uint16(1000 + i), want: want, target: before}
	}
	steps[3].target = after
	return steps
}

func join(parts ...[]step) []step {
	var all []step
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func TestLatch(t *testing.T) {
	offer := func(addr, target string) []step { return []step{{expect: addr, target: target}} }
	for _, ca := range []struct {
		name     string
		learn    Learn
		networks string
		sendTo   string // SendOnlyTo
		sig      string
		steps    []step
	}{
		{"the negotiated address is taken at once and locked", LearnSameIP, "", "", "", join(
			offer(phoneAddr, phoneAddr),
			run(phoneAddr, 0, unlocked, phoneAddr, phoneAddr),
			[]step{{at: 100 * time.Millisecond, from: phoneAddr, want: believed, target: phoneAddr}},
		)},
		{"another port of it proves itself", LearnSameIP, "", "", "", join(
			offer(phoneAddr, phoneAddr),
			run(otherPort, 0, hopeful, phoneAddr, otherPort),
			[]step{
				{at: 100 * time.Millisecond, from: otherPort, want: believed, target: otherPort},
				{at: 110 * time.Millisecond, from: phoneAddr, want: stranger, target: otherPort},
			},
		)},
		{"a third address never", LearnSignalling, "", "", "203.0.113.50", join(
			offer(phoneAddr, phoneAddr),
			run(third, 0, stranger, phoneAddr, phoneAddr),
			run(third, 4*time.Second, stranger, phoneAddr, phoneAddr),
		)},
		{"a trunk's other port never", LearnNever, "", "", "198.51.100.7", join(
			offer(phoneAddr, phoneAddr),
			run(otherPort, 0, stranger, phoneAddr, phoneAddr),
			run(phoneAddr, time.Second, unlocked, phoneAddr, phoneAddr),
			run(otherPort, 9*time.Second, stranger, phoneAddr, phoneAddr),
		)},
		{"a trunk's networks, answered at the negotiated address", LearnNever, "198.51.100.0/24", "", "", join(
			offer(phoneAddr, phoneAddr),
			run("198.51.100.99:9000", 0, hopeful, phoneAddr, phoneAddr),
			[]step{{at: time.Second, from: "198.51.100.99:9000", want: believed, target: phoneAddr}},
			run("198.51.100.98:9000", 4*time.Second, stranger, phoneAddr, phoneAddr),
			run(third, 4*time.Second, stranger, phoneAddr, phoneAddr),
		)},
		{"the signalling address, after 3 s of nothing better", LearnSignalling, "", "", "203.0.113.50", join(
			offer(phoneAddr, phoneAddr),
			run(sipAddr, 0, stranger, phoneAddr, phoneAddr),
			run(sipAddr, 2900*time.Millisecond, stranger, phoneAddr, phoneAddr)[:3],
			run(sipAddr, 3*time.Second, hopeful, phoneAddr, sipAddr),
		)},
		{"the signalling address, not after the window", LearnSignalling, "", "", "203.0.113.50", join(
			offer(phoneAddr, phoneAddr),
			run(sipAddr, 5001*time.Millisecond, stranger, phoneAddr, phoneAddr),
			[]step{{at: 6 * time.Second, expect: phoneAddr, target: phoneAddr}}, // the answer opens it again
			run(sipAddr, 9*time.Second, hopeful, phoneAddr, sipAddr),
		)},
		{"the signalling address, not without nat=auto", LearnSameIP, "", "", "203.0.113.50", join(
			offer(phoneAddr, phoneAddr),
			run(sipAddr, 3*time.Second, stranger, phoneAddr, phoneAddr),
		)},
		{"a private address in SDP: the signalling address at once", LearnSignalling, "", "", "203.0.113.50", join(
			offer("192.168.1.9:4000", "192.168.1.9:4000"),
			run(sipAddr, 0, hopeful, "192.168.1.9:4000", sipAddr),
		)},
		{"a carrier's shared address in SDP", LearnSignalling, "", "", "203.0.113.50", join(
			offer("100.64.3.9:4000", "100.64.3.9:4000"),
			run(sipAddr, 0, hopeful, "100.64.3.9:4000", sipAddr),
		)},
		{"a private address in SDP, and late", LearnSignalling, "", "", "203.0.113.50", join(
			offer("192.168.1.9:4000", "192.168.1.9:4000"),
			run(sipAddr, time.Minute, hopeful, "192.168.1.9:4000", sipAddr),
		)},
		{"where we may not send, nothing is sent before the lock", LearnSignalling, "", "127.0.0.0/8", "127.0.0.1", join(
			offer("192.0.2.2:4000", ""),
			run("127.0.0.1:4000", 0, hopeful, "", "127.0.0.1:4000"),
		)},
		{"where we may not send, and SIP from elsewhere", LearnSignalling, "", "203.0.113.0/24", "203.0.113.50", join(
			offer(phoneAddr, ""),
			run(sipAddr, 0, hopeful, "", sipAddr),
		)},
		{"SIP from this very host", LearnSignalling, "", "", "127.0.0.1", join(
			offer(phoneAddr, phoneAddr),
			run("127.0.0.1:4000", 0, hopeful, phoneAddr, ""), // and the host is not to be sent to
		)},
		{"where we may not send, and from a third address", LearnSignalling, "", "127.0.0.0/8", "127.0.0.1", join(
			offer("192.0.2.2:4000", ""),
			run(third, 0, stranger, "", ""),
		)},
		{"a better source takes a candidate's place", LearnSignalling, "", "", "203.0.113.50", join(
			offer("192.168.1.9:4000", "192.168.1.9:4000"),
			run(sipAddr, 0, hopeful, "192.168.1.9:4000", "192.168.1.9:4000")[:3],
			run("192.168.1.9:4000", 60*time.Millisecond, unlocked, "192.168.1.9:4000", "192.168.1.9:4000"),
			run(sipAddr, 140*time.Millisecond, stranger, "192.168.1.9:4000", "192.168.1.9:4000"),
		)},
		{"a candidate keeps its turn, until it is quiet", LearnSameIP, "", "", "", []step{
			{expect: phoneAddr, target: phoneAddr},
			{at: 0, from: otherPort, ssrc: 1, seq: 1, want: hopeful, target: phoneAddr},
			{at: 10 * time.Millisecond, from: "198.51.100.7:6", ssrc: 2, seq: 1, want: hopeful, target: phoneAddr},
			{at: 20 * time.Millisecond, from: otherPort, ssrc: 1, seq: 2, want: hopeful, target: phoneAddr},
			{at: 40 * time.Millisecond, from: otherPort, ssrc: 1, seq: 3, want: hopeful, target: phoneAddr},
			{at: 300 * time.Millisecond, from: "198.51.100.7:6", ssrc: 2, seq: 2, want: hopeful, target: phoneAddr},
			{at: 320 * time.Millisecond, from: "198.51.100.7:6", ssrc: 2, seq: 3, want: hopeful, target: phoneAddr},
			{at: 340 * time.Millisecond, from: "198.51.100.7:6", ssrc: 2, seq: 4, want: hopeful, target: phoneAddr},
			{at: 360 * time.Millisecond, from: "198.51.100.7:6", ssrc: 2, seq: 5, want: hopeful, target: "198.51.100.7:6"},
		}},
		{"the proof is one stream with a rising sequence", LearnSameIP, "", "", "", []step{
			{expect: phoneAddr, target: phoneAddr},
			{from: otherPort, ssrc: 1, seq: 65534, want: hopeful, target: phoneAddr},
			{from: otherPort, ssrc: 1, seq: 65535, want: hopeful, target: phoneAddr},
			{from: otherPort, ssrc: 1, seq: 0, want: hopeful, target: phoneAddr},
			{from: otherPort, ssrc: 2, seq: 1, want: hopeful, target: phoneAddr}, // another stream: from 1 again
			{from: otherPort, ssrc: 2, seq: 2, want: hopeful, target: phoneAddr},
			{from: otherPort, ssrc: 2, seq: 2, want: hopeful, target: phoneAddr}, // a repeat: from 1 again
			{from: otherPort, ssrc: 2, seq: 1000, want: hopeful, target: phoneAddr},
			{from: otherPort, ssrc: 2, seq: 1001, want: hopeful, target: phoneAddr},
			{from: otherPort, ssrc: 2, seq: 1000, want: hopeful, target: phoneAddr}, // backwards: from 1 again
			{from: otherPort, ssrc: 2, seq: 1002, want: hopeful, target: phoneAddr},
			{from: otherPort, ssrc: 2, seq: 1005, want: hopeful, target: phoneAddr},
			{from: otherPort, ssrc: 2, seq: 1006, want: hopeful, target: otherPort},
		}},
		{"a new port of the locked address, after 2 s of silence", LearnSameIP, "", "", "", join(
			offer(phoneAddr, phoneAddr),
			run(phoneAddr, 0, unlocked, phoneAddr, phoneAddr),
			run(otherPort, time.Second, stranger, phoneAddr, phoneAddr),
			[]step{{at: 1500 * time.Millisecond, from: phoneAddr, want: believed, target: phoneAddr}},
			run(otherPort, 3400*time.Millisecond, stranger, phoneAddr, phoneAddr)[:3],
			run(otherPort, 3500*time.Millisecond, hopeful, phoneAddr, otherPort),
			run(third, 9*time.Second, stranger, otherPort, otherPort),
			run(phoneAddr, 9*time.Second, hopeful, otherPort, phoneAddr), // the negotiated one is a port like any
		)},
		{"an exchange with the same address changes nothing", LearnSameIP, "", "", "", join(
			offer(phoneAddr, phoneAddr),
			run(otherPort, 0, hopeful, phoneAddr, otherPort),
			[]step{
				{at: time.Second, expect: phoneAddr, target: otherPort},
				{at: time.Second, from: otherPort, want: believed, target: otherPort},
			},
		)},
		{"a hold by 0.0.0.0 keeps the lock and sends nothing", LearnSameIP, "", "", "", join(
			offer(phoneAddr, phoneAddr),
			run(otherPort, 0, hopeful, phoneAddr, otherPort),
			[]step{
				{at: time.Second, expect: "0.0.0.0:4000"},
				{at: time.Second, from: otherPort, want: believed},
				{at: 12 * time.Minute, expect: phoneAddr, target: otherPort},
			},
		)},
		{"a call that begins on hold", LearnSignalling, "", "", "203.0.113.50", join(
			offer("0.0.0.0:4000", ""),
			run(third, 0, stranger, "", ""),
			[]step{{at: time.Second, expect: phoneAddr, target: phoneAddr}},
		)},
		{"another address in a re-INVITE ends the lock", LearnSameIP, "", "", "", join(
			offer(phoneAddr, phoneAddr),
			run(phoneAddr, 0, unlocked, phoneAddr, phoneAddr),
			[]step{{at: time.Second, expect: third, target: third}},
			run(phoneAddr, time.Second, stranger, third, third),
			run(third, 2*time.Second, unlocked, third, third),
		)},
	} {
		t.Run(ca.name, func(t *testing.T) {
			l := latch{learn: ca.learn, sendTo: reach{local: netip.MustParseAddr("203.0.113.1")}}
			if ca.networks != "" {
				l.networks = []netip.Prefix{netip.MustParsePrefix(ca.networks)}
			}
			if ca.sendTo != "" {
				l.sendTo.only = []netip.Prefix{netip.MustParsePrefix(ca.sendTo)}
			}
			var sig netip.Addr
			if ca.sig != "" {
				sig = netip.MustParseAddr(ca.sig)
			}
			begin := time.Unix(1e9, 0)
			for i, st := range ca.steps {
				now := begin.Add(st.at)
				if st.expect != "" {
					l.expect(ap(st.expect), netip.AddrPort{}, sig, now)
				} else {
					got := l.judge(ap(st.from), now)
					if got != st.want {
						t.Fatalf("step %d %+v: verdict %d", i, st, got)
					}
					if got == hopeful || got == unlocked {
						l.prove(ap(st.from), st.ssrc, st.seq, now)
					}
					if got == believed {
						l.heard = now
					}
				}
				if got := l.target(); got.IsValid() != (st.target != "") || got.IsValid() && got != ap(st.target) {
					t.Fatalf("step %d %+v: target %v", i, st, got)
				}
			}
		})
	}
}

func TestReach(t *testing.T) {
	public, local := netip.MustParseAddr("203.0.113.1"), loopback
	only := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	for _, ca := range []struct {
		from netip.Addr
		only []netip.Prefix
		to   string
		want bool
	}{
		{public, nil, "198.51.100.1:4000", true},
		{public, nil, "198.51.100.1:0", false},
		{public, nil, "0.0.0.0:4000", false},
		{public, nil, "224.0.0.1:4000", false},
		{public, nil, "[2001:db8::1]:4000", false},
		{public, nil, "127.0.0.1:4000", false},
		{local, nil, "127.0.0.1:4000", true},
		{netip.IPv4Unspecified(), nil, "127.0.0.1:4000", true},
		{public, only, "127.0.0.1:4000", true},
		{public, only, "10.1.2.3:4000", true},
		{public, only, "198.51.100.1:4000", false},
		{netip.MustParseAddr("2001:db8::9"), nil, "[2001:db8::1]:4000", true},
		{netip.MustParseAddr("2001:db8::9"), nil, "[ff02::1]:4000", false},
	} {
		if got := (reach{ca.from, ca.only}).contains(ap(ca.to)); got != ca.want {
			t.Errorf("%v to %s: %v", ca.from, ca.to, got)
		}
	}
	if (reach{local: public}).contains(netip.AddrPort{}) {
		t.Error("nowhere is in reach")
	}
}
