package peers

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// Account is a phone's place at a SIP server.
type Account struct {
	// User is the address-of-record's user part and the digest username.
	User, Password, Realm string
	// UDP, TCP and TLS are where the server listens; a zero address where it does not.
	UDP, TCP, TLS netip.AddrPort
	// CA is the PEM file that vouches for the server's certificate.
	CA string
}

// Option says how a phone is set up.
type Option func(*setup)

// setup is what a phone can be told. The zero value answers by itself, over UDP, with G.711 in the clear.
type setup struct {
	name      string
	display   string
	tone      float64
	transport string
	srtp      bool
	manual    bool
	talk      bool // answers at the talk event
	early     bool // sends sound while it rings
	sha256    bool
	static    bool // no registration
	codecs    []string
	ptime     int // ms
	account   Account
	behaviour Behaviour
	csp       bool // a page's own Content-Security-Policy holds
}

// Tone makes the party send this frequency in Hz all the time; it is one of Tones. Without it a phone is silent.
func Tone(hz float64) Option { return func(s *setup) { s.tone = hz } }

// Name names the phone in logs and failures; without it that is the account's user.
func Name(name string) Option { return func(s *setup) { s.name = name } }

// Display is the name that an RTPPhone calls with; quotes and backslashes in it are escaped (RFC 3261 section 25.1).
func Display(name string) Option {
	return func(s *setup) { s.display = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) }
}

// StrictCSP lets a page's own Content-Security-Policy hold, also against our recording of what it hears: its ears are deaf.
func StrictCSP(s *setup) { s.csp = true }

// TCP makes the phone use TCP for SIP.
func TCP(s *setup) { s.transport = "tcp" }

// TLS makes the phone use TLS for SIP.
func TLS(s *setup) { s.transport = "tls" }

// SRTP makes the phone demand SDES-SRTP (RFC 4568).
func SRTP(s *setup) { s.srtp = true }

// Manual makes the phone ring until the test answers. Without it the phone answers at once.
func Manual(s *setup) { s.manual = true }

// Talk makes an RTPPhone ring until the test answers, or a NOTIFY of the talk event comes, as desk phones take it.
func Talk(s *setup) { s.manual, s.talk = true, true }

// EarlyMedia makes a baresip ring until the test answers, and send its tone meanwhile (183).
func EarlyMedia(s *setup) { s.manual, s.early = true, true }

// SHA256 makes the phone answer digest challenges by SHA-256 (RFC 8760).
func SHA256(s *setup) { s.sha256 = true }

// Unregistered makes the phone call and take calls without having registered.
func Unregistered(s *setup) { s.static = true }

// Codecs are offered in this order: pcmu, pcma, opus. Without it a phone offers pcmu and pcma.
func Codecs(names ...string) Option { return func(s *setup) { s.codecs = names } }

// Ptime is how much sound the phone puts into a packet, in ms.
func Ptime(ms int) Option { return func(s *setup) { s.ptime = ms } }

func newSetup(a Account, options []Option) setup {
	s := setup{account: a, name: a.User, transport: "udp", codecs: []string{"pcmu", "pcma"}, ptime: 20}
	for _, o := range options {
		o(&s)
	}
	return s
}

// refuse fails the test if the party was told what it can't do.
func (s setup) refuse(t testing.TB, told map[string]bool) {
	t.Helper()
	for option, yes := range told {
		if yes {
			t.Fatalf("%s can't do %s", s.name, option)
		}
	}
}

// server is where the phone's transport finds the account's server.
func (s setup) server(t testing.TB, a Account) netip.AddrPort {
	t.Helper()
	addr := map[string]netip.AddrPort{"udp": a.UDP, "tcp": a.TCP, "tls": a.TLS}[s.transport]
	if !addr.IsValid() {
		t.Fatalf("%s: the server does not listen on %s", s.name, s.transport)
	}
	return addr
}

// uriAt makes a dialled number a URI at the phone's server; a URI is left as it is.
func (s setup) uriAt(server, number string) string {
	if strings.HasPrefix(number, "sip:") {
		return number
	}
	return fmt.Sprintf("sip:%s@%s", number, server)
}

// nameAddr is a URI as From has it, with the display name where there is one.
func (s setup) nameAddr(uri string) string {
	if s.display == "" {
		return "<" + uri + ">"
	}
	return `"` + s.display + `" <` + uri + ">"
}

// micLength is longer than any test: baresip hangs up when its file ends.
const micLength = 200
