package dialog

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

// tortureMessages reads the messages of RFC 4475 that sipgo is tested with.
func tortureMessages(t testing.TB) map[string][]byte {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/emiago/sipgo").Output()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "sip", "testdata", "torture", "*", "*.dat"))
	if err != nil || len(files) < 49 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	all := map[string][]byte{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(f), ".dat")] = b
	}
	return all
}

// busy is a bench whose handler does what a real one does.
func busy(t *testing.T) *bench {
	b := newBench(t, func(c *Config) { c.Session = SessionTimer{} })
	observe := func(d *Dialog, e Event) {
		if o, ok := e.(Offer); ok {
			o.Accept([]byte("answer"))
		}
	}
	b.onInvite(func(in *Incoming) {
		if len(in.SDP()) == 0 {
			_ = in.RespondStateless(401, "")
			return
		}
		d := in.Open(Options{}, observe)
		d.Provisional(180, nil)
		d.Answer([]byte("answer"))
	})
	return b
}

// alive makes sure that a good OPTIONS is answered. It is sent again like any request: a flood may drown it.
func alive(t *testing.T, p *peer) {
	t.Helper()
	s := p.script("gw")
	options := s.request("OPTIONS", "")
	p.send(options)
	again := time.NewTicker(20 * testT1)
	defer again.Stop()
	timeout := time.After(patience)
	for {
		select {
		case m := <-p.in:
			if strings.HasPrefix(m, "SIP/2.0 200") && get(m, "Call-ID") == s.callID {
				return
			}
		case <-again.C:
			p.send(options)
		case <-timeout:
			t.Fatalf("%s: OPTIONS not answered", p.name)
		}
	}
}

// sentBy matches the first Via up to its host and port.
var sentBy = regexp.MustCompile(`(?i)(\r\n(?:via|v)\s*:\s*SIP\s*/)[^;]+`)

// from has a message name the peer in its first Via.
func (p *peer) from(msg []byte) []byte {
	done := false
	return sentBy.ReplaceAllFunc(msg, func(via []byte) []byte {
		if done {
			return via
		}
		done = true
		return sentBy.ReplaceAll(via, []byte("${1}2.0/UDP "+p.addr))
	})
}

// tortureStatus is the final answer to those that can be answered; the others must only do no harm.
var tortureStatus = map[string]string{
	"badbranch": "200", "badvers": "505", "bext01": "420", "dblreq": "200", "esc02": "405", "escnull": "200",
	"insuf": "400", "inv2543": "400", "invut": "415", "longreq": "200", "lwsdisp": "200", "mcl01": "400",
	"mismatch01": "400", "mismatch02": "400", "mpart01": "405", "regescrt": "200", "semiuri": "200", "transports": "200",
	"unkscm": "416", "unksm2": "200", "wsinv": "481", "zeromf": "483",
}

// The torture messages of RFC 4475: the right status for a request that can be answered, and life goes on.
func TestTorture(t *testing.T) {
	b := busy(t)
	for name, raw := range tortureMessages(t) {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, "alice", b.udp)
			msg := string(p.from(raw))
			p.send(msg)
			if status, ok := tortureStatus[name]; ok {
				m := p.next()
				for strings.HasPrefix(m, "SIP/2.0 1") {
					m = p.next()
				}
				if !strings.HasPrefix(m, "SIP/2.0 "+status) || get(m, "Call-ID") != get(msg, "Call-ID")+get(msg, "i") {
					t.Errorf("wanted %s, got\n%s", status, m)
				}
			}
			alive(t, p)
		})
	}
	if n := b.count("seatbridge_sip_panics_total"); n != 0 {
		t.Errorf("%v panics", n)
	}
}

// The same over TCP: a connection may be closed, others live on.
func TestTortureOverTCP(t *testing.T) {
	b := busy(t)
	p := newPhone(t, "alice", b.tcp)
	for _, raw := range tortureMessages(t) {
		q := newPhone(t, "bob", b.tcp)
		q.send(string(raw))
		alive(t, p)
	}
	if n := b.count("seatbridge_sip_panics_total"); n != 0 {
		t.Errorf("%v panics", n)
	}
}

