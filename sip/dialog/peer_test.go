package dialog

import (
	"bytes"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const patience = 10 * time.Second

// peer is a SIP peer that does nothing by itself: the test writes and reads every message.
type peer struct {
	t     *testing.T
	name  string
	addr  string // ip:port
	proto string // "UDP" or "TCP"
	stack string // where to send to

	packets net.PacketConn
	stream  net.Conn
	in      chan string
	done    chan struct{}
	seen    map[string]bool // exact messages, to skip retransmissions
	again   int             // how many were skipped
	froms   []string        // source of every message, UDP
	mu      sync.Mutex
}

func newPeer(t *testing.T, name, stack string) *peer {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{t: t, name: name, addr: c.LocalAddr().String(), proto: "UDP", stack: stack, packets: c}
	p.start(func() { _ = c.Close() }, p.readPackets)
	return p
}

// newPhone connects to the stack over TCP.
func newPhone(t *testing.T, name, stack string) *peer {
	t.Helper()
	c, err := net.Dial("tcp", stack)
	if err != nil {
		t.Fatal(err)
	}
	return streamPeer(t, name, stack, c)
}

func streamPeer(t *testing.T, name, stack string, c net.Conn) *peer {
	p := &peer{t: t, name: name, addr: c.LocalAddr().String(), proto: "TCP", stack: stack, stream: c}
	p.start(func() { _ = c.Close() }, p.readStream)
	return p
}

func (p *peer) start(stop func(), run func()) {
	p.in, p.done, p.seen = make(chan string, 1000), make(chan struct{}), map[string]bool{}
	go func() {
		defer close(p.done)
		run()
	}()
	p.t.Cleanup(func() {
		stop()
		<-p.done
	})
}

func (p *peer) readPackets() {
	b := make([]byte, 65536)
	for {
		n, from, err := p.packets.ReadFrom(b)
		if err != nil {
			return
		}
		p.mu.Lock()
		p.froms = append(p.froms, from.String())
		p.mu.Unlock()
		p.in <- string(b[:n])
	}
}

func (p *peer) readStream() {
	var have []byte
	b := make([]byte, 65536)
	for {
		n, err := p.stream.Read(b)
		if err != nil {
			return
		}
		have = append(have, b[:n]...)
		for {
			end := bytes.Index(have, []byte("\r\n\r\n"))
			if end < 0 {
				break
			}
			body, _ := strconv.Atoi(get(string(have[:end+2]), "Content-Length"))
			if len(have) < end+4+body {
				break
			}
			p.in <- string(have[:end+4+body])
			have = have[end+4+body:]
		}
	}
}

func (p *peer) send(msg string) {
	p.t.Helper()
	var err error
	if p.packets != nil {
		to, _ := net.ResolveUDPAddr("udp", p.stack)
		_, err = p.packets.WriteTo([]byte(msg), to)
	} else {
		_, err = p.stream.Write([]byte(msg))
	}
	if err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
}

// next returns the next message that is not a retransmission.
func (p *peer) next() string {
	p.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case m := <-p.in:
			if p.seen[m] {
				p.again++
				continue
			}
			p.seen[m] = true
			return m
		case <-timeout:
			p.t.Fatalf("%s: nothing came", p.name)
		}
	}
}

// expect returns the next message, which must start so.
func (p *peer) expect(start string) string {
	p.t.Helper()
	m := p.next()
	if !strings.HasPrefix(m, start) {
		p.t.Fatalf("%s: wanted %q, got:\n%s", p.name, start, m)
	}
	return m
}

// find returns the next message that starts so and skips others.
func (p *peer) find(start string) string {
	p.t.Helper()
	for {
		if m := p.next(); strings.HasPrefix(m, start) {
			return m
		}
	}
}

// repeated waits for the same message once more.
func (p *peer) repeated(msg string) {
	p.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case m := <-p.in:
			if m == msg {
				return
			}
		case <-timeout:
			p.t.Fatalf("%s: did not come again:\n%s", p.name, msg)
		}
	}
}

// silent makes sure that nothing new comes for a while.
func (p *peer) silent(d time.Duration) {
	p.t.Helper()
	timeout := time.After(d)
	for {
		select {
		case m := <-p.in:
			if !p.seen[m] {
				p.t.Fatalf("%s: unexpected:\n%s", p.name, m)
			}
		case <-timeout:
			return
		}
	}
}

