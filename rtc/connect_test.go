package rtc_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/rtc"
	"seatbridge/rtc/rtctest"
)

// TestEarsMapToMids: three ears on one connection, each with its own tone, in the order of the m-lines, also where
// the page has no microphone.
func TestEarsMapToMids(t *testing.T) {
	for _, c := range []rtctest.Config{{Ears: 3}, {Ears: 3, NoMic: true}} {
		g := start(t, rtc.Config{})
		b := g.connected(t, "ann", "1", c)
		l, _ := g.talk(t, "ann")
		if mids := strings.Join(b.Mids(), " "); mids != "0 1 2" {
			t.Fatalf("mids %s", mids)
		}
		tones := []float64{500, 700, 1100}
		if n := len(l.Port().Ears); n != len(tones) {
			t.Fatalf("%d ears", n)
		}
		for i, hz := range tones {
			play(t, l.Port().Ears[i], hz)
		}
		for i, hz := range tones {
			hears(t, b, i, hz, tones[(i+1)%3])
		}
	}
}

// TestCodecsOfEars: the agent's conversation is Opus; the other ears take a phone's packets as they are.
func TestCodecsOfEars(t *testing.T) {
	g := start(t, rtc.Config{})
	b := g.connected(t, "ann", "1", rtctest.Config{Ears: 2})
	l, _ := g.talk(t, "ann")
	for i, ear := range l.Port().Ears {
		if ear.Codec() != codec.Opus || !ear.TakesEvents() {
			t.Errorf("ear %d: %v, events %t", i, ear.Codec(), ear.TakesEvents())
		}
		for _, id := range []codec.ID{codec.PCMU, codec.PCMA} {
			if got, want := ear.Accepts(id), i > 0; got != want {
				t.Errorf("ear %d accepts %v: %t", i, id, got)
			}
		}
	}
	playAs(t, l.Port().Ears[1], codec.PCMU, 440)
	if h := hears(t, b, 1, 440, 1000); len(h.Codecs) != 1 || h.Codecs[0] != codec.PCMU {
		t.Errorf("heard %v", h.Codecs)
	}
}

// TestToneBothWays, on each kind of address that the socket may be bound to.
func TestToneBothWays(t *testing.T) {
	both := []netip.Addr{netip.MustParseAddr("::1"), netip.MustParseAddr("127.0.0.1")}
	for _, ca := range []struct {
		name, bind string
		advertise  []netip.Addr
		ipv6       bool
	}{
		{"IPv4", "127.0.0.1:0", nil, false},
		{"IPv6", "[::1]:0", nil, true},
		{"both, IPv4 browser", "[::]:0", both, false},
		{"both, IPv6 browser", "[::]:0", both, true},
	} {
		t.Run(ca.name, func(t *testing.T) {
			g := start(t, rtc.Config{Conn: listen(t, ca.bind), Advertise: ca.advertise})
			b := g.connected(t, "ann", "1", rtctest.Config{IPv6: ca.ipv6})
			l, _ := g.talk(t, "ann")
			ears := listenTo(t, l.Port())
			play(t, l.Port().Ears[0], 440)
			if err := b.Speak(1000); err != nil {
				t.Fatal(err)
			}
			hears(t, b, 0, 440, 1000)
			ears.hears(1000)
		})
	}
}

// TestAdvertisedAddress: browsers are told the public address, and no other.
func TestAdvertisedAddress(t *testing.T) {
	g := start(t, rtc.Config{Advertise: []netip.Addr{netip.MustParseAddr("203.0.113.5")}})
	answer := answerTo(t, g, rtctest.Config{})
	if want := fmt.Sprintf("203.0.113.5 %d typ host", g.Addr().Port()); !strings.Contains(answer, want) {
		t.Errorf("no %q in\n%s", want, answer)
	}
	if strings.Contains(answer, "127.0.0.1") {
		t.Errorf("local address in\n%s", answer)
	}
}

// TestAdvertisedAddressUnreachable: a public IPv6 address on an IPv4 socket is a mistake to be told at the start.
func TestAdvertisedAddressUnreachable(t *testing.T) {
	conn := listen(t, "127.0.0.1:0")
	defer conn.Close()
	_, err := rtc.New(rtc.Config{Conn: conn, Advertise: []netip.Addr{netip.MustParseAddr("2001:db8::5")}})
	if err == nil {
		t.Fatal("accepted")
	}
}

