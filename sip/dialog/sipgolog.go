package dialog

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"
)

// sipgoLines is how many lines a second sipgo may log.
const sipgoLines = 5

// sipgoLog passes on sipgo's warnings and errors, but a few a second only, and without what may hold a piece of a
// message: whoever sends us garbage must not fill the disk, or write into the log.
type sipgoLog struct {
	next    slog.Handler
	dropped *prometheus.CounterVec
	limit   *rate.Limiter
}

func newSipgoLog(next slog.Handler, dropped *prometheus.CounterVec) *sipgoLog {
	return &sipgoLog{next, dropped, rate.NewLimiter(sipgoLines, sipgoLines)}
}

// Enabled implements slog.Handler.
func (h *sipgoLog) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.next.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (h *sipgoLog) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "failed to parse" {
		h.dropped.WithLabelValues("malformed").Inc()
	}
	if !h.limit.Allow() {
		return nil
	}
	clean := slog.NewRecord(r.Time, slog.LevelWarn, "sipgo: "+r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if harmless(a) {
			clean.AddAttrs(a)
		}
		return true
	})
	return h.next.Handle(ctx, clean)
}

// harmless says that an attribute holds nothing of a message: addresses, and errors of the network.
func harmless(a slog.Attr) bool {
	switch a.Key {
	case "laddr", "raddr", "network":
		return true
	case "error":
		var network *net.OpError
		err, ok := a.Value.Any().(error)
		return ok && errors.As(err, &network)
	}
	return false
}

// WithAttrs implements slog.Handler.
func (h *sipgoLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &sipgoLog{h.next.WithAttrs(slices.Clone(attrs)), h.dropped, h.limit}
}

// WithGroup implements slog.Handler.
func (h *sipgoLog) WithGroup(name string) slog.Handler {
	return &sipgoLog{h.next.WithGroup(name), h.dropped, h.limit}
}
