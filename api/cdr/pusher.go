package cdr

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"
)

const (
	// firstWait and longestWait bound the time between two attempts; it doubles from one to the next.
	firstWait, longestWait = time.Second, 5 * time.Minute
	// parkAfter is how long a record may be refused before it is put aside and the next ones go.
	parkAfter = 6 * time.Hour
	// lookAgain is how often the outbox is looked into without a reason.
	lookAgain = 15 * time.Second
	// batch is how many records are read at a time.
	batch = 100
)

// pusher sends records in the order in which they were written, each until it is taken.
type pusher struct {
	receiver *Receiver
	store    Store
	metrics  *Metrics
	log      *slog.Logger
	wake     chan struct{}

	// owned by run
	refused   int64     // the record that is being refused
	refusedAt time.Time // since when
	counted   time.Time // when the outbox was counted
}

func newPusher(r *Receiver, s Store, m *Metrics, log *slog.Logger) *pusher {
	return &pusher{receiver: r, store: s, metrics: m, log: log, wake: make(chan struct{}, 1)}
}

// awake has the pusher look into the outbox; nil has nothing to do.
func (p *pusher) awake() {
	if p == nil {
		return
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// run sends until the context ends. A record that is on its way then is sent again after the next start.
func (p *pusher) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	wake := p.wake
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-timer.C:
		}
		wait := p.push(ctx)
		p.count(ctx)
		wake = p.wake
		if wait > 0 {
			wake = nil // a new record can't overtake the one that waits
		}
		timer.Reset(min(cmp.Or(wait, lookAgain), lookAgain))
	}
}

// push sends what is due. It returns how long the first that is left has to wait; 0 where none is.
func (p *pusher) push(ctx context.Context) time.Duration {
	for ctx.Err() == nil {
		all, err := p.store.PendingRecords(ctx, batch)
		if err != nil {
			return p.storeFailed(ctx, "reading the outbox", err)
		}
		for _, r := range all {
			if wait := time.Until(r.Next); wait > 0 && wait <= longestWait { // more than that is a clock that was set
				return wait
			}
			if wait := p.pushOne(ctx, r); wait > 0 {
				return wait
			}
		}
		if len(all) < batch {
			break
		}
		p.count(ctx)
	}
	return 0
}

// pushOne sends one record. It returns how long to wait before the next attempt at anything; 0 means to go on.
func (p *pusher) pushOne(ctx context.Context, r Pending) time.Duration {
	err := p.receiver.send(ctx, r.Body)
	if ctx.Err() != nil && err != nil {
		return lookAgain
	}
	if err != nil {
		return p.failed(ctx, r, err)
	}
	p.metrics.sent.Inc()
	if r.Tries > 0 {
		p.log.Info("record sent", "session", r.SessionID, "tries", r.Tries+1)
	}
	if err := p.store.RecordSent(context.WithoutCancel(ctx), r.Seq); err != nil {
		return p.storeFailed(ctx, "a record will be sent again: noting that it is sent", err)
	}
	return 0
}

// failed notes a failed attempt: the record stays the first, or is put aside after it was refused for long enough.
func (p *pusher) failed(ctx context.Context, r Pending, why error) time.Duration {
	now := time.Now()
	refused := errors.Is(why, errRefused)
	if !refused || p.refused != r.Seq {
		p.refused, p.refusedAt = r.Seq, now
	}
	ctx = context.WithoutCancel(ctx) // it did fail, whatever happens meanwhile
	if refused && now.Sub(p.refusedAt) >= parkAfter {
		p.metrics.failed.WithLabelValues("parked").Inc()
		p.log.Error("record put aside: its receiver refuses it", "session", r.SessionID, "tries", r.Tries+1,
			"error", why.Error())
		if err := p.store.ParkRecord(ctx, r.Seq); err != nil {
			return p.storeFailed(ctx, "putting a record aside", err)
		}
		return 0
	}
	p.metrics.failed.WithLabelValues("retry").Inc()
	wait := backOff(r.Tries)
	p.log.Warn("record not sent", "session", r.SessionID, "tries", r.Tries+1, "again", wait.String(),
		"error", why.Error())
	if err := p.store.RecordFailed(ctx, r.Seq, r.Tries+1, now.Add(wait)); err != nil {
		return max(wait, p.storeFailed(ctx, "noting a failure", err))
	}
	return wait
}

// storeFailed says so, and returns when to try again.
func (p *pusher) storeFailed(ctx context.Context, what string, err error) time.Duration {
	if ctx.Err() == nil {
		p.log.Error(what, "error", err.Error())
	}
	return backOff(2)
}

// backOff is the time to wait after so many failures and one more: it doubles, and its second half is left to chance, so
// that gateways which failed together do not come back together.
func backOff(tries int) time.Duration {
	wait := longestWait
	if tries < 20 {
		wait = min(firstWait<<tries, longestWait)
	}
	return wait/2 + rand.N(wait/2)
}

// count shows in the metrics what is not sent, but not for each record: there may be very many.
func (p *pusher) count(ctx context.Context) {
	if time.Since(p.counted) < time.Second {
		return
	}
	p.counted = time.Now()
	o, err := p.store.Outbox(ctx)
	if err != nil {
		if ctx.Err() == nil {
			p.log.Error("counting the outbox", "error", err.Error())
		}
		return
	}
	p.metrics.outbox(o)
}
