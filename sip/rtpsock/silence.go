package rtpsock

import (
	"time"

	"github.com/pion/rtp"
)

// watchInterval is how often the silence of the far end is looked at.
const watchInterval = 250 * time.Millisecond

// A far end that suppresses silence may send nothing for as long as nobody speaks: RFC 3389 leaves open how often it
// repeats its comfort noise, and some send none. So one that said with its last packet that it falls silent, or that
// has shown its habit, gets more patience. It is not without end, as a dead line would look the same.
const (
	suppressed = 30 * time.Second
	// talkspurt is the least pause that shows the habit.
	talkspurt = 100 * time.Millisecond
)

// watch knows whether the far end is silent.
type watch struct {
	after  time.Duration // 0: nobody wants to know
	from   time.Time     // when silence began to count
	heard  time.Time     // the last good packet
	seq    uint16        // its number
	rests  bool          // it said that silence follows
	sparse bool          // the far end sends nothing in its pauses
	silent bool          // as last told
	held   bool          // it was told as Held

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

// take notes a good packet; rests says that it announces silence. A marker after a pause in which nothing was lost
// begins a talkspurt, which there are only with silence suppression (RFC 3551 section 4.1).
func (w *watch) take(h *rtp.Header, rests bool, now time.Time) {
	spurt := h.Marker && h.SequenceNumber == w.seq+1 && now.Sub(w.heard) >= talkspurt
	w.sparse = w.sparse || spurt && w.heard.After(w.from) // else the pause may have been a hold
	w.heard, w.seq, w.rests = now, h.SequenceNumber, rests
}

// patience is how long the far end may be silent.
func (w *watch) patience() time.Duration {
	if w.rests || w.sparse {
		return max(w.after, suppressed)
	}
	return w.after
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
	silent := w.after > 0 && (in.receives || in.held) && now.Sub(since) >= w.patience()
	if silent == w.silent && (!silent || in.held == w.held) {
		return Silence{}, false
	}
	w.silent, w.held = silent, in.held
	if !silent {
		return Silence{Back: true}, true
	}
	if in.held {
		return Silence{Cause: Held}, true
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
