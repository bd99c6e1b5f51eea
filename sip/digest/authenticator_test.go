package digest

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

const realm = "seatbridge"

func accounts(user string) (Secret, bool) {
	switch user {
	case "1001":
		return Secret{HA1: HA1(MD5, user, realm, "secret"), Algorithm: MD5}, true
	case "1002":
		return Secret{HA1: HA1(SHA256, user, realm, "secret"), Algorithm: SHA256}, true
	}
	return Secret{}, false
}

func register(source string) *sip.Request {
	req := sip.NewRequest(sip.REGISTER, sip.Uri{Scheme: "sip", Host: "127.0.0.1", Port: 5060})
	req.SetSource(source)
	req.SetTransport("UDP")
	return req
}

// phone answers challenges as phones do.
type phone struct {
	user, password string
	method         sip.RequestMethod // hashed; it defaults to that of the request
	uri            string            // it defaults to the Request-URI
	edit           func(*digest.Credentials)
}

func (p phone) answer(t *testing.T, req *sip.Request, challenge sip.Header, nc int) {
	t.Helper()
	chal, err := digest.ParseChallenge(challenge.Value())
	if err != nil {
		t.Fatal(err)
	}
	o := digest.Options{
		Method: string(req.Method), URI: req.Recipient.String(), Username: p.user, Password: p.password, Count: nc,
	}
	if p.method != "" {
		o.Method = string(p.method)
	}
	if p.uri != "" {
		o.URI = p.uri
	}
	cred, err := digest.Digest(chal, o)
	if err != nil {
		t.Fatal(err)
	}
	if p.edit != nil {
		p.edit(cred)
	}
	req.RemoveHeader("Authorization")
	req.AppendHeader(sip.NewHeader("Authorization", cred.String()))
}

// gate records what it is told.
type gate struct {
	failed, passed []string
	closed         bool
}

func (g *gate) AuthFailed(source netip.Addr, user string) {
	g.failed = append(g.failed, source.String()+" "+user)
}
func (g *gate) AuthPassed(source netip.Addr, user string) {
	g.passed = append(g.passed, source.String()+" "+user)
}
func (g *gate) AuthPermitted(netip.Addr, string) bool { return !g.closed }

func TestVerify(t *testing.T) {
	for _, ca := range []struct {
		name  string
		alg   Algorithm
		phone phone
		want  error
		user  string
	}{
		{"baresip, md5", MD5, phone{user: "1001", password: "secret"}, nil, "1001"},
		{"linphone, sha-256", SHA256, phone{user: "1002", password: "secret"}, nil, "1002"},
		{"wrong password", MD5, phone{user: "1001", password: "guess"}, ErrCredentials, ""},
		{"unknown user", MD5, phone{user: "9999", password: "secret"}, ErrCredentials, ""},
		{"unknown user, dummy password", MD5, phone{user: "9999"}, ErrCredentials, ""},
		{"weaker algorithm than the account's", MD5, phone{user: "1002", password: "secret"}, ErrCredentials, ""},
		{"algorithm not said", MD5, phone{user: "1001", password: "secret",
			edit: func(c *digest.Credentials) { c.Algorithm = "" }}, nil, "1001"},
		{"upper case response", MD5, phone{user: "1001", password: "secret",
			edit: func(c *digest.Credentials) { c.Response = strings.ToUpper(c.Response) }}, nil, "1001"},
		{"another port in the uri", MD5,
			phone{user: "1001", password: "secret", uri: "sip:127.0.0.1;transport=udp"}, nil, "1001"},
		{"uri of another resource", MD5,
			phone{user: "1001", password: "secret", uri: "sip:premium@127.0.0.1"}, ErrMalformed, ""},
		{"uri of another host", MD5, phone{user: "1001", password: "secret", uri: "sip:10.0.0.1"}, ErrMalformed, ""},
		{"uri that is none", MD5, phone{user: "1001", password: "secret", uri: "?"}, ErrMalformed, ""},
		{"hashed for another method", MD5,
			phone{user: "1001", password: "secret", method: sip.INVITE}, ErrCredentials, ""},
		{"no qop", MD5, phone{user: "1001", password: "secret",
			edit: func(c *digest.Credentials) { c.QOP = "" }}, ErrMalformed, ""},
		{"negative count", MD5, phone{user: "1001", password: "secret",
			edit: func(c *digest.Credentials) { c.Nc = -1 }}, ErrMalformed, ""},
		{"hashed user name", MD5, phone{user: "1001", password: "secret",
			edit: func(c *digest.Credentials) { c.Userhash = true }}, ErrMalformed, ""},
		{"another realm", MD5, phone{user: "1001", password: "secret",
			edit: func(c *digest.Credentials) { c.Realm = "elsewhere" }}, ErrNoCredentials, ""},
		{"forged nonce", MD5, phone{user: "1001", password: "secret",
			edit: func(c *digest.Credentials) { c.Nonce = "ff" + c.Nonce[2:] }}, ErrStale, ""},
		{"forged nonce, wrong password", MD5, phone{user: "1001", password: "guess",
			edit: func(c *digest.Credentials) { c.Nonce = "f" }}, ErrStale, ""},
		{"forged nonce, unknown user", MD5, phone{user: "9999", password: "guess",
			edit: func(c *digest.Credentials) { c.Nonce = strings.Repeat("z", 64) }}, ErrStale, ""},
	} {
		t.Run(ca.name, func(t *testing.T) {
			g := &gate{}
			a := NewAuthenticator(Config{Realm: realm, Gate: g})
			req := register("127.0.0.1:5070")
			ca.phone.answer(t, req, a.Challenge(req, 401, ca.alg, false), 1)
			user, err := a.Verify(req, accounts)
			if !errors.Is(err, ca.want) || user != ca.user {
				t.Fatalf("Verify = %q, %v; want %q, %v", user, err, ca.user, ca.want)
			}
			if failed := len(g.failed) == 1; failed != (ca.want == ErrCredentials) {
				t.Errorf("failures counted: %q", g.failed)
			}
			if passed := len(g.passed) == 1; passed != (ca.want == nil) {
				t.Errorf("successes counted: %q", g.passed)
			}
		})
	}
}