// answerTo is the answer to a browser's first offer.
func answerTo(t *testing.T, g *gateway, c rtctest.Config) string {
	t.Helper()
	offer, err := browser(t, c).Offer(false)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := g.Connect(context.Background(), "ann", "1", offer)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// TestAnswerTellsBrowserWhatToSend: in the first answer and in that to an ICE restart, which would else undo it.
func TestAnswerTellsBrowserWhatToSend(t *testing.T) {
	for _, ca := range []struct {
		name string
		opus rtc.Opus
		want string
	}{
		{"default", rtc.Opus{}, "useinbandfec=1;maxplaybackrate=16000;maxaveragebitrate=24000;stereo=0"},
		{"narrowband", rtc.Opus{MaxPlaybackRate: 8000, MaxAverageBitrate: 16000},
			"useinbandfec=1;maxplaybackrate=8000;maxaveragebitrate=16000;stereo=0"},
	} {
		t.Run(ca.name, func(t *testing.T) {
			g := start(t, rtc.Config{Opus: ca.opus})
			b := browser(t, rtctest.Config{Ears: 3})
			check := func(offer string) (string, error) {
				answer, err := g.Connect(context.Background(), "ann", "1", offer)
				if n := strings.Count(answer, "a=fmtp:111 minptime=10;"+ca.want+"\r\n"); n != 3 {
					t.Errorf("%d of 3 m-lines say %q:\n%s", n, ca.want, answer)
				}
				for _, never := range []string{"m=application", "a=extmap:", "a=sctp"} {
					if strings.Contains(answer, never) {
						t.Errorf("%s in\n%s", never, answer)
					}
				}
				if !strings.Contains(answer, "a=ice-lite") {
					t.Errorf("not ICE-lite:\n%s", answer)
				}
				return answer, err
			}
			if err := b.Connect(check); err != nil {
				t.Fatal(err)
			}
			if err := b.Restart(check); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestICERestart keeps the ear's SSRC and its sequence, which must never go back.
func TestICERestart(t *testing.T) {
	g := start(t, rtc.Config{})
	b := g.connected(t, "ann", "1", rtctest.Config{})
	l, _ := g.talk(t, "ann")
	play(t, l.Port().Ears[0], 440)
	before := hears(t, b, 0, 440, 1000)
	if before.Lost != 0 {
		t.Errorf("%d packets lost before the restart", before.Lost)
	}
	if err := b.Restart(g.signal("ann", "1")); err != nil {
		t.Fatal(err)
	}
	after := hears(t, b, 0, 440, 1000)
	if after.SSRC != before.SSRC {
		t.Errorf("SSRC %d became %d", before.SSRC, after.SSRC)
	}
	if step := after.Seq - before.Seq; step == 0 || step > 500 {
		t.Errorf("sequence went from %d to %d", before.Seq, after.Seq)
	}
	if after.Lost != 0 {
		t.Errorf("%d packets lost after the restart", after.Lost)
	}
}

// TestReload: a page that is loaded anew brings a new PeerConnection for its login; the leg goes on and is heard and
// hears within a second.
func TestReload(t *testing.T) {
	g := start(t, rtc.Config{})
	old := g.connected(t, "ann", "1", rtctest.Config{Ears: 3})
	l, e := g.talk(t, "ann")
	play(t, l.Port().Ears[0], 440)
	ears := listenTo(t, l.Port())
	before := hears(t, old, 0, 440, 1000)

	b := browser(t, rtctest.Config{Ears: 3})
	begin := time.Now()
	if err := b.Connect(g.signal("ann", "1")); err != nil {
		t.Fatal(err)
	}
	after := hears(t, b, 0, 440, 1000)
	if step := after.Seq - before.Seq; step == 0 || step > 500 {
		t.Errorf("sequence went from %d to %d", before.Seq, after.Seq)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("sound after %v", took)
	}
	if lost := next[leg.MediaLost](t, e); lost.Reason != "disconnected" {
		t.Errorf("reason %q", lost.Reason)
	}
	next[leg.MediaBack](t, e)
	if err := b.Speak(1000); err != nil {
		t.Fatal(err)
	}
	ears.hears(1000)
}

// TestTwoLogins of one user are two connections; the newer one takes the calls.
func TestTwoLogins(t *testing.T) {
	g := start(t, rtc.Config{})
	older := g.connected(t, "ann", "1", rtctest.Config{})
	newer := g.connected(t, "ann", "2", rtctest.Config{})
	l, e := g.talk(t, "ann")
	play(t, l.Port().Ears[0], 440)
	hears(t, newer, 0, 440, 1000)
	if !older.Connected() {
		t.Error("the older login lost its connection")
	}
	g.Disconnect("ann", "2")
	if c := next[leg.Ended](t, e).Cause; c.Reason != leg.MediaDead || !c.Remote {
		t.Errorf("cause %+v", c)
	}
	g.await(t, "2", rtc.StateClosed)
	l, _ = g.talk(t, "ann")
	play(t, l.Port().Ears[0], 700)
	hears(t, older, 0, 700, 1000)
}

// TestAbandonedOffers are freed when their time is over, with every goroutine.
func TestAbandonedOffers(t *testing.T) {
	reg := prometheus.NewRegistry()
	g := start(t, rtc.Config{SetupTimeout: 500 * time.Millisecond, Metrics: rtc.NewMetrics(reg)})
	b := browser(t, rtctest.Config{Ears: 3})
	offer, err := b.Offer(false)
	if err != nil {
		t.Fatal(err)
	}
	b.Close()
	before := goleak.IgnoreCurrent()
	const abandoned = 50
	for i := range abandoned {
		if _, err := g.Connect(context.Background(), "ann", fmt.Sprint(i), offer); err != nil {
			t.Fatal(err)
		}
	}
	for range abandoned {
		select {
		case e := <-g.events:
			if e.State != rtc.StateClosed || e.Reason != "setup_timeout" {
				t.Errorf("%+v", e)
			}
		case <-time.After(patience):
			t.Fatal("not all were closed")
		}
	}
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
	expect(t, reg, "seatbridge_rtc_closed_total", "reason", "setup_timeout", abandoned)
	expect(t, reg, "seatbridge_rtc_peers", "state", "connecting", 0)
}

// TestMaxPeers refuses further connections, but no renegotiation of one that is there.
func TestMaxPeers(t *testing.T) {
	g := start(t, rtc.Config{MaxPeers: 1})
	b := g.connected(t, "ann", "1", rtctest.Config{})
	other := browser(t, rtctest.Config{})
	if err := other.Connect(g.signal("bob", "2")); !errors.Is(err, rtc.ErrFull) {
		t.Errorf("%v", err)
	}
	if err := b.Restart(g.signal("ann", "1")); err != nil {
		t.Error(err)
	}
}

// TestMaxHandshakes: handshakes beyond the limit wait for their turn.
func TestMaxHandshakes(t *testing.T) {
	g := start(t, rtc.Config{MaxHandshakes: 1})
	done := make(chan error)
	const n = 4
	for i := range n {
		b := browser(t, rtctest.Config{})
		go func() { done <- b.Connect(g.signal("ann", fmt.Sprint(i))) }()
	}
	for range n {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// TestCandidate: candidates are taken for logins that are there, and never sent to.
func TestCandidate(t *testing.T) {
	g := start(t, rtc.Config{})
	trap := listen(t, "127.0.0.1:0")
	defer trap.Close()
	candidate := fmt.Sprintf("candidate:1 1 udp 2130706431 127.0.0.1 %d typ host",
		trap.LocalAddr().(interface{ AddrPort() netip.AddrPort }).AddrPort().Port())
	b := browser(t, rtctest.Config{})
	err := b.Connect(func(offer string) (string, error) {
		offer = strings.Replace(offer, "a=mid:0\r\n", "a=mid:0\r\na="+candidate+"\r\n", 1)
		answer, err := g.Connect(context.Background(), "ann", "1", offer)
		for _, c := range []string{candidate, ""} {
			if err := g.Candidate("ann", "1", c); err != nil {
				t.Error(err)
			}
		}
		return answer, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Candidate("ann", "2", candidate); !errors.Is(err, rtc.ErrNoLogin) {
		t.Errorf("unknown login: %v", err)
	}
	if err := g.Candidate("ann", "1", strings.Repeat("x", 2000)); !errors.Is(err, rtc.ErrCandidate) {
		t.Errorf("too long: %v", err)
	}
	hears440(t, g, b) // by now checks would have been sent
	_ = trap.SetReadDeadline(time.Now().Add(time.Millisecond))
	if n, _, err := trap.ReadFrom(make([]byte, 1500)); err == nil {
		t.Errorf("%d bytes were sent to an address that a browser invented", n)
	}
}

// hears440 gives the browser a leg on which it hears something.
func hears440(t *testing.T, g *gateway, b *rtctest.Browser) {
	t.Helper()
	l, _ := g.talk(t, "ann")
	play(t, l.Port().Ears[0], 440)
	hears(t, b, 0, 440, 1000)
}

// TestMetrics have good names and count.
func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	g := start(t, rtc.Config{Metrics: rtc.NewMetrics(reg)})
	b := g.connected(t, "ann", "1", rtctest.Config{})
	if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
	expect(t, reg, "seatbridge_rtc_offers_total", "result", "new", 1)
	expect(t, reg, "seatbridge_rtc_peers", "state", "connected", 1)
	if err := b.Restart(g.signal("ann", "1")); err != nil {
		t.Fatal(err)
	}
	expect(t, reg, "seatbridge_rtc_offers_total", "result", "renegotiate", 1)
	hears440(t, g, b)
	for _, kind := range []string{"stun", "dtls", "srtp"} {
		if value(t, reg, "seatbridge_rtc_packets_total", "kind", kind) == 0 {
			t.Errorf("no %s counted", kind)
		}
	}
	g.Disconnect("ann", "1")
	g.await(t, "1", rtc.StateClosed)
	expect(t, reg, "seatbridge_rtc_peers", "state", "connected", 0)
	expect(t, reg, "seatbridge_rtc_closed_total", "reason", "logged_out", 1)
}

// expect demands a metric's value.
func expect(t *testing.T, reg *prometheus.Registry, name, label, is string, want float64) {
	t.Helper()
	if got := value(t, reg, name, label, is); got != want {
		t.Errorf("%s{%s=%q} is %v, not %v", name, label, is, got, want)
	}
}

// value is the sum of a metric's values with a label.
func value(t *testing.T, reg *prometheus.Registry, name, label, is string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == label && l.GetValue() == is {
					sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
				}
			}
		}
	}
	return sum
}
