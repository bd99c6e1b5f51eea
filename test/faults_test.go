package test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"seatbridge/test/peers"
)

// answer is a response of sipp's to the request that it received last, with SDP where sdp is true.
func answer(status string, sdp bool, more ...string) string {
	body := "Content-Length: 0\n\n"
	if sdp {
		body = "Content-Type: application/sdp\nContent-Length: [len]\n\n" + sippSDP("sendrecv")
	}
	return "<send><![CDATA[\n\nSIP/2.0 " + status + "\n[last_Via:]\n[last_From:]\n" +
		"[last_To:];tag=[pid]t[call_number]\n[last_Call-ID:]\n[last_CSeq:]\n" +
		"Contact: <sip:[local_ip]:[local_port]>\n" + strings.Join(more, "") + body + "]]></send>\n"
}

func sippSDP(direction string) string {
	return "v=0\no=sipp 1 [call_number] IN IP4 [local_ip]\ns=-\nc=IN IP4 [media_ip]\nt=0 0\n" +
		"m=audio [media_port] RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=" + direction + "\n"
}

const takesInvite = `<recv request="INVITE"><action>` +
	`<ereg regexp=".*" search_in="hdr" header="Via:" assign_to="via"/>` +
	`<ereg regexp=".*" search_in="hdr" header="CSeq:" assign_to="cseq"/>` +
	`<ereg regexp=".*" search_in="hdr" header="From:" assign_to="from"/></action></recv>` +
	`<Reference variables="via,cseq,from"/>` + "\n"

// scenario puts steps together.
func scenario(steps ...string) string {
	return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<scenario name=\"fault\">\n" + strings.Join(steps, "") + "</scenario>\n"
}

// trunkAt is the configuration of a trunk at these addresses.
func trunkAt(gateways ...string) string {
	list := ""
	for i, g := range gateways {
		list += fmt.Sprintf("{address: %q, transport: udp, priority: %d}, ", g, i+1)
	}
	return "trunks: [{name: carrier, gateways: [" + list + "], caller_ids: [\"+15550100\"], codecs: [pcmu], keep_alive: 0s}]\n" +
		"outbound: [{prefix: \"+1555\", trunks: [carrier]}]\n" +
		"inbound: [{number: \"+15550111\", extension: \"1011\"}]\n"
}

// TestCarrierFaults has a carrier answer our INVITE in ways that lose calls elsewhere.
func TestCarrierFaults(t *testing.T) {
	for _, ca := range []struct {
		name  string
		steps []string
		after func(phone *peers.RTPPhone)
	}{
		{
			name: "twelve times 183",
			steps: []string{
				takesInvite, strings.Repeat(answer("183 Session Progress", true)+`<pause milliseconds="50"/>`, 12),
				answer("200 OK", true), `<recv request="ACK"/>`, `<recv request="BYE"/>`, answer("200 OK", false),
			},
			after: func(p *peers.RTPPhone) { p.WaitEarly(); p.WaitEstablished(); p.Hangup() },
		},
		{
			name: "200 crosses CANCEL",
			steps: []string{
				takesInvite, answer("180 Ringing", false), `<recv request="CANCEL"/>`, answer("200 OK", false),
				"<send><![CDATA[\n\nSIP/2.0 200 OK\nVia: [$via]\n[last_From:]\n[last_To:];tag=[pid]t[call_number]\n" +
					"[last_Call-ID:]\nCSeq: [$cseq]\nContact: <sip:[local_ip]:[local_port]>\n" +
					"Content-Type: application/sdp\nContent-Length: [len]\n\n" + sippSDP("sendrecv") + "]]></send>\n",
				`<recv request="ACK"/>`, `<recv request="BYE"/>`, answer("200 OK", false),
			},
			after: func(p *peers.RTPPhone) { p.WaitRingback(); p.Hangup() },
		},
		{
			name: "answered before it rings, hung up at once",
			steps: []string{
				takesInvite, answer("200 OK", true), `<recv request="ACK"/>`,
				"<send><![CDATA[\n\nBYE sip:gw@[remote_ip]:[remote_port] SIP/2.0\n" +
					"Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]\nMax-Forwards: 70\n" +
					"From: <sip:x@[local_ip]>;tag=[pid]t[call_number]\nTo: [$from]\n[last_Call-ID:]\nCSeq: 1 BYE\n" +
					"Content-Length: 0\n\n]]></send>\n",
				`<recv response="200"/>`,
			},
			after: func(p *peers.RTPPhone) {},
		},
	} {
		t.Run(ca.name, func(t *testing.T) {
			t.Parallel()
			carrier := peers.Sipp(t, peers.Scenario{XML: scenario(ca.steps...)})
			g := suite.Gateway(t, peers.Config{YAML: trunkAt(carrier.Addr.String())})
			phone := peers.RTP(t, g.Phone("1012"), tone(0))
			phone.Dial("+15550199")
			ca.after(phone)
			phone.WaitClosed()
			carrier.WaitPassed()
			empty(g)
		})
	}
}

