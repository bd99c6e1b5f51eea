package dialog

import (
	"context"
	"log/slog"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"
)

// sipgoLines is how many lines a second sipgo may log.
const sipgoLines = 5

// sipgoLog passes on sipgo's warnings and errors, but a few a second only, and without the "data" that holds whole
// messages: whoever sends us garbage must not fill the disk.
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
		if a.Key != "data" && a.Key != "req" {
			clean.AddAttrs(a)
		}
		return true
	})
	return h.next.Handle(ctx, clean)
}

// WithAttrs implements slog.Handler.
func (h *sipgoLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &sipgoLog{h.next.WithAttrs(slices.Clone(attrs)), h.dropped, h.limit}
}

// WithGroup implements slog.Handler.
func (h *sipgoLog) WithGroup(name string) slog.Handler {
	return &sipgoLog{h.next.WithGroup(name), h.dropped, h.limit}
}
