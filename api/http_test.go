package api

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestTokenRequests(t *testing.T) {
	g := newGateway(t)
	const asJSON = "application/json"
	for _, ca := range []struct {
		name, body, contentType, origin string
		status                          int
		code                            string
	}{
		{"right", `{"user":"alice","password":"alice"}`, asJSON, "", 200, ""},
		{"right, with charset", `{"user":"alice","password":"alice"}`, asJSON + "; charset=utf-8", "", 200, ""},
		{"right, own page", `{"user":"alice","password":"alice"}`, asJSON, "http://" + g.address, 200, ""},
		{"page elsewhere", `{"user":"alice","password":"alice"}`, asJSON, "http://evil.example", 403, "forbidden"},
		{"wrong password", `{"user":"alice","password":"bob"}`, asJSON, "", 401, "unauthorized"},
		{"unknown user", `{"user":"mallory","password":"x"}`, asJSON, "", 401, "unauthorized"},
		{"user without a password", `{"user":"nopass","password":""}`, asJSON, "", 401, "unauthorized"},
		{"no password outside the demo", `{"user":"alice"}`, asJSON, "", 401, "unauthorized"},
		{"no user", `{"password":"x"}`, asJSON, "", 400, "badRequest"},
		{"for nothing known", `{"user":"alice","password":"alice","for":"fun"}`, asJSON, "", 400, "badRequest"},
		{"not JSON", `user=alice`, asJSON, "", 400, "badRequest"},
		{"wrong type", `{"user":5}`, asJSON, "", 400, "badRequest"},
		{"a form", `user=alice`, "application/x-www-form-urlencoded", "", 415, "badRequest"},
		{"plain text", `{"user":"alice","password":"alice"}`, "text/plain", "", 415, "badRequest"},
		{"too big", `{"user":"` + strings.Repeat("a", maxBody) + `"}`, asJSON, "", 413, "badRequest"},
	} {
		t.Run(ca.name, func(t *testing.T) {
			header := []string{"Content-Type", ca.contentType}
			if ca.origin != "" {
				header = append(header, "Origin", ca.origin)
			}
			status, answer := g.request("POST", "/api/v1/token", ca.body, header...)
			e, _ := answer["error"].(map[string]any)
			if code, _ := e["code"].(string); status != ca.status || code != ca.code {
				t.Errorf("%d %v", status, answer)
			}
			if ca.status == 200 && (answer["expiresIn"] != 600.0 || len(answer["token"].(string)) < 26) {
				t.Error(answer)
			}
		})
	}
}

func TestGuessing(t *testing.T) {
	g := newGateway(t)
	guess := func(user, password string) int {
		status, _ := g.post("/api/v1/token", `{"user":"`+user+`","password":"`+password+`"}`)
		return status
	}
	for range guessesPerUser {
		if status := guess("alice", "wrong"); status != http.StatusUnauthorized {
			t.Fatal(status)
		}
	}
	if status := guess("alice", "alice"); status != http.StatusTooManyRequests {
		t.Error("a sixth try:", status)
	}
	for range 2 * guessesPerUser { // whoever knows the password may come as often as he likes
		if status := guess("bob", "bob"); status != http.StatusOK {
			t.Error("another user:", status)
		}
	}
}

func TestGuessesRest(t *testing.T) {
	p, err := newPasswords(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range guessesPerUser {
		if !p.allow("192.0.2.1", "alice") {
			t.Fatal("not allowed")
		}
	}
	if p.allow("192.0.2.1", "alice") || !p.allow("192.0.2.2", "alice") {
		t.Error("limits are not by address and user")
	}
	p.sweep(time.Now().Add(guessesPerUser * guessRestPerUser))
	if len(p.guessers) != 0 {
		t.Error("remembered for ever:", p.guessers)
	}
	for n := range guessesPerAddress {
		if !p.allow("192.0.2.3", strings.Repeat("u", n+1)) {
			t.Fatal("address blocked after", n)
		}
	}
	if p.allow("192.0.2.3", "v") {
		t.Error("one address may try all users")
	}
}

func TestClientNetwork(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.7:5":                  "192.0.2.7",
		"[2001:db8:1:2:3:4:5:6]:5":     "2001:db8:1:2::/64",
		"[::ffff:192.0.2.7]:5":         "::ffff:192.0.2.7",
		"[fe80::1%eth0]:5":             "fe80::/64",
		"something that is no address": "something that is no address",
	} {
		if got := clientNetwork(remote); got != want {
			t.Errorf("%s: %s, want %s", remote, got, want)
		}
	}
}

