package sip

import (
	"bytes"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	icholy "github.com/icholy/digest"
)

// patience is how long a test waits for what should come at once: the machine may be busy.
const patience = 20 * time.Second

const (
	realm    = "gateway.test"
	password = "open sesame"
)

// peer is a SIP far end that does nothing by itself: the test writes and reads every message.
type peer struct {
	t       *testing.T
	name    string
	host    string
	addr    string // ip:port
	gateway string // ip:port
	conn    net.Conn
	packets net.PacketConn // nil over TCP
	in      chan message
	seen    map[message]bool // to skip retransmissions
	put     []message        // back
	rtp     *net.UDPConn
}

// newPeer makes a far end on UDP. Its RTP socket is bound but silent.
func newPeer(t *testing.T, name, gateway string) *peer {
	t.Helper()
	return newPeerAt(t, name, gateway, "127.0.0.1")
}

// newPeerAt makes one at another address of this host.
func newPeerAt(t *testing.T, name, gateway, host string) *peer {
	t.Helper()
	c, err := net.ListenPacket("udp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{t: t, name: name, host: host, addr: c.LocalAddr().String(), gateway: gateway, packets: c}
	p.start(c.Close, p.readPackets)
	return p
}

// newTCPPeer connects to the gateway.
func newTCPPeer(t *testing.T, name, gateway string) *peer {
	t.Helper()
	c, err := net.Dial("tcp", gateway)
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{t: t, name: name, host: "127.0.0.1", addr: c.LocalAddr().String(), gateway: gateway, conn: c}
	p.start(c.Close, p.readStream)
	return p
}

func (p *peer) start(stop func() error, run func()) {
	var err error
	if p.rtp, err = net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(p.host)}); err != nil {
		p.t.Fatal(err)
	}
	p.in, p.seen = make(chan message, 1000), map[message]bool{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		run()
	}()
	p.t.Cleanup(func() {
		_ = stop()
		<-done
		_ = p.rtp.Close()
	})
}

func (p *peer) readPackets() {
	b := make([]byte, 65536)
	for {
		n, _, err := p.packets.ReadFrom(b)
		if err != nil {
			return
		}
		p.in <- message(b[:n])
	}
}

func (p *peer) readStream() {
	var have []byte
	b := make([]byte, 65536)
	for {
		n, err := p.conn.Read(b)
		if err != nil {
			return
		}
		have = append(have, b[:n]...)
		for {
			end := bytes.Index(have, []byte("\r\n\r\n"))
			if end < 0 {
				break
			}
			length, _ := strconv.Atoi(message(have[:end]).get("Content-Length"))
			if len(have) < end+4+length {
				break
			}
			p.in <- message(have[:end+4+length])
			have = have[end+4+length:]
		}
	}
}

func (p *peer) send(m message) {
	p.t.Helper()
	var err error
	if p.packets != nil {
		to, _ := net.ResolveUDPAddr("udp", p.gateway)
		_, err = p.packets.WriteTo([]byte(m), to)
	} else {
		_, err = p.conn.Write([]byte(m))
	}
	if err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
}

// next is the next message that is not a retransmission.
func (p *peer) next() message {
	p.t.Helper()
	if len(p.put) > 0 {
		m := p.put[0]
		p.put = p.put[1:]
		return m
	}
	timeout := time.After(patience)
	for {
		select {
		case m := <-p.in:
			if p.seen[m] {
				continue
			}
			p.seen[m] = true
			return m
		case <-timeout:
			p.t.Fatalf("%s: nothing came", p.name)
		}
	}
}

// expect is the next message, which must start so.
func (p *peer) expect(start string) message {
	p.t.Helper()
	m := p.next()
	if !m.is(start) {
		p.t.Fatalf("%s: wanted %q, got:\n%s", p.name, start, m)
	}
	return m
}

// find is the next message that starts so; those before it are kept for later.
func (p *peer) find(start string) message {
	p.t.Helper()
	return p.pick(func(m message) bool { return m.is(start) })
}

func (p *peer) pick(wanted func(message) bool) message {
	p.t.Helper()
	var others []message
	for {
		m := p.next()
		if wanted(m) {
			p.put = append(others, p.put...)
			return m
		}
		others = append(others, m)
	}
}

// nothing makes sure that nothing new has come but what is named. The caller knows that it would be there by now.
func (p *peer) nothing(but ...string) {
	p.t.Helper()
	for {
		select {
		case m := <-p.in:
			fine := p.seen[m]
			for _, start := range but {
				fine = fine || m.is(start)
			}
			if !fine {
				p.t.Errorf("%s: unexpected:\n%s", p.name, m)
			}
		default:
			return
		}
	}
}

func (p *peer) transport() string {
	if p.packets == nil {
		return "TCP"
	}
	return "UDP"
}

func (p *peer) contact() string {
	if p.packets == nil {
		return fmt.Sprintf("<sip:%s@%s;transport=tcp>", p.name, p.addr)
	}
	return fmt.Sprintf("<sip:%s@%s>", p.name, p.addr)
}

// sdp is a description of the peer's RTP socket.
func (p *peer) sdp(formats string, more ...string) string {
	sdp := sdpAt(p.rtp.LocalAddr().(*net.UDPAddr).Port, formats, more...)
	return strings.ReplaceAll(sdp, "127.0.0.1", p.host)
}

