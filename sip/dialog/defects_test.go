package dialog

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

// The tests in this file are named after the defects of sipgo v1.7.2 that this package works round.

// Defect 0: sipgo handles every message in a goroutine of its own, so that their order is lost.
func TestDefect0RequestsKeepTheirOrder(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.call("100")
	want[Confirmed](w)
	for i := 0; i < 200; i += 2 {
		one, two := s.request("INFO", fmt.Sprint(i)), s.request("INFO", fmt.Sprint(i+1))
		p.send(one)
		p.send(two)
		for j := range 2 {
			if got := string(want[Request](w).Body); got != fmt.Sprint(i+j) {
				t.Fatalf("INFO %s came when %d was due", got, i+j)
			}
		}
	}
}

func TestDefect0AckBeforeReinvite(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	w.react = func(_ *Dialog, e Event) {
		if o, ok := e.(Offer); ok {
			o.Accept([]byte("answer 2"))
		}
	}
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	for range 40 {
		s := p.script("100")
		s.send("INVITE", "offer")
		s.established(p.find("SIP/2.0 200"))
		ack, reinvite, bye := s.request("ACK", ""), s.request("INVITE", "offer 2"), s.request("BYE", "")
		p.send(ack)
		p.send(reinvite)
		want[Confirmed](w)
		want[Offer](w)
		p.find("SIP/2.0 200")
		p.send(bye)
		p.find("SIP/2.0 200")
		want[Ended](w)
	}
}

func TestDefect0ResponsesKeepTheirOrder(t *testing.T) {
	b := newBench(t)
	p := newPeer(t, "bob", b.udp)
	for range 40 {
		w := newWatcher(t)
		b.Invite(p.to("bob"), w.observe)
		invite := p.expect("INVITE")
		for _, status := range []string{"180 A", "181 B", "182 C", "183 D", "180 E"} {
			p.reply(invite, status, "x", "")
		}
		p.reply(invite, "200 OK", "x", "answer")
		for _, reason := range []string{"A", "B", "C", "D", "E"} {
			if e := want[Provisional](w); e.Response.Reason != reason {
				t.Fatalf("%s came when %s was due", e.Response.Reason, reason)
			}
		}
		want[Answered](w)
		p.expect("ACK")
		p.reply(invite, "180 Late", "x", "") // a late 1xx means nothing
	}
}

// Defect 1: a TCP request goes to whoever connected last.
func TestDefect1TwoPhonesOverTCP(t *testing.T) {
	b := newBench(t)
	alice, bob := newPhone(t, "alice", b.tcp), newPhone(t, "bob", b.tcp)
	for _, p := range []*peer{alice, bob} { // both are known to the stack
		p.send(p.script("gw").request("OPTIONS", ""))
		p.expect("SIP/2.0 200")
	}
	for _, p := range []*peer{alice, bob, alice} {
		w := newWatcher(t)
		d, _ := b.connect(p, w, func(c *InviteConfig) { c.FollowFlow = true })
		d.Hangup(0)
		p.reply(p.expect("BYE"), "200 OK", "", "")
		want[Ended](w)
	}
	alice.silent(4 * testT1)
	bob.silent(4 * testT1)
}

// Defect 2: requests in the dialog of a received call leave from another port where the peer's Contact is not where it
// sends from.
func TestDefect2InDialogRequestsLeaveFromTheListeningPort(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	dialogs := b.answers(w, Options{})
	p, other := newPeer(t, "alice", b.udp), newPeer(t, "elsewhere", b.udp)
	s := p.script("100")
	s.send("INVITE", "offer", "Contact: "+other.contact())
	s.established(p.find("SIP/2.0 200"))
	s.send("ACK", "")
	want[Confirmed](w)
	(<-dialogs).Hangup(0)
	other.reply(other.expect("BYE"), "200 OK", "", "")
	other.mu.Lock()
	defer other.mu.Unlock()
	if other.froms[0] != b.udp {
		t.Errorf("BYE came from %s, not from %s", other.froms[0], b.udp)
	}
}

// Defect 3: sipgo's dialogs give up after eleven responses.
func TestDefect3ManyProvisionalResponses(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	b.Invite(p.to("bob"), w.observe)
	invite := p.expect("INVITE")
	for i := range 30 {
		p.reply(invite, fmt.Sprintf("183 Queue %d", i), "x", "")
	}
	p.reply(invite, "200 OK", "x", "answer")
	for range 30 {
		want[Provisional](w)
	}
	want[Answered](w)
	p.expect("ACK")
}

