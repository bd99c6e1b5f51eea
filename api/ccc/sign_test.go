package ccc

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// signer signs requests by the vendor's description of its signature v3, and shares nothing with what verifies them.
type signer struct {
	id, key string
	host    string // as it is signed; it defaults to the request's
	service string // it defaults to ccc
	date    string // it defaults to the time's
	headers []string
}

func (s signer) sign(r *http.Request, body string, at time.Time) {
	r.Header.Set("X-TC-Timestamp", fmt.Sprint(at.Unix()))
	if s.headers == nil {
		s.headers = []string{"content-type", "host"}
	}
	if s.host == "" {
		s.host = r.Host
	}
	if s.service == "" {
		s.service = "ccc"
	}
	if s.date == "" {
		s.date = at.UTC().Format("2006-01-02")
	}
	sum := func(text string) string {
		h := sha256.Sum256([]byte(text))
		return hex.EncodeToString(h[:])
	}
	sign := func(key, text string) string {
		h := hmac.New(sha256.New, []byte(key))
		h.Write([]byte(text))
		return string(h.Sum(nil))
	}
	request := r.Method + "\n" + r.URL.Path + "\n" + r.URL.RawQuery + "\n"
	for _, name := range s.headers {
		value := s.host
		if name != "host" {
			value = strings.ToLower(r.Header.Get(name))
		}
		request += name + ":" + value + "\n"
	}
	request += "\n" + strings.Join(s.headers, ";") + "\n" + sum(body)
	scope := s.date + "/" + s.service + "/tc3_request"
	text := "TC3-HMAC-SHA256\n" + fmt.Sprint(at.Unix()) + "\n" + scope + "\n" + sum(request)
	signature := hex.EncodeToString([]byte(sign(sign(sign(sign("TC3"+s.key, s.date), s.service), "tc3_request"), text)))
	r.Header.Set("Authorization", fmt.Sprintf("TC3-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s",
		s.id, scope, strings.Join(s.headers, ";"), signature))
}

// TestGolden is a request of the vendor's own client for Node.js, version 4.1.313, with its signature.
func TestGolden(t *testing.T) {
	body := `{"SdkAppId":1400000001,"Offset":0,"Limit":25}`
	r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1:8080/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{
		"Content-Type": {"application/json"}, "X-Tc-Timestamp": {"1795363200"},
		// This client takes the endpoint up to its first dot for the service, and signs the host without its port.
		"Authorization": {"TC3-HMAC-SHA256 Credential=AKIDgolden/2026-11-22/127/tc3_request, " +
			"SignedHeaders=content-type;host, " +
			"Signature=65e33ef218a8bc420e0fa791cb927a7dd7c01ca0ced6547298d23aa55147cf2f"},
	}
	k := keys{"AKIDgolden", "a golden key of 32 characters ..."}
	at := time.Unix(1795363200, 0)
	if _, err := k.verify(r, []byte(body), at); err != nil {
		t.Fatal(err)
	}
	if _, err := k.verify(r, []byte(body+" "), at); err == nil || err.Code != codeSignatureFailure {
		t.Errorf("another body: %v", err)
	}
}

