package api

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"seatbridge/call"
	"seatbridge/leg"
	"seatbridge/media"
)

func (g *gateway) get(path, token string) (int, map[string]any) {
	g.t.Helper()
	return g.request("GET", path, "", "Authorization", "Bearer "+token)
}

func TestOperationsNeedARole(t *testing.T) {
	g := newGateway(t)
	sam, alice := g.token("sam", forOperations), g.token("alice", forOperations)
	for _, path := range []string{"", "/s1", "/s1/trace", "/s1/ladder"} {
		path = "/api/v1/sessions" + path
		if status, answer := g.request("GET", path, ""); status != 401 {
			t.Errorf("%s without a token: %d %v", path, status, answer)
		}
		if status, answer := g.get(path, g.token("sam")); status != 401 {
			t.Errorf("%s with a login token: %d %v", path, status, answer)
		}
		if status, answer := g.get(path, alice); status != 403 {
			t.Errorf("%s as an agent: %d %v", path, status, answer)
		}
		want := 404
		if path == "/api/v1/sessions" {
			want = 200
		}
		if status, answer := g.get(path, sam); status != want {
			t.Errorf("%s as an administrator: %d %v", path, status, answer)
		}
	}
}

func TestSessionOfOperations(t *testing.T) {
	g := newGateway(t)
	info := aSession()
	info.Parties[0].Leg.Receive = media.ReceiveStats{Packets: 50, Lost: 2, Jitter: 1500 * time.Microsecond}
	info.Parties[0].Leg.Send = media.SendStats{Packets: 49}
	info.Status, info.ClosedBy, info.Ended = call.StatusFinished, "client", info.Started.Add(time.Second)
	info.Cause = leg.Cause{Reason: leg.Normal, Remote: true}
	info.Recording, info.RecordingProblem = "failed", "disk full"
	g.calls.set(info)
	sam := g.token("sam", forOperations)
	_, all := g.get("/api/v1/sessions", sam)
	_, one := g.get("/api/v1/sessions/s1", sam)
	if one["recording"] != "failed" || one["recordingProblem"] != "disk full" {
		t.Errorf("recording %v, %v", one["recording"], one["recordingProblem"])
	}
	if recent, _ := all["recent"].([]any); len(recent) != 1 || recent[0].(map[string]any)["sessionId"] != "over" {
		t.Errorf("recent sessions: %v", all["recent"])
	}
	if list, _ := all["sessions"].([]any); len(list) != 1 || !reflect.DeepEqual(list[0], any(one)) {
		t.Errorf("the list has something else: %v", all)
	}
	party := one["parties"].([]any)[0].(map[string]any)
	legOf := party["leg"].(map[string]any)
	for _, ca := range []struct{ got, want any }{
		{one["sessionId"], "s1"}, {one["status"], "finished"}, {one["closeBy"], "client"}, {one["trunk"], "carrier"},
		{one["cause"].(map[string]any)["reason"], "normal"}, {one["serverType"], nil},
		{party["role"], "customer"}, {party["hears"].([]any)[0], "p2"},
		{legOf["callId"], "c1"}, {legOf["received"].(map[string]any)["packets"], 50.0},
		{legOf["received"].(map[string]any)["jitterMs"], 1.5}, {legOf["sent"].(map[string]any)["packets"], 49.0},
	} {
		if ca.got != ca.want {
			t.Errorf("%v, want %v in %v", ca.got, ca.want, one)
		}
	}
}

const authorized = "INVITE sip:+15550199@carrier SIP/2.0\r\nCSeq: 2 INVITE\r\n" +
	"Proxy-Authorization: Digest username=\"gw\", response=\"0123\"\r\n" +
	"authorization : Digest\r\n response=\"4567\"\r\n\r\n" +
	"v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0|2^31\r\na=sendrecv\r\n"

