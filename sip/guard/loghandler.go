package guard

import (
	"context"
	"log/slog"
	"sync"

	"golang.org/x/time/rate"
)

// LogHandler wraps next for sipgo's logger: of each message at most 10 lines at once and one each second, and never the
// bytes of a SIP message, which sipgo logs in full where it cannot parse them.
func LogHandler(next slog.Handler) slog.Handler {
	return logHandler{next: next, samples: &samples{limits: make(map[string]*sample)}}
}

type logHandler struct {
	next    slog.Handler
	samples *samples
}

// Enabled reports whether next handles the level.
func (h logHandler) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

// WithAttrs returns a handler with attributes that shares the samples.
func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{next: h.next.WithAttrs(attrs), samples: h.samples}
}

// WithGroup returns a handler with a group that shares the samples.
func (h logHandler) WithGroup(name string) slog.Handler {
	return logHandler{next: h.next.WithGroup(name), samples: h.samples}
}

// Handle hands the record on without payload, if it is one of the sample.
func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	ok, suppressed := h.samples.take(r.Message)
	if !ok {
		return nil
	}
	out := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if !isPayload(r.Message, a.Key) {
			out.AddAttrs(a)
		}
		return true
	})
	if suppressed > 0 {
		out.AddAttrs(slog.Int("suppressed", suppressed))
	}
	return h.next.Handle(ctx, out)
}

// isPayload says whether an attribute holds bytes of a SIP message. The errors of a parser quote what it could not
// parse.
func isPayload(message, key string) bool {
	switch key {
	case "data":
		return true
	case "error":
		return message == "failed to parse" || message == "Lazy header parsing failed"
	}
	return false
}

// maxSamples bounds the messages that are counted apart; sipgo has fewer.
const maxSamples = 256

// samples limits the lines of each message.
type samples struct {
	mu     sync.Mutex
	limits map[string]*sample
}

type sample struct {
	limit      *rate.Limiter
	suppressed int // since the last line
}

// take says whether a line with this message may be written, and how many were not before it.
func (s *samples) take(message string) (ok bool, suppressed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.limits[message]
	if e == nil {
		if len(s.limits) >= maxSamples {
			message = "" // the rest shares one
		}
		if e = s.limits[message]; e == nil {
			e = &sample{limit: rate.NewLimiter(1, 10)}
			s.limits[message] = e
		}
	}
	if !e.limit.Allow() {
		e.suppressed++
		return false, 0
	}
	suppressed, e.suppressed = e.suppressed, 0
	return true, suppressed
}
