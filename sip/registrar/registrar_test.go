package registrar

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"
	icholy "github.com/icholy/digest"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"seatbridge/sip/dialog"
	"seatbridge/sip/digest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const realm = "seatbridge"

func accounts(user string) (digest.Secret, bool) {
	alg, known := map[string]digest.Algorithm{
		"1001": digest.MD5, "1002": digest.SHA256, "1003": digest.MD5,
	}[user]
	return digest.Secret{HA1: digest.HA1(alg, user, realm, "secret"+user), Algorithm: alg}, known
}

// fixture is a registrar whose events are kept.
type fixture struct {
	*Registrar
	t      *testing.T
	reg    *prometheus.Registry
	mu     sync.Mutex
	events []string
}

func newFixture(t *testing.T, cfg Config) *fixture {
	f := &fixture{t: t, reg: prometheus.NewRegistry()}
	cfg.Auth = digest.NewAuthenticator(digest.Config{Realm: realm})
	cfg.Accounts = accounts
	cfg.Log = slog.New(slog.DiscardHandler)
	cfg.Metrics = NewMetrics(f.reg)
	cfg.Observer = func(e Event) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.events = append(f.events, fmt.Sprintf("%s %s %s", e.Kind, e.Binding.Extension, e.Binding.Contact.User))
	}
	var err error
	if f.Registrar, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// took returns the events since the last call. Call it in a bubble.
func (f *fixture) took() []string {
	synctest.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	events := f.events
	f.events = nil
	return events
}

func (f *fixture) wantEvents(want ...string) {
	f.t.Helper()
	if got := f.took(); !slices.Equal(got, want) {
		f.t.Errorf("events %q, want %q", got, want)
	}
}

// phone sends REGISTER.
type phone struct {
	user, source, transport, callID string
	cseq                            int
}

func newPhone(user, source string) *phone {
	return &phone{user: user, source: source, transport: "UDP", callID: "call-" + source}
}

