package api

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"seatbridge/web"
)

const crm = "https://crm.example.com"

func withSDK(c *Config) { c.SDK = []byte("/* the SDK */") }

// sdk fetches the SDK as a page of an origin does, and returns what the script knows.
func (g *gateway) sdk(path, origin string) sdkLogin {
	g.t.Helper()
	status, answer := g.request("GET", path, "", "Origin", origin)
	text, _ := answer["text"].(string)
	before, after, ok := strings.Cut(text, "/* the SDK */})(")
	if status != http.StatusOK || !ok || before != "(function(seatbridgeLogin){" {
		g.t.Fatalf("%d %v", status, answer)
	}
	var login sdkLogin
	if err := json.Unmarshal([]byte(strings.TrimSuffix(after, ");\n")), &login); err != nil {
		g.t.Fatal(err)
	}
	return login
}

// openFrom opens a socket as a page of an origin does.
func (g *gateway) openFrom(origin string) (*page, error) {
	o := &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {origin}}}
	conn, _, err := websocket.Dial(g.t.Context(), "ws://"+g.address+"/api/v1/ws", o)
	if err != nil {
		return nil, err
	}
	g.t.Cleanup(func() { conn.CloseNow() })
	return &page{g.t, conn}, nil
}

// TestSDKTicket wants a ticket to be good for one script, whatever it is good for otherwise.
func TestSDKTicket(t *testing.T) {
	g := newGateway(t, withSDK)
	for _, once := range []bool{true, false} {
		ticket, _ := g.Ticket("alice", once)
		first, again := g.sdk("/sdk/v1?ticket="+ticket, crm), g.sdk("/sdk/v1?ticket="+ticket, crm)
		if first.Token == "" || first.Token == ticket || first.User != "alice" || first.Problem != "" {
			t.Errorf("the script knows %+v", first)
		}
		if again.Token != "" || again.Problem == "" {
			t.Errorf("used up, it knows %+v", again)
		}
		if inside := g.sdk("/sdk/v1?ticket="+first.Token, crm); inside.Token != "" {
			t.Error("what stands in a script opened another")
		}
	}
	if bad := g.sdk("/sdk/v1?ticket=wrong", crm); bad.Token != "" || bad.Problem == "" {
		t.Errorf("for a bad ticket it knows %+v", bad)
	}
	if none := g.sdk("/sdk/v1", crm); none != (sdkLogin{}) {
		t.Errorf("without a ticket it knows %+v", none)
	}
}

// TestSDKPage wants the page that a ticket was used on, and no other, to log in and to resume from elsewhere.
func TestSDKPage(t *testing.T) {
	g := newGateway(t, withSDK)
	if p, err := g.openFrom(crm); err != nil || p.closed() != closeNoLogin.code {
		t.Fatal("a page elsewhere without a ticket was let in")
	}
	ticket, _ := g.Ticket("alice", true)
	login := g.sdk("/sdk/v1?ticket="+ticket, crm)
	if p, err := g.openFrom("https://other.example.com"); err != nil || p.closed() != closeNoLogin.code {
		t.Fatal("another page elsewhere was let in")
	}
	p, err := g.openFrom(crm)
	if err != nil {
		t.Fatal(err)
	}
	p.send(map[string]any{"type": "login", "token": g.token("bob")})
	if e := p.next(); e["ok"] == true {
		t.Error("a page elsewhere logged in by a token of ours")
	}
	if p, err = g.openFrom(crm); err != nil {
		t.Fatal(err)
	}
	data := p.logIn(map[string]any{"type": "login", "token": login.Token})
	resume := map[string]any{"type": "login", "token": data.ResumeToken, "resume": map[string]any{"login": data.Login}}
	if p, err = g.openFrom(crm); err != nil {
		t.Fatal("once logged in, a page elsewhere was not let in:", err)
	}
	p.logIn(resume)
}

// TestSDKHeaders wants what a script tag elsewhere needs, and no more.
func TestSDKHeaders(t *testing.T) {
	g := newGateway(t, withSDK)
	r, _ := http.NewRequestWithContext(t.Context(), "GET", "http://"+g.address+"/sdk/v1", nil)
	r.Header.Set("Origin", crm)
	res, err := g.client.Do(r) // which asks for gzip by itself
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	for name, want := range map[string]string{
		"Content-Type": "text/javascript; charset=utf-8", "Access-Control-Allow-Origin": crm,
		"Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": "no-store", "Vary": "Origin, Accept-Encoding",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if !res.Uncompressed {
		t.Error("it is not compressed")
	}
	without := newGateway(t)
	if status, _ := without.request("GET", "/sdk/v1", ""); status != http.StatusServiceUnavailable {
		t.Errorf("without an SDK: %d", status)
	}
}

// TestSDKTypes wants the types to be there for anybody, and to be those that the SDK is compiled with.
func TestSDKTypes(t *testing.T) {
	types, err := web.SDKTypes()
	if err != nil {
		t.Fatal(err)
	}
	g := newGateway(t, func(c *Config) { c.SDKTypes = types })
	res, err := g.client.Get("http://" + g.address + "/sdk/v1/tccc.d.ts")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || !strings.Contains(string(text), "startInternalCall(") {
		t.Errorf("%d, %d bytes, %v", res.StatusCode, len(text), err)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/plain; charset=utf-8", "Access-Control-Allow-Origin": "*",
		"Cross-Origin-Resource-Policy": "cross-origin",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if status, _ := newGateway(t).request("GET", "/sdk/v1/tccc.d.ts", ""); status != http.StatusNotFound {
		t.Errorf("without types: %d", status)
	}
}