// TestVerify signs requests by another implementation than the one that verifies them.
func TestVerify(t *testing.T) {
	now := time.Unix(1795363200, 0)
	good := signer{id: "AKID1", key: "the right key"}
	with := func(change func(s *signer)) signer {
		s := good
		change(&s)
		return s
	}
	for _, ca := range []struct {
		name   string
		signer signer
		at     time.Time
		spoil  func(r *http.Request)
		want   code
	}{
		{name: "good", signer: good, at: now},
		{name: "five minutes late", signer: good, at: now.Add(-skew)},
		{name: "five minutes early", signer: good, at: now.Add(skew)},
		{name: "later than that", signer: good, at: now.Add(-skew - time.Second), want: codeSignatureExpire},
		{name: "earlier than that", signer: good, at: now.Add(skew + time.Second), want: codeSignatureExpire},
		{name: "host without port", signer: with(func(s *signer) { s.host = "ccc.example.com" }), at: now},
		{name: "another host", signer: with(func(s *signer) { s.host = "ccc.example.org" }), at: now,
			want: codeSignatureFailure},
		{name: "the action is signed", at: now,
			signer: with(func(s *signer) { s.headers = []string{"content-type", "host", "x-tc-action"} })},
		{name: "the action is signed, and another", at: now, want: codeSignatureFailure,
			signer: with(func(s *signer) { s.headers = []string{"content-type", "host", "x-tc-action"} }),
			spoil:  func(r *http.Request) { r.Header.Set("X-TC-Action", "DeleteStaff") }},
		{name: "a signed header is there twice", at: now, want: codeSignatureFailure, signer: good,
			spoil: func(r *http.Request) { r.Header.Add("Content-Type", "application/json") }},
		{name: "the host is not signed", at: now, want: codeInvalidAuthorization,
			signer: with(func(s *signer) { s.headers = []string{"content-type"} })},
		{name: "unknown id", signer: with(func(s *signer) { s.id = "AKID2" }), at: now, want: codeSecretIDNotFound},
		{name: "wrong key", signer: with(func(s *signer) { s.key = "wrong" }), at: now, want: codeSignatureFailure},
		{name: "another service", signer: with(func(s *signer) { s.service = "cvm" }), at: now, want: codeSignatureFailure},
		{name: "yesterday's scope", signer: with(func(s *signer) { s.date = "2026-11-21" }), at: now,
			want: codeSignatureFailure},
		{name: "another path", signer: good, at: now, want: codeSignatureFailure,
			spoil: func(r *http.Request) { r.URL.Path = "/ccc" }},
		{name: "another query", signer: good, at: now, want: codeSignatureFailure,
			spoil: func(r *http.Request) { r.URL.RawQuery = "a=b" }},
		{name: "another content type", signer: good, at: now, want: codeSignatureFailure,
			spoil: func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }},
		{name: "another time", signer: good, at: now, want: codeSignatureFailure,
			spoil: func(r *http.Request) { r.Header.Set("X-TC-Timestamp", fmt.Sprint(now.Unix()+1)) }},
		{name: "no time", signer: good, at: now, want: codeInvalidValue,
			spoil: func(r *http.Request) { r.Header.Del("X-TC-Timestamp") }},
		{name: "a time that is none", signer: good, at: now, want: codeInvalidValue,
			spoil: func(r *http.Request) { r.Header.Set("X-TC-Timestamp", "now") }},
		{name: "the beginning of all times", signer: good, at: now, want: codeSignatureExpire,
			spoil: func(r *http.Request) { r.Header.Set("X-TC-Timestamp", "-9223372036854775808") }},
		{name: "not signed", signer: good, at: now, want: codeInvalidAuthorization,
			spoil: func(r *http.Request) { r.Header.Del("Authorization") }},
		{name: "the SDK's word for unsigned", signer: good, at: now, want: codeInvalidAuthorization,
			spoil: func(r *http.Request) { r.Header.Set("Authorization", "SKIP") }},
	} {
		t.Run(ca.name, func(t *testing.T) {
			r, err := http.NewRequest(http.MethodPost, "http://ccc.example.com:8080/", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json; charset=UTF-8")
			r.Header.Set("X-TC-Action", "DescribeTelCdr")
			ca.signer.sign(r, "{}", ca.at)
			if ca.spoil != nil {
				ca.spoil(r)
			}
			_, failed := keys{good.id, good.key}.verify(r, []byte("{}"), now)
			switch {
			case ca.want == "" && failed != nil:
				t.Error(failed)
			case ca.want != "" && (failed == nil || failed.Code != ca.want):
				t.Errorf("%v, want %s", failed, ca.want)
			}
		})
	}
}