// request builds a REGISTER as it comes from the wire.
func (p *phone) request(t *testing.T, headers ...string) *sip.Request {
	t.Helper()
	p.cseq++
	text := "REGISTER sip:127.0.0.1:5060 SIP/2.0\r\n" +
		"Via: SIP/2.0/" + p.transport + " 192.168.1.5:5070;branch=z9hG4bK" + fmt.Sprint(p.cseq) + ";rport\r\n" +
		"From: <sip:" + p.user + "@127.0.0.1>;tag=1\r\nTo: <sip:" + p.user + "@127.0.0.1>\r\n" +
		"Call-ID: " + p.callID + "\r\nCSeq: " + fmt.Sprint(p.cseq) + " REGISTER\r\nUser-Agent: phone/1\r\n"
	for _, h := range headers {
		text += h + "\r\n"
	}
	msg, err := sip.ParseMessage([]byte(text + "Content-Length: 0\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	req := msg.(*sip.Request)
	req.SetSource(p.source)
	req.SetTransport(p.transport)
	return req
}

// register registers with the right password and returns the answer to the second REGISTER.
func (p *phone) register(f *fixture, headers ...string) Answer {
	f.t.Helper()
	first := f.Register(p.request(f.t, headers...))
	if first.Code != 401 || !first.Stateless || len(first.Headers) != 1 {
		f.t.Fatalf("the first REGISTER is answered with %+v", first)
	}
	req := p.request(f.t, headers...)
	authorize(f.t, req, first, p.user, "secret"+p.user)
	return f.Register(req)
}

func authorize(t *testing.T, req *sip.Request, challenge Answer, user, password string) {
	t.Helper()
	chal, err := icholy.ParseChallenge(challenge.Headers[0].Value())
	if err != nil {
		t.Fatal(err)
	}
	cred, err := icholy.Digest(chal, icholy.Options{
		Method: "REGISTER", URI: req.Recipient.String(), Username: user, Password: password,
	})
	if err != nil {
		t.Fatal(err)
	}
	req.AppendHeader(sip.NewHeader("Authorization", cred.String()))
}

// contacts lists the answer's contacts without how long they live.
func contacts(a Answer) []string {
	list := make([]string, 0)
	for _, h := range a.Headers {
		c := h.(*sip.ContactHeader).Clone()
		c.Params.Remove("expires")
		list = append(list, c.Value())
	}
	return list
}

func TestRegister(t *testing.T) {
	for _, user := range []string{"1001" /* baresip, MD5 */, "1002" /* linphone, SHA-256 */} {
		t.Run(user, func(t *testing.T) {
			f := newFixture(t, Config{KeepAlive: -1})
			p := newPhone(user, "127.0.0.5:5070")
			a := p.register(f, "Contact: <sip:"+user+"@192.168.1.5:5070;transport=udp>;expires=600")
			if a.Code != 200 || a.Stateless {
				t.Fatalf("%+v", a)
			}
			want := Binding{
				Extension: user, Source: netip.MustParseAddrPort("127.0.0.5:5070"), Transport: "udp",
				UserAgent: "phone/1", Q: 1, Reachable: true,
			}
			got := f.Bindings(user)
			if len(got) != 1 {
				t.Fatalf("%d bindings", len(got))
			}
			left := time.Until(got[0].Expires)
			if left < 535*time.Second || left > 600*time.Second {
				t.Errorf("expires in %v", left)
			}
			if uri := got[0].Contact.String(); uri != "sip:"+user+"@192.168.1.5:5070;transport=udp" {
				t.Errorf("contact %s", uri)
			}
			want.Contact, want.Expires = got[0].Contact, got[0].Expires
			if fmt.Sprint(got[0]) != fmt.Sprint(want) {
				t.Errorf("%+v, want %+v", got[0], want)
			}
			flow := dialog.Flow{Transport: "udp", Remote: "127.0.0.5:5070"}
			if got[0].Flow() != flow {
				t.Errorf("flow %+v", got[0].Flow())
			}
		})
	}
}

func TestRegisterRefuses(t *testing.T) {
	const contact = "Contact: <sip:1001@192.168.1.5>"
	for _, ca := range []struct {
		name    string
		headers []string
		code    int
		header  string // of the answer
	}{
		{"extension required", []string{contact, "Require: path, outbound"}, 420, "Unsupported: path, outbound"},
		{"too brief", []string{contact, "Expires: 59"}, 423, "Min-Expires: 60"},
		{"too brief, one of two", []string{contact + ", <sip:1001@10.0.0.1>;expires=10"}, 423, "Min-Expires: 60"},
		{"star without expires", []string{"Contact: *"}, 400, ""},
		{"star with expires", []string{"Contact: *", "Expires: 60"}, 400, ""},
		{"star among others", []string{contact, "Contact: *", "Expires: 0"}, 400, ""},
		{"tel", []string{"Contact: <tel:+123>"}, 400, ""},
		{"blank in the uri", []string{"Contact: <sip:a b@192.168.1.5>"}, 400, ""},
		{"no host", []string{"Contact: <sip:1001@>"}, 400, ""},
		{"long uri", []string{"Contact: <sip:" + strings.Repeat("1", 2000) + "@192.168.1.5>"}, 400, ""},
		{"too many", slices.Repeat([]string{contact}, 11), 403, ""},
	} {
		t.Run(ca.name, func(t *testing.T) {
			f := newFixture(t, Config{KeepAlive: -1})
			a := newPhone("1001", "127.0.0.5:5070").register(f, ca.headers...)
			if a.Code != ca.code || a.Stateless {
				t.Fatalf("%+v", a)
			}
			if ca.header != "" && (len(a.Headers) != 1 || a.Headers[0].String() != ca.header) {
				t.Errorf("headers %v", a.Headers)
			}
			if b := f.Bindings("1001"); len(b) != 0 {
				t.Errorf("bindings %v", b)
			}
		})
	}
}

func TestRegisterExpires(t *testing.T) {
	for _, ca := range []struct {
		headers  []string
		min, max time.Duration
	}{
		{[]string{"Contact: <sip:1001@h>"}, 3240 * time.Second, 3600 * time.Second},
		{[]string{"Contact: <sip:1001@h>", "Expires: 120"}, 108 * time.Second, 120 * time.Second},
		{[]string{"Contact: <sip:1001@h>;expires=60", "Expires: 120"}, 60 * time.Second, 60 * time.Second},
		{[]string{"Contact: <sip:1001@h>;Expires=61", "Expires: 0"}, 60 * time.Second, 61 * time.Second},
		{[]string{"Contact: <sip:1001@h>;expires=nonsense"}, 3240 * time.Second, 3600 * time.Second},
		{[]string{"Contact: <sip:1001@h>;expires=99999999999999"}, 3240 * time.Second, 3600 * time.Second},
	} {
		f := newFixture(t, Config{KeepAlive: -1})
		a := newPhone("1001", "127.0.0.5:5070").register(f, ca.headers...)
		if a.Code != 200 || len(a.Headers) != 1 {
			t.Fatalf("%q: %+v", ca.headers, a)
		}
		text, _ := a.Headers[0].(*sip.ContactHeader).Params.Get("expires")
		left := time.Until(f.Bindings("1001")[0].Expires)
		if left > ca.max || left < ca.min-time.Second || text != fmt.Sprint(int(left.Round(time.Second).Seconds())) {
			t.Errorf("%q: %v left, %q said", ca.headers, left, text)
		}
	}
}

func TestSeveralBindings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, Config{KeepAlive: -1, MaxBindings: 3})
		defer f.Close()
		desk, soft := newPhone("1001", "127.0.0.5:5070"), newPhone("1001", "127.0.0.6:5070")
		soft.transport = "TLS"

		desk.register(f, `Contact: "Desk" <sip:desk@10.0.0.1>;q=0.5;+sip.instance="<urn:uuid:1>";x=y`)
		time.Sleep(time.Second)
		a := soft.register(f, "Contact: <sip:soft@10.0.0.2>")
		want := []string{`<sip:desk@10.0.0.1>;q=0.5;+sip.instance="<urn:uuid:1>"`, "<sip:soft@10.0.0.2>"}
		if got := contacts(a); !slices.Equal(got, want) {
			t.Errorf("contacts %q, want %q", got, want)
		}
		f.wantEvents("registered 1001 desk", "registered 1001 soft")
		if b := f.Bindings("1001"); b[0].Contact.User != "soft" || b[1].Q != 0.5 {
			t.Errorf("order %v", b)
		}

		time.Sleep(time.Second)
		soft.register(f, "Contact: <sip:soft@10.0.0.2>, <sip:third@10.0.0.3>")
		f.wantEvents("refreshed 1001 soft", "registered 1001 third")

		time.Sleep(time.Second)
		soft.register(f, "Contact: <sip:fourth@10.0.0.4>")
		f.wantEvents("registered 1001 fourth", "replaced 1001 desk")

		if got := contacts(soft.register(f)); len(got) != 3 { // a query
			t.Errorf("contacts %q", got)
		}
		soft.register(f, "Contact: <SIP:third@10.0.0.3;lr>;expires=0, <sip:unknown@10.0.0.9>;expires=0")
		f.wantEvents("unregistered 1001 third")

		if a := soft.register(f, "Contact: *", "Expires: 0"); a.Code != 200 || len(a.Headers) != 0 {
			t.Errorf("%+v", a)
		}
		f.wantEvents("unregistered 1001 soft", "unregistered 1001 fourth")
		if b := f.Bindings("1001"); len(b) != 0 {
			t.Errorf("bindings %v", b)
		}
	})
}