// get returns a header's value, the first of several.
func get(msg, name string) string {
	for line := range strings.SplitSeq(msg, "\r\n") {
		if line == "" {
			return ""
		}
		if k, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(k, name) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func getAll(msg, name string) []string {
	var all []string
	for line := range strings.SplitSeq(msg, "\r\n") {
		if line == "" {
			break
		}
		if k, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(k, name) {
			all = append(all, strings.TrimSpace(v))
		}
	}
	return all
}

func bodyOf(msg string) string {
	_, body, _ := strings.Cut(msg, "\r\n\r\n")
	return body
}

func tagOf(value string) string {
	_, tag, _ := strings.Cut(value, ";tag=")
	tag, _, _ = strings.Cut(tag, ";")
	return tag
}

func branchOf(msg string) string {
	_, b, _ := strings.Cut(get(msg, "Via"), "branch=")
	b, _, _ = strings.Cut(b, ";")
	return b
}

func seqOf(msg string) int {
	n, _, _ := strings.Cut(get(msg, "CSeq"), " ")
	seq, _ := strconv.Atoi(n)
	return seq
}

// uriIn returns what is between < and >.
func uriIn(value string) string {
	_, uri, _ := strings.Cut(value, "<")
	uri, _, _ = strings.Cut(uri, ">")
	return uri
}

// text makes a message of lines; the last is the body.
func text(body string, lines ...string) string {
	if body != "" && !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "Content-Type:") }) {
		lines = append(lines, "Content-Type: application/sdp")
	}
	lines = append(lines, fmt.Sprintf("Content-Length: %d", len(body)))
	return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
}

// reply answers a request; tag is added to To, and extra headers too.
func (p *peer) reply(req string, status, tag, body string, extra ...string) string {
	p.t.Helper()
	to := get(req, "To")
	if tag != "" && !strings.Contains(to, ";tag=") {
		to += ";tag=" + tag
	}
	lines := []string{"SIP/2.0 " + status}
	for _, via := range getAll(req, "Via") {
		lines = append(lines, "Via: "+via)
	}
	lines = append(lines, "From: "+get(req, "From"), "To: "+to, "Call-ID: "+get(req, "Call-ID"),
		"CSeq: "+get(req, "CSeq"))
	if strings.HasSuffix(get(req, "CSeq"), "INVITE") && !slices.ContainsFunc(extra, func(l string) bool {
		return strings.HasPrefix(l, "Contact:")
	}) {
		lines = append(lines, "Contact: "+p.contact())
	}
	m := text(body, append(lines, extra...)...)
	p.send(m)
	return m
}

func (p *peer) contact() string {
	if p.proto == "TCP" {
		return fmt.Sprintf("<sip:%s@%s;transport=tcp>", p.name, p.addr)
	}
	return fmt.Sprintf("<sip:%s@%s>", p.name, p.addr)
}

// script is a dialog as the peer keeps it.
type script struct {
	p             *peer
	callID        string
	local, remote string // From and To as the peer sends them
	seq           int
	target        string // Request-URI
	invite        string // the INVITE, sent or received
	inviteSeq     int
	branches      int
	lastBranch    string
}

func (p *peer) script(number string) *script {
	return &script{p: p, callID: fmt.Sprintf("%s-%d", p.name, time.Now().UnixNano()), seq: 1,
		local: fmt.Sprintf("<sip:%s@%s>;tag=%s1", p.name, p.addr, p.name), remote: "<sip:" + number + "@gw>",
		target: "sip:" + number + "@" + p.stack}
}

// request makes the next request of the dialog; ACK and CANCEL take the INVITE's CSeq.
func (s *script) request(method, body string, extra ...string) string {
	seq := s.seq
	switch method {
	case "ACK", "CANCEL":
		seq = s.inviteSeq
	case "INVITE":
		s.inviteSeq = s.seq
		s.seq++
	default:
		s.seq++
	}
	if method != "CANCEL" {
		s.branches++
		s.lastBranch = fmt.Sprintf("z9hG4bK%s%s%d", s.p.name, s.callID, s.branches)
	}
	lines := []string{method + " " + s.target + " SIP/2.0",
		fmt.Sprintf("Via: SIP/2.0/%s %s;rport;branch=%s", s.p.proto, s.p.addr, s.lastBranch),
		"Max-Forwards: 70", "From: " + s.local, "To: " + s.remote, "Call-ID: " + s.callID,
		fmt.Sprintf("CSeq: %d %s", seq, method)}
	if !slices.ContainsFunc(extra, func(l string) bool { return strings.HasPrefix(l, "Contact:") }) {
		lines = append(lines, "Contact: "+s.p.contact())
	}
	return text(body, append(lines, extra...)...)
}

func (s *script) send(method, body string, extra ...string) string {
	s.p.t.Helper()
	m := s.request(method, body, extra...)
	if method == "INVITE" {
		s.invite = m
	}
	s.p.send(m)
	return m
}

// established takes the dialog's data from a response to our INVITE.
func (s *script) established(res string) {
	s.remote = get(res, "To")
	if c := get(res, "Contact"); c != "" {
		s.target = uriIn(c)
	}
}

// call has the peer call the stack until it is connected.
func (p *peer) call(number string) *script {
	p.t.Helper()
	s := p.script(number)
	s.send("INVITE", "offer")
	p.expect("SIP/2.0 100")
	res := p.find("SIP/2.0 200")
	s.established(res)
	s.send("ACK", "")
	return s
}

// answering is the dialog of a received INVITE.
func (p *peer) answering(invite, tag string) *script {
	return &script{p: p, callID: get(invite, "Call-ID"), local: get(invite, "To") + ";tag=" + tag,
		remote: get(invite, "From"), seq: 100, target: uriIn(get(invite, "Contact")), invite: invite,
		inviteSeq: seqOf(invite)}
}
