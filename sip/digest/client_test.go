package digest

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

const carrier = "127.0.0.9:5060"

func carrierOnly(a netip.Addr) bool { return a == netip.MustParseAddr("127.0.0.9") }

func invite(destination string) *sip.Request {
	req := sip.NewRequest(sip.INVITE, sip.Uri{Scheme: "sip", User: "+12025550100", Host: "127.0.0.9"})
	req.SetDestination(destination)
	req.SetBody([]byte("v=0\r\n"))
	return req
}

func challenged(status int, source string, challenges ...string) *sip.Response {
	res := sip.NewResponse(status, "Prove it")
	name := "WWW-Authenticate"
	if status == 407 {
		name = "Proxy-Authenticate"
	}
	for _, c := range challenges {
		res.AppendHeader(sip.NewHeader(name, c))
	}
	res.SetSource(source)
	return res
}

func TestAuthorize(t *testing.T) {
	const (
		md5    = `Digest realm="carrier", nonce="n1", algorithm=MD5, qop="auth"`
		sha    = `Digest realm="carrier", nonce="n2", algorithm=SHA-256, qop="auth"`
		sha512 = `Digest realm="carrier", nonce="n3", algorithm=SHA-512-256, qop="auth"`
		plain  = `Digest realm="carrier", nonce="n4"`
	)
	for _, ca := range []struct {
		name        string
		realm       string
		status      int
		destination string
		source      string
		challenges  []string
		want        error
		nonce       string // that is answered
	}{
		{"md5", "", 401, carrier, carrier, []string{md5}, nil, "n1"},
		{"proxy", "carrier", 407, carrier, carrier, []string{md5}, nil, "n1"},
		{"without qop", "carrier", 407, carrier, carrier, []string{plain}, nil, "n4"},
		{"qop with blanks", "", 401, carrier, carrier,
			[]string{`Digest realm="carrier", nonce="n5", qop="auth-int, auth"`}, nil, "n5"},
		{"auth-int alone", "", 401, carrier, carrier,
			[]string{`Digest realm="carrier", nonce="n6", qop="auth-int"`}, nil, "n6"},
		{"strongest, last", "carrier", 401, carrier, carrier, []string{md5, sha}, nil, "n2"},
		{"strongest, first", "carrier", 401, carrier, carrier, []string{sha512, sha, md5}, nil, "n3"},
		{"strongest that is known", "", 401, carrier, carrier,
			[]string{`Digest realm="carrier", nonce="x", algorithm=AKAv1-MD5`, md5, "Basic x", "nonsense"}, nil, "n1"},
		{"realm among others", "carrier", 407, carrier, carrier,
			[]string{`Digest realm="proxy", nonce="x", algorithm=SHA-256, qop="auth"`, md5}, nil, "n1"},
		{"none that is known", "", 401, carrier, carrier, []string{`Digest realm="carrier", nonce="x", algorithm=ROT13`},
			ErrNoChallenge, ""},
		{"qop unknown", "", 401, carrier, carrier, []string{`Digest realm="carrier", nonce="x", qop="magic"`},
			ErrNoChallenge, ""},
		{"no challenge", "", 401, carrier, carrier, nil, ErrNoChallenge, ""},
		{"realm of another", "carrier", 407, carrier, carrier, []string{`Digest realm="evil", nonce="x"`}, ErrForeign, ""},
		{"request to another", "", 407, "127.0.0.66:5060", "127.0.0.66:5060", []string{md5}, ErrForeign, ""},
		{"answer from another", "", 407, carrier, "127.0.0.66:5060", []string{md5}, ErrForeign, ""},
		{"by name, answer from the trunk", "", 407, "sip.carrier.example:5061", carrier, []string{md5}, nil, "n1"},
		{"by name, answer from nowhere", "", 407, "sip.carrier.example:5061", "", []string{md5}, ErrForeign, ""},
	} {
		t.Run(ca.name, func(t *testing.T) {
			c := &Credentials{Username: "gw", Password: "secret", Realm: ca.realm, Trusted: carrierOnly}
			req := invite(ca.destination)
			err := c.Authorize(req, challenged(ca.status, ca.source, ca.challenges...))
			if !errors.Is(err, ca.want) {
				t.Fatalf("Authorize: %v, want %v", err, ca.want)
			}
			name, other := "Authorization", "Proxy-Authorization"
			if ca.status == 407 {
				name, other = other, name
			}
			if len(req.GetHeaders(other)) != 0 {
				t.Errorf("%s was added", other)
			}
			if err != nil {
				if len(req.GetHeaders(name)) != 0 {
					t.Errorf("%s leaked", name)
				}
				return
			}
			checkAnswer(t, req, req.GetHeader(name).Value(), ca.nonce)
		})
	}
}

