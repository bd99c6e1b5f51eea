package trunk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"go.uber.org/goleak"

	"seatbridge/leg"
	"seatbridge/sip/dialog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// valid is a trunk that works.
func valid() Config {
	return Config{
		Name: "carrier", Gateways: []Gateway{{Host: "198.51.100.1"}}, CallerIDs: []string{"+4930100", "+4930101"},
	}
}

func mustNew(t *testing.T, cfg Config) *Trunk {
	t.Helper()
	tr, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func TestNewDefaults(t *testing.T) {
	tr := mustNew(t, Config{Name: "x", Gateways: []Gateway{{Host: "a"}, {Host: "b", Transport: "TLS"}}})
	if tr.Gateways[0] != (Gateway{Host: "a", Port: 5060, Transport: "udp", Weight: 1}) ||
		tr.Gateways[1] != (Gateway{Host: "b", Port: 5061, Transport: "tls", Weight: 1}) {
		t.Errorf("gateways %+v", tr.Gateways)
	}
	if tr.DTMF != DTMFRFC4733 || tr.SRTP != SRTPOff || tr.Ptime != 20*time.Millisecond || tr.Expires != time.Hour ||
		tr.Probe != 20*time.Second {
		t.Errorf("%+v", tr.Config)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, ca := range []struct {
		field string
		edit  func(*Config)
	}{
		{"name", func(c *Config) { c.Name = "" }},
		{"gateways", func(c *Config) { c.Gateways = nil }},
		{"gateways[0].host", func(c *Config) { c.Gateways = []Gateway{{}} }},
		{"gateways[0].host", func(c *Config) { c.Gateways = []Gateway{{Host: "a\r\nb"}} }},
		{"gateways[0].port", func(c *Config) { c.Gateways = []Gateway{{Host: "a", Port: 65536}} }},
		{"gateways[1].transport", func(c *Config) { c.Gateways = append(c.Gateways, Gateway{Host: "a", Transport: "ws"}) }},
		{"gateways[0].weight", func(c *Config) { c.Gateways = []Gateway{{Host: "a", Weight: -1}} }},
		{"caller_ids[1]", func(c *Config) { c.CallerIDs[1] = "Bob" }},
		{"default_caller_id", func(c *Config) { c.DefaultCallerID = "+1" }},
		{"rewrite_in[0].match", func(c *Config) { c.RewriteIn = []Rule{{Match: "("}} }},
		{"rewrite_out[1].match", func(c *Config) { c.RewriteOut = []Rule{{}, {Match: "*"}} }},
		{"register", func(c *Config) { c.Register = true }},
		{"account", func(c *Config) { c.Account = "x" }},
		{"domain", func(c *Config) { c.Domain = "a b" }},
		{"username", func(c *Config) { c.Username = "a@b" }},
		{"username", func(c *Config) { c.FromUser = "a>b" }},
		{"dtmf", func(c *Config) { c.DTMF = "morse" }},
		{"srtp", func(c *Config) { c.SRTP = "maybe" }},
	} {
		cfg := valid()
		ca.edit(&cfg)
		_, err := New(cfg)
		if !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), ": "+ca.field+": ") {
			t.Errorf("%s: %v", ca.field, err)
		}
	}
}

func TestRewrite(t *testing.T) {
	rules := []Rule{
		{Match: `00(.*)`, Replace: `+${1}`},
		{Match: `0([1-9].*)`, Replace: `+49${1}`},
		{Match: `[1-9]\d{3,}`, Replace: `+4930$0`},
		{Match: `\+(.*)`, Replace: `never, none of the above make it`},
	}
	compiled, err := compile(rules)
	if err != nil {
		t.Fatal(err)
	}
	for number, want := range map[string]string{
		"0012025550100": "+12025550100", "030123456": "+4930123456", "5551234": "+49305551234", "110": "110", "": "",
	} {
		if got := rewrite(compiled, number); got != want {
			t.Errorf("%q became %q, want %q", number, got, want)
		}
	}
}