// TestFailover wants the next gateway of a trunk to be called when the first refuses or says nothing, and not when the
// callee is busy.
func TestFailover(t *testing.T) {
	answers := scenario(takesInvite, answer("200 OK", true), `<recv request="ACK"/>`, `<recv request="BYE"/>`,
		answer("200 OK", false))
	for _, ca := range []struct {
		name  string
		first string
		want  bool // the second answers
	}{
		{"503", scenario(takesInvite, answer("503 Service Unavailable", false), `<recv request="ACK"/>`), true},
		{"nothing is said", scenario(takesInvite, `<pause milliseconds="6000"/>`), true},
		{"busy", scenario(takesInvite, answer("486 Busy Here", false), `<recv request="ACK"/>`), false},
	} {
		t.Run(ca.name, func(t *testing.T) {
			t.Parallel()
			first := peers.Sipp(t, peers.Scenario{XML: ca.first})
			second := peers.Sipp(t, peers.Scenario{XML: answers})
			g := suite.Gateway(t, peers.Config{YAML: trunkAt(first.Addr.String(), second.Addr.String())})
			phone := peers.RTP(t, g.Phone("1012"), tone(0))
			begun := time.Now()
			phone.Dial("+15550199")
			if !ca.want {
				if why := phone.WaitClosedBecause(); !strings.Contains(why, "486") {
					t.Errorf("the phone was told %q", why)
				}
				first.WaitPassed()
				return
			}
			phone.WaitEstablished()
			t.Logf("answered by the second gateway after %v", time.Since(begun))
			phone.Hangup()
			first.WaitPassed()
			second.WaitPassed()
			empty(g)
		})
	}
}

// calls is what a carrier's gateway begins an inbound call with; sdp is its offer, or empty.
func calls(number, sdp string) string {
	body := "Content-Length: 0\n\n"
	if sdp != "" {
		body = "Content-Type: application/sdp\nContent-Length: [len]\n\n" + sdp
	}
	return "<send retrans=\"500\"><![CDATA[\n\nINVITE sip:" + number + "@[remote_ip]:[remote_port] SIP/2.0\n" +
		sippHeaders("INVITE", 1) + body + "]]></send>\n" +
		`<recv response="100" optional="true"/><recv response="180" optional="true"/>` +
		`<recv response="183" optional="true"/>`
}

// requests is a request of the caller's in the dialog; ACK has the CSeq of its INVITE.
func requests(method string, cseq int, sdp string) string {
	body := "Content-Length: 0\n\n"
	if sdp != "" {
		body = "Content-Type: application/sdp\nContent-Length: [len]\n\n" + sdp
	}
	retrans := ` retrans="500"`
	if method == "ACK" {
		retrans = ""
	}
	headers := strings.Replace(sippHeaders(method, cseq), "To: <sip:gw@[remote_ip]>\n", "[last_To:]\n", 1)
	return "<send" + retrans + "><![CDATA[\n\n" + method + " [next_url] SIP/2.0\n[routes]\n" + headers + body + "]]></send>\n"
}

