package api

import (
	"testing"
	"time"

	"seatbridge/seat"
)

func TestTicket(t *testing.T) {
	tokens, now := newTokens(time.Minute), time.Now()
	for _, once := range []bool{true, false} {
		ticket, expires := tokens.ticket("alice", once, now)
		if !expires.Equal(now.Add(TicketLife)) {
			t.Errorf("a ticket expires at %v", expires)
		}
		if _, ok := tokens.use(ticket, forOperations, now); ok {
			t.Error("a ticket opened the operations")
		}
		if user, ok := tokens.use(ticket, forLogin, now); !ok || user != "alice" {
			t.Errorf("a ticket opened %q %v", user, ok)
		}
		if _, ok := tokens.use(ticket, forLogin, now); ok == once {
			t.Errorf("again, where it opens once is %v: %v", once, ok)
		}
		if _, ok := tokens.use(ticket, forLogin, expires); ok {
			t.Error("a ticket opened after its end")
		}
	}
}

// TestKickOut wants a browser that is kicked out to be told, and its ticket to open no other one when its user is gone.
func TestKickOut(t *testing.T) {
	g := newGateway(t)
	if g.KickOut("alice") {
		t.Error("nobody was there")
	}
	ticket, _ := g.Ticket("alice", false)
	p := g.open()
	p.logIn(map[string]any{"type": "login", "token": ticket})
	p.next() // the snapshot
	if !g.KickOut("alice") {
		t.Error("nobody was kicked out")
	}
	if e := p.next(); e["event"] != "kickedOut" {
		t.Errorf("told %v", e)
	}
	if status := p.closed(); status != closeKickedOut.code {
		t.Errorf("closed with %v", status)
	}
	if s, _ := g.seats.Status("alice"); s != seat.StatusOffline {
		t.Errorf("alice is %s", s)
	}
	if err := g.seats.Delete(t.Context(), "alice"); err != nil {
		t.Fatal(err)
	}
	p = g.open()
	p.send(map[string]any{"type": "login", "token": ticket})
	if e := p.next(); e["ok"] == true {
		t.Errorf("a deleted user was let in: %v", e)
	}
}