func TestVerifyWithoutCredentials(t *testing.T) {
	a := NewAuthenticator(Config{Realm: realm})
	req := register("127.0.0.1:5070")
	for _, value := range []string{"", "Basic dXNlcjpwYXNz", "Digest", `Digest realm="seatbridge`} {
		req.RemoveHeader("Authorization")
		req.AppendHeader(sip.NewHeader("Authorization", value))
		if _, err := a.Verify(req, accounts); !errors.Is(err, ErrNoCredentials) {
			t.Errorf("%q: %v", value, err)
		}
	}
}

func TestVerifyPicksOurRealm(t *testing.T) {
	a := NewAuthenticator(Config{Realm: realm})
	req := register("127.0.0.1:5070")
	phone{user: "1001", password: "secret"}.answer(t, req, a.Challenge(req, 407, MD5, false), 1)
	ours := req.GetHeader("Authorization").Value()
	req.RemoveHeader("Authorization")
	req.AppendHeader(sip.NewHeader("Proxy-Authorization", `Digest username="x", realm="proxy", nonce="1", uri="sip:x"`))
	req.AppendHeader(sip.NewHeader("Proxy-Authorization", ours))
	if user, err := a.Verify(req, accounts); user != "1001" || err != nil {
		t.Fatalf("Verify = %q, %v", user, err)
	}
}

func TestNonceReplay(t *testing.T) {
	a := NewAuthenticator(Config{Realm: realm})
	req := register("127.0.0.1:5070")
	challenge := a.Challenge(req, 401, MD5, false)
	// What UDP may do to the order is accepted, but nothing twice, and nothing that is too far behind.
	for _, step := range []struct {
		nc   int
		want error
	}{
		{1, nil}, {1, ErrStale}, {2, nil}, {5, nil}, {3, nil}, {3, ErrStale}, {4, nil}, {5, ErrStale},
		{40, nil}, {9, nil}, {8, ErrStale}, {9, ErrStale}, {1, ErrStale}, {1000000, nil}, {40, ErrStale},
	} {
		phone{user: "1001", password: "secret"}.answer(t, req, challenge, step.nc)
		if _, err := a.Verify(req, accounts); !errors.Is(err, step.want) {
			t.Fatalf("nc %d: %v, want %v", step.nc, err, step.want)
		}
	}
}

func TestNonceIsBoundToSourceAndKey(t *testing.T) {
	a := NewAuthenticator(Config{Realm: realm})
	req := register("127.0.0.1:5070")
	challenge := a.Challenge(req, 401, MD5, false)
	phone{user: "1001", password: "secret"}.answer(t, req, challenge, 1)

	req.SetSource("127.0.0.2:5070")
	if _, err := a.Verify(req, accounts); !errors.Is(err, ErrStale) {
		t.Errorf("from another address: %v", err)
	}
	req.SetSource("127.0.0.1:6070")
	if _, err := NewAuthenticator(Config{Realm: realm}).Verify(req, accounts); !errors.Is(err, ErrStale) {
		t.Errorf("after a restart: %v", err)
	}
	if _, err := a.Verify(req, accounts); err != nil {
		t.Errorf("from another port: %v", err)
	}
}

func TestNonceLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := NewAuthenticator(Config{Realm: realm, NonceLife: 300 * time.Second})
		req := register("127.0.0.1:5070")
		challenge := a.Challenge(req, 401, MD5, false)
		time.Sleep(300 * time.Second)
		phone{user: "1001", password: "secret"}.answer(t, req, challenge, 1)
		if _, err := a.Verify(req, accounts); err != nil {
			t.Fatalf("at the end of its life: %v", err)
		}
		time.Sleep(time.Millisecond)
		phone{user: "1001", password: "secret"}.answer(t, req, challenge, 2)
		if _, err := a.Verify(req, accounts); !errors.Is(err, ErrStale) {
			t.Fatalf("after its life: %v", err)
		}
		if v := a.Challenge(req, 401, MD5, true).Value(); !strings.Contains(v, "stale=true") {
			t.Fatalf("challenge %q", v)
		}
	})
}

