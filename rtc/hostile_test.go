package rtc_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/leg"
	"seatbridge/rtc"
	"seatbridge/rtc/rtctest"
)

// TestBadOffers are refused, leave nothing behind, and do not harm the connection that is there.
func TestBadOffers(t *testing.T) {
	g := start(t, rtc.Config{})
	b := g.connected(t, "ann", "1", rtctest.Config{Ears: 2})
	good, err := b.Offer(true)
	if err != nil {
		t.Fatal(err)
	}
	data, err := browser(t, rtctest.Config{DataChannel: true}).Offer(false)
	if err != nil {
		t.Fatal(err)
	}
	four, err := browser(t, rtctest.Config{Ears: 4}).Offer(false)
	if err != nil {
		t.Fatal(err)
	}
	change := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %q in the offer", old)
		}
		return strings.ReplaceAll(good, old, new)
	}
	for _, ca := range []struct{ name, sdp string }{
		{"empty", ""},
		{"not SDP", "GET / HTTP/1.1\r\n\r\n"},
		{"JSON", `{"type":"offer","sdp":"v=0"}`},
		{"no media", good[:strings.Index(good, "m=audio")]},
		{"data channel", data},
		{"video", change("m=audio", "m=video")},
		{"four m-lines", four},
		{"too long", good + strings.Repeat("a=x:y\r\n", 20000)},
		{"no mid", change("a=mid:", "a=dim:")},
		{"equal mids", change("a=mid:1", "a=mid:0")},
		{"second may send", change("a=recvonly", "a=sendrecv")},
		{"first only sends", change("a=sendrecv", "a=sendonly")},
		{"inactive", change("a=sendrecv", "a=inactive")},
		{"no SSRC", change("a=ssrc:", "a=crss:")},
		{"two SSRCs", change("a=sendrecv", "a=ssrc:77 cname:x\r\na=sendrecv")},
		{"SSRC that is no number", change("a=ssrc:", "a=ssrc:x")},
		{"simulcast", change("a=sendrecv", "a=rid:1 send\r\na=sendrecv")},
		{"no Opus", change("opus/48000", "speex/16000")},
		{"port 0", change("m=audio 9", "m=audio 0")},
		{"no fingerprint", change("a=fingerprint:", "a=print:")},
		{"cut off", good[:len(good)/2]},
	} {
		t.Run(ca.name, func(t *testing.T) {
			for _, login := range []string{"1", "new"} {
				if _, err := g.Connect(context.Background(), "ann", login, ca.sdp); !errors.Is(err, rtc.ErrOffer) {
					t.Errorf("login %s: %v", login, err)
				}
			}
		})
	}
	if answer, err := g.Connect(context.Background(), "ann", "1", good); err != nil {
		t.Error(err)
	} else if err := b.Answer(answer); err != nil {
		t.Error(err)
	}
	l, _ := g.talk(t, "ann")
	play(t, l.Port().Ears[1], 440)
	hears(t, b, 1, 440, 1000)
}

// TestUnusableOffers pass our own checks but not pion's.
func TestUnusableOffers(t *testing.T) {
	g := start(t, rtc.Config{})
	good, err := browser(t, rtctest.Config{}).Offer(false)
	if err != nil {
		t.Fatal(err)
	}
	for _, ca := range []struct{ name, old, new string }{
		{"no ICE username", "a=ice-ufrag", "a=x"},
		{"no ICE password", "a=ice-pwd", "a=x"},
	} {
		t.Run(ca.name, func(t *testing.T) {
			bad := strings.ReplaceAll(good, ca.old, ca.new)
			if _, err := g.Connect(context.Background(), "ann", ca.name, bad); !errors.Is(err, rtc.ErrOffer) {
				t.Errorf("%v", err)
			}
			if e := g.await(t, ca.name, rtc.StateClosed); e.Reason != "negotiation_failed" {
				t.Errorf("reason %q", e.Reason)
			}
		})
	}
}

