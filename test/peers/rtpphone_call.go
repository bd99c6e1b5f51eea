package peers

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

type callState int

const (
	calling callState = iota
	ringing
	established
	over
)

// rtpCall is one dialog of an RTPPhone (RFC 3261 section 12).
type rtpCall struct {
	p                                          *RTPPhone
	id, local, localTag, remote, target, route string
	ended                                      chan struct{} // closed by end

	mu        sync.Mutex
	state     callState
	remoteTag string
	cseq      int
	invited   *sipMessage // the INVITE of ours, or the one that came
	confirmed *sipMessage // the latest ACK for a 2xx, which may come again
	acked     bool        // our 2xx was
	closed    bool
}

func (c *rtpCall) is(s callState) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == s
}

// end stops what the call still does by itself.
func (c *rtpCall) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = over
	if !c.closed {
		c.closed = true
		close(c.ended)
	}
}

// over says that the call has ended, and why.
func (c *rtpCall) over(why string) {
	if c.is(over) {
		return
	}
	c.end()
	c.p.media.pause()
	c.p.events.add("closed: " + why)
}

// establish starts sound.
func (c *rtpCall) establish() {
	c.mu.Lock()
	c.state = established
	c.mu.Unlock()
	if !c.p.setup.behaviour.NoMedia {
		c.p.media.play()
	}
	c.p.events.add("established")
}

// request makes a request of the dialog.
func (c *rtpCall) request(method string) *sipMessage {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cseq++
	return c.build(method, c.cseq)
}

// build is called with mu held.
func (c *rtpCall) build(method string, cseq int) *sipMessage {
	to := "<" + c.remote + ">"
	if c.remoteTag != "" {
		to += ";tag=" + c.remoteTag
	}
	m := c.p.newRequest(method, c.target, "", "", c.id, cseq)
	for i, h := range m.headers {
		switch h[0] {
		case "From":
			m.headers[i][1] = c.p.setup.nameAddr(c.local) + ";tag=" + c.localTag
		case "To":
			m.headers[i][1] = to
		}
	}
	m.add("Route", c.route)
	return m
}

// invite runs the first INVITE to its end.
func (c *rtpCall) invite(m *sipMessage) {
	res, err := c.p.transactWith(m, c.provisional, c.resend)
	if err != nil {
		c.over(err.Error())
		return
	}
	if res.status() >= 300 {
		c.over(res.start)
		return
	}
	c.confirm(res)
	if err := c.p.media.accept(res.body); err != nil {
		c.p.media.problem("the answer: %v", err)
	}
	c.establish()
}

// resend is told of the INVITE that is sent again with credentials.
func (c *rtpCall) resend(m *sipMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.invited = m
	c.cseq++
}

// skip leaves out the sequence number that a request with credentials has taken.
func (c *rtpCall) skip() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cseq++
}

// provisional follows 1xx responses.
func (c *rtpCall) provisional(res *sipMessage) {
	c.learn(res)
	switch {
	case res.body != "":
		if err := c.p.media.accept(res.body); err != nil {
			c.p.media.problem("early media: %v", err)
		}
		c.p.events.add("early media")
	case res.status() == 180:
		c.p.events.add("ringback")
	}
}

// learn takes the far end's tag, target and route set from a response.
func (c *rtpCall) learn(res *sipMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if tag := parameter(res.get("To"), "tag"); tag != "" {
		c.remoteTag = tag
	}
	if contact := res.get("Contact"); contact != "" {
		c.target = uriIn(contact)
	}
	if routes := res.all("Record-Route"); routes != nil {
		all := strings.Split(strings.Join(routes, ","), ",")
		slices.Reverse(all)
		c.route = strings.Join(all, ",")
	}
}

// confirm sends ACK to a 2xx.
func (c *rtpCall) confirm(res *sipMessage) {
	c.learn(res)
	c.mu.Lock()
	defer c.mu.Unlock()
	cseq := 0
	fmt.Sscan(res.get("CSeq"), &cseq)
	c.confirmed = c.build("ACK", cseq)
	c.p.send(c.confirmed.bytes())
}

// confirmAgain answers a 2xx that comes again (RFC 3261 section 13.2.2.4).
func (c *rtpCall) confirmAgain(res *sipMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.confirmed != nil && c.confirmed.get("CSeq") == strings.Replace(res.get("CSeq"), "INVITE", "ACK", 1) {
		c.p.send(c.confirmed.bytes())
	}
}