func TestRegisterOrder(t *testing.T) {
	f := newFixture(t, Config{KeepAlive: -1})
	p := newPhone("1001", "127.0.0.5:5070")
	const contact = "Contact: <sip:1001@10.0.0.1>"
	p.cseq = 10
	p.register(f, contact)
	for _, header := range [][]string{{contact}, {contact + ";expires=0"}, {"Contact: *", "Expires: 0"}} {
		p.cseq = 1
		if a := p.register(f, header...); a.Code != 400 {
			t.Errorf("late %q: %+v", header, a)
		}
	}
	if len(f.Bindings("1001")) != 1 {
		t.Error("the binding is gone")
	}
	p.callID, p.cseq = "after a reboot", 0
	if a := p.register(f, contact); a.Code != 200 || len(a.Headers) != 1 {
		t.Errorf("another Call-ID: %+v", a)
	}
}

func TestOnlyOneself(t *testing.T) {
	for _, victim := range []string{"1003", "9999"} { // exists, does not exist
		f := newFixture(t, Config{KeepAlive: -1})
		p := newPhone(victim, "127.0.0.5:5070")
		challenge := f.Register(p.request(t))
		req := p.request(t, "Contact: <sip:thief@10.0.0.1>")
		authorize(t, req, challenge, "1001", "secret1001")
		if a := f.Register(req); a.Code != 403 || a.Reason != "Forbidden" || len(a.Headers) != 0 {
			t.Errorf("%s: %+v", victim, a)
		}
		if len(f.Bindings(victim)) != 0 {
			t.Errorf("%s was registered", victim)
		}
	}
}

