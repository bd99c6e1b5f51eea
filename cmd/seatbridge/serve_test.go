package main

import (
	"strings"
	"testing"
	"time"
)

// TestListenerFails wants a gateway whose HTTP listener is gone to say so, and not to wait for calls.
func TestListenerFails(t *testing.T) {
	g := built(t, stored(t, ""))
	failed := g.start()
	defer g.close()
	g.http.Close()
	err := <-failed
	if err == nil || !strings.HasPrefix(err.Error(), "http: ") || drainTime(err, time.Hour) != 0 {
		t.Errorf("%v", err)
	}
	if drainTime(nil, time.Hour) != time.Hour {
		t.Error("a signal does not drain")
	}
}