// TestInventedStreams: a browser that sends a thousand SSRCs gets no state for them, and loses its connection.
func TestInventedStreams(t *testing.T) {
	reg := prometheus.NewRegistry()
	g := start(t, rtc.Config{Metrics: rtc.NewMetrics(reg), MaxPacketRate: 5000, MaxAbuse: 300 * time.Millisecond})
	b := g.connected(t, "ann", "1", rtctest.Config{})
	_, e := g.talk(t, "ann")
	for ssrc := uint32(1); ssrc <= 1000; ssrc++ {
		if err := b.SendRTP(rtp.Header{Version: 2, PayloadType: 111, SSRC: ssrc}, []byte{0xf8, 1, 2}); err != nil {
			t.Fatal(err)
		}
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for ssrc := uint32(2000); len(g.events) == 0; ssrc++ { // until it is cut off
		_ = b.SendRTP(rtp.Header{Version: 2, PayloadType: 111, SSRC: ssrc}, []byte{0xf8, 1, 2})
		<-tick.C
	}
	if ev := g.await(t, "1", rtc.StateClosed); ev.Reason != "abuse" {
		t.Errorf("reason %q", ev.Reason)
	}
	for ended := false; !ended; {
		switch ev := (<-e).(type) {
		case leg.MediaLost, leg.MediaBack:
		case leg.Ended:
			ended = true
			if ev.Cause.Reason != leg.MediaDead {
				t.Errorf("%+v", ev.Cause)
			}
		default:
			t.Fatalf("%T", ev)
		}
	}
	if n := value(t, reg, "seatbridge_rtc_dropped_packets_total", "reason", "ssrc"); n < 900 {
		t.Errorf("%v packets dropped for their SSRC", n)
	}
}

// TestInventedReports: each SSRC that an RTCP packet speaks of would cost a stream for the rest of the connection.
func TestInventedReports(t *testing.T) {
	g := start(t, rtc.Config{})
	b := g.connected(t, "ann", "1", rtctest.Config{})
	report := &rtcp.ReceiverReport{SSRC: 1}
	for ssrc := uint32(1); len(g.events) == 0; ssrc += 31 {
		report.Reports = report.Reports[:0]
		for i := range uint32(31) {
			report.Reports = append(report.Reports, rtcp.ReceptionReport{SSRC: ssrc + i})
		}
		if err := b.SendRTCP(report); err != nil {
			t.Fatal(err)
		}
		if ssrc > 31*1000 {
			t.Fatal("31000 invented SSRCs and still connected")
		}
	}
	if ev := g.await(t, "1", rtc.StateClosed); ev.Reason != "abuse" {
		t.Errorf("reason %q", ev.Reason)
	}
}

// TestFlood: a browser that sends too many packets for a moment keeps its call; one that goes on does not.
func TestFlood(t *testing.T) {
	g := start(t, rtc.Config{MaxPacketRate: 100, MaxAbuse: 1500 * time.Millisecond})
	b := g.connected(t, "ann", "1", rtctest.Config{})
	l, _ := g.talk(t, "ann")
	ears := listenTo(t, l.Port())
	for range 200 {
		if err := b.Send([]byte{0xf8, 1, 2}, 20*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Speak(1000); err != nil {
		t.Fatal(err)
	}
	ears.hears(1000)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for len(g.events) == 0 {
		_ = b.Send([]byte{0xf8, 1, 2}, 20*time.Millisecond)
		<-tick.C
	}
	if ev := g.await(t, "1", rtc.StateClosed); ev.Reason != "abuse" {
		t.Errorf("reason %q", ev.Reason)
	}
}

// TestGarbagePackets: what no browser sends is dropped and counted, from strangers and from a browser of ours.
func TestGarbagePackets(t *testing.T) {
	reg := prometheus.NewRegistry()
	g := start(t, rtc.Config{Metrics: rtc.NewMetrics(reg)})
	b := g.connected(t, "ann", "1", rtctest.Config{})
	l, _ := g.talk(t, "ann")
	ears := listenTo(t, l.Port())
	if err := b.Speak(1000); err != nil {
		t.Fatal(err)
	}
	ears.hears(1000)

	stranger, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(g.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	binding := append([]byte{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42}, make([]byte, 12)...)
	for _, p := range [][]byte{
		{}, {0}, make([]byte, 11), // shorter than any packet
		binding, binding[:19], // STUN without a username, too short
		append([]byte{0, 1, 0xff, 0xff}, binding[4:]...),   // STUN that says it is longer than it is
		append([]byte{22, 254, 253}, make([]byte, 100)...), // DTLS from an address that ICE does not know
		append([]byte{0x80, 111}, make([]byte, 100)...),    // RTP
		append([]byte{0x80, 200}, make([]byte, 100)...),    // RTCP
		append([]byte{0x40}, make([]byte, 100)...),         // TURN channel data
		append([]byte{0x80, 111}, make([]byte, 1600)...),   // longer than any packet
		append([]byte{0, 1}, make([]byte, 9000)...),        // longer than pion's buffer
	} {
		if _, err := stranger.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 { // too long, and with padding of more than there is
		if err := b.SendRTP(rtp.Header{Version: 2, PayloadType: 111}, make([]byte, 1600)); err != nil {
			t.Fatal(err)
		}
		h := rtp.Header{Version: 2, PayloadType: 111, Padding: true, PaddingSize: 0}
		if err := b.SendRTP(h, []byte{1, 2, 200}); err != nil {
			t.Fatal(err)
		}
		if err := b.SendRTP(rtp.Header{Version: 2, PayloadType: 77}, []byte{1, 2, 3}); err != nil {
			t.Fatal(err)
		}
	}
	for reason, want := range map[string]float64{"kind": 4, "stranger": 3, "size": 5} {
		eventually(t, reason, func() bool {
			return value(t, reg, "seatbridge_rtc_dropped_packets_total", "reason", reason) == want
		})
	}
	eventually(t, "unknown payload types", func() bool { return l.Info().Receive.UnknownType == 3 })
	ears.hears(1000)
}
