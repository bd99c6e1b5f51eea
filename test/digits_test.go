package test

import (
	"strings"
	"testing"
	"time"

	"seatbridge/dtmf"
	"seatbridge/test/peers"
)

// allDigits are the sixteen of RFC 4733 section 3.2.
const allDigits = "0123456789*#ABCD"

// TestDigits sends all digits both ways between phones of our own, as phones send them and as they should not, and
// wants each to arrive once and as long as it was.
func TestDigits(t *testing.T) {
	for _, ca := range []struct {
		name string
		how  peers.Dialled
		long time.Duration
	}{
		{"by the book", peers.Dialled{Length: 120 * time.Millisecond}, 120 * time.Millisecond},
		{"without marker", peers.Dialled{Length: 120 * time.Millisecond, NoMarker: true}, 120 * time.Millisecond},
		{"without end", peers.Dialled{Length: 120 * time.Millisecond, NoEnd: true}, 120 * time.Millisecond},
		{"short", peers.Dialled{Length: 40 * time.Millisecond}, 40 * time.Millisecond},
		{"long", peers.Dialled{Length: 400 * time.Millisecond}, 400 * time.Millisecond},
	} {
		t.Run(ca.name, func(t *testing.T) {
			t.Parallel()
			g := suite.Gateway(t, peers.Config{})
			a := peers.RTP(t, g.Phone("1011"), tone(0))
			b := peers.RTP(t, g.Phone("1012"), tone(1), peers.Behave(peers.Behaviour{EventPT: 96}))
			a.Dial("1012")
			a.WaitEstablished()
			b.WaitEstablished()
			for _, way := range []struct{ from, to *peers.RTPPhone }{{a, b}, {b, a}} {
				way.from.DialDigits(allDigits, ca.how)
				wantDigits(t, way.to, allDigits, ca.long)
			}
			peers.WantAllHear(t, map[peers.Ear][]float64{a: {b.Tone()}, b: {a.Tone()}})
			a.Hangup()
			b.WaitClosed()
			empty(g)
		})
	}
}

// wantDigits wants just these digits, each once, marked once, ended, and as long as it was sent, give or take a packet.
func wantDigits(t *testing.T, p *peers.RTPPhone, want string, long time.Duration) {
	t.Helper()
	for _, d := range p.WaitDigits(want) {
		if d.Length < long-20*time.Millisecond || d.Length > long+25*time.Millisecond {
			t.Errorf("%c lasted %v, not %v", d.Digit, d.Length, long)
		}
		if d.Marked != 1 || d.Ends < 1 || d.Ends > 3 {
			t.Errorf("%c: %d packets with the marker, %d with the end", d.Digit, d.Marked, d.Ends)
		}
	}
}

// TestDigitsByInfo wants SIP INFO in both forms to reach a phone that takes telephone-events, and a phone that offers
// none to be sent INFO, or tones, as its account says.
func TestDigitsByInfo(t *testing.T) {
	t.Parallel()
	g := suite.Gateway(t, peers.Config{YAML: `phones: [{extension: "1012", dtmf: info}, {extension: "1013", dtmf: inband, algorithm: md5}]`})
	a := peers.RTP(t, g.Phone("1011"), tone(0))
	none := peers.Behave(peers.Behaviour{EventPT: -1})
	b := peers.RTP(t, g.Phone("1012"), tone(1), none)
	c := peers.RTP(t, g.Phone("1013"), tone(2), none)

	a.Dial("1012")
	a.WaitEstablished()
	b.WaitEstablished()
	for _, info := range [][2]string{
		{"Signal=5\r\nDuration=160\r\n", "application/dtmf-relay"}, {"#", "application/dtmf"},
	} {
		if status := b.Request("INFO", info[0], "Content-Type: "+info[1]); status != 200 {
			t.Errorf("INFO %q was answered %d", info[0], status)
		}
	}
	wantDigits(t, a, "5#", 100*time.Millisecond)
	a.Digits("7*")
	for i, body := range waitRequests(t, b, "INFO", 2) {
		if want := "Signal=" + "7*"[i:i+1]; !strings.Contains(body, want) {
			t.Errorf("INFO %d is %q, want %q in it", i, body, want)
		}
	}
	a.Hangup()
	b.WaitClosed()

	a.Dial("1013")
	a.WaitEstablished()
	c.WaitEstablished()
	before := len(c.Sound().Samples)
	a.Digits("1590")
	heard := ""
	detector := dtmf.NewDetector(func(d dtmf.Detection) {
		if d.End {
			heard += string(d.Event.Digit())
		}
	})
	for end := time.Now().Add(20 * time.Second); heard != "1590" && time.Now().Before(end); {
		now := c.Sound().Samples
		detector.Push(now[before:])
		before = len(now)
		<-time.After(50 * time.Millisecond)
	}
	if heard != "1590" {
		t.Errorf("the tones of %q were heard", heard)
	}
	a.Hangup()
	c.WaitClosed()
	empty(g)
}

// waitRequests waits until a phone got so many requests of a method.
func waitRequests(t *testing.T, p *peers.RTPPhone, method string, n int) []string {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		if all := p.Requests(method); len(all) >= n {
			return all
		}
		<-time.After(20 * time.Millisecond)
	}
	t.Fatalf("%s got %d %s, not %d", p, len(p.Requests(method)), method, n)
	return nil
}
