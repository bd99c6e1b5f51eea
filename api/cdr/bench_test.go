package cdr_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"seatbridge/api/cdr"
	"seatbridge/call"
	"seatbridge/store"
)

// BenchmarkRecorder is what a session's goroutine waits for: at its end for the disk, and on the way for nothing.
func BenchmarkRecorder(b *testing.B) {
	log := slog.New(slog.DiscardHandler)
	s, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "a.db"), log)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	r, err := cdr.New(cdr.Config{Store: s, Staff: nobody{}, Metrics: cdr.NewMetrics(nil), Log: log})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	record := call.Record{Started: time.Now(), Tracks: make([]call.Track, 2)}
	n := 0
	for name, tell := range map[string]func(call.Record){"Ended": r.Ended, "Progress": r.Progress} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				n++
				record.SessionID = fmt.Sprint(n)
				tell(record)
			}
		})
	}
}
