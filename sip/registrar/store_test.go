package registrar

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// shelf is a Store in memory that outlives a Registrar, and that can refuse.
type shelf struct {
	mu     sync.Mutex
	kept   map[string][]Registration
	refuse error
	puts   int
}

func (s *shelf) Registrations(context.Context) ([]Registration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Concat(slices.Collect(maps.Values(s.kept))...), s.refuse
}

func (s *shelf) PutRegistrations(ctx context.Context, changed map[string][]Registration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.puts++
	if err := errors.Join(s.refuse, ctx.Err()); err != nil {
		return err
	}
	if s.kept == nil {
		s.kept = map[string][]Registration{}
	}
	maps.Copy(s.kept, changed)
	return nil
}

func (s *shelf) set(refuse error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = refuse
}

func (s *shelf) tries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.puts
}

func (s *shelf) count() int {
	all, _ := s.Registrations(context.Background())
	return len(all)
}

// TestRestart wants the phones of a Registrar in the next one, as they were.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		f := newFixture(t, Config{KeepAlive: -1, Store: s})
		desk, brief := newPhone("1001", "127.0.0.5:5070"), newPhone("1002", "127.0.0.7:5070")
		wired := newPhone("1003", "127.0.0.8:5070")
		wired.transport = "TCP"
		desk.register(f, `Contact: "Desk" <sip:desk@10.0.0.1;transport=udp;x=y%20z>;q=0.5;+sip.instance="<urn:uuid:1>"`)
		want := contacts(desk.register(f)) // as asked for
		brief.register(f, "Contact: <sip:1002@10.0.0.2>;expires=60")
		wired.register(f, "Contact: <sip:1003@10.0.0.3>")
		before := f.Bindings("1001")
		f.Close()

		time.Sleep(2 * time.Minute)
		f = newFixture(t, Config{KeepAlive: -1, Store: s})
		defer f.Close()
		f.wantEvents()
		after := f.Bindings("1001")
		if len(after) != 1 || fmt.Sprint(after[0].Flow(), after[0].Contact.String(), after[0].Q, after[0].UserAgent) !=
			fmt.Sprint(before[0].Flow(), before[0].Contact.String(), before[0].Q, before[0].UserAgent) ||
			after[0].Expires.Sub(before[0].Expires).Abs() > time.Millisecond || !after[0].Reachable {
			t.Fatalf("%+v, want %+v", after, before)
		}
		if got := contacts(desk.register(f)); !slices.Equal(got, want) {
			t.Errorf("contacts %q, want %q", got, want)
		}
		if len(f.Bindings("1002")) != 0 || len(f.Bindings("1003")) != 0 {
			t.Error("an expired binding is back, or one whose connection is gone")
		}
		synctest.Wait()
		if s.count() != 1 {
			t.Errorf("%d are kept", s.count())
		}
		desk.register(f, "Contact: *", "Expires: 0") // the same Call-ID, a later CSeq
		synctest.Wait()
		if s.count() != 0 {
			t.Errorf("%d are kept after the phone left", s.count())
		}
	})
}

// TestRestartWithoutAccount wants a phone that was taken out of the configuration to be gone.
func TestRestartWithoutAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{kept: map[string][]Registration{
			"4444": {{
				Extension: "4444", Contact: "sip:x@10.0.0.1", Transport: "udp", Params: []byte("[]"),
				Expires: time.Now().Add(time.Hour),
			}},
			"1001": {{Extension: "1001", Contact: "nonsense", Expires: time.Now().Add(time.Hour)}},
		}}
		f := newFixture(t, Config{KeepAlive: -1, Store: s})
		defer f.Close()
		synctest.Wait()
		if len(f.Bindings("4444"))+len(f.Bindings("1001"))+s.count() != 0 {
			t.Error("it is there")
		}
	})
}

// TestRestoredProbes wants a restored phone that is gone to be found out, as soon as any other.
func TestRestoredProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		f := newFixture(t, Config{KeepAlive: -1, Store: s})
		newPhone("1001", "127.0.0.5:5070").register(f, "Contact: <sip:1001@10.0.0.1>")
		f.Close()
		f = newFixture(t, Config{Store: s, Requester: &probed{silent: true}, Misses: 1})
		defer f.Close()
		time.Sleep(30*time.Second + probeTimeout + 2*time.Second)
		f.wantEvents("unreachable 1001 1001")
	})
}

// TestStoreFails wants registrations to go on without the Store, and the Store to be told later; by then only of how
// things are.
func TestStoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		f := newFixture(t, Config{KeepAlive: -1, Store: s})
		s.set(errors.New("full"))
		p := newPhone("1001", "127.0.0.5:5070")
		for i := range 5 {
			p.register(f, fmt.Sprintf("Contact: <sip:%d@10.0.0.1>", i))
		}
		p.register(f, "Contact: <sip:0@10.0.0.1>;expires=0")
		time.Sleep(10 * time.Second)
		if b := f.Bindings("1001"); len(b) != 4 || s.tries() > 12 {
			t.Fatalf("%d bindings, %d tries", len(b), s.tries())
		}
		s.set(nil)
		time.Sleep(2 * time.Second)
		if s.count() != 4 {
			t.Fatalf("%d are kept", s.count())
		}
		s.set(errors.New("full again"))
		p.register(f, "Contact: *", "Expires: 0")
		synctest.Wait()
		s.set(nil)
		f.Close() // in the middle of waiting
		if s.count() != 0 {
			t.Fatalf("%d are kept after the end", s.count())
		}
		if a := p.register(f, "Contact: <sip:1001@10.0.0.1>"); a.Code != 503 {
			t.Fatalf("after the end: %+v", a)
		}
	})
}

func TestStoreCannotLoad(t *testing.T) {
	wrong := errors.New("corrupt")
	cfg := Config{Store: &shelf{refuse: wrong}, Log: slog.New(slog.DiscardHandler), KeepAlive: -1}
	if _, err := New(cfg); !errors.Is(err, wrong) {
		t.Fatalf("got %v", err)
	}
}

// TestManyChanges has more extensions than a batch.
func TestManyChanges(t *testing.T) {
	s := &shelf{}
	f := newFixture(t, Config{KeepAlive: -1, Store: s})
	f.Registrar.mu.Lock()
	for i := range 2*saveBatch + 7 {
		f.put(fmt.Sprint(i), []record{{Binding: Binding{Transport: "udp"}}})
	}
	f.Registrar.mu.Unlock()
	f.Close()
	if s.count() != 2*saveBatch+7 || s.tries() < 3 {
		t.Fatalf("%d kept in %d writes", s.count(), s.tries())
	}
}
