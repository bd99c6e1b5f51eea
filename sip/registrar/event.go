package registrar

import "log/slog"

// EventKind says what happened to a binding.
type EventKind string

// The kinds of events.
const (
	Registered   EventKind = "registered"
	Refreshed    EventKind = "refreshed"
	Unregistered EventKind = "unregistered" // by the phone, or its account is gone
	Replaced     EventKind = "replaced"     // by a newer binding, there were too many
	Expired      EventKind = "expired"
	Disconnected EventKind = "disconnected" // its TCP or TLS connection ended
	Unreachable  EventKind = "unreachable"  // too many OPTIONS unanswered; the binding stays
	Reachable    EventKind = "reachable"    // answers again
)

// Event tells an observer what happened to a binding.
type Event struct {
	Kind    EventKind
	Binding Binding
}

// event queues an event for the observer. Called with mu held.
func (r *Registrar) event(kind EventKind, b Binding) {
	r.events = append(r.events, Event{Kind: kind, Binding: b})
	select {
	case r.wake <- struct{}{}:
	default: // it is awake
	}
}

// tell hands the queued events to the log and the observer.
func (r *Registrar) tell() {
	r.mu.Lock()
	events := r.events
	r.events = nil
	r.mu.Unlock()
	for _, e := range events {
		level := slog.LevelInfo
		if e.Kind == Refreshed {
			level = slog.LevelDebug
		}
		r.cfg.Log.Log(r.ctx, level, "phone "+string(e.Kind), "extension", e.Binding.Extension,
			"source", e.Binding.Source, "transport", e.Binding.Transport, "agent", e.Binding.UserAgent)
		r.cfg.Observer(e)
	}
}
