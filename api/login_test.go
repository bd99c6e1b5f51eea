package api

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"seatbridge/call"
)

func (g *gateway) resume(data loginData, seq any) (*page, loginData) {
	g.t.Helper()
	p := g.open()
	resume := map[string]any{"login": data.Login}
	if seq != nil {
		resume["seq"] = seq
	}
	return p, p.logIn(map[string]any{"type": "login", "token": data.ResumeToken, "resume": resume})
}

func TestOrigin(t *testing.T) {
	g := newGateway(t, func(c *Config) { c.Origins = []string{"https://crm.example.com"} })
	for _, ca := range []struct {
		name, origin string
		status       int
		closed       int // at once, whatever the page says
	}{
		{"own", "http://" + g.address, http.StatusSwitchingProtocols, 0},
		{"listed", "https://crm.example.com", http.StatusSwitchingProtocols, 0},
		{"listed, other scheme", "http://crm.example.com", http.StatusSwitchingProtocols, 4001},
		{"foreign", "https://evil.example", http.StatusSwitchingProtocols, 4001},
		{"own host as a part", "http://" + g.address + ".evil.example", http.StatusSwitchingProtocols, 4001},
		{"null", "null", http.StatusSwitchingProtocols, 4001},
		{"missing", "", http.StatusForbidden, 0},
	} {
		t.Run(ca.name, func(t *testing.T) {
			header := http.Header{}
			if ca.origin != "" {
				header.Set("Origin", ca.origin)
			}
			conn, res, err := websocket.Dial(t.Context(), "ws://"+g.address+"/api/v1/ws",
				&websocket.DialOptions{HTTPHeader: header})
			if res == nil || res.StatusCode != ca.status {
				t.Fatalf("%v %v", res, err)
			}
			if err != nil {
				return
			}
			defer conn.CloseNow()
			if ca.closed != 0 {
				message := []byte(`{"type": "login", "token": "` + g.token("alice") + `"}`)
				_ = conn.Write(t.Context(), websocket.MessageText, message) // it may be closed already
				if _, answer, err := conn.Read(t.Context()); int(websocket.CloseStatus(err)) != ca.closed {
					t.Errorf("%v %s, want %d", err, answer, ca.closed)
				}
			}
		})
	}
}

func TestTokenOpensOneLogin(t *testing.T) {
	g := newGateway(t)
	token := g.token("alice")
	g.open().logIn(map[string]any{"type": "login", "token": token})
	again := g.open()
	again.send(map[string]any{"type": "login", "token": token})
	if m := again.next(); m["ok"] != false {
		t.Error(m)
	}
	if code := again.closed(); code != 4001 {
		t.Errorf("closed with %d", code)
	}
}

func TestOperationsTokenOpensNoLogin(t *testing.T) {
	g := newGateway(t)
	p := g.open()
	p.send(map[string]any{"type": "login", "token": g.token("sam", forOperations)})
	if code := p.closed(); code != 4001 {
		t.Errorf("closed with %d", code)
	}
}

func (g *gateway) online(user string) bool {
	s, _ := g.seats.State(user)
	return s.Browsers > 0
}

func TestSeatIsOnlineWhileLoggedIn(t *testing.T) {
	g := newGateway(t)
	if g.online("alice") {
		t.Fatal("online before the login")
	}
	p, _ := g.logIn("alice")
	g.logIn("alice") // the first is kicked out
	if !g.online("alice") {
		t.Fatal("offline after the login")
	}
	p.closed()
	q, data := g.logIn("alice")
	q.send(map[string]any{"id": "1", "type": "logout"})
	q.closed()
	if g.online("alice") {
		t.Error("online after the logout")
	}
	for range 2 {
		await(t, "the kicked logins' Disconnect", g.media.disconnected)
	}
	if got := await(t, "Disconnect", g.media.disconnected); got != "alice "+data.Login {
		t.Errorf("disconnected %q", got)
	}
}

func TestLoginEndsWhenAwayTooLong(t *testing.T) {
	g := newGateway(t, func(c *Config) { c.Limits.Away = 40 * time.Millisecond })
	p, data := g.logIn("alice")
	p.conn.CloseNow()
	if got := await(t, "Disconnect", g.media.disconnected); got != "alice "+data.Login {
		t.Errorf("disconnected %q", got)
	}
	if g.online("alice") {
		t.Error("still online")
	}
	late := g.open()
	late.send(map[string]any{"type": "login", "token": data.ResumeToken, "resume": map[string]any{"login": data.Login}})
	if m := late.next(); m["ok"] != false {
		t.Error(m)
	}
}

func TestResumeTakesOver(t *testing.T) {
	g := newGateway(t)
	first, data := g.logIn("alice")
	second, again := g.resume(data, 1)
	if !again.Resumed || again.Login != data.Login || again.ResumeToken != "" {
		t.Errorf("%+v", again)
	}
	if code := first.closed(); code != 4009 {
		t.Errorf("the first was closed with %d", code)
	}
	g.CallEvent(inside()["ringing"])
	if m := second.next(); m["seq"] != 2.0 || m["event"] != "ringing" {
		t.Error(m)
	}
	if len(g.media.disconnected) > 0 {
		t.Error("the peer connection was closed")
	}
}