// Defect 4: ACK and CANCEL have the CSeq of whatever was sent last.
func TestDefect4AckHasTheCSeqOfItsInvite(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d, _ := b.connect(p, w)
	d.Reinvite([]byte("offer 2"), nil)
	reinvite := p.expect("INVITE")
	d.Info("application/dtmf-relay", []byte("Signal=1"), nil)
	info := p.expect("INFO")
	p.reply(info, "200 OK", "", "")
	p.reply(reinvite, "200 OK", "", "answer 2")
	ack := p.expect("ACK")
	if seqOf(info) != seqOf(reinvite)+1 || seqOf(ack) != seqOf(reinvite) {
		t.Errorf("CSeq of INVITE %d, INFO %d, ACK %d", seqOf(reinvite), seqOf(info), seqOf(ack))
	}
}

func TestDefect4CancelHasTheBranchAndCSeqOfItsInvite(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d := b.Invite(p.to("bob"), w.observe)
	invite := p.expect("INVITE")
	p.reply(invite, "180 Ringing", "x", "")
	want[Provisional](w)
	d.Hangup(0, sip.NewHeader("Reason", "SIP;cause=200"))
	cancel := p.expect("CANCEL")
	for _, name := range []string{"Via", "From", "To", "Call-ID"} {
		if get(cancel, name) != get(invite, name) {
			t.Errorf("%s of CANCEL %q, of INVITE %q", name, get(cancel, name), get(invite, name))
		}
	}
	if seqOf(cancel) != seqOf(invite) || get(cancel, "Reason") != "SIP;cause=200" {
		t.Error(cancel)
	}
	p.reply(cancel, "200 OK", "x", "")
	p.reply(invite, "487 Request Terminated", "x", "")
	p.expect("ACK")
	if e := want[Ended](w); e.Why != Cancelled || e.Remote {
		t.Errorf("%+v", e)
	}
}

// lostAck reads 200s until the BYE and checks how long was waited between them.
func lostAck(t *testing.T, p *peer, first string) {
	t.Helper()
	begun := time.Now()
	due, wait, times := time.Duration(0), testT1, 0
	for {
		m := <-p.in
		switch {
		case m == first:
			times++
			if due += wait; time.Since(begun) < due-testT1/2 {
				t.Errorf("200 number %d came after %v, not %v", times+1, time.Since(begun), due)
			}
			wait = min(2*wait, 8*testT1)
		case strings.HasPrefix(m, "BYE"):
			if took := time.Since(begun); took < 63*testT1 || took > 64*testT1+patience {
				t.Errorf("BYE after %v, not %v", took, 64*testT1)
			}
			if times != 10 { // T1 2 4 8 8 ... 8 makes 63, and what is left is less than a T2
				t.Errorf("200 came again %d times", times)
			}
			p.reply(m, "200 OK", "", "")
			return
		default:
			t.Fatalf("unexpected:\n%s", m)
		}
	}
}

// Defect 5: the 2xx to a re-INVITE is never sent again.
func TestDefect5LostAckOfReinvite(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := newWatcher(t)
	w.react = func(_ *Dialog, e Event) {
		if o, ok := e.(Offer); ok {
			o.Accept([]byte("answer 2"))
		}
	}
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.call("100")
	want[Confirmed](w)
	s.send("INVITE", "offer 2")
	p.expect("SIP/2.0 100")
	lostAck(t, p, p.expect("SIP/2.0 200"))
	want[Offer](w)
	if e := want[Ended](w); e.Why != NoAck {
		t.Errorf("%+v", e)
	}
}

// Defect 6: the 2xx to the first INVITE is sent again every 4 s, and never followed by BYE.
func TestDefect6LostAckOfInvite(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := newWatcher(t)
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.script("100")
	s.send("INVITE", "offer")
	p.expect("SIP/2.0 100")
	lostAck(t, p, p.expect("SIP/2.0 200"))
	if e := want[Ended](w); e.Why != NoAck {
		t.Errorf("%+v", e)
	}
}

