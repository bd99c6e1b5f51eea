package peers

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"seatbridge/codec"
)

// RTPPhone is a phone of our own, SIP over UDP and RTP, that shares nothing with the gateway but the codecs. It has
// every packet that it got, and sends packets that no other phone would. One call at a time.
type RTPPhone struct {
	t     testing.TB
	setup setup
	sip   *net.UDPConn
	media *media

	received *journal[*sipMessage]
	events   *journal[string] // what happened in calls
	seen     int              // events that were waited for
	tasks    sync.WaitGroup

	mu        sync.Mutex
	server    netip.AddrPort    // where everything goes; that of an account without one is who speaks first
	call      *rtpCall          // present or last one
	responses map[string][]byte // by branch and method, for retransmissions
}

// Behaviour is how an RTPPhone differs from a well-behaved one. The zero value is a well-behaved one.
type Behaviour struct {
	// Sends and Receives are what happens to its RTP on the way.
	Sends, Receives Impairment
	// SDP is its offer and answer instead of the usual one; PORT stands for its RTP port.
	SDP string
	// EventPT is the payload type of telephone-event in its offers, 101 if it is 0; negative offers none.
	EventPT int
	// NoMedia keeps it from sending RTP by itself.
	NoMedia bool
}

// Behave sets how an RTPPhone behaves; other phones don't take it.
func Behave(b Behaviour) Option { return func(s *setup) { s.behaviour = b } }

// RTP starts an RTPPhone for the account and registers it, unless it is Unregistered.
func RTP(t testing.TB, a Account, options ...Option) *RTPPhone {
	t.Helper()
	s := newSetup(a, options)
	s.refuse(t, map[string]bool{"TCP or TLS": s.transport != "udp", "SRTP": s.srtp, "EarlyMedia": s.early})
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	p := &RTPPhone{
		t: t, setup: s, server: a.UDP, sip: conn, received: newJournal[*sipMessage](),
		events: newJournal[string](), responses: map[string][]byte{},
	}
	if p.media, err = newMedia(s, Ports(t).Run(2)); err != nil {
		conn.Close()
		t.Fatal(err)
	}
	p.tasks.Go(p.read)
	t.Cleanup(p.close)
	if !s.static {
		if status := p.Register(300 * time.Second); status != 200 {
			t.Fatalf("%s: REGISTER was answered %d", p, status)
		}
	}
	return p
}

// close ends a call that is left, and everything.
func (p *RTPPhone) close() {
	p.mu.Lock()
	c := p.call
	p.mu.Unlock()
	if c != nil {
		c.leave()
	}
	p.sip.Close()
	p.tasks.Wait()
	p.media.close()
	for _, problem := range p.media.problems() {
		p.t.Errorf("%s: %s", p, problem)
	}
	if p.t.Failed() {
		for _, m := range first(p.received, 200) {
			p.t.Logf("%s received: %s", p, m.start)
		}
	}
}

// first returns up to n entries of a journal.
func first[T any](j *journal[T], n int) []T {
	entries, _, _ := j.after(0)
	return entries[:min(n, len(entries))]
}

// String names the phone.
func (p *RTPPhone) String() string { return p.setup.name + " (rtp)" }

// Addr is where the phone listens for SIP.
func (p *RTPPhone) Addr() netip.AddrPort { return p.sip.LocalAddr().(*net.UDPAddr).AddrPort() }

// Tone is what the phone sends, Hz.
func (p *RTPPhone) Tone() float64 { return p.setup.tone }

// to is where requests and responses go.
func (p *RTPPhone) to() netip.AddrPort {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.server
}

// Register registers for the given time, or unregisters with 0, and returns the final status.
func (p *RTPPhone) Register(expires time.Duration) int {
	p.t.Helper()
	server := "sip:" + p.to().String()
	aor := p.setup.uriAt(p.to().String(), p.setup.account.User)
	m := p.newRequest("REGISTER", server, aor, aor, "register-"+p.Addr().String(), 0)
	m.add("Expires", fmt.Sprint(int(expires.Seconds())))
	res, err := p.transact(m)
	if err != nil {
		p.t.Fatalf("%s: REGISTER: %v", p, err)
	}
	return res.status()
}

// Dial calls a number.
func (p *RTPPhone) Dial(number string) {
	p.t.Helper()
	p.seen = p.events.length()
	c := &rtpCall{
		p: p, id: fmt.Sprintf("%x@127.0.0.1", rand.Uint64()), local: p.setup.uriAt(p.to().String(), p.setup.account.User),
		localTag: fmt.Sprintf("%x", rand.Uint32()), remote: p.setup.uriAt(p.to().String(), number),
		ended: make(chan struct{}),
	}
	c.target = c.remote
	m := c.request("INVITE")
	m.add("Content-Type", "application/sdp")
	m.body = p.media.offer("sendrecv")
	c.invited = m
	p.setCall(c)
	p.tasks.Go(func() { c.invite(m) })
}

// setCall makes c the present call.
func (p *RTPPhone) setCall(c *rtpCall) {
	p.mu.Lock()
	old := p.call
	p.call = c
	p.mu.Unlock()
	if old != nil {
		old.end()
	}
}