func TestOutbound(t *testing.T) {
	g := Gateway{Host: "198.51.100.1", Port: 5070, Transport: "udp"}
	for _, ca := range []struct {
		name   string
		edit   func(*Config)
		number string
		caller leg.Identity
		uri    string
		from   string
		to     string
		pai    string
		err    error
	}{
		{"plain", func(*Config) {}, "+12025550100", leg.Identity{},
			"sip:+12025550100@198.51.100.1:5070", "<sip:+4930100@198.51.100.1>", "<sip:+12025550100@198.51.100.1>", "", nil},
		{"own caller id and name", func(*Config) {}, "110", leg.Identity{Number: "+4930101", Name: `Al "Bo" \`},
			"sip:110@198.51.100.1:5070", `"Al \"Bo\" \\" <sip:+4930101@198.51.100.1>`, "<sip:110@198.51.100.1>", "", nil},
		{"caller id of another", func(*Config) {}, "110", leg.Identity{Number: "+1"}, "", "", "", "", ErrCallerID},
		{"domain, account in From, asserted", func(c *Config) {
			c.Domain, c.FromUser, c.Trusted = "carrier.example", "acc1", true
			c.RewriteOut = []Rule{{Match: `\+(.*)`, Replace: `00${1}`}}
		}, "+12025550100", leg.Identity{Name: "Support"},
			"sip:0012025550100@carrier.example", `"Support" <sip:acc1@carrier.example>`,
			"<sip:0012025550100@carrier.example>", `"Support" <sip:004930100@carrier.example>`, nil},
		{"no caller ids", func(c *Config) { c.CallerIDs, c.Username = nil, "acc2" }, "110", leg.Identity{},
			"sip:110@198.51.100.1:5070", "<sip:acc2@198.51.100.1>", "<sip:110@198.51.100.1>", "", nil},
		{"nothing known of us", func(c *Config) { c.CallerIDs = nil }, "110", leg.Identity{},
			"sip:110@198.51.100.1:5070", "<sip:anonymous@198.51.100.1>", "<sip:110@198.51.100.1>", "", nil},
		{"star and hash", func(*Config) {}, "*21#", leg.Identity{},
			"sip:*21%23@198.51.100.1:5070", "<sip:+4930100@198.51.100.1>", "<sip:*21%23@198.51.100.1>", "", nil},
		{"empty", func(*Config) {}, "", leg.Identity{}, "", "", "", "", ErrNumber},
		{"letters", func(*Config) {}, "bob", leg.Identity{}, "", "", "", "", ErrNumber},
		{"injection", func(*Config) {}, "1@evil.example>\r\nX: y", leg.Identity{}, "", "", "", "", ErrNumber},
		{"too long", func(*Config) {}, strings.Repeat("1", 33), leg.Identity{}, "", "", "", "", ErrNumber},
		{"spoiled by a rule", func(c *Config) { c.RewriteOut = []Rule{{Match: ".*", Replace: "a b"}} }, "1",
			leg.Identity{}, "", "", "", "", ErrNumber},
	} {
		t.Run(ca.name, func(t *testing.T) {
			cfg := valid()
			ca.edit(&cfg)
			out, err := mustNew(t, cfg).Outbound(g, ca.number, ca.caller)
			if !errors.Is(err, ca.err) {
				t.Fatalf("%v, want %v", err, ca.err)
			}
			if err != nil {
				return
			}
			if got := out.RequestURI.String(); got != ca.uri {
				t.Errorf("Request-URI %s, want %s", got, ca.uri)
			}
			if got := out.From.Value(); got != ca.from {
				t.Errorf("From %s, want %s", got, ca.from)
			}
			if got := out.To.Value(); got != ca.to {
				t.Errorf("To %s, want %s", got, ca.to)
			}
			pai := ""
			for _, h := range out.Headers {
				if h.Name() == "P-Asserted-Identity" {
					pai = h.Value()
				}
			}
			if pai != ca.pai {
				t.Errorf("P-Asserted-Identity %s, want %s", pai, ca.pai)
			}
		})
	}
}

// invite parses an INVITE as it comes from the wire.
func invite(t *testing.T, uri, from, to string, headers ...string) *sip.Request {
	t.Helper()
	text := "INVITE " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bK1\r\nFrom: " + from +
		";tag=1\r\nTo: " + to + "\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"
	for _, h := range headers {
		text += h + "\r\n"
	}
	msg, err := sip.ParseMessage([]byte(text + "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	req := msg.(*sip.Request)
	req.SetTransport("UDP")
	return req
}

func TestInbound(t *testing.T) {
	const did, from = "sip:4930100@198.51.100.9", `"Carol" <sip:004420123@carrier.example>`
	for _, ca := range []struct {
		name string
		edit func(*Config)
		req  *sip.Request
		from leg.Identity
		to   string
	}{
		{"plain", func(*Config) {}, invite(t, did, from, "<sip:x@y>"),
			leg.Identity{Number: "+4420123", Name: "Carol"}, "+4930100"},
		{"untrusted identity", func(*Config) {}, invite(t, did, from, "<sip:x@y>", "P-Asserted-Identity: <tel:+4999>"),
			leg.Identity{Number: "+4420123", Name: "Carol"}, "+4930100"},
		{"trusted identity", func(c *Config) { c.Trusted = true },
			invite(t, did, "<sip:anonymous@anonymous.invalid>", "<sip:x@y>",
				`P-Asserted-Identity: "Dora, \"D\"" <sip:+4999;phone-context=x@y>, <tel:+4999>`),
			leg.Identity{Number: "+4999", Name: `Dora, "D"`}, "+4930100"},
		{"trusted identity, tel second", func(c *Config) { c.Trusted = true },
			invite(t, did, from, "<sip:x@y>", "P-Asserted-Identity: <sip:y>", "P-Asserted-Identity: tel:+49-99"),
			leg.Identity{Number: "+4999", Name: "Carol"}, "+4930100"},
		{"trusted, but nonsense", func(c *Config) { c.Trusted = true },
			invite(t, did, from, "<sip:x@y>", "P-Asserted-Identity: <", "P-Asserted-Identity:"),
			leg.Identity{Number: "+4420123", Name: "Carol"}, "+4930100"},
		{"withheld", func(*Config) {}, invite(t, did, `"Anonymous" <sip:Anonymous@anonymous.invalid>`, "<sip:x@y>"),
			leg.Identity{Name: "Anonymous"}, "+4930100"},
		{"to our registration", func(c *Config) { c.Register, c.Username = true, "acc1" },
			invite(t, "sip:acc1@198.51.100.9", from, "<sip:+49-30-101@carrier.example>"),
			leg.Identity{Number: "+4420123", Name: "Carol"}, "+4930101"},
		{"tel number", func(*Config) {}, invite(t, "tel:+49-30-100;ext=5", "<tel:+44(20)123>", "<sip:x@y>"),
			leg.Identity{Number: "+4420123"}, "+4930100"},
		{"escaped", func(*Config) {}, invite(t, "sip:%2B4930100@x", "<sip:a%0D%0Ab@y>", "<sip:x@y>"),
			leg.Identity{}, "+4930100"},
		{"control characters", func(*Config) {}, invite(t, did, "\"a\x07b\x7f\xff\" <sip:1@y>", "<sip:x@y>"),
			leg.Identity{Number: "1", Name: "ab"}, "+4930100"},
	} {
		t.Run(ca.name, func(t *testing.T) {
			cfg := valid()
			cfg.RewriteIn = []Rule{{Match: `00(.*)`, Replace: `+${1}`}, {Match: `(49.*)`, Replace: `+${1}`}}
			ca.edit(&cfg)
			from, to := mustNew(t, cfg).Inbound(ca.req)
			if from != ca.from || to != ca.to {
				t.Errorf("%+v, %q; want %+v, %q", from, to, ca.from, ca.to)
			}
		})
	}
}

func TestNames(t *testing.T) {
	for plain, quoted := range map[string]string{
		"": "", "Alice": "Alice", `a"b`: `a\"b`, `a\b`: `a\\b`, "Jürgen": "Jürgen", `"; <sip:x>`: `\"; <sip:x>`,
	} {
		if got := QuoteName(plain); got != quoted {
			t.Errorf("QuoteName(%q) = %q, want %q", plain, got, quoted)
		}
		if got := PlainName(quoted); got != plain {
			t.Errorf("PlainName(%q) = %q, want %q", quoted, got, plain)
		}
	}
	got := QuoteName("a\r\nX: y\x00" + strings.Repeat("z", 100))
	if strings.ContainsAny(got, "\r\n\x00") || len(got) > 64 {
		t.Errorf("%q", got)
	}
}

func TestClassify(t *testing.T) {
	for _, ca := range []struct {
		code int
		err  error
		want Verdict
	}{
		{500, nil, TryNext}, {502, nil, TryNext}, {503, nil, TryNext}, {504, nil, TryNext},
		{300, nil, GiveUp}, {302, nil, GiveUp}, {401, nil, GiveUp}, {403, nil, GiveUp}, {404, nil, GiveUp},
		{407, nil, GiveUp}, {408, nil, GiveUp}, {480, nil, GiveUp}, {486, nil, GiveUp}, {487, nil, GiveUp},
		{488, nil, GiveUp}, {501, nil, GiveUp}, {513, nil, GiveUp}, {600, nil, GiveUp}, {603, nil, GiveUp},
		{0, dialog.ErrTimeout, TryNext}, {0, dialog.ErrUnreachable, TryNext}, {0, errors.New("refused"), TryNext},
		{0, fmt.Errorf("x: %w", context.Canceled), GiveUp}, {0, nil, GiveUp},
	} {
		var res *sip.Response
		if ca.code != 0 {
			res = sip.NewResponse(ca.code, "")
		}
		if got := Classify(res, ca.err); got != ca.want {
			t.Errorf("%d, %v: %s", ca.code, ca.err, got)
		}
	}
}

// FuzzIdentity: whatever a caller writes into From, PAI and the Request-URI, it can be sent on in a header of ours.
func FuzzIdentity(f *testing.F) {
	f.Add(`"Carol" <sip:+4420123@h>`, "<tel:+4420123>", "sip:+4930100@h")
	f.Add(`"a\"b\\" <sip:%22%0d@h;x>`, `"x, y" <sip:1;ext=2@h>, <sip:2@h>`, "tel:+49(30)100")
	cfg := valid()
	cfg.Trusted = true
	tr, err := New(cfg)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, from, pai, uri string) {
		msg, err := sip.ParseMessage([]byte("INVITE " + uri + " SIP/2.0\r\nFrom: " + from + "\r\nTo: <sip:a@b>\r\n" +
			"P-Asserted-Identity: " + pai + "\r\n\r\n"))
		if err != nil {
			return
		}
		req, ok := msg.(*sip.Request)
		if !ok {
			return
		}
		who, to := tr.Inbound(req)
		for _, s := range []string{who.Number, to} {
			if s != "" && !isToken(s) && !isNumber(s) {
				t.Fatalf("number %q", s)
			}
		}
		h := sip.FromHeader{DisplayName: QuoteName(who.Name), Address: sip.Uri{Scheme: "sip", User: "1", Host: "h"}}
		var u sip.Uri
		name, err := sip.ParseAddressValue(h.Value(), &u, nil)
		if err != nil || PlainName(name) != who.Name || u.User != "1" || strings.ContainsAny(h.Value(), "\r\n\x00") {
			t.Fatalf("%q became %q, %q, %v", who.Name, h.Value(), name, err)
		}
	})
}
