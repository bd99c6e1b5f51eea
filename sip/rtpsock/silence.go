package rtpsock

import "time"

// watchInterval is how often the silence of the far end is looked at.
const watchInterval = 250 * time.Millisecond

// watch knows whether the far end is silent.
type watch struct {
	after  time.Duration // 0: nobody wants to know
	from   time.Time     // when silence began to count
	heard  time.Time     // the last good packet
	silent bool          // as last told

	base    [reasons]uint64 // what had been dropped when a good packet was last seen to have come
	counted time.Time       // the good packet at that time
}

// start begins to watch, changes the patience, or stops with 0.
func (w *watch) start(after time.Duration, now time.Time) {
	if w.after == 0 {
		w.from = now
	}
	w.after = after
	w.silent = w.silent && after > 0
}

// check looks at the watch; told is what to report, if changed. The caller holds mu.
func (in *inbound) check(now time.Time) (told Silence, changed bool) {
	w := &in.watch
	if w.heard != w.counted {
		w.counted, w.base = w.heard, in.dropped
	}
	since := w.heard
	if w.from.After(since) {
		since = w.from
	}
	silent := w.after > 0 && in.receives && now.Sub(since) >= w.after
	if silent == w.silent {
		return Silence{}, false
	}
	w.silent = silent
	if !silent {
		return Silence{Back: true}, true
	}
	return Silence{Cause: in.cause()}, true
}

// cause is the reason that most packets were dropped for since the last good one.
func (in *inbound) cause() SilenceCause {
	var most uint64
	cause := NoPackets
	for _, ca := range []struct {
		why   reason
		cause SilenceCause
	}{
		{auth, AuthFailed}, {replay, AuthFailed}, {unknownType, UnknownType}, {short, NotRTP}, {learning, WrongSource},
		{wrongSource, WrongSource},
	} {
		if n := in.dropped[ca.why] - in.watch.base[ca.why]; n > most {
			most, cause = n, ca.cause
		}
	}
	return cause
}

// checkSilence reports a change.
func (s *Socket) checkSilence(now time.Time) {
	s.in.mu.Lock()
	told, changed := s.in.check(now)
	s.in.mu.Unlock()
	if changed && s.c.OnSilence != nil {
		s.c.OnSilence(told)
	}
}