// Defect 7: a 200 that crosses the CANCEL is neither acknowledged nor ended.
func TestDefect7CancelCrosses200(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d := b.Invite(p.to("bob"), w.observe)
	invite := p.expect("INVITE")
	p.reply(invite, "180 Ringing", "x", "")
	want[Provisional](w)
	d.Hangup(0)
	p.reply(p.expect("CANCEL"), "200 OK", "x", "")
	p.reply(invite, "200 OK", "x", "answer")
	ack := p.expect("ACK")
	if seqOf(ack) != seqOf(invite) || tagOf(get(ack, "To")) != "x" {
		t.Error(ack)
	}
	p.reply(p.expect("BYE"), "200 OK", "", "")
	if e := want[Ended](w); e.Why != Cancelled || e.Remote {
		t.Errorf("%+v", e)
	}
	w.quiet()
}

// Defect 8: UDP messages over 1300 bytes are not sent.
func TestDefect8LargeMessagesOverUDP(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	var routes []string
	for i := range 40 {
		routes = append(routes, fmt.Sprintf("Record-Route: <sip:proxy%d.a-long-name.example.com;lr>", i))
	}
	s := p.script("100")
	s.send("INVITE", strings.Repeat("o", 3000), routes...)
	res := p.find("SIP/2.0 200")
	if len(getAll(res, "Record-Route")) != 40 || len(res) < 2000 {
		t.Error(res)
	}
	s.established(res)
	s.send("ACK", "")
	want[Confirmed](w)

	c := p.to("bob")
	c.SDP = bytes.Repeat([]byte("s"), 4000)
	b.Invite(c, newWatcher(t).observe)
	if invite := p.expect("INVITE"); len(bodyOf(invite)) != 4000 {
		t.Error(invite)
	}
}

// Defect 9: giving up an INVITE that got no answer blocks for half a minute.
func TestDefect9HangupBeforeAnyResponse(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d := b.Invite(p.to("bob"), w.observe)
	invite := p.expect("INVITE")
	d.Hangup(0)
	if e := want[Ended](w); e.Why != Cancelled {
		t.Errorf("%+v", e)
	}
	p.silent(6 * testT1) // no CANCEL before a 1xx
	p.reply(invite, "100 Trying", "", "")
	p.reply(p.expect("CANCEL"), "200 OK", "", "")
	p.reply(invite, "487 Request Terminated", "x", "")
	p.expect("ACK")
}

// Defect 10: the 2xx to a re-INVITE that comes again is not acknowledged again.
func TestDefect10RepeatedAnswerOfReinvite(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d, _ := b.connect(p, w)
	answered := make(chan Result, 1)
	d.Reinvite([]byte("offer 2"), func(r Result) { answered <- r })
	reinvite := p.expect("INVITE")
	p.reply(reinvite, "200 OK", "", "answer 2")
	ack := p.expect("ACK")
	if r := <-answered; r.Code != 200 || string(r.SDP) != "answer 2" {
		t.Errorf("%+v", r)
	}
	d.Info("text/plain", []byte("x"), nil) // the ACK does not follow the dialog's CSeq
	p.reply(p.expect("INFO"), "200 OK", "", "")
	p.reply(reinvite, "200 OK", "", "answer 2")
	p.repeated(ack)
	p.reply(reinvite, "200 OK", "", "answer 2")
	p.repeated(ack)
}

// Defect 11: a second party that answers a forked INVITE is left hanging.
func TestDefect11ForkedAnswers(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p, q := newPeer(t, "bob", b.udp), newPeer(t, "carol", b.udp)
	d := b.Invite(p.to("bob"), w.observe)
	invite := p.expect("INVITE")
	p.reply(invite, "180 Ringing", "one", "")
	p.reply(invite, "180 Ringing", "two", "")
	if a, b := want[Provisional](w), want[Provisional](w); a.Tag != "one" || b.Tag != "two" {
		t.Errorf("%+v %+v", a, b)
	}
	p.reply(invite, "200 OK", "one", "answer")
	if tagOf(get(p.expect("ACK"), "To")) != "one" {
		t.Error("ACK of the first")
	}
	want[Answered](w)
	second := p.reply(invite, "200 OK", "two", "answer", "Contact: "+q.contact())
	ack := q.expect("ACK")
	if tagOf(get(ack, "To")) != "two" || seqOf(ack) != seqOf(invite) {
		t.Error(ack)
	}
	bye := q.expect("BYE")
	if tagOf(get(bye, "To")) != "two" || seqOf(bye) <= seqOf(invite) {
		t.Error(bye)
	}
	q.reply(bye, "200 OK", "", "")
	p.send(second) // once more
	q.repeated(ack)
	w.quiet()
	d.Hangup(0)
	if tagOf(get(p.find("BYE"), "To")) != "one" {
		t.Error("BYE of the first")
	}
}

