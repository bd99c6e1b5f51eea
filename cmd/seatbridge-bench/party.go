package main

import (
	"slices"
	"sync"
	"time"

	"github.com/pion/rtp"
)

// interval is the time between two packets of a party.
const interval = 20 * time.Millisecond

// party is one end of a call as the measurement sees it: when its packets were sent, and when the other end's came.
type party struct {
	mu        sync.Mutex
	sending   bool // what is sent counts
	receiving bool // what comes counts
	sent      []time.Time
	got       []arrival
	told      tap
}

// tap is told of packets: the ear that each came on, what it is, and when it came.
type tap func(ear int, h *rtp.Header, payload []byte, at time.Time)

// arrival is a packet that came.
type arrival struct {
	place int // in its stream, counted from the first that came
	seq   uint16
	at    time.Time
}

// receive begins to count what comes; room is for how many.
func (p *party) receive(room int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.receiving, p.got = true, make([]arrival, 0, room)
}

// send begins, or with 0 ends, to count what is sent.
func (p *party) send(room int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sending = room > 0
	if p.sending {
		p.sent = make([]time.Time, 0, room)
	}
}

// sends notes that a packet is about to be sent.
func (p *party) sends() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sending {
		p.sent = append(p.sent, time.Now())
	}
}

// tell has t told of every packet that comes from now on, under the party's lock; nil is nobody.
func (p *party) tell(t tap) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = t
}

// takes takes a packet that came.
func (p *party) takes(ear int, h *rtp.Header, payload []byte) {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.told != nil {
		p.told(ear, h, payload, now)
	}
	if ear == 0 {
		p.receives(h.SequenceNumber, now)
	}
}

// receives notes a packet that came on the first ear; under the lock.
func (p *party) receives(seq uint16, now time.Time) {
	if !p.receiving {
		return
	}
	a := arrival{seq: seq, at: now}
	if n := len(p.got); n > 0 {
		a.place = next(p.got[n-1], seq)
	}
	p.got = append(p.got, a)
}

// count is how many packets were noted.
func (p *party) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.got)
}

// next is the place of the packet with a sequence number that came after another; the numbers may wrap any number of
// times.
func next(last arrival, seq uint16) int { return last.place + int(int16(seq-last.seq)) }

// passage is what became of the packets that from counted as sent to to: how many are lost, and how long each of the
// others was on its way.
func passage(from, to *party) (lost int, took []time.Duration) {
	from.mu.Lock()
	sent := slices.Clone(from.sent)
	from.mu.Unlock()
	to.mu.Lock()
	got := slices.Clone(to.got)
	to.mu.Unlock()
	if len(got) == 0 {
		return len(sent), nil
	}
	shift := align(sent, got)
	came := make([]bool, len(sent))
	for _, a := range got {
		if i := a.place + shift; i >= 0 && i < len(sent) && !came[i] {
			came[i] = true
			took = append(took, a.at.Sub(sent[i]))
		}
	}
	return len(sent) - len(took), took
}

// align finds which of the packets sent the first that came was: -1 is the one before those that count. The gateway
// numbers packets anew but keeps their order and gaps, and none comes before it was sent, so it is the last one that
// leaves no packet with a negative time.
func align(sent []time.Time, got []arrival) int {
	shift := len(sent) - 1
	for shift >= 0 && sent[shift].After(got[0].at) {
		shift--
	}
	for slices.ContainsFunc(got, func(a arrival) bool {
		i := a.place + shift
		return i >= 0 && i < len(sent) && sent[i].After(a.at)
	}) {
		shift--
	}
	return shift
}
