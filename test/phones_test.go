package test

import (
	"testing"

	"seatbridge/test/peers"
)

// talk calls from one party to another, wants each to hear the other and nobody else, and hangs up at the callee.
func talk(t *testing.T, caller, callee peers.Party, number string) {
	t.Helper()
	caller.Dial(number)
	callee.WaitRinging()
	callee.Answer()
	caller.WaitEstablished()
	callee.WaitEstablished()
	peers.WantAllHear(t, map[peers.Ear][]float64{caller: {callee.Tone()}, callee: {caller.Tone()}})
	callee.Hangup()
	caller.WaitClosed()
	callee.WaitClosed()
}

// empty wants the gateway to be as it was before any call: no session, no leg, no RTP port in use.
func empty(g *peers.Gateway) {
	g.WaitMetric(0, "seatbridge_sessions")
	g.WaitMetric(0, "seatbridge_legs")
	g.WaitMetric(0, "seatbridge_rtp_port_pairs", `state="used"`)
}

// TestPhoneToPhone has desk phones call each other over each transport, with and without SRTP, by both digests, with
// the same codec on both sides and with another.
func TestPhoneToPhone(t *testing.T) {
	for _, ca := range []struct {
		name           string
		caller, callee string // extensions
		from, to       []peers.Option
		linphone       bool // the callee
	}{
		{name: "udp", caller: "1011", callee: "1012"},
		{name: "tcp", caller: "1011", callee: "1012", from: []peers.Option{peers.TCP}, to: []peers.Option{peers.TCP}},
		{name: "tls to udp", caller: "1011", callee: "1012", from: []peers.Option{peers.TLS}},
		{name: "srtp to plain", caller: "1014", callee: "1011", from: []peers.Option{peers.SRTP}},
		{name: "plain to srtp", caller: "1011", callee: "1014", to: []peers.Option{peers.SRTP}},
		{name: "linphone with sha-256", caller: "1011", callee: "1013", to: []peers.Option{peers.SHA256}, linphone: true},
		{
			name: "linphone over tcp, pcma to pcmu", caller: "1011", callee: "1012", linphone: true,
			from: []peers.Option{peers.Codecs("pcma")}, to: []peers.Option{peers.TCP, peers.Codecs("pcmu")},
		},
		{
			name: "opus to pcmu", caller: "1015", callee: "1011",
			from: []peers.Option{peers.Codecs("opus")}, to: []peers.Option{peers.Codecs("pcmu")},
		},
		{
			name: "30 ms to 20 ms", caller: "1011", callee: "1012",
			from: []peers.Option{peers.Ptime(30)}, to: []peers.Option{peers.Ptime(20)},
		},
	} {
		t.Run(ca.name, func(t *testing.T) {
			t.Parallel()
			g := suite.Gateway(t, peers.Config{})
			caller := peers.Baresip(t, g.Phone(ca.caller), append(ca.from, tone(0))...)
			options := append(ca.to, tone(1), peers.Manual)
			var callee peers.Party
			if ca.linphone {
				callee = peers.Linphone(t, g.Phone(ca.callee), options...)
			} else {
				callee = peers.Baresip(t, g.Phone(ca.callee), options...)
			}
			talk(t, caller, callee, ca.callee)
			empty(g)
		})
	}
}