// The answer to an extension that exists and to one that does not must be the same but for the nonce, and take the
// same time.
func TestUserEnumeration(t *testing.T) {
	f := newFixture(t, Config{KeepAlive: -1})
	answer := func(user, password string) (text string, took time.Duration) {
		p := newPhone(user, "127.0.0.5:5070")
		req := p.request(t, "Contact: <sip:x@10.0.0.1>")
		if password != "" {
			challenge := f.Register(p.request(t))
			authorize(t, req, challenge, user, password)
		}
		begun := time.Now()
		a := f.Register(req)
		took = time.Since(begun)
		if len(a.Headers) != 1 {
			t.Fatalf("%+v", a)
		}
		chal, err := icholy.ParseChallenge(a.Headers[0].Value())
		if err != nil {
			t.Fatal(err)
		}
		value := strings.Replace(a.Headers[0].String(), chal.Nonce, strings.Repeat("n", len(chal.Nonce)), 1)
		return fmt.Sprint(a.Code, a.Reason, a.Stateless, value), took
	}
	for _, password := range []string{"", "guess"} {
		var times [2][]time.Duration
		var texts [2]string
		for range 500 {
			for i, user := range []string{"1001", "9999"} {
				text, took := answer(user, password)
				texts[i], times[i] = text, append(times[i], took)
			}
		}
		if texts[0] != texts[1] {
			t.Errorf("password %q: %q for a known user, %q for an unknown one", password, texts[0], texts[1])
		}
		for i := range times {
			slices.Sort(times[i])
		}
		if d := (times[0][250] - times[1][250]).Abs(); d > time.Millisecond {
			t.Errorf("password %q: %v apart", password, d)
		}
	}
}

func TestMalformedRegister(t *testing.T) {
	f := newFixture(t, Config{KeepAlive: -1})
	for _, name := range []string{"To", "Call-ID", "CSeq"} {
		req := newPhone("1001", "127.0.0.5:5070").request(t)
		req.RemoveHeader(name)
		if a := f.Register(req); a.Code != 400 || !a.Stateless {
			t.Errorf("without %s: %+v", name, a)
		}
	}
}

type closedGate struct{}

func (closedGate) AuthFailed(netip.Addr, string)         {}
func (closedGate) AuthPassed(netip.Addr, string)         {}
func (closedGate) AuthPermitted(netip.Addr, string) bool { return false }

func TestBannedIsDropped(t *testing.T) {
	f := newFixture(t, Config{KeepAlive: -1})
	f.cfg.Auth = digest.NewAuthenticator(digest.Config{Realm: realm, Gate: closedGate{}})
	p := newPhone("1001", "127.0.0.5:5070")
	req := p.request(t)
	authorize(t, req, f.Register(p.request(t)), "1001", "guess")
	if a := f.Register(req); a.Code != 0 {
		t.Errorf("%+v", a)
	}
}

func TestExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, Config{KeepAlive: -1})
		defer f.Close()
		p := newPhone("1001", "127.0.0.5:5070")
		p.register(f, "Contact: <sip:1001@10.0.0.1>;expires=60")
		f.wantEvents("registered 1001 1001")
		time.Sleep(59 * time.Second)
		p.register(f, "Contact: <sip:1001@10.0.0.1>;expires=60")
		f.wantEvents("refreshed 1001 1001")
		time.Sleep(60*time.Second - time.Millisecond)
		if len(f.Bindings("1001")) != 1 {
			t.Error("gone too early")
		}
		time.Sleep(time.Millisecond)
		if len(f.Bindings("1001")) != 0 {
			t.Error("not gone")
		}
		time.Sleep(time.Second)
		f.wantEvents("expired 1001 1001")
	})
}

func TestConnectionClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, Config{KeepAlive: -1})
		defer f.Close()
		for i, transport := range []string{"TCP", "TLS", "UDP"} {
			p := newPhone("100"+fmt.Sprint(i+1), "127.0.0.5:5070")
			p.transport = transport
			p.register(f, "Contact: <sip:"+transport+"@10.0.0.1>")
		}
		f.took()
		f.ConnectionClosed("tcp", netip.MustParseAddrPort("127.0.0.5:9999"))
		f.wantEvents()
		f.ConnectionClosed("tcp", netip.MustParseAddrPort("127.0.0.5:5070"))
		f.wantEvents("disconnected 1001 TCP")
		if len(f.Bindings("1001")) != 0 || len(f.Bindings("1002")) != 1 || len(f.Bindings("1003")) != 1 {
			t.Error("wrong binding dropped")
		}
		if b := f.Bindings("1002")[0]; !b.Flow().Existing || b.Flow().Transport != "tls" {
			t.Errorf("flow %+v", b.Flow())
		}
	})
}

// probed answers OPTIONS or does not.
type probed struct {
	mu     sync.Mutex
	silent bool
	asked  []string
}