// present is the present call; without one the test fails.
func (p *RTPPhone) present() *rtpCall {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.call == nil {
		p.t.Fatalf("%s has no call", p)
	}
	return p.call
}

// Answer takes the call that rings.
func (p *RTPPhone) Answer() { p.t.Helper(); p.present().answer() }

// Progress has the call that rings hear the phone's tone before it is answered (183).
func (p *RTPPhone) Progress() { p.t.Helper(); p.present().progress() }

// Reject refuses the call that rings with a status such as "486 Busy Here".
func (p *RTPPhone) Reject(status string) { p.t.Helper(); p.present().reject(status) }

// Hangup ends, cancels or refuses the call.
func (p *RTPPhone) Hangup() {
	p.t.Helper()
	if err := p.present().hangup(); err != nil {
		p.t.Fatalf("%s hangs up: %v", p, err)
	}
}

// Hold puts the far end on hold (sendonly) and waits for its agreement.
func (p *RTPPhone) Hold() { p.t.Helper(); p.reinvite("sendonly") }

// Resume takes the far end back and waits for its agreement.
func (p *RTPPhone) Resume() { p.t.Helper(); p.reinvite("sendrecv") }

func (p *RTPPhone) reinvite(direction string) {
	p.t.Helper()
	if status, err := p.present().reinvite(direction); err != nil || status != 200 {
		p.t.Fatalf("%s: re-INVITE with %s: %d %v", p, direction, status, err)
	}
}

// Request sends a request in the call's dialog, such as INFO or REFER, with headers "Name: value", and returns the
// final status.
func (p *RTPPhone) Request(method, body string, headers ...string) int {
	p.t.Helper()
	m := p.present().request(method)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		m.add(name, value)
	}
	m.body = body
	res, err := p.transact(m)
	if err != nil {
		p.t.Fatalf("%s: %s: %v", p, method, err)
	}
	return res.status()
}

// Requests are the bodies and start lines of all requests of one method that came, in order.
func (p *RTPPhone) Requests(method string) []string {
	var all []string
	for _, m := range first(p.received, p.received.length()) {
		if m.status() == 0 && m.method() == method {
			all = append(all, m.start+"\n"+m.body)
		}
	}
	return all
}

// Header is the value of a header of the latest request of one method that came, empty without one.
func (p *RTPPhone) Header(method, name string) string {
	value := ""
	for _, m := range first(p.received, p.received.length()) {
		if m.status() == 0 && m.method() == method {
			value = m.get(name)
		}
	}
	return value
}

// Replaces names the present call for a Replaces header (RFC 3891).
func (p *RTPPhone) Replaces() string {
	p.t.Helper()
	c := p.present()
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprintf("%s;to-tag=%s;from-tag=%s", c.id, c.remoteTag, c.localTag)
}

// WaitRinging waits for a call to come in, after the end of the one before it if that is not over yet.
func (p *RTPPhone) WaitRinging() {
	p.t.Helper()
	_, next, err := p.events.wait(p.seen, patience, func(e string) bool { return e == "ringing" })
	if err != nil {
		p.t.Fatalf("%s waited for a call: %v", p, err)
	}
	p.seen = next
}

// WaitRingback waits to be told that the far end rings.
func (p *RTPPhone) WaitRingback() { p.t.Helper(); p.wait("ringback") }

// WaitEarly waits for early media.
func (p *RTPPhone) WaitEarly() { p.t.Helper(); p.wait("early media") }

// WaitEstablished waits for the answer; the phone sends its tone from then on.
func (p *RTPPhone) WaitEstablished() { p.t.Helper(); p.wait("established") }

// WaitHeld waits for a re-INVITE with the direction sendonly or inactive.
func (p *RTPPhone) WaitHeld() { p.t.Helper(); p.wait("held") }

// WaitResumed waits for a re-INVITE with the direction sendrecv.
func (p *RTPPhone) WaitResumed() { p.t.Helper(); p.wait("resumed") }

// WaitClosed waits for the end of the call.
func (p *RTPPhone) WaitClosed() { p.t.Helper(); p.wait("closed") }

// WaitClosedBecause waits for the end of the call and returns the start line that ended it: a response's or BYE's.
func (p *RTPPhone) WaitClosedBecause() string {
	p.t.Helper()
	return strings.TrimPrefix(p.wait("closed"), "closed: ")
}

// wait waits for an event; the end of the call, if it comes first, fails the test.
func (p *RTPPhone) wait(want string) string {
	p.t.Helper()
	e, next, err := p.events.wait(p.seen, patience, func(e string) bool {
		return strings.HasPrefix(e, want) || strings.HasPrefix(e, "closed")
	})
	if err == nil && !strings.HasPrefix(e, want) {
		err = fmt.Errorf("%s", e)
	}
	if err != nil {
		p.t.Fatalf("%s waited for %q: %v", p, want, err)
	}
	p.seen = next
	return e
}

// codecIDs are what the phone offers, in order.
func (s setup) codecIDs() ([]codec.ID, error) {
	var ids []codec.ID
	for _, name := range s.codecs {
		id, err := codec.Parse(name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}
