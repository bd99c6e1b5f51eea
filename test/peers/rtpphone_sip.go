package peers

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"github.com/icholy/digest"
)

// newRequest makes a request; from and to are URIs.
func (p *RTPPhone) newRequest(method, uri, from, to, callID string, cseq int) *sipMessage {
	m := &sipMessage{start: method + " " + uri + " SIP/2.0"}
	m.add("Via", fmt.Sprintf("SIP/2.0/UDP %s;branch=z9hG4bK%x;rport", p.Addr(), rand.Uint64()))
	m.add("Max-Forwards", "70")
	m.add("From", fmt.Sprintf("<%s>;tag=%x", from, rand.Uint32()))
	m.add("To", "<"+to+">")
	m.add("Call-ID", callID)
	if cseq == 0 {
		cseq = 1 + int(time.Now().Unix()%1e6)*1000 // REGISTER: rising, with room for the challenge's answer
	}
	m.add("CSeq", fmt.Sprintf("%d %s", cseq, method))
	m.add("Contact", p.contact())
	m.add("User-Agent", "rtpphone")
	return m
}

func (p *RTPPhone) contact() string {
	return fmt.Sprintf("<sip:%s@%s>", p.setup.account.User, p.Addr())
}

// send writes a datagram to the server. What is lost is sent again by who waits for an answer.
func (p *RTPPhone) send(b []byte) { p.sip.WriteToUDPAddrPort(b, p.to()) }

// transact sends a request and waits for its final response, answering a challenge once.
func (p *RTPPhone) transact(m *sipMessage) (*sipMessage, error) { return p.transactWith(m, nil, nil) }

// transactWith is transact that also tells of provisional responses, and of the request that is sent with credentials.
func (p *RTPPhone) transactWith(m *sipMessage, provisional, again func(*sipMessage)) (*sipMessage, error) {
	res, err := p.exchange(m, provisional)
	if err != nil || res.status() != 401 && res.status() != 407 {
		return res, err
	}
	second, err := p.authorize(m, res)
	if err != nil {
		return res, err
	}
	if again != nil {
		again(second)
	}
	return p.exchange(second, provisional)
}

// exchange is one client transaction (RFC 3261 section 17.1); ACK for a refused INVITE belongs to it.
func (p *RTPPhone) exchange(m *sipMessage, provisional func(*sipMessage)) (*sipMessage, error) {
	branch, method, from := m.branch(), m.method(), p.received.length()
	end := time.Now().Add(patience)
	if method == "INVITE" {
		end = time.Now().Add(3 * patience) // it may ring
	}
	p.send(m.bytes())
	for wait, answered := 500*time.Millisecond, false; time.Now().Before(end); {
		res, next, err := p.received.wait(from, min(wait, time.Until(end)), func(r *sipMessage) bool {
			return r.status() >= 100 && r.branch() == branch && r.method() == method
		})
		from = next
		switch {
		case err != nil && !answered:
			p.send(m.bytes())
			wait *= 2
		case err != nil:
			wait = time.Second
		case res.status() < 200:
			answered = true
			if provisional != nil && res.status() > 100 {
				provisional(res)
			}
		default:
			if method == "INVITE" && res.status() >= 300 {
				p.send(ackOf(m, res))
			}
			return res, nil
		}
		if _, open, _ := p.received.after(from); !open {
			break
		}
	}
	return nil, fmt.Errorf("no final response to %s", m.start)
}

// ackOf is the ACK of the INVITE's own transaction (RFC 3261 section 17.1.1.3).
func ackOf(invite, res *sipMessage) []byte {
	ack := &sipMessage{start: strings.Replace(invite.start, "INVITE", "ACK", 1)}
	for _, h := range invite.headers {
		switch h[0] {
		case "Via", "Max-Forwards", "From", "Call-ID", "Route":
			ack.add(h[0], h[1])
		case "To":
			ack.add("To", res.get("To"))
		case "CSeq":
			ack.add("CSeq", strings.Replace(h[1], "INVITE", "ACK", 1))
		}
	}
	return ack.bytes()
}

