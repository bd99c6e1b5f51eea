package registrar

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/emiago/sipgo/sip"

	"seatbridge/sip/dialog"
)

const (
	// probeEvery is how often it is looked whose turn it is, and probeBurst how many OPTIONS go out then at most: together
	// enough for 15,000 phones at the default of Config.KeepAlive, and not all at once.
	probeEvery = 200 * time.Millisecond
	probeBurst = 100
	// maxProbes is the number of OPTIONS that may be under way: phones that are gone take probeTimeout each.
	maxProbes = 512
	// probeTimeout is how long an answer is waited for; over UDP the request is sent four times meanwhile.
	probeTimeout = 4 * time.Second
)

// nextProbe is the time until the next OPTIONS, spread a little.
func (c *Config) nextProbe() time.Duration {
	return time.Duration(float64(c.KeepAlive) * (0.9 + rand.Float64()/5))
}

// keepAlive sends OPTIONS to the phones whose turn it is. It keeps NAT open, and finds phones that are gone.
func (r *Registrar) keepAlive(now time.Time) {
	if r.cfg.KeepAlive < 0 || r.cfg.Requester == nil {
		return
	}
	// The others have their turn at the next tick. Nobody else takes from the room for probes.
	room := min(probeBurst, maxProbes-len(r.probes))
	for _, rec := range r.due(now, room) {
		r.probes <- struct{}{}
		r.change(rec, func(rec *record) { rec.NextProbe = now.Add(r.cfg.nextProbe()) })
		r.wg.Go(func() {
			defer func() { <-r.probes }()
			r.probed(rec, r.probe(rec.Binding))
		})
	}
}

// due lists bindings whose OPTIONS is due, no more than most of them.
func (r *Registrar) due(now time.Time, most int) []record {
	r.mu.Lock()
	defer r.mu.Unlock()
	var due []record
	for _, records := range r.records {
		for _, rec := range records {
			if len(due) >= most {
				return due
			}
			if !now.Before(rec.NextProbe) {
				due = append(due, rec)
			}
		}
	}
	return due
}

// probe sends OPTIONS and is true where anything came back (RFC 3261 section 11): a phone that refuses is there.
func (r *Registrar) probe(b Binding) bool {
	ctx, cancel := context.WithTimeout(r.ctx, probeTimeout)
	defer cancel()
	_, err := r.cfg.Requester.Do(ctx, dialog.RequestConfig{
		Method: sip.OPTIONS,
		URI:    b.Contact,
		Flow:   b.Flow(),
		From:   sip.FromHeader{Address: sip.Uri{Scheme: "sip", User: "seatbridge", Host: r.cfg.Domain}},
		To:     sip.ToHeader{Address: b.Contact},
	})
	return err == nil
}

// probed takes the result of an OPTIONS in. After a miss the next one comes early, until it is sure.
func (r *Registrar) probed(rec record, answered bool) {
	if r.ctx.Err() != nil {
		return
	}
	r.change(rec, func(rec *record) {
		if answered {
			rec.Missed = 0
			if !rec.Reachable {
				rec.Reachable = true
				r.event(Reachable, rec.Binding)
			}
			return
		}
		rec.Missed++
		if rec.Missed < r.cfg.Misses {
			rec.NextProbe = time.Now().Add(r.cfg.nextProbe() / 3)
		} else if rec.Reachable {
			rec.Reachable = false
			r.event(Unreachable, rec.Binding)
		}
	})
}

// change changes a binding that was not registered anew since it was read.
func (r *Registrar) change(read record, f func(*record)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	records := r.records[read.Extension]
	for i := range records {
		if rec := &records[i]; rec.Updated.Equal(read.Updated) && sameURI(&rec.Contact, &read.Contact) {
			f(rec)
			return
		}
	}
}