func TestResumeNeedsTheSecret(t *testing.T) {
	g := newGateway(t)
	_, alice := g.logIn("alice")
	_, bob := g.logIn("bob")
	for name, m := range map[string]map[string]any{
		"another's secret": {"type": "login", "token": bob.ResumeToken, "resume": map[string]any{"login": alice.Login}},
		"a fresh token":    {"type": "login", "token": g.token("bob"), "resume": map[string]any{"login": alice.Login}},
		"no secret":        {"type": "login", "resume": map[string]any{"login": alice.Login}},
		"no such login":    {"type": "login", "token": alice.ResumeToken, "resume": map[string]any{"login": "x"}},
		"resume a number":  {"type": "login", "token": alice.ResumeToken, "resume": 5},
	} {
		t.Run(name, func(t *testing.T) {
			p := g.open()
			p.send(m)
			if reply := p.next(); reply["ok"] != false {
				t.Error(reply)
			}
			if code := p.closed(); code != 4001 {
				t.Errorf("closed with %d", code)
			}
		})
	}
}

func TestResumeAfterTooManyEvents(t *testing.T) {
	for _, ca := range []struct {
		missed  int
		resumed bool
	}{{0, true}, {1, true}, {256, true}, {257, false}, {1000, false}} {
		t.Run(fmt.Sprint(ca.missed), func(t *testing.T) {
			g := newGateway(t)
			p, data := g.logIn("alice")
			sock := g.onlySocket()
			p.conn.CloseNow()
			await(t, "the socket's end", sock.ended)
			for range ca.missed {
				g.CallEvent(inside()["ringing"])
			}
			q, again := g.resume(data, 1)
			if again.Resumed != ca.resumed {
				t.Fatalf("resumed: %t", again.Resumed)
			}
			if !ca.resumed {
				if m := q.next(); m["event"] != "snapshot" || m["seq"] != float64(ca.missed+2) {
					t.Error(m)
				}
				return
			}
			for n := range ca.missed {
				if m := q.next(); m["seq"] != float64(n+2) {
					t.Fatalf("after %d: %v", n, m)
				}
			}
		})
	}
}

// TestEventsHaveNoGaps loses and resumes the socket again and again while events come from several goroutines, and
// sometimes forgets where it was.
func TestEventsHaveNoGaps(t *testing.T) {
	g := newGateway(t)
	p, data := g.logIn("alice")
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			tick := time.NewTicker(200 * time.Microsecond)
			defer tick.Stop()
			for {
				select {
				case <-stop:
					return
				case <-tick.C:
					g.CallEvent(inside()["ringing"])
				}
			}
		})
	}
	defer wg.Wait()
	defer close(stop)
	seq := uint64(1)
	for round := range 20 {
		for range 20 {
			m := p.next()
			if got := uint64(m["seq"].(float64)); got != seq+1 {
				t.Fatalf("round %d: %d after %d", round, got, seq)
			}
			seq++
		}
		p.conn.CloseNow()
		var again loginData
		if round%3 == 2 {
			if p, again = g.resume(data, nil); again.Resumed {
				t.Fatal("resumed from nowhere")
			}
			seq = again.Seq
		} else {
			p, again = g.resume(data, seq)
			if !again.Resumed {
				t.Fatalf("round %d: not resumed", round)
			}
		}
	}
}

// TestOfferOfALoginThatIsGone has the login kicked out while its offer is being answered: nothing may stay behind.
func TestOfferOfALoginThatIsGone(t *testing.T) {
	g := newGateway(t)
	g.media.connecting, g.media.connect = make(chan struct{}), make(chan struct{})
	p, old := g.logIn("alice")
	p.send(map[string]any{"id": "1", "type": "offer", "sdp": "v=0"})
	await(t, "Connect", g.media.connecting)
	g.logIn("alice")
	if got := await(t, "Disconnect", g.media.disconnected); got != "alice "+old.Login {
		t.Errorf("disconnected %q", got)
	}
	close(g.media.connect)
	if got := await(t, "the second Disconnect", g.media.disconnected); got != "alice "+old.Login {
		t.Errorf("disconnected %q", got)
	}
}

func TestShutdownClosesSockets(t *testing.T) {
	g := newGateway(t)
	p, data := g.logIn("alice")
	done := make(chan error, 1)
	go func() { done <- g.Shutdown(context.Background()) }()
	if code := p.closed(); code != 1001 {
		t.Errorf("closed with %d", code)
	}
	if err := await(t, "Shutdown", done); err != nil {
		t.Error(err)
	}
	if got := await(t, "Disconnect", g.media.disconnected); got != "alice "+data.Login {
		t.Errorf("disconnected %q", got)
	}
	g.CallEvent(call.Event{Type: call.EventRinging, User: "alice"}) // must not hurt
}

// TestShutdownCutsWhoDoesNotAnswer has a page that takes no part in the closing handshake.
func TestShutdownCutsWhoDoesNotAnswer(t *testing.T) {
	g := newGateway(t)
	p, _ := g.logIn("alice")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	began := time.Now()
	_ = g.Shutdown(ctx) // an error or none, as requests may have ended by themselves
	if took := time.Since(began); took >= closeWait {
		t.Error("waited for", took)
	}
	p.closed()
}

// TestNewLoginIsThere wants a login not to count as away before its first socket is there: the housekeeping may look at
// it in that moment.
func TestNewLoginIsThere(t *testing.T) {
	l, _ := newLogin("alice", "", 1)
	if l.expire(time.Now(), time.Minute) {
		t.Error("it is over before it began")
	}
	if l, _ = newLogin("alice", "", 1); !l.expire(time.Now().Add(time.Hour), time.Minute) {
		t.Error("it waits for its socket for ever")
	}
}