// authorize makes the request that answers a challenge.
func (p *RTPPhone) authorize(m, res *sipMessage) (*sipMessage, error) {
	name, answer := "WWW-Authenticate", "Authorization"
	if res.status() == 407 {
		name, answer = "Proxy-Authenticate", "Proxy-Authorization"
	}
	challenge, err := digest.ParseChallenge(res.get(name))
	if err != nil {
		return nil, err
	}
	method, rest, _ := strings.Cut(m.start, " ")
	uri, _, _ := strings.Cut(rest, " ")
	a := p.setup.account
	credentials, err := digest.Digest(challenge, digest.Options{
		Method: method, URI: uri, Username: a.User, Password: a.Password, Count: 1,
	})
	if err != nil {
		return nil, err
	}
	second := &sipMessage{start: m.start, body: m.body}
	for _, h := range m.headers {
		switch h[0] {
		case "Via":
			h[1] = strings.Replace(h[1], m.branch(), fmt.Sprintf("z9hG4bK%x", rand.Uint64()), 1)
		case "CSeq":
			cseq := 0
			fmt.Sscan(h[1], &cseq)
			h[1] = fmt.Sprintf("%d %s", cseq+1, method)
		}
		second.add(h[0], h[1])
	}
	second.add(answer, credentials.String())
	return second, nil
}

// read takes every datagram until the socket closes.
func (p *RTPPhone) read() {
	defer p.events.end()
	defer p.received.end()
	for b := make([]byte, 65536); ; {
		n, from, err := p.sip.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		p.meet(from)
		m, err := parseSIP(b[:n])
		if err != nil {
			continue // a keep-alive
		}
		p.received.add(m)
		if m.status() == 0 {
			p.handle(m)
		} else if m.status() < 300 && m.status() >= 200 && m.method() == "INVITE" {
			p.retransmitted(m)
		}
	}
}

// meet makes the first to speak the server of a phone that has none.
func (p *RTPPhone) meet(from netip.AddrPort) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.server.IsValid() {
		p.server = from
	}
}

// retransmitted acknowledges a 2xx that comes again.
func (p *RTPPhone) retransmitted(m *sipMessage) {
	p.mu.Lock()
	c := p.call
	p.mu.Unlock()
	if c != nil && c.id == m.get("Call-ID") {
		c.confirmAgain(m)
	}
}

// handle answers a request.
func (p *RTPPhone) handle(m *sipMessage) {
	p.mu.Lock()
	c, sent := p.call, p.responses[m.branch()+m.method()]
	p.mu.Unlock()
	if c != nil && c.id != m.get("Call-ID") {
		c = nil
	}
	switch method := m.method(); {
	case sent != nil:
		p.send(sent)
	case method == "INVITE" && parameter(m.get("To"), "tag") == "":
		p.incoming(m)
	case method == "OPTIONS":
		p.respond(m, "200 OK", nil, "")
	case c == nil && method != "ACK":
		p.respond(m, "481 Call/Transaction Does Not Exist", nil, "")
	case c != nil:
		c.handle(m)
	}
}

// handle answers a request of the dialog.
func (c *rtpCall) handle(m *sipMessage) {
	switch m.method() {
	case "ACK":
		c.mu.Lock()
		c.acked = true
		c.mu.Unlock()
	case "INVITE":
		c.reinvited(m)
	case "CANCEL":
		c.p.respond(m, "200 OK", c, "")
		if c.is(ringing) {
			c.p.respond(c.invited, "487 Request Terminated", c, "")
			c.over("CANCEL")
		}
	case "BYE":
		c.over(m.start) // before the far end hears of it, so that nobody hangs up twice
		c.p.respond(m, "200 OK", c, "")
	default: // INFO, UPDATE without SDP, NOTIFY: Requests has them
		c.p.respond(m, "200 OK", c, "")
		if c.p.setup.talk && m.get("Event") == "talk" && c.is(ringing) {
			c.answer()
		}
	}
}

// respond answers a request and keeps the answer for retransmissions.
func (p *RTPPhone) respond(m *sipMessage, status string, c *rtpCall, sdp string) []byte {
	r := &sipMessage{start: "SIP/2.0 " + status, body: sdp}
	for _, h := range m.headers {
		if strings.EqualFold(h[0], "Via") || h[0] == "v" || strings.EqualFold(h[0], "Record-Route") {
			r.add(h[0], h[1])
		}
	}
	to := m.get("To")
	if parameter(to, "tag") == "" {
		tag := "none"
		if c != nil {
			tag = c.localTag
		}
		to += ";tag=" + tag
	}
	r.add("From", m.get("From"))
	r.add("To", to)
	r.add("Call-ID", m.get("Call-ID"))
	r.add("CSeq", m.get("CSeq"))
	r.add("Contact", p.contact())
	r.add("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, NOTIFY, REFER, UPDATE")
	if p.setup.talk {
		r.add("Allow-Events", "talk, hold")
	}
	if sdp != "" {
		r.add("Content-Type", "application/sdp")
	}
	b := r.bytes()
	p.mu.Lock()
	p.responses[m.branch()+m.method()] = b
	p.mu.Unlock()
	p.send(b)
	return b
}