// TestReplay uses one signature again and again.
func TestReplay(t *testing.T) {
	const here, there = "192.0.2.1", "192.0.2.2"
	u, now := newUses(), time.Now()
	a, b := [sha256.Size]byte{1}, [sha256.Size]byte{2}
	for i, ca := range []struct {
		signature [sha256.Size]byte
		address   string
		action    string
		changes   bool
		after     time.Duration
		ok        bool
	}{
		{a, here, "DescribeTelSession", false, 0, true},
		{a, here, "DescribeTelSession", false, 0, true},                      // a poller, twice in a second
		{a, here, "HangUpCall", true, time.Second, true},                     // the same parameters
		{a, here, "HangUpCall", true, time.Second, false},                    // once is enough
		{a, here, "DeleteExtension", true, time.Second, true},                // as it is another action
		{a, there, "DescribeTelSession", false, time.Second, false},          // from elsewhere
		{a, here, "DescribeTelSession", false, sameSecond + 1, false},        // too late
		{b, here, "HangUpCall", true, sameSecond + 1, true},                  // another one
		{a, here, "DescribeTelSession", false, 2 * skew, false},              // as long as its time could be good
		{a, here, "DescribeTelSession", false, 2*skew + time.Second, true},   // forgotten: its time is refused by now
		{b, here, "HangUpCall", true, 2*skew + time.Second, false},           // not yet
		{b, here, "HangUpCall", true, 2*skew + sameSecond + time.Hour, true}, // forgotten too
	} {
		err := u.take(ca.signature, ca.address, ca.action, ca.changes, now.Add(ca.after))
		if (err == nil) != ca.ok || err != nil && err.Code != codeSignatureExpire {
			t.Fatalf("use %d: %v", i, err)
		}
	}
	if len(u.known) != len(u.oldest) || len(u.known) != 1 {
		t.Errorf("%d, %d signatures are remembered", len(u.known), len(u.oldest))
	}
	for n := range maxUses {
		u.take([sha256.Size]byte{3, byte(n), byte(n >> 8)}, here, "x", false, now.Add(2*time.Hour))
	}
	if err := u.take([sha256.Size]byte{4}, here, "x", false, now.Add(2*time.Hour)); err == nil ||
		err.Code != codeRequestLimit {
		t.Errorf("one too many: %v", err)
	}
}

func FuzzAuthorization(f *testing.F) {
	signature := strings.Repeat("0f", sha256.Size)
	good := "TC3-HMAC-SHA256 Credential=AKID1/2026-11-22/ccc/tc3_request, SignedHeaders=content-type;host, Signature="
	f.Add(good + signature)
	f.Add(strings.ReplaceAll(good, ", ", ",") + signature[:10])
	f.Add("TC3-HMAC-SHA256 =, =,")
	f.Add("SKIP")
	f.Fuzz(func(t *testing.T, header string) {
		a, err := parseAuthorization(header)
		if err != nil {
			if err.Code != codeInvalidAuthorization {
				t.Errorf("%q: %v", header, err)
			}
			return
		}
		again, err := parseAuthorization(fmt.Sprintf(
			"TC3-HMAC-SHA256 Credential=%s/%s/%s/tc3_request, SignedHeaders=%s, Signature=%x",
			a.secretID, a.date, a.service, strings.Join(a.signed, ";"), a.signature))
		if err != nil || fmt.Sprint(again) != fmt.Sprint(a) {
			t.Errorf("%q: %+v became %+v, %v", header, a, again, err)
		}
		r, _ := http.NewRequest(http.MethodPost, "http://127.0.0.1/", nil)
		r.Header.Set("Authorization", header)
		r.Header.Set("X-TC-Timestamp", "1795363200")
		if _, err := (keys{"AKID1", "a key that nobody has"}).verify(r, nil, time.Unix(1795363200, 0)); err == nil {
			t.Errorf("%q was believed", header)
		}
	})
}