// Defect 12: compact header names other than f t i v m c l are not found.
func TestDefect12CompactHeaderNames(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Session = SessionTimer{} })
	w := newWatcher(t)
	w.react = func(_ *Dialog, e Event) {
		if r, ok := e.(Refer); ok {
			r.Accept()
		}
	}
	dialogs := b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.script("100")
	s.send("INVITE", "offer", "k: timer", "x: 600;refresher=uac")
	res := p.find("SIP/2.0 200")
	if got := get(res, "Session-Expires"); got != "600;refresher=uac" {
		t.Error("Session-Expires", got)
	}
	s.established(res)
	s.send("ACK", "")
	want[Confirmed](w)
	s.send("REFER", "", "r: <sip:200@gw?Replaces=abc%40h%3Bto-tag%3D1%3Bfrom-tag%3D2>", "b: <sip:alice@gw>")
	r := want[Refer](w)
	if r.To.User != "200" || r.ReferredBy != "<sip:alice@gw>" || *r.Replaces != (Replaces{"abc@h", "1", "2", false}) {
		t.Errorf("%+v %+v", r, r.Replaces)
	}
	p.expect("SIP/2.0 202")
	p.reply(p.expect("NOTIFY"), "200 OK", "", "")
	d := <-dialogs
	d.Refer(sip.Uri{Scheme: "sip", User: "300", Host: "gw"}, nil, nil)
	p.reply(p.expect("REFER"), "202 Accepted", "", "")
	s.send("NOTIFY", "SIP/2.0 180 Ringing\r\n", "o: refer", "Subscription-State: active", "c: message/sipfrag")
	if n := want[ReferProgress](w); n.Code != 180 || n.Terminated {
		t.Errorf("%+v", n)
	}
}

// Defect 13: parameters in the user part and tel: URIs.
func TestDefect13NumbersInReferTo(t *testing.T) {
	for _, c := range []struct{ value, user, raw string }{
		{"<sip:+1555;phone-context=x@h>", "+1555;phone-context=x", ""},
		{"<tel:+15551234;phone-context=x>", "", "+15551234;phone-context=x"},
		{"sip:%23100@h", "%23100", ""},
	} {
		req := sip.NewRequest(sip.REFER, sip.Uri{})
		req.AppendHeader(sip.NewHeader("r", c.value))
		r, err := parseRefer(req)
		if err != nil || r.To.User != c.user || r.To.Raw() != c.raw {
			t.Errorf("%s: %+v %v", c.value, r.To, err)
		}
	}
}

// Defect 14: calls share one Contact.
func TestDefect14EveryCallHasItsOwnContact(t *testing.T) {
	b := newBench(t)
	p := newPeer(t, "bob", b.udp)
	for _, user := range []string{"one", "two"} {
		c := p.to("bob")
		c.ContactUser = user
		b.Invite(c, nil)
		if got := get(p.expect("INVITE"), "Contact"); got != "<sip:"+user+"@"+b.udp+">" {
			t.Error("Contact", got)
		}
	}
}

// stumbling is a socket that fails once for each value on its channel.
type stumbling struct {
	net.PacketConn
	fail chan error
}

func (c stumbling) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.PacketConn.ReadFrom(b)
	select {
	case err := <-c.fail:
		return 0, nil, err
	default:
		return n, from, err
	}
}