// mutate changes a message in a few places.
func mutate(r *rand.Rand, msg []byte) []byte {
	m := bytes.Clone(msg)
	for range 1 + r.IntN(6) {
		if len(m) < 2 {
			return m
		}
		i := r.IntN(len(m))
		switch r.IntN(6) {
		case 0:
			m[i] = byte(r.IntN(256))
		case 1:
			m = append(m[:i], m[min(len(m), i+1+r.IntN(8)):]...)
		case 2:
			m = append(m[:i], append(bytes.Clone(m[i:min(len(m), i+r.IntN(40))]), m[i:]...)...)
		case 3: // a line twice, or gone
			lines := bytes.Split(m, []byte("\r\n"))
			j := r.IntN(len(lines))
			lines[j] = lines[r.IntN(len(lines))]
			m = bytes.Join(lines, []byte("\r\n"))
		case 4:
			m = bytes.Replace(m, []byte("1"), []byte("99999999999"), 1+r.IntN(2))
		case 5:
			m = append(m[:i], append([]byte(";=,<>\"@:\r\n"[r.IntN(10):]), m[i:]...)...)
		}
	}
	return m
}

// Mutations of the torture messages and of a call's messages, a fixed choice of them.
func TestMutatedMessages(t *testing.T) {
	b := busy(t)
	p, tcp := newPeer(t, "alice", b.udp), newPhone(t, "bob", b.tcp)
	r := rand.New(rand.NewPCG(1, 2))
	seeds := fuzzSeeds(t, p)
	for i := range 4000 {
		m := mutate(r, seeds[r.IntN(len(seeds))])
		p.send(string(m))
		if i%100 == 0 {
			newPhone(t, "carol", b.tcp).send(string(m))
			alive(t, p)
			alive(t, tcp)
		}
	}
	if n := b.count("seatbridge_sip_panics_total"); n != 0 {
		t.Errorf("%v panics", n)
	}
}

// fuzzSeeds are the torture messages and all messages of a call.
func fuzzSeeds(t testing.TB, p *peer) [][]byte {
	var seeds [][]byte
	for _, raw := range tortureMessages(t) {
		seeds = append(seeds, p.from(raw))
	}
	s := p.script("100")
	for _, method := range []string{"INVITE", "ACK", "UPDATE", "REFER", "NOTIFY", "INFO", "BYE", "CANCEL", "OPTIONS",
		"REGISTER", "PRACK", "SUBSCRIBE"} {
		seeds = append(seeds, []byte(s.request(method, "v=0", "Require: timer", "Session-Expires: 100;refresher=uac",
			"Supported: timer", "Refer-To: <sip:a@b?Replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2>", "Event: refer",
			"Record-Route: <sip:p1;lr>, <sip:p2>")))
	}
	for _, line := range []string{"100 Trying", "180 Ringing", "200 OK", "401 No", "486 Busy", "491 Pending"} {
		seeds = append(seeds, []byte(text("answer", "SIP/2.0 "+line, "Via: SIP/2.0/UDP "+p.stack+";branch=z9hG4bKx",
			"From: <sip:gw@gw>;tag=1", "To: <sip:a@b>;tag=2", "Call-ID: c", "CSeq: 1 INVITE", "Contact: <sip:a@b>")))
	}
	return seeds
}

// FuzzSocket feeds a Stack's socket: it never crashes, and answers a good OPTIONS afterwards.
func FuzzSocket(f *testing.F) {
	for _, seed := range fuzzSeeds(f, &peer{name: "alice", addr: "127.0.0.1:5060", stack: "127.0.0.1:5062", proto: "UDP"}) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		if len(msg) > 60000 {
			return
		}
		b := busy(t)
		p := newPeer(t, "alice", b.udp)
		p.send(string(msg))
		alive(t, p)
		if n := b.count("seatbridge_sip_panics_total"); n != 0 {
			t.Errorf("%v panics", n)
		}
	})
}

// FuzzReplaces: what is parsed is written the same way.
func FuzzReplaces(f *testing.F) {
	f.Add("a@b;to-tag=1;from-tag=2;early-only")
	f.Fuzz(func(t *testing.T, value string) {
		r, err := ParseReplaces(value)
		if err != nil {
			return
		}
		if again, err := ParseReplaces(r.String()); err != nil || again != r {
			t.Errorf("%q: %+v, %+v, %v", value, r, again, err)
		}
	})
}

// FuzzRefer: any Refer-To is understood or refused.
func FuzzRefer(f *testing.F) {
	for _, seed := range []string{"<sip:200@gw?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>", "tel:+1", "\"A\" <sip:b>;x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		req := sip.NewRequest(sip.REFER, sip.Uri{})
		req.AppendHeader(sip.NewHeader("Refer-To", value))
		if r, err := parseRefer(req); err == nil && r.Replaces != nil && r.Replaces.CallID == "" {
			t.Errorf("%q: %+v", value, r)
		}
	})
}