// reinvite offers a direction and returns the status of the answer.
func (c *rtpCall) reinvite(direction string) (int, error) {
	m := c.request("INVITE")
	m.add("Content-Type", "application/sdp")
	m.body = c.p.media.offer(direction)
	res, err := c.p.transactWith(m, nil, func(*sipMessage) { c.skip() })
	if err != nil || res.status() >= 300 {
		return res.statusOrZero(), err
	}
	c.confirm(res)
	return res.status(), c.p.media.accept(res.body)
}

func (m *sipMessage) statusOrZero() int {
	if m == nil {
		return 0
	}
	return m.status()
}

// hangup sends BYE, CANCEL or a refusal, as the state asks for.
func (c *rtpCall) hangup() error {
	c.mu.Lock()
	state, invited := c.state, c.invited
	c.mu.Unlock()
	switch state {
	case calling:
		cancel := &sipMessage{start: strings.Replace(invited.start, "INVITE", "CANCEL", 1)}
		for _, h := range invited.headers {
			if h[0] == "CSeq" {
				h[1] = strings.Replace(h[1], "INVITE", "CANCEL", 1)
			}
			if h[0] != "Contact" && h[0] != "Content-Type" && h[0] != "Proxy-Authorization" && h[0] != "Authorization" {
				cancel.add(h[0], h[1])
			}
		}
		_, err := c.p.transact(cancel) // the INVITE's own end tells the rest
		return err
	case ringing:
		c.reject("486 Busy Here")
	case established:
		_, err := c.p.transact(c.request("BYE"))
		c.over("BYE")
		return err
	}
	return nil
}

// leave ends the call with its phone: a far end that is gone already is not waited for.
func (c *rtpCall) leave() {
	if c.is(established) {
		bye := c.request("BYE")
		from := c.p.received.length()
		c.p.send(bye.bytes())
		c.p.received.wait(from, time.Second, func(r *sipMessage) bool { return r.branch() == bye.branch() && r.status() > 0 })
	}
	c.end()
}

// incoming begins the call of an INVITE that came.
func (p *RTPPhone) incoming(m *sipMessage) {
	c := &rtpCall{
		p: p, id: m.get("Call-ID"), local: uriIn(m.get("To")), localTag: "in" + p.media.random(),
		remote: uriIn(m.get("From")), remoteTag: parameter(m.get("From"), "tag"), target: uriIn(m.get("Contact")),
		route: strings.Join(m.all("Record-Route"), ","), invited: m, state: ringing, ended: make(chan struct{}),
	}
	p.setCall(c)
	p.respond(m, "180 Ringing", c, "")
	p.events.add("ringing")
	if !p.setup.manual {
		c.answer()
	}
}

// progress sends 183, and sound before the answer.
func (c *rtpCall) progress() {
	c.mu.Lock()
	m := c.invited
	c.mu.Unlock()
	answer, err := c.p.media.answer(m.body)
	if err != nil {
		c.p.media.problem("the offer: %v", err)
		return
	}
	c.p.respond(m, "183 Session Progress", c, answer)
	c.p.media.play()
}

// answer sends 200 and repeats it until ACK comes (RFC 3261 section 13.3.1.4).
func (c *rtpCall) answer() {
	c.mu.Lock()
	m := c.invited
	c.mu.Unlock()
	answer, err := c.p.media.answer(m.body)
	if err != nil {
		c.p.media.problem("the offer: %v", err)
		c.reject("488 Not Acceptable Here")
		return
	}
	response := c.p.respond(m, "200 OK", c, answer)
	c.p.tasks.Go(func() {
		for wait := 500 * time.Millisecond; wait < patience; wait *= 2 {
			select {
			case <-time.After(wait):
			case <-c.ended:
				return
			}
			if c.isAcked() {
				return
			}
			c.p.send(response)
		}
	})
	c.establish()
}

func (c *rtpCall) isAcked() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.acked
}

// reject refuses the call.
func (c *rtpCall) reject(status string) {
	c.mu.Lock()
	m := c.invited
	c.mu.Unlock()
	c.p.respond(m, status, c, "")
	c.over(status)
}

// reinvited answers a re-INVITE.
func (c *rtpCall) reinvited(m *sipMessage) {
	c.mu.Lock()
	c.target = uriIn(m.get("Contact"))
	c.mu.Unlock()
	answer := c.p.media.offer("sendrecv")
	direction := "sendrecv"
	if m.body != "" {
		direction = parseSDP(m.body).direction
		var err error
		if answer, err = c.p.media.answer(m.body); err != nil {
			c.p.respond(m, "488 Not Acceptable Here", c, "")
			return
		}
	}
	c.p.respond(m, "200 OK", c, answer)
	if direction == "sendonly" || direction == "inactive" {
		c.p.events.add("held")
	} else {
		c.p.events.add("resumed")
	}
}
