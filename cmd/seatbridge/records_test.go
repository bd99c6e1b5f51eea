package main

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"seatbridge/configs"
	"seatbridge/metrics"
	"seatbridge/seat"
	"seatbridge/store"
)

// TestRecorderSays wants what an operator may regret to be said at the start.
func TestRecorderSays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.db")
	for _, ca := range []struct {
		name             string
		path             string
		cdr              configs.CDR
		memory, unsigned bool
	}{
		{"nothing is sent", "", configs.CDR{}, false, false},
		{"from memory, not signed", "", configs.CDR{URL: "http://127.0.0.1:1/"}, true, true},
		{"well", file, configs.CDR{URL: "http://127.0.0.1:1/", Secret: "hush"}, false, false},
	} {
		t.Run(ca.name, func(t *testing.T) {
			var logged bytes.Buffer
			log := slog.New(slog.NewTextHandler(&logged, nil))
			s, err := store.Open(t.Context(), ca.path, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			seats, err := seat.New(seat.Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer seats.Close()
			c := &configs.Config{Store: configs.Store{Path: ca.path}, CDR: ca.cdr}
			r, err := newRecorder(c, s, seats, metrics.New("test"), log)
			if err != nil {
				t.Fatal(err)
			}
			r.Close()
			if got := strings.Contains(logged.String(), "sent from memory"); got != ca.memory {
				t.Errorf("said that it sends from memory: %v", got)
			}
			if got := strings.Contains(logged.String(), "without a signature"); got != ca.unsigned {
				t.Errorf("said that it does not sign: %v", got)
			}
			if got := progress(c, r) != nil; got != (ca.path != "") {
				t.Errorf("notes sessions that go on: %v", got)
			}
		})
	}
}
