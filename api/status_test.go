package api

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"seatbridge/seat"
)

// TestStatusIsToldLast has a seat's status change from many goroutines at once, while its page comes back, and wants
// the last that the page is told to be true.
func TestStatusIsToldLast(t *testing.T) {
	g := newGateway(t)
	for range 20 {
		p := g.open()
		p.send(map[string]any{"type": "login", "token": g.token("alice")})
		var wg sync.WaitGroup
		for _, status := range []seat.Status{seat.StatusRest, seat.StatusFree, seat.StatusNotReady, seat.StatusFree} {
			wg.Go(func() {
				for range 5 {
					if err := g.seats.SetStatus("alice", status, ""); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		p.send(map[string]any{"id": "1", "type": "ping"})
		told := ""
		for m := p.next(); m["reply"] != "1"; m = p.next() {
			if m["event"] == "statusChanged" || m["event"] == "snapshot" {
				told = m["status"].(string)
			}
		}
		if is, _ := g.seats.Status("alice"); told != string(is) {
			t.Fatalf("told %q, but the seat is %s", told, is)
		}
		p.conn.CloseNow()
	}
}

// TestStaffOfTheAPI wants staff who are added while the gateway runs to log in by password at once, a changed password
// to count from then on, and who is deleted to be logged out.
func TestStaffOfTheAPI(t *testing.T) {
	g := newGateway(t)
	dora, err := g.seats.Add(t.Context(), seat.Staff{User: "dora", Role: seat.RoleAgent, PasswordHash: hash(t, "dora")})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := g.logIn("dora")
	if is, _ := g.seats.Status("dora"); is != seat.StatusFree {
		t.Error("after the login dora is", is)
	}
	dora.PasswordHash = hash(t, "another")
	if _, err := g.seats.Change(t.Context(), dora); err != nil {
		t.Fatal(err)
	}
	if status, _ := g.post("/api/v1/token", `{"user": "dora", "password": "dora"}`); status != http.StatusUnauthorized {
		t.Error("the old password was answered", status)
	}
	if err := g.seats.Delete(t.Context(), "dora"); err != nil {
		t.Fatal(err)
	}
	if e := p.next(); e["event"] != "kickedOut" || e["reason"] != "deleted" {
		t.Error("told", e)
	}
	if code := p.closed(); code != closeKickedOut.code {
		t.Error("closed with", code)
	}
	await(t, "the end of its media", g.media.disconnected)
	if status, _ := g.post("/api/v1/token", `{"user": "dora", "password": "another"}`); status != http.StatusUnauthorized {
		t.Error("after the deletion a token was answered", status)
	}
}

// TestDeletedBeforeLogin wants a token of somebody who is deleted meanwhile to be worth nothing.
func TestDeletedBeforeLogin(t *testing.T) {
	g := newGateway(t)
	token := g.token("bob")
	if err := g.seats.Delete(t.Context(), "bob"); err != nil {
		t.Fatal(err)
	}
	p := g.open()
	p.send(map[string]any{"type": "login", "token": token})
	for end := time.Now().Add(patience); ; {
		m := p.next()
		if m["reply"] == "login" {
			if m["ok"] != false {
				t.Error("let in:", m)
			}
			break
		}
		if time.Now().After(end) {
			t.Fatal("no reply")
		}
	}
	if code := p.closed(); code != closeNoLogin.code {
		t.Error("closed with", code)
	}
}

// TestUnknownDevice wants what a seat can't have to be refused, and to change nothing.
func TestUnknownDevice(t *testing.T) {
	g := newGateway(t)
	p, _ := g.logIn("bob") // who has no mobile
	for _, m := range []map[string]any{
		{"type": "device", "device": "staffPhoneSeat"}, {"type": "device", "device": "telepathy"}, {"type": "device"},
		{"type": "useMobile", "useMobile": 7}, {"type": "useMobile"},
		{"type": "setStatus", "status": "busy"}, {"type": "setStatus", "status": "asleep"}, {"type": "setStatus"},
		{"type": "setStatus", "status": "rest", "reason": string(make([]byte, maxReason+1))},
		{"type": "setStatus", "status": 7},
	} {
		m["id"] = "1"
		p.send(m)
		reply := p.next()
		if body, _ := reply["error"].(map[string]any); body["code"] != "badRequest" {
			t.Errorf("%v was answered %v", m, reply)
		}
	}
	if state, _ := g.seats.State("bob"); state.Device != seat.DeviceBrowser || state.Status != seat.StatusFree {
		t.Errorf("%+v", state)
	}
}
