package cdr_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"seatbridge/api/cdr"
	"seatbridge/call"
	"seatbridge/seat"
	"seatbridge/store"
)

type nobody struct{}

func (nobody) Lookup(string) (seat.Staff, bool) { return seat.Staff{}, false }
func (nobody) Groups() []seat.Group             { return nil }

// receiver is a real HTTP server for records.
type receiver struct {
	*httptest.Server
	t *testing.T
	// answer, if set, answers in place of 200; n counts the requests from 1.
	answer func(w http.ResponseWriter, n int)

	mu   sync.Mutex
	got  []string // sessions, in the order of their coming
	news chan struct{}
}

func newReceiver(t *testing.T, answer func(w http.ResponseWriter, n int)) *receiver {
	r := &receiver{t: t, answer: answer, news: make(chan struct{}, 1)}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	var record cdr.Record
	if err != nil || json.Unmarshal(body, &record) != nil {
		return // killed while it sent
	}
	stamp := req.Header.Get(cdr.HeaderTimestamp)
	if req.Method != "POST" || req.URL.RequestURI() != "/records?key=1&action=cdr&version=1" ||
		req.Header.Get("Content-Type") != "application/json;charset=utf8" ||
		req.Header.Get(cdr.HeaderSignature) != "sha256="+cdr.Sign("secret", stamp, body) {
		r.t.Errorf("%s %s %v", req.Method, req.URL, req.Header)
	}
	r.mu.Lock()
	r.got = append(r.got, record.SessionId)
	n := len(r.got)
	r.mu.Unlock()
	if r.answer != nil {
		r.answer(w, n)
	}
	select {
	case r.news <- struct{}{}:
	default:
	}
}

// first are the sessions in the order in which each came first.
func (r *receiver) first() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for _, id := range r.got {
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

func (r *receiver) requests() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got)
}

// wait waits until a number of different sessions have come.
func (r *receiver) wait(n int) {
	r.t.Helper()
	for late := time.After(30 * time.Second); len(r.first()) < n; {
		select {
		case <-r.news:
		case <-late:
			r.t.Fatalf("%d of %d records came", len(r.first()), n)
		}
	}
}

// recorder is one with a real store.
func recorder(t *testing.T, path, url string) (*cdr.Recorder, *store.Store) {
	t.Helper()
	r, s, err := open(path, url)
	if err != nil {
		t.Fatal(err)
	}
	return r, s
}

func open(path, url string) (*cdr.Recorder, *store.Store, error) {
	log := slog.New(slog.DiscardHandler)
	s, err := store.Open(context.Background(), path, log)
	if err != nil {
		return nil, nil, err
	}
	to, err := cdr.NewReceiver(url+"/records?key=1", "secret")
	if err != nil {
		return nil, nil, err
	}
	r, err := cdr.New(cdr.Config{Store: s, Staff: nobody{}, Receiver: to, Metrics: cdr.NewMetrics(nil), Log: log})
	return r, s, err
}

func ended(i int) call.Record {
	now := time.Now()
	return call.Record{SessionID: fmt.Sprintf("s%05d", i), Started: now, Ended: now, End: call.EndBusy}
}