func (p *probed) Do(ctx context.Context, c dialog.RequestConfig) (*sip.Response, error) {
	p.mu.Lock()
	p.asked = append(p.asked, fmt.Sprintf("%s %s %s", c.Method, c.URI.String(), c.Flow.Remote))
	silent := p.silent
	p.mu.Unlock()
	if silent {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return sip.NewResponse(486, "Busy Here"), nil
}

func (p *probed) hush(silent bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent = silent
}

func (p *probed) log() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked)
}

func TestKeepAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer := &probed{}
		f := newFixture(t, Config{Requester: peer})
		defer f.Close()
		p := newPhone("1001", "127.0.0.5:5070")
		const contact = "Contact: <sip:1001@10.0.0.1>"
		p.register(f, contact)
		f.took()

		time.Sleep(10 * time.Minute)
		if asked := peer.log(); len(asked) < 17 || len(asked) > 22 ||
			asked[0] != "OPTIONS sip:1001@10.0.0.1 127.0.0.5:5070" {
			t.Errorf("asked %q", asked)
		}
		f.wantEvents()

		peer.hush(true)
		gone := time.Now()
		for f.Bindings("1001")[0].Reachable {
			time.Sleep(time.Second)
		}
		if d := time.Since(gone); d < 20*time.Second || d > 75*time.Second {
			t.Errorf("unreachable after %v", d)
		}
		f.wantEvents("unreachable 1001 1001")

		peer.hush(false)
		time.Sleep(40 * time.Second)
		f.wantEvents("reachable 1001 1001")

		peer.hush(true)
		time.Sleep(2 * time.Minute)
		f.wantEvents("unreachable 1001 1001")
		if !strings.Contains(f.gathered(), "seatbridge_sip_registrations_unreachable 1") {
			t.Error(f.gathered())
		}
		p.register(f, contact)
		f.wantEvents("refreshed 1001 1001", "reachable 1001 1001")
		if !f.Bindings("1001")[0].Reachable {
			t.Error("not reachable after it registered")
		}
	})
}

// A miss of an OPTIONS that was sent before the phone registered anew says nothing.
func TestLateMissIsIgnored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer := &probed{silent: true}
		f := newFixture(t, Config{Requester: peer, Misses: 1})
		defer f.Close()
		p := newPhone("1001", "127.0.0.5:5070")
		p.register(f, "Contact: <sip:1001@10.0.0.1>")
		for len(peer.log()) == 0 {
			time.Sleep(time.Second)
		}
		p.register(f, "Contact: <sip:1001@10.0.0.1>")
		time.Sleep(10 * time.Second)
		f.wantEvents("registered 1001 1001", "refreshed 1001 1001")
	})
}

func TestCloseStopsProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, Config{Requester: &probed{silent: true}})
		newPhone("1001", "127.0.0.5:5070").register(f, "Contact: <sip:1001@10.0.0.1>")
		time.Sleep(34 * time.Second)
		begun := time.Now()
		f.Close()
		if d := time.Since(begun); d != 0 {
			t.Errorf("closed after %v", d)
		}
	})
}

// gathered is the metrics as text.
func (f *fixture) gathered() string {
	f.t.Helper()
	families, err := f.reg.Gather()
	if err != nil {
		f.t.Fatal(err)
	}
	var text strings.Builder
	for _, family := range families {
		for _, m := range family.GetMetric() {
			text.WriteString(family.GetName())
			for _, l := range m.GetLabel() {
				text.WriteString(" " + l.GetValue())
			}
			fmt.Fprintf(&text, " %v\n", m.GetGauge().GetValue()+m.GetCounter().GetValue())
		}
	}
	return text.String()
}

func TestMetrics(t *testing.T) {
	f := newFixture(t, Config{KeepAlive: -1})
	newPhone("1001", "127.0.0.5:5070").register(f, "Contact: <sip:a@10.0.0.1>, <sip:b@10.0.0.1>")
	p := newPhone("1002", "127.0.0.6:5070")
	p.transport = "TCP"
	p.register(f, "Contact: <sip:c@10.0.0.1>")
	const want = `seatbridge_sip_register_responses_total 200 2
seatbridge_sip_register_responses_total 401 2
seatbridge_sip_registrations tcp 1
seatbridge_sip_registrations tls 0
seatbridge_sip_registrations udp 2
seatbridge_sip_registrations_unreachable 0
`
	if got := f.gathered(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if problems, err := testutil.GatherAndLint(f.reg); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}
