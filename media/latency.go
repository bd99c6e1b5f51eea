package media

import "time"

// latencyBounds are the upper bounds of the buckets in which the gateway's own delay is counted, from packet in to
// packet out.
var latencyBounds = [...]time.Duration{
	50 * time.Microsecond, 100 * time.Microsecond, 200 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond,
	20 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond,
}

// latency is one ear's histogram. Each ear has its own so that packets of different legs share no counter.
type latency struct {
	buckets [len(latencyBounds)]uint64
	count   uint64
	sum     time.Duration
}

func (l *latency) observe(d time.Duration) {
	l.count++
	l.sum += d
	for i, bound := range latencyBounds {
		if d <= bound {
			l.buckets[i]++
			return
		}
	}
}