// reply answers a request. The tag goes to To where it has none.
func (p *peer) reply(req message, status, tag, body string, extra ...string) {
	p.t.Helper()
	to := req.get("To")
	if tag != "" && !strings.Contains(to, ";tag=") {
		to += ";tag=" + tag
	}
	lines := []string{"SIP/2.0 " + status}
	for _, via := range req.all("Via") {
		lines = append(lines, "Via: "+via)
	}
	lines = append(lines, "From: "+req.get("From"), "To: "+to, "Call-ID: "+req.get("Call-ID"), "CSeq: "+req.get("CSeq"))
	if strings.HasSuffix(req.get("CSeq"), "INVITE") {
		lines = append(lines, "Contact: "+p.contact())
	}
	p.send(write(body, append(lines, extra...)...))
}

// ok waits for a request and answers it with 200.
func (p *peer) ok(method string) message {
	p.t.Helper()
	m := p.find(method)
	p.reply(m, "200 OK", "", "")
	return m
}

// call is a dialog as the peer keeps it.
type call struct {
	p             *peer
	id            string
	local, remote string // From and To as the peer sends them
	target        string // Request-URI
	user          string // to authenticate as
	challenge     string
	nc            int
	seq, invite   int // CSeq
	branches      int
	branch        string // of the INVITE
	last          message
}

// calls begins a call of the peer.
func (p *peer) calls(number string) *call {
	return &call{
		p: p, id: fmt.Sprintf("%s-%d", p.name, time.Now().UnixNano()), seq: 1, user: p.name,
		local:  fmt.Sprintf("<sip:%s@%s>;tag=%s1", p.name, realm, p.name),
		remote: fmt.Sprintf("<sip:%s@%s>", number, realm),
		target: fmt.Sprintf("sip:%s@%s", number, p.gateway),
	}
}

// taken is the dialog of an INVITE that the peer received and answered with tag.
func (p *peer) taken(invite message, tag string) *call {
	return &call{
		p: p, id: invite.get("Call-ID"), local: invite.get("To") + ";tag=" + tag, remote: invite.get("From"), seq: 100,
		target: between(invite.get("Contact"), "<", ">"), invite: invite.seq(),
	}
}

// request makes the next request of the dialog; ACK and CANCEL have the INVITE's CSeq.
func (c *call) request(method, body string, extra ...string) message {
	seq := c.seq
	if method == "ACK" || method == "CANCEL" {
		seq = c.invite
	} else {
		c.seq++
	}
	branch := c.branch
	if method != "CANCEL" {
		c.branches++
		branch = fmt.Sprintf("z9hG4bK%s%d", c.id, c.branches)
	}
	if method == "INVITE" {
		c.invite, c.branch = seq, branch
	}
	lines := []string{
		method + " " + c.target + " SIP/2.0",
		fmt.Sprintf("Via: SIP/2.0/%s %s;rport;branch=%s", c.p.transport(), c.p.addr, branch),
		"Max-Forwards: 70", "From: " + c.local, "To: " + c.remote, "Call-ID: " + c.id,
		fmt.Sprintf("CSeq: %d %s", seq, method), "Contact: " + c.p.contact(),
	}
	if c.challenge != "" && method != "ACK" && method != "CANCEL" {
		lines = append(lines, "Authorization: "+c.credentials(method, password))
	}
	return write(body, append(lines, extra...)...)
}

func (c *call) credentials(method, password string) string {
	challenge, err := icholy.ParseChallenge(c.challenge)
	if err != nil {
		c.p.t.Fatal(err)
	}
	c.nc++
	cred, err := icholy.Digest(challenge, icholy.Options{
		Method: method, URI: c.target, Username: c.user, Password: password, Count: c.nc,
	})
	if err != nil {
		c.p.t.Fatal(err)
	}
	return cred.String()
}

func (c *call) send(method, body string, extra ...string) message {
	c.p.t.Helper()
	c.last = c.request(method, body, extra...)
	c.p.send(c.last)
	return c.last
}

// find is the next message of the call that starts so.
func (c *call) find(start string) message {
	c.p.t.Helper()
	return c.p.pick(func(m message) bool { return m.is(start) && m.get("Call-ID") == c.id })
}

// ok waits for a request in the dialog and answers it with 200.
func (c *call) ok(method string) message {
	c.p.t.Helper()
	m := c.find(method)
	c.p.reply(m, "200 OK", "", "")
	return m
}

// prove sends a request, answers the challenge to it and sends it again.
func (c *call) prove(method, body string, extra ...string) {
	c.p.t.Helper()
	c.send(method, body, extra...)
	res := c.find("SIP/2.0 401")
	if method == "INVITE" {
		c.send("ACK", "")
	}
	c.challenge = res.get("WWW-Authenticate")
	c.send(method, body, extra...)
}

// answered takes the final response to the INVITE, and acknowledges it.
func (c *call) answered(status, body string) message {
	c.p.t.Helper()
	res := c.find("SIP/2.0 " + status)
	c.remote = res.get("To")
	if status == "200" {
		c.target = between(res.get("Contact"), "<", ">")
		c.send("ACK", body)
		return res
	}
	branches := c.branches // the ACK belongs to the transaction
	ack := c.request("ACK", "")
	c.branches = branches
	own := between(string(ack), "branch=", "\r\n")
	c.p.send(message(strings.Replace(string(ack), own, c.branch, 1)))
	return res
}

// register binds the peer to an extension.
func (p *peer) register() {
	p.t.Helper()
	c := p.calls(p.name)
	c.target = "sip:" + p.gateway
	c.prove("REGISTER", "", "Expires: 600")
	c.find("SIP/2.0 200")
}