// However many nonces are used, none is accepted twice: when one is forgotten, all as old as it are stale.
func TestNonceTableIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNonces(300*time.Second, 4)
		source := netip.MustParseAddr("127.0.0.1")
		var issued []string
		for range 10 {
			issued = append(issued, n.issue(source))
			time.Sleep(time.Second)
		}
		for i, nonce := range issued {
			if id, ok := n.check(nonce, source); !ok || !n.count(id, 1) {
				t.Fatalf("nonce %d is refused", i)
			}
		}
		for i, nonce := range issued {
			if id, ok := n.check(nonce, source); !ok || n.count(id, 1) {
				t.Errorf("nonce %d is accepted again", i)
			}
		}
		if len(n.used) != 4 || len(n.order) != 4 {
			t.Errorf("%d and %d nonces are remembered", len(n.used), len(n.order))
		}
	})
}

func TestBannedUserIsNotLookedAt(t *testing.T) {
	g := &gate{closed: true}
	a := NewAuthenticator(Config{Realm: realm, Gate: g})
	req := register("127.0.0.1:5070")
	phone{user: "1001", password: "secret"}.answer(t, req, a.Challenge(req, 401, MD5, false), 1)
	if _, err := a.Verify(req, accounts); !errors.Is(err, ErrBanned) {
		t.Fatal(err)
	}
	if len(g.failed)+len(g.passed) != 0 {
		t.Errorf("counted: %q %q", g.failed, g.passed)
	}
}

func TestChallengeHeader(t *testing.T) {
	a := NewAuthenticator(Config{Realm: realm})
	for _, ca := range []struct {
		status int
		alg    Algorithm
		stale  bool
		name   string
		format string
	}{
		{401, MD5, false, "WWW-Authenticate", `Digest realm="seatbridge", nonce="%s", algorithm=MD5, qop="auth"`},
		{407, SHA256, true, "Proxy-Authenticate",
			`Digest realm="seatbridge", nonce="%s", stale=true, algorithm=SHA-256, qop="auth"`},
	} {
		h := a.Challenge(register("127.0.0.1:5070"), ca.status, ca.alg, ca.stale)
		chal, err := digest.ParseChallenge(h.Value())
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf(ca.format, chal.Nonce); h.Name() != ca.name || h.Value() != want {
			t.Errorf("%s: %s, want %s", h.Name(), h.Value(), want)
		}
	}
}

func TestHA1(t *testing.T) {
	// The vectors of RFC 7616 section 3.9.1 are checked through the response; HA1 is its first step.
	const rfcRealm, rfcNonce = "http-auth@example.org", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
	for alg, want := range map[Algorithm]string{
		MD5:    "8ca523f5e9506fed4657c9700eebdbec",
		SHA256: "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
	} {
		cred, err := digest.Digest(
			&digest.Challenge{Realm: rfcRealm, Nonce: rfcNonce, Algorithm: string(alg), QOP: []string{"auth"}},
			digest.Options{
				Method: "GET", URI: "/dir/index.html", Username: "Mufasa", Count: 1,
				Cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
				A1:     HA1(alg, "Mufasa", rfcRealm, "Circle of Life"),
			})
		if err != nil || cred.Response != want {
			t.Errorf("%s: %v, %v", alg, cred, err)
		}
	}
}

func TestParseAlgorithm(t *testing.T) {
	for name, want := range map[string]Algorithm{"": MD5, "md5": MD5, "MD5": MD5, "sha256": SHA256, "SHA-256": SHA256} {
		if alg, err := ParseAlgorithm(name); alg != want || err != nil {
			t.Errorf("%q: %q, %v", name, alg, err)
		}
	}
	if _, err := ParseAlgorithm("sha1"); err == nil {
		t.Error("sha1 is accepted")
	}
}

// FuzzVerify: whatever a header holds, nobody gets in by it and nothing panics.
func FuzzVerify(f *testing.F) {
	f.Add(`Digest username="1001", realm="seatbridge", nonce="00", uri="sip:127.0.0.1", response="00", qop=auth, ` +
		`nc=00000001, cnonce="a", algorithm=MD5`)
	f.Add(`Digest username="1001",realm="seatbridge",nonce=,uri="sip:127.0.0.1",response=`)
	f.Add(`Digest realm="seatbridge", nc=-0000001, qop=auth`)
	a := NewAuthenticator(Config{Realm: realm, Gate: &gate{}})
	f.Fuzz(func(t *testing.T, value string) {
		req := register("127.0.0.1:5070")
		req.AppendHeader(sip.NewHeader("Authorization", value))
		if user, err := a.Verify(req, accounts); err == nil || user != "" {
			t.Fatalf("%q was let in as %q", value, user)
		}
	})
}
