package cdr

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"seatbridge/call"
	"seatbridge/seat"
)

// fakeStore keeps everything in memory, and fails when it is told to.
type fakeStore struct {
	mu      sync.Mutex
	err     error // of everything that writes
	records []Entry
	outbox  []Pending
	parked  []int64
	open    []Open
}

func (f *fakeStore) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *fakeStore) AppendRecord(_ context.Context, e Entry) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return f.err
	}
	e.Seq = int64(len(f.records) + 1)
	f.records = append(f.records, e)
	if !e.Local {
		f.outbox = append(f.outbox, Pending{Seq: e.Seq, SessionID: e.SessionID, Body: e.Body})
	}
	f.open = slices.DeleteFunc(f.open, func(o Open) bool { return o.SessionID == e.SessionID })
	return nil
}

func (f *fakeStore) PutOpenSessions(_ context.Context, all []Open) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.open = append(f.open, all...)
	}
	return f.err
}

func (f *fakeStore) OpenSessions(context.Context) ([]Open, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.open), nil
}

func (f *fakeStore) PendingRecords(_ context.Context, limit int) ([]Pending, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.outbox[:min(limit, len(f.outbox))]), nil
}

func (f *fakeStore) RecordSent(_ context.Context, seq int64) error { return f.remove(seq) }

func (f *fakeStore) remove(seq int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.outbox = slices.DeleteFunc(f.outbox, func(p Pending) bool { return p.Seq == seq })
	}
	return f.err
}

func (f *fakeStore) RecordFailed(_ context.Context, seq int64, tries int, next time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.outbox {
		if f.outbox[i].Seq == seq && f.err == nil {
			f.outbox[i].Tries, f.outbox[i].Next = tries, next
		}
	}
	return f.err
}

func (f *fakeStore) ParkRecord(_ context.Context, seq int64) error {
	f.mu.Lock()
	f.parked = append(f.parked, seq)
	f.mu.Unlock()
	return f.remove(seq)
}

func (f *fakeStore) Outbox(context.Context) (Outbox, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return Outbox{Pending: len(f.outbox), Parked: len(f.parked)}, nil
}

func (f *fakeStore) sessions() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ids []string
	for _, e := range f.records {
		ids = append(ids, e.SessionID)
	}
	return ids
}

// network answers requests without one.
type network func(r *http.Request) (*http.Response, error)

func (n network) RoundTrip(r *http.Request) (*http.Response, error) { return n(r) }

func status(code int) (*http.Response, error) {
	return &http.Response{
		StatusCode: code, Status: http.StatusText(code), Body: io.NopCloser(strings.NewReader("{}")), Header: http.Header{},
	}, nil
}

// staff is alice, in sales.
type staff struct{}

func (staff) Lookup(user string) (seat.Staff, bool) {
	if user != "alice" {
		return seat.Staff{}, false
	}
	return seat.Staff{User: "alice", Name: "Alice", Mail: "a@example.com", Nick: "Al", Mobile: "+15550123", Extension: "1001", Number: "E7"}, true
}

func (staff) Groups() []seat.Group {
	return []seat.Group{{ID: 7, Name: "sales", Members: []seat.Member{{User: "alice"}}}}
}

// bench is a Recorder with a fake store, what it logs, and its metrics.
type bench struct {
	t        *testing.T
	store    *fakeStore
	logged   *lines
	registry *prometheus.Registry
	*Recorder
}

// lines is a log that may be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), what)
}

// newBench makes a Recorder that sends by a network; nil means that it sends nowhere.
func newBench(t *testing.T, s *fakeStore, n network, change func(*Config)) *bench {
	t.Helper()
	b := &bench{t: t, store: s, logged: &lines{}, registry: prometheus.NewRegistry()}
	c := Config{
		Store: s, Staff: staff{}, App: 1400, Metrics: NewMetrics(b.registry), Log: slog.New(slog.NewTextHandler(b.logged, nil)),
	}
	if n != nil {
		r, err := NewReceiver("http://crm.example/records", "secret")
		if err != nil {
			t.Fatal(err)
		}
		r.client.Transport = n
		c.Receiver = r
	}
	if change != nil {
		change(&c)
	}
	var err error
	if b.Recorder, err = New(c); err != nil {
		t.Fatal(err)
	}
	return b
}

// metric is the sum of a metric's samples.
func (b *bench) metric(name string) float64 {
	b.t.Helper()
	families, err := b.registry.Gather()
	if err != nil {
		b.t.Fatal(err)
	}
	sum, found := 0.0, false
	for _, f := range families {
		if f.GetName() != "seatbridge_records_"+name {
			continue
		}
		found = true
		for _, m := range f.GetMetric() {
			sum += m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	if !found {
		b.t.Fatalf("no metric %s", name)
	}
	return sum
}

// pass lets time go by and everything that happens in it happen.
func pass(d time.Duration) {
	time.Sleep(d) // in a synctest bubble
	synctest.Wait()
}

// session is the record of one that was answered.
func session(id string) call.Record {
	now := time.Now()
	return call.Record{
		SessionID: id, Caller: "+1", Callee: "+2", User: "alice", Started: now.Add(-time.Minute), Accepted: now.Add(-time.Second),
		Ended: now, End: call.EndOK,
	}
}

func TestMetricsLint(t *testing.T) {
	b := newBench(t, &fakeStore{}, nil, nil)
	defer b.Close()
	problems, err := testutil.GatherAndLint(b.registry)
	if err != nil || len(problems) > 0 {
		t.Fatalf("%v %v", problems, err)
	}
}