// TestDelivery wants everything to come in order, once, over a receiver's failures and a restart in their middle.
func TestDelivery(t *testing.T) {
	for name, fails := range map[string]func(w http.ResponseWriter, n int){
		"well": nil,
		"500": func(w http.ResponseWriter, n int) {
			if n == 2 {
				w.WriteHeader(500)
			}
		},
		"redirect": func(w http.ResponseWriter, n int) {
			if n == 2 { // to where nobody would see that it came
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(http.StatusTemporaryRedirect)
			}
		},
		"hangs up": func(http.ResponseWriter, int) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := fails
			if name == "hangs up" {
				answer = func(w http.ResponseWriter, n int) {
					if n == 2 {
						panic(http.ErrAbortHandler)
					}
				}
			}
			web := newReceiver(t, answer)
			path := filepath.Join(t.TempDir(), "a.db")
			r, s := recorder(t, path, web.URL)
			var want []string
			for i := range 20 {
				if i == 10 {
					r.Close()
					s.Close()
					r, s = recorder(t, path, web.URL)
				}
				r.Ended(ended(i))
				want = append(want, ended(i).SessionID)
			}
			web.wait(20)
			if got := web.first(); !slices.Equal(got, want) {
				t.Errorf("came as %q", got)
			}
			if again := web.requests(); again > 22 { // what failed, and what was on its way at the restart
				t.Errorf("%d came for 20", again)
			}
			r.Close()
			if all, err := s.PendingRecords(t.Context(), 9); err != nil || len(all) > 1 {
				t.Errorf("left: %v, %v", all, err)
			}
			s.Close()
		})
	}
}

// TestKilled kills the process in the middle of writing and sending, again and again: what Ended returned for came, in
// order, and is there once.
func TestKilled(t *testing.T) {
	if path := os.Getenv("SEATBRIDGE_CDR_CHILD"); path != "" {
		child(path)
		return
	}
	path := filepath.Join(t.TempDir(), "a.db")
	kill := make(chan struct{}, 1)
	web := newReceiver(t, func(_ http.ResponseWriter, n int) {
		if n%5 == 0 { // before it is answered
			select {
			case kill <- struct{}{}:
			default:
			}
		}
	})
	var written []string // that Ended returned for
	for i := range 5 {
		written = append(written, runChild(t, path, web.URL, i*2000, kill)...)
	}
	r, s := recorder(t, path, web.URL)
	page, total, err := s.Records(t.Context(), store.Query{Size: 10000})
	if err != nil || len(written) == 0 {
		t.Fatalf("%d records, %d were acknowledged, %v", total, len(written), err)
	}
	web.wait(total)
	var want []string
	for _, e := range slices.Backward(page) {
		want = append(want, e.SessionID)
	}
	slices.Sort(want)
	if got := web.first(); !slices.Equal(got, want) || len(slices.Compact(want)) != total {
		t.Errorf("came as %q, want %q", got, want)
	}
	for _, id := range written {
		if !slices.Contains(want, id) {
			t.Errorf("%s is lost", id)
		}
	}
	r.Close()
	s.Close()
	t.Logf("%d records, %d acknowledged, %d requests", total, len(written), web.requests())
}

// runChild runs a child that writes records from a number on until it is killed. It returns those that are written.
func runChild(t *testing.T, path, url string, from int, kill <-chan struct{}) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), "SEATBRIDGE_CDR_CHILD="+path, "SEATBRIDGE_CDR_URL="+url, fmt.Sprintf("SEATBRIDGE_CDR_FROM=%d", from))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-kill: // of the child before
	default:
	}
	stop := make(chan struct{})
	var killing sync.WaitGroup
	killing.Go(func() {
		select {
		case <-kill:
		case <-stop:
		case <-time.After(20 * time.Second):
			t.Error("nothing came from the child")
		}
		cmd.Process.Kill()
	})
	var written []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var n int
		if _, err := fmt.Sscanf(lines.Text(), "written %d", &n); err != nil {
			if strings.Contains(lines.Text(), "FAIL") {
				t.Errorf("the child: %s", lines.Text())
			}
			continue
		}
		written = append(written, ended(n).SessionID)
	}
	close(stop)
	killing.Wait()
	_ = cmd.Wait() // killed
	return written
}

// child writes records and says so, until it is killed.
func child(path string) {
	r, _, err := open(path, os.Getenv("SEATBRIDGE_CDR_URL"))
	if err != nil {
		fmt.Println("FAIL", err)
		return
	}
	from := 0
	fmt.Sscan(os.Getenv("SEATBRIDGE_CDR_FROM"), &from)
	for i := from; i < from+2000; i++ {
		r.Ended(ended(i))
		fmt.Println("written", i)
	}
}