// Defect 15: one read error ends a listener, and whole messages are logged.
func TestDefect15ListenerSurvivesAndLogsNoPayload(t *testing.T) {
	var log lockedBuffer
	fail := make(chan error, 2)
	b := newBench(t, func(c *Config) {
		c.Listeners[0].PacketConn = stumbling{c.Listeners[0].PacketConn, fail}
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	p := newPeer(t, "alice", b.udp)
	for _, err := range []error{net.ErrClosed, fmt.Errorf("no buffer space")} {
		fail <- err
		p.send("x")
		p.send(p.script("gw").request("OPTIONS", ""))
		p.expect("SIP/2.0 200")
	}
	for range 100 {
		p.send("INVITE secret-payload\r\n\r\n")
	}
	p.send(p.script("gw").request("OPTIONS", ""))
	p.expect("SIP/2.0 200")
	if n := b.count("seatbridge_sip_dropped_total", "malformed"); n != 100 {
		t.Errorf("%v dropped", n)
	}
	if text := log.String(); strings.Contains(text, "secret-payload") || strings.Count(text, "\n") > 3*sipgoLines {
		t.Error(text)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// Defect 16: only the first listener of a transport is remembered.
func TestDefect16SeveralListenersOfOneTransport(t *testing.T) {
	six, err := net.ListenPacket("udp", "[::1]:0")
	if err != nil {
		t.Fatal(err)
	}
	four, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addrs := []string{six.LocalAddr().String(), four.LocalAddr().String()}
	b := newBench(t, func(c *Config) {
		c.Listeners = append(c.Listeners, Listener{Transport: "udp", PacketConn: six},
			Listener{Transport: "udp", PacketConn: four})
	})
	for i, listen := range []string{"[::1]:0", "127.0.0.1:0"} {
		pc, err := net.ListenPacket("udp", listen)
		if err != nil {
			t.Fatal(err)
		}
		p := &peer{t: t, name: "bob", addr: pc.LocalAddr().String(), proto: "UDP", stack: addrs[i], packets: pc}
		p.start(func() { _ = pc.Close() }, p.readPackets)
		p.send(p.script("gw").request("OPTIONS", ""))
		p.expect("SIP/2.0 200")
		w := newWatcher(t)
		d, s := b.connect(p, w)
		if s.target != "sip:"+addrs[i] {
			t.Errorf("Contact %s, want %s", s.target, addrs[i])
		}
		d.Hangup(0)
		p.reply(p.expect("BYE"), "200 OK", "", "")
		for _, from := range p.froms {
			if from != addrs[i] {
				t.Errorf("came from %s, not %s", from, addrs[i])
			}
		}
	}
}

// Defect 18: sipgo's timers are for the whole process; ours belong to a Stack.
func TestDefect18TimersOfEachStack(t *testing.T) {
	for _, t1 := range []time.Duration{testT1, 8 * testT1} {
		b := newBench(t, func(c *Config) { c.Timers = Timers{T1: t1, T2: 8 * t1} })
		b.answers(newWatcher(t), Options{})
		p := newPeer(t, "alice", b.udp)
		p.send(p.script("100").request("INVITE", "offer"))
		ok := p.find("SIP/2.0 200")
		begun := time.Now()
		p.repeated(ok)
		if took := time.Since(begun); took < t1/2 || took > t1+patience/2 {
			t.Errorf("T1 %v: came again after %v", t1, took)
		}
	}
}

// slowWriter is a socket whose writes return only after what they caused has come back.
type slowWriter struct {
	net.PacketConn
	read chan struct{}
}

func (c slowWriter) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.PacketConn.ReadFrom(b)
	select {
	case c.read <- struct{}{}:
	default:
	}
	return n, from, err
}

func (c slowWriter) WriteTo(b []byte, to net.Addr) (int, error) {
	n, err := c.PacketConn.WriteTo(b, to)
	if bytes.HasPrefix(b, []byte("INVITE")) {
		<-c.read
		<-time.After(testT1 / 2) // sipgo has the response by now
	}
	return n, err
}

// Found while this package was written: sipgo sets a transaction's timers after it sent the request. A response that
// comes in between finds none to stop, so that Timer B ends a call while it rings.
func TestDefect19ResponseFasterThanTheTimers(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config) {
		c.Listeners[0].PacketConn = slowWriter{c.Listeners[0].PacketConn, make(chan struct{}, 1)}
	})
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	b.Invite(p.to("bob"), w.observe)
	invite := p.expect("INVITE")
	p.reply(invite, "180 Ringing", "x", "")
	want[Provisional](w)
	p.silent(66 * testT1)
	w.quiet()
	p.reply(invite, "200 OK", "x", "answer")
	want[Answered](w)
}