func sippHeaders(method string, cseq int) string {
	return fmt.Sprintf("Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]\nMax-Forwards: 70\n"+
		"From: <sip:+4930123@[local_ip]>;tag=[pid]c[call_number]\nTo: <sip:gw@[remote_ip]>\nCall-ID: [call_id]\n"+
		"CSeq: %d %s\nContact: <sip:c@[local_ip]:[local_port]>\n", cseq, method)
}

// TestInboundFaults has a carrier call a phone in ways that lose calls elsewhere.
func TestInboundFaults(t *testing.T) {
	answered := `<recv response="200" rrs="true"/>`
	ends := `<pause milliseconds="300"/>` + requests("BYE", 9, "") + `<recv response="200"/>`
	direction := func(want string) string {
		return `<recv response="200"><action><ereg regexp="a=` + want + `" search_in="body" check_it="true" assign_to="d"/>` +
			`</action></recv><Reference variables="d"/>`
	}
	for _, ca := range []struct {
		name  string
		steps []string
	}{
		{"no SDP in the INVITE", []string{calls("+15550111", ""), answered, requests("ACK", 1, sippSDP("sendrecv")), ends}},
		{"the ACK comes late", []string{
			calls("+15550111", sippSDP("sendrecv")), answered, `<pause milliseconds="2500"/>`, requests("ACK", 1, ""), ends,
		}},
		{"hold and resume", []string{
			calls("+15550111", sippSDP("sendrecv")), answered, requests("ACK", 1, ""),
			`<pause milliseconds="300"/>`, requests("INVITE", 2, sippSDP("sendonly")), `<recv response="100" optional="true"/>`,
			direction("recvonly"), requests("ACK", 2, ""),
			requests("INVITE", 3, sippSDP("inactive")), `<recv response="100" optional="true"/>`,
			direction("inactive"), requests("ACK", 3, ""),
			requests("INVITE", 4, sippSDP("sendrecv")), `<recv response="100" optional="true"/>`,
			answered, requests("ACK", 4, ""), ends,
		}},
		{"UPDATE", []string{
			calls("+15550111", sippSDP("sendrecv")), answered, requests("ACK", 1, ""),
			requests("UPDATE", 2, sippSDP("sendonly")), direction("recvonly"),
			requests("UPDATE", 3, sippSDP("sendrecv")), `<recv response="200"/>`, ends,
		}},
		{"unknown number", []string{
			calls("+15559999", sippSDP("sendrecv")), `<recv response="404"/>`,
			strings.Replace(requests("ACK", 1, ""), "[next_url]", "sip:+15559999@[remote_ip]:[remote_port]", 1),
		}},
		{"no audio", []string{
			calls("+15550111", strings.Replace(sippSDP("sendrecv"), "m=audio", "m=video", 1)), `<recv response="488"/>`,
			strings.Replace(requests("ACK", 1, ""), "[next_url]", "sip:+15550111@[remote_ip]:[remote_port]", 1),
		}},
		{"option that nobody knows", []string{
			strings.Replace(calls("+15550111", sippSDP("sendrecv")), "Max-Forwards", "Require: 100rel, teleport\nMax-Forwards", 1),
			`<recv response="420"/>`,
			strings.Replace(requests("ACK", 1, ""), "[next_url]", "sip:+15550111@[remote_ip]:[remote_port]", 1),
		}},
	} {
		t.Run(ca.name, func(t *testing.T) {
			t.Parallel()
			at := peers.Ports(t).Addr()
			g := suite.Gateway(t, peers.Config{YAML: trunkAt(at.String())})
			peers.RTP(t, g.Phone("1011"), tone(0))
			carrier := peers.Sipp(t, peers.Scenario{XML: scenario(ca.steps...), Remote: g.SIP, Listen: at})
			carrier.WaitPassed()
			empty(g)
		})
	}
}
