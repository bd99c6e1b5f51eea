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