func TestTokenLife(t *testing.T) {
	tokens, now := newTokens(time.Minute), time.Now()
	secret, expires := tokens.issue("alice", forOperations, now)
	if expires != now.Add(time.Minute) {
		t.Error(expires)
	}
	for _, ca := range []struct {
		after time.Duration
		ok    bool
	}{{0, true}, {time.Minute - 1, true}, {time.Minute, false}} {
		if _, ok := tokens.use(secret, forOperations, now.Add(ca.after)); ok != ca.ok {
			t.Errorf("after %s: %t", ca.after, ok)
		}
	}
	if _, ok := tokens.use(secret, forLogin, now); ok {
		t.Error("opens what it is not for")
	}
	tokens.sweep(now.Add(time.Minute))
	if len(tokens.byHash) != 0 {
		t.Error("kept for ever")
	}
	first, _ := tokens.issue("alice", forLogin, now)
	for n := range tokensPerUser {
		tokens.issue("alice", forLogin, now.Add(time.Duration(n+1)))
	}
	if len(tokens.byHash) != tokensPerUser {
		t.Error(len(tokens.byHash), "tokens of one user")
	}
	if _, ok := tokens.use(first, forLogin, now); ok {
		t.Error("the oldest did not make room")
	}
}

func TestBadPasswordHash(t *testing.T) {
	_, err := newPasswords([]string{"alice"}, func(string) string { return "secret" })
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}

func TestDemo(t *testing.T) {
	for _, demo := range []bool{false, true} {
		g := newGateway(t, func(c *Config) {
			c.DemoLogin, c.DemoNumbers = demo, []DemoNumber{{Number: "+15550199", Label: "talks"}}
		})
		status, answer := g.request("GET", "/api/v1/demo", "")
		users, _ := answer["users"].([]any)
		numbers, _ := answer["numbers"].([]any)
		if status != 200 || answer["demo"] != demo || len(users) > 0 != demo || len(numbers) > 0 != demo {
			t.Errorf("demo %t: %d %v", demo, status, answer)
		}
		want := map[bool]int{false: 401, true: 200}[demo]
		if status, answer := g.post("/api/v1/token", `{"user":"alice"}`); status != want {
			t.Errorf("demo %t: %d %v", demo, status, answer)
		}
		if status, _ := g.post("/api/v1/token", `{"user":"mallory"}`); status != 401 {
			t.Errorf("demo %t: unknown user: %d", demo, status)
		}
		want = map[bool]int{false: 200, true: 421}[demo]
		if status, answer := g.request("GET", "/healthz", "", "Host", "evil.example:8080"); status != want {
			t.Errorf("demo %t: foreign host: %d %v", demo, status, answer)
		}
	}
}

func TestIsLoopbackHost(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST:80": true, "127.0.0.1:8080": true, "127.9.9.9": true, "[::1]:8080": true, "[::1]": true,
		"192.0.2.1:80": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false, "": false,
	} {
		if got := isLoopbackHost(host); got != want {
			t.Errorf("%q: %t", host, got)
		}
	}
}

func TestTokenInURL(t *testing.T) {
	var logged bytes.Buffer
	g := newGateway(t, func(c *Config) {
		c.Log = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	for _, path := range []string{"/api/v1/ws?token=hush", "/api/v1/sessions?x=1&token=hush", "/?token=hush"} {
		if status, answer := g.request("GET", path, ""); status != http.StatusBadRequest {
			t.Errorf("%s: %d %v", path, status, answer)
		}
	}
	secret := g.token("alice")
	p := g.open()
	p.logIn(map[string]any{"type": "login", "token": secret})
	p.conn.CloseNow()
	g.stopOnce(t.Context())
	if strings.Contains(logged.String(), "hush") || strings.Contains(logged.String(), secret) {
		t.Error("a token was logged")
	}
	if !strings.Contains(logged.String(), "logged in") {
		t.Error("nothing was logged:", logged.String())
	}
}

func TestHealth(t *testing.T) {
	var ready atomic.Pointer[error]
	g := newGateway(t, func(c *Config) {
		c.Ready = func() error { return *ready.Load() }
		c.MetricsHandler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "figures") })
	})
	for _, ca := range []struct {
		path   string
		ready  error
		status int
		text   string
	}{
		{"/healthz", nil, 200, "ok"},
		{"/readyz", nil, 200, "ready"},
		{"/readyz", errors.New("draining"), 503, "draining"},
		{"/healthz", errors.New("draining"), 200, "ok"},
		{"/metrics", nil, 200, "figures"},
		{"/api/v1/nothing", nil, 404, "notFound"},
		{"/", nil, 404, ""},
	} {
		ready.Store(&ca.ready)
		status, answer := g.request("GET", ca.path, "")
		if status != ca.status || !strings.Contains(string(marshal(answer)), ca.text) {
			t.Errorf("%s: %d %v", ca.path, status, answer)
		}
	}
	if status, _ := g.request("DELETE", "/api/v1/token", ""); status != 405 {
		t.Error("wrong method:", status)
	}
}

func TestPanicOfARequest(t *testing.T) {
	g := newGateway(t, func(c *Config) { c.Ready = func() error { panic("fault") } })
	if status, answer := g.request("GET", "/readyz", ""); status != 500 {
		t.Errorf("%d %v", status, answer)
	}
}
