package main

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
)

// TestExpect: a message goes to all who wait for such a one, once; others wait on.
func TestExpect(t *testing.T) {
	p := &page{user: "u1", read: make(chan struct{})}
	one, same, other := p.expect(ended), p.expect(ended), p.expect(func(m message) bool { return m.Reply == "7" })
	p.deliver(message{Event: "hearing"})
	p.deliver(message{Event: "sessionEnded", Reason: "intercepted"})
	p.deliver(message{Event: "sessionEnded", Reason: "too late"})
	for _, got := range []<-chan message{one, same} {
		if m, err := p.await(context.Background(), got); err != nil || m.Reason != "intercepted" {
			t.Errorf("%+v %v", m, err)
		}
	}
	if len(p.waiters) != 1 || len(other) != 0 {
		t.Errorf("%d wait on", len(p.waiters))
	}
}

// TestAwaitEnds where nothing will come any more.
func TestAwaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &page{user: "u1", read: make(chan struct{})}
		if _, err := p.await(t.Context(), p.expect(ended)); err == nil || !strings.Contains(err.Error(), "u1") {
			t.Errorf("without an answer: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := p.await(ctx, p.expect(ended)); err == nil {
			t.Error("waited on after the end of the context")
		}
		close(p.read)
		if _, err := p.await(t.Context(), p.expect(ended)); err == nil {
			t.Error("waited on after the WebSocket was closed")
		}
	})
}
