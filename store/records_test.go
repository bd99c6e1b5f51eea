package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func record(session string) Record {
	return Record{
		SessionID: session, Started: noon, Ended: noon.Add(time.Minute), Seats: []string{"alice"},
		Caller: "+15550123", Callee: "+15550100", Body: []byte(`{"SessionId":"` + session + `"}`),
	}
}

func append1(t testing.TB, s *Store, session string) {
	t.Helper()
	if err := s.AppendRecord(t.Context(), record(session)); err != nil {
		t.Fatal(err)
	}
}

// count wants as many records, each with its entry in the outbox.
func count(t testing.TB, s *Store, want int) {
	t.Helper()
	_, total, err := s.Records(t.Context(), Query{})
	if err != nil {
		t.Fatal(err)
	}
	pending, err := s.PendingRecords(t.Context(), want+10)
	if err != nil {
		t.Fatal(err)
	}
	if total != want || len(pending) != want {
		t.Fatalf("%d records and %d in the outbox, want %d", total, len(pending), want)
	}
}

func contextWithTimeout(t testing.TB, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}

func sessions(page []Record) []string {
	var ids []string
	for _, r := range page {
		ids = append(ids, r.SessionID)
	}
	return ids
}

func TestQueries(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	for i := range 10 { // s0 at noon, s1 a minute later, ...
		r := record(fmt.Sprintf("s%d", i))
		r.Started = noon.Add(time.Duration(i) * time.Minute)
		r.Seats = []string{[]string{"alice", "bob"}[i%2], "carol"}
		r.Direction, r.Caller = i%2, fmt.Sprintf("+1555010%d", i)
		if err := s.AppendRecord(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	for _, ca := range []struct {
		name  string
		q     Query
		want  []string
		total int
	}{
		{"page 0", Query{Size: 3}, []string{"s9", "s8", "s7"}, 10},
		{"page 3", Query{Size: 3, Page: 3}, []string{"s0"}, 10},
		{"page 4", Query{Size: 3, Page: 4}, nil, 10},
		{"a page's own size", Query{From: noon.Add(8 * time.Minute)}, []string{"s9", "s8"}, 2},
		{"time", Query{From: noon.Add(2 * time.Minute), To: noon.Add(4 * time.Minute)}, []string{"s3", "s2"}, 2},
		{"sessions", Query{Sessions: []string{"s4", "s1", "none"}}, []string{"s4", "s1"}, 2},
		{"caller", Query{Phones: []string{"+15550102", "+15550105"}}, []string{"s5", "s2"}, 2},
		{"callee", Query{Phones: []string{"+15550100"}, Size: 1}, []string{"s9"}, 10},
		{"seat", Query{Seat: "bob", To: noon.Add(4 * time.Minute)}, []string{"s3", "s1"}, 2},
		{"nobody", Query{Seat: "x' OR 1=1 --"}, nil, 0},
	} {
		t.Run(ca.name, func(t *testing.T) {
			page, total, err := s.Records(t.Context(), ca.q)
			if err != nil || total != ca.total || !slices.Equal(sessions(page), ca.want) {
				t.Fatalf("%v of %d, %v", sessions(page), total, err)
			}
		})
	}
	page, _, err := s.Records(t.Context(), Query{Sessions: []string{"s3"}})
	if err != nil {
		t.Fatal(err)
	}
	if r := page[0]; !r.Started.Equal(noon.Add(3*time.Minute)) || !r.Ended.Equal(noon.Add(time.Minute)) ||
		r.Direction != 1 || r.Caller != "+15550103" || string(r.Body) != `{"SessionId":"s3"}` {
		t.Fatalf("%+v", r)
	}
}

func TestOutbox(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := open(t, path)
	for _, id := range []string{"one", "two", "three", "two"} { // the second "two" does nothing
		append1(t, s, id)
	}
	pending := func(s *Store) []PendingRecord {
		t.Helper()
		all, err := s.PendingRecords(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	all := pending(s)
	if len(all) != 3 || all[0].SessionID != "one" || all[1].SessionID != "two" || all[2].SessionID != "three" ||
		all[0].Tries != 0 || !all[0].Next.IsZero() || string(all[0].Body) != `{"SessionId":"one"}` {
		t.Fatalf("%+v", all)
	}
	if err := s.RecordFailed(t.Context(), all[0].Seq, 4, noon); err != nil {
		t.Fatal(err)
	}
	if err := s.RecordSent(t.Context(), all[1].Seq); err != nil {
		t.Fatal(err)
	}
	closed(t, s)
	s = open(t, path)
	all = pending(s)
	if len(all) != 2 || all[0].Tries != 4 || !all[0].Next.Equal(noon) || all[1].SessionID != "three" {
		t.Fatalf("after a restart: %+v", all)
	}
	append1(t, s, "two") // sent: it is not sent again
	if all = pending(s); len(all) != 2 {
		t.Fatalf("%+v", all)
	}
}

// TestPurge wants old records gone, their rows elsewhere too, and none that is not sent.
func TestPurge(t *testing.T) {
	s := open(t, "")
	for i := range purgeStep + 20 {
		append1(t, s, fmt.Sprintf("s%d", i))
	}
	late := record("late")
	late.Ended = noon.Add(time.Hour)
	if err := s.AppendRecord(t.Context(), late); err != nil {
		t.Fatal(err)
	}
	pending, err := s.PendingRecords(t.Context(), purgeStep+100)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pending[5:] {
		if err := s.RecordSent(t.Context(), p.Seq); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Purge(t.Context(), noon.Add(30*time.Minute)); err != nil || n != purgeStep+15 {
		t.Fatalf("%d purged, %v", n, err)
	}
	page, total, err := s.Records(t.Context(), Query{})
	if err != nil || total != 6 || page[0].SessionID != "late" {
		t.Fatalf("%d left, %v", total, err)
	}
	var seats int
	if err := s.reader.QueryRow("SELECT count(*) FROM record_seats").Scan(&seats); err != nil || seats != 6 {
		t.Fatalf("%d seats left, %v", seats, err)
	}
	sound(t, s)
}

// TestConcurrent has writers, a sender and readers at the same time.
func TestConcurrent(t *testing.T) {
	const writers, each = 4, 30
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	var writing, others sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				if err := s.AppendRecord(t.Context(), record(fmt.Sprintf("w%d-%d", w, i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running := func() bool {
		select {
		case <-done:
			return false
		default:
			return true
		}
	}
	var sent []string
	others.Go(func() {
		for running() || len(sent) < writers*each {
			pending, err := s.PendingRecords(t.Context(), 7)
			if err != nil {
				t.Error(err)
				return
			}
			for _, p := range pending {
				sent = append(sent, p.SessionID)
				if err := s.RecordSent(t.Context(), p.Seq); err != nil {
					t.Error(err)
				}
			}
		}
	})
	for range 3 {
		others.Go(func() {
			for last := 0; running(); {
				page, total, err := s.Records(t.Context(), Query{Size: 1 + rand.IntN(writers*each)})
				if err != nil || total < last || len(page) > total {
					t.Errorf("%d of %d after %d, %v", len(page), total, last, err)
					return
				}
				last = total
			}
		})
	}
	writing.Wait()
	close(done)
	others.Wait()
	slices.Sort(sent)
	if len(slices.Compact(sent)) != writers*each {
		t.Fatalf("%d sent", len(sent))
	}
	sound(t, s)
}

// BenchmarkAppendRecord writes records of usual size to a file, each with its own sync.
func BenchmarkAppendRecord(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "a.db"))
	r := record("")
	r.Body = make([]byte, 1500)
	i := 0
	for b.Loop() {
		i++
		r.SessionID = fmt.Sprintf("s%d", i)
		r.Started = noon.Add(time.Duration(i) * time.Second)
		if err := s.AppendRecord(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}
