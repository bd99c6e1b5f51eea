package cdr

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// list is what came to a receiver.
type list struct {
	mu  sync.Mutex
	ids []string
}

func (l *list) add(id string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids = append(l.ids, id)
	return len(l.ids)
}

func (l *list) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.ids)
}

// sessionOf is whose record a request brings.
func sessionOf(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	_, after, _ := strings.Cut(string(body), `"SessionId":"`)
	id, _, _ := strings.Cut(after, `"`)
	return id
}

// TestReceiverDown has the receiver fail in every way: the records stay, in order, and are sent once it is back.
func TestReceiverDown(t *testing.T) {
	for name, fails := range map[string]network{
		"500":      func(*http.Request) (*http.Response, error) { return status(500) },
		"429":      func(*http.Request) (*http.Response, error) { return status(429) },
		"400":      func(*http.Request) (*http.Response, error) { return status(400) },
		"redirect": func(*http.Request) (*http.Response, error) { return status(302) },
		"refused":  func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") },
		"hangs": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &fakeStore{}
				var up atomic.Bool
				var tries atomic.Int64
				var got list
				n := func(r *http.Request) (*http.Response, error) {
					if tries.Add(1); !up.Load() {
						return fails(r)
					}
					got.add(sessionOf(r))
					return status(204)
				}
				b := newBench(t, s, n, nil)
				for _, id := range []string{"a", "b", "c"} {
					b.Ended(session(id))
				}
				pass(2 * time.Hour)
				// In two hours, with the time doubling from a second to five minutes.
				if n := tries.Load(); n < 2*60/5+6 || n > 2*60/2+10 {
					t.Errorf("%d attempts", n)
				}
				if b.metric("pending") != 3 || b.metric("failed_total") < 20 || b.metric("parked") != 0 {
					t.Errorf("pending %v, failed %v", b.metric("pending"), b.metric("failed_total"))
				}
				b.Close()
				up.Store(true)
				b = newBench(t, s, n, nil) // a restart
				pass(longestWait + sendTime)
				if !slices.Equal(got.all(), []string{"a", "b", "c"}) || b.metric("pending") != 0 {
					t.Errorf("received %q", got.all())
				}
				b.Close()
			})
		})
	}
}

// TestHangs wants a receiver that never answers to be given up after ten seconds.
func TestHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var gaveUp atomic.Int64
		b := newBench(t, &fakeStore{}, func(r *http.Request) (*http.Response, error) {
			begun := time.Now()
			<-r.Context().Done()
			gaveUp.Store(int64(time.Since(begun)))
			return nil, r.Context().Err()
		}, nil)
		b.Ended(session("a"))
		pass(sendTime)
		if got := time.Duration(gaveUp.Load()); got != sendTime {
			t.Errorf("after %v", got)
		}
		b.Close()
	})
}

// TestParked has one record refused for ever: the others go on without it after some hours, and not before.
func TestParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeStore{}
		var got list
		b := newBench(t, s, func(r *http.Request) (*http.Response, error) {
			id := sessionOf(r)
			if id == "poison" {
				return status(422)
			}
			got.add(id)
			return status(200)
		}, nil)
		defer b.Close()
		for _, id := range []string{"a", "poison", "b"} {
			b.Ended(session(id))
		}
		pass(parkAfter - time.Minute)
		if !slices.Equal(got.all(), []string{"a"}) || b.metric("parked") != 0 {
			t.Errorf("before: %q", got.all())
		}
		pass(longestWait + 2*time.Minute)
		if !slices.Equal(got.all(), []string{"a", "b"}) || !slices.Equal(s.parked, []int64{2}) || b.metric("parked") != 1 {
			t.Errorf("after: %q, parked %v", got.all(), s.parked)
		}
		if b.logged.count("level=ERROR msg=\"record put aside") != 1 {
			t.Error("not said")
		}
	})
}

// TestStoreDoesNotNote has the store forget what was sent: it is sent again, which is what at least once means.
func TestStoreDoesNotNote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeStore{}
		var got list
		b := newBench(t, s, func(r *http.Request) (*http.Response, error) {
			if got.add(sessionOf(r)) == 1 {
				s.fail(errFull)
			} else {
				s.fail(nil)
			}
			return status(200)
		}, nil)
		defer b.Close()
		b.Ended(session("a"))
		pass(time.Minute)
		if !slices.Equal(got.all(), []string{"a", "a"}) || len(s.outbox) != 0 {
			t.Errorf("%q", got.all())
		}
	})
}

func TestBackOff(t *testing.T) {
	for tries, want := range map[int]time.Duration{0: time.Second, 3: 8 * time.Second, 8: 256 * time.Second, 9: longestWait, 63: longestWait, 1e6: longestWait} {
		for range 100 {
			if got := backOff(tries); got < want/2 || got >= want {
				t.Fatalf("%d: %v", tries, got)
			}
		}
	}
}
