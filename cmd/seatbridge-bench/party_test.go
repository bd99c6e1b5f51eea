package main

import (
	"testing"
	"time"

	"github.com/pion/rtp"
)

// conversation has count packets sent, of which deliver says how long each takes; a negative time loses it.
func conversation(first uint16, count int, deliver func(i int) time.Duration) (from, to *party) {
	from, to = &party{}, &party{}
	start := time.Unix(1000, 0)
	var arrivals []arrival
	for i := range count {
		at := start.Add(time.Duration(i) * interval)
		from.sent = append(from.sent, at)
		if d := deliver(i); d >= 0 {
			arrivals = append(arrivals, arrival{seq: first + uint16(i), at: at.Add(d)})
		}
	}
	to.got = arrivals
	for i := 1; i < len(arrivals); i++ {
		arrivals[i].place = next(arrivals[i-1], arrivals[i].seq)
	}
	return from, to
}

func TestPassage(t *testing.T) {
	const ms = time.Millisecond
	for _, ca := range []struct {
		name    string
		first   uint16
		count   int
		deliver func(i int) time.Duration
		lost    int
		longest time.Duration
	}{
		{"at once", 7, 100, func(int) time.Duration { return 0 }, 0, 0},
		{"one takes long", 7, 100, func(i int) time.Duration {
			if i == 50 {
				return 300 * ms
			}
			return ms
		}, 0, 300 * ms},
		{"the first takes long", 7, 100, func(i int) time.Duration {
			if i == 0 {
				return 70 * ms
			}
			return ms
		}, 0, 70 * ms},
		{"one in ten is lost", 7, 100, func(i int) time.Duration {
			if i%10 == 3 {
				return -1
			}
			return ms
		}, 10, ms},
		{"the first and the last are lost", 7, 100, func(i int) time.Duration {
			if i < 5 || i > 90 {
				return -1
			}
			return ms
		}, 14, ms},
		{"numbers wrap more than once", 65000, 140000, func(i int) time.Duration {
			if i == 70000 {
				return -1
			}
			return ms
		}, 1, ms},
		{"all are lost", 7, 100, func(int) time.Duration { return -1 }, 100, 0},
	} {
		t.Run(ca.name, func(t *testing.T) {
			from, to := conversation(ca.first, ca.count, ca.deliver)
			lost, took := passage(from, to)
			if lost != ca.lost || lost+len(took) != ca.count || percentile(took, 1) != ca.longest {
				t.Errorf("%d lost, %d came, the longest took %v", lost, len(took), percentile(took, 1))
			}
		})
	}
}

// TestPassageOfTheRest: packets that were under way when counting began, and such that were sent after it ended, do
// not count.
func TestPassageOfTheRest(t *testing.T) {
	from, to := conversation(7, 100, func(int) time.Duration { return time.Millisecond })
	from.sent = from.sent[3:90]
	if lost, took := passage(from, to); lost != 0 || len(took) != 87 || percentile(took, 1) != time.Millisecond {
		t.Errorf("%d lost, %d came, the longest took %v", lost, len(took), percentile(took, 1))
	}
}

func TestDuplicatesCountOnce(t *testing.T) {
	from, to := conversation(7, 100, func(i int) time.Duration {
		if i == 3 {
			return -1
		}
		return 0
	})
	to.got = append(to.got, to.got[len(to.got)-1])
	if lost, took := passage(from, to); lost != 1 || len(took) != 99 {
		t.Errorf("%d lost, %d came", lost, len(took))
	}
}

// TestPartyCountsWhenTold: before and after nothing counts.
func TestPartyCountsWhenTold(t *testing.T) {
	var p party
	p.sends()
	p.takes(0, &rtp.Header{SequenceNumber: 1}, nil)
	if len(p.sent) != 0 || len(p.got) != 0 {
		t.Errorf("%d sent, %d got before", len(p.sent), len(p.got))
	}
	p.receive(10)
	p.send(10)
	for _, seq := range []uint16{65534, 65535, 1, 0} {
		p.sends()
		p.takes(0, &rtp.Header{SequenceNumber: seq}, nil)
		p.takes(1, &rtp.Header{SequenceNumber: seq}, nil) // another ear
	}
	p.send(0)
	p.sends()
	if len(p.sent) != 4 {
		t.Errorf("%d sent", len(p.sent))
	}
	for i, want := range []int{0, 1, 3, 2} {
		if p.got[i].place != want {
			t.Errorf("packet %d has place %d, not %d", i, p.got[i].place, want)
		}
	}
}