func TestTraceAndLadder(t *testing.T) {
	start := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	message := func(ms int, id string, sent bool, remote, text string) TraceMessage {
		return TraceMessage{at(ms), id, sent, "udp", "127.0.0.1:5060", remote, text}
	}
	const phone, carrier = "127.0.0.1:5071", "127.0.0.1:5090"
	tracer := &fakeTracer{messages: []TraceMessage{
		message(0, "c2", false, phone, "INVITE sip:+15550199@127.0.0.1 SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\nv=0\r\n"),
		message(1, "c2", true, phone, "SIP/2.0 100 Trying\r\nCSeq: 1 INVITE\r\n\r\n"),
		message(2, "c1", true, carrier, authorized),
		message(14, "c1", false, carrier, "SIP/2.0 183 Session Progress\r\nCSeq: 2 INVITE\r\n\r\nv=0\r\n"),
		message(15, "c2", true, phone, "SIP/2.0 183 Session Progress\r\ncseq : 1 INVITE\r\n\r\nv=0\r\n"),
		message(4020, "c2", false, phone,
			"INFO sip:a-very-long-address-that-does-not-fit-between-two-lifelines@127.0.0.1:5060 SIP/2.0\r\n\r\nSignal=5\r\n"),
		message(8000, "c1", false, carrier, "BYE sip:gw\x1b[2J\n@127.0.0.1:5060 SIP/2.0\r\nCSeq: 1 BYE\r\n\r\n"),
	}}
	g := newGateway(t, func(c *Config) { c.Tracer = tracer })
	g.calls.set(call.Info{
		ID: "s9", Direction: call.DirectionOutbound, Status: call.StatusFinished, Started: start, Ended: at(8001),
		Caller: leg.Identity{Number: "1010"}, Callee: leg.Identity{Number: "+15550199"}, ClosedBy: "client",
		Cause: leg.Cause{Reason: leg.Normal, Text: "BYE"},
		Parties: []call.PartyInfo{
			{ID: "p1", Role: call.RoleAgent, User: "erin", Leg: leg.Info{ID: "l1", Remote: "1010", CallID: "c2", Codec: "PCMA",
				Receive: media.ReceiveStats{Packets: 400, Lost: 3, Jitter: 1234567}, Send: media.SendStats{Packets: 399}}},
			{ID: "p2", Role: call.RoleCustomer, Leg: leg.Info{
				ID: "l2", Remote: "carrier", CallID: "c1", Codec: "PCMU", Secure: true}},
			{ID: "p3", Role: call.RoleSupervisor, User: "sam", Leg: leg.Info{ID: "l3", Remote: "sam"}},
		},
	})
	sam := g.token("sam", forOperations)
	status, trace := g.get("/api/v1/sessions/s9/trace", sam)
	if messages, _ := trace["messages"].([]any); status != 200 || len(messages) != len(tracer.messages) {
		t.Errorf("%d %v", status, trace)
	}
	tracer.mu.Lock()
	asked := tracer.asked
	tracer.mu.Unlock()
	if !reflect.DeepEqual(asked, []string{"c2", "c1"}) {
		t.Error("asked for", asked)
	}
	if text := string(marshal(trace)); strings.Contains(text, "0123") || strings.Contains(text, "4567") ||
		strings.Contains(text, "c2VjcmV0") || strings.Contains(text, "Signal") || !strings.Contains(text, "sendrecv") {
		t.Error("secrets in", text)
	}
	want, err := os.ReadFile("testdata/ladder.txt")
	if err != nil {
		t.Fatal(err)
	}
	if _, ladder := g.get("/api/v1/sessions/s9/ladder", sam); ladder["text"] != string(want) {
		t.Errorf("the ladder is\n%s", ladder["text"])
	}
}

func TestLadderWithoutMessages(t *testing.T) {
	g := newGateway(t, func(c *Config) { c.Tracer = nil })
	g.calls.set(aSession())
	status, ladder := g.get("/api/v1/sessions/s1/ladder", g.token("sam", forOperations))
	if text, _ := ladder["text"].(string); status != 200 || !strings.Contains(text, "No SIP messages") {
		t.Errorf("%d %v", status, ladder)
	}
}

func FuzzWithoutSecrets(f *testing.F) {
	f.Add(authorized)
	f.Add("INFO sip:a SIP/2.0\r\n\r\nSignal=5")
	f.Add("")
	f.Add("\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		ladderLabel(text) // must not panic
		if clean := withoutSecrets(text); withoutSecrets(clean) != clean {
			t.Errorf("%q is cleaned to %q, and that to %q", text, clean, withoutSecrets(clean))
		}
	})
}