// checkAnswer computes the response once more with the password.
func checkAnswer(t *testing.T, req *sip.Request, value, nonce string) {
	t.Helper()
	cred, err := digest.ParseCredentials(value)
	if err != nil {
		t.Fatal(err)
	}
	if cred.Nonce != nonce || cred.Username != "gw" || cred.URI != req.Recipient.String() {
		t.Fatalf("answer %+v", cred)
	}
	if cred.QOP == "auth-int" {
		return // the body's hash is icholy's business
	}
	chal := &digest.Challenge{Realm: cred.Realm, Nonce: cred.Nonce, Algorithm: cred.Algorithm}
	if cred.QOP != "" {
		chal.QOP = []string{cred.QOP}
	}
	want, err := digest.Digest(chal, digest.Options{
		Method: string(req.Method), URI: cred.URI, Username: "gw", Password: "secret", Count: cred.Nc, Cnonce: cred.Cnonce,
	})
	if err != nil || want.Response != cred.Response {
		t.Fatalf("response %s, want %s (%v)", cred.Response, want.Response, err)
	}
}

func TestAuthorizeOnlyOnce(t *testing.T) {
	c := &Credentials{Username: "gw", Password: "secret", Trusted: carrierOnly}
	req := invite(carrier)
	for _, step := range []struct {
		name      string
		challenge string
		want      error
	}{
		{"first", `Digest realm="carrier", nonce="n1", qop="auth"`, nil},
		{"same nonce", `Digest realm="carrier", nonce="n1", qop="auth"`, ErrRejected},
		{"another nonce, not stale", `Digest realm="carrier", nonce="n2", qop="auth"`, ErrRejected},
		{"stale, same nonce", `Digest realm="carrier", nonce="n1", stale=true, qop="auth"`, ErrRejected},
		{"stale", `Digest realm="carrier", nonce="n2", stale=TRUE, qop="auth"`, nil},
		{"next realm on the way", `Digest realm="proxy", nonce="n3", qop="auth"`, nil},
		{"next realm again", `Digest realm="proxy", nonce="n3", qop="auth"`, ErrRejected},
	} {
		if err := c.Authorize(req, challenged(407, carrier, step.challenge)); !errors.Is(err, step.want) {
			t.Fatalf("%s: %v, want %v", step.name, err, step.want)
		}
	}
	if n := len(req.GetHeaders("Proxy-Authorization")); n != 2 {
		t.Errorf("%d headers for two realms", n)
	}
}

func TestAuthorizeCountsNonces(t *testing.T) {
	c := &Credentials{Username: "gw", Password: "secret", Trusted: carrierOnly}
	count := func(nonce string) string {
		req := invite(carrier)
		if err := c.Authorize(req, challenged(407, carrier, `Digest realm="c", qop="auth", nonce="`+nonce+`"`)); err != nil {
			t.Fatal(err)
		}
		_, nc, _ := strings.Cut(req.GetHeader("Proxy-Authorization").Value(), "nc=")
		return nc[:8]
	}
	for i, want := range []string{"00000001", "00000002", "00000003"} {
		if got := count("same"); got != want {
			t.Errorf("use %d has count %s", i+1, got)
		}
		count("other" + want)
	}
	for i := range 100 {
		count(strings.Repeat("n", i))
	}
	if len(c.recent) != recentNonces {
		t.Errorf("%d nonces are remembered", len(c.recent))
	}
}

func TestAuthorizeTrustsNobodyByDefault(t *testing.T) {
	c := &Credentials{Username: "gw", Password: "secret"}
	err := c.Authorize(invite(carrier), challenged(407, carrier, `Digest realm="c", nonce="n"`))
	if !errors.Is(err, ErrForeign) {
		t.Fatal(err)
	}
}

// FuzzAuthorize: whatever a challenge holds, the request stays one that can be written and read again.
func FuzzAuthorize(f *testing.F) {
	f.Add(`Digest realm="carrier", nonce="n1", algorithm=MD5, qop="auth"`)
	f.Add("Digest realm=\"a\\\"b\", nonce=\"\\r\\n\", opaque=\"x\", qop=\"auth,auth-int\"")
	f.Add(`Digest nonce=, realm=`)
	f.Fuzz(func(t *testing.T, challenge string) {
		c := &Credentials{Username: "gw", Password: "secret", Trusted: carrierOnly}
		req := invite(carrier)
		if err := c.Authorize(req, challenged(401, carrier, challenge)); err != nil {
			return
		}
		if v := req.GetHeader("Authorization").Value(); strings.ContainsAny(v, "\r\n") {
			t.Fatalf("line break in %q", v)
		}
	})
}
