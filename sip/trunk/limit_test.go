package trunk

import (
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// TestLimits checks how many calls a trunk takes at once and in a second, and what is never refused.
func TestLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := twoGateways("a")
		cfg.MaxCalls, cfg.CallsPerSecond = 3, 2
		a, free := mustNew(t, cfg), mustNew(t, twoGateways("free"))
		m := NewManager(ManagerConfig{Trunks: []*Trunk{a, free}, Log: slog.New(slog.DiscardHandler),
			Metrics: NewMetrics(prometheus.NewRegistry()),
		})
		var leaves []func()
		for i, step := range []struct {
			after     time.Duration
			came      bool // in place of one that we begin
			unlimited bool
			leave     int // how many leave before
			want      error
		}{
			{},
			{},
			{want: ErrRate},
			{after: 499 * time.Millisecond, want: ErrRate},
			{after: time.Millisecond},
			{after: time.Second, want: ErrCalls},
			{unlimited: true},
			{came: true},
			{leave: 2, want: ErrCalls},
			{leave: 1},
			{leave: 1},
			{leave: 1, want: ErrRate}, // who was refused for the calls has paid no token
		} {
			time.Sleep(step.after)
			for range step.leave {
				leaves[0]()
				leaves[0]() // counts once
				leaves = leaves[1:]
			}
			var leave func()
			var err error
			if step.came {
				leave = m.Came(a)
			} else {
				leave, err = m.Enter(a, step.unlimited)
			}
			if !errors.Is(err, step.want) {
				t.Fatalf("step %d: %v, want %v", i, err, step.want)
			}
			if err == nil {
				leaves = append(leaves, leave)
			}
			if got := m.Status()[0].Calls; got != len(leaves) {
				t.Fatalf("step %d: %d calls, want %d", i, got, len(leaves))
			}
			if _, err := m.Enter(free, false); err != nil {
				t.Fatalf("a trunk without limits: %v", err)
			}
		}
	})
}
