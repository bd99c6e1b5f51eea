package peers

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Impairment is what a bad network does to packets. The same seed does the same to the same sequence of packets.
type Impairment struct {
	Loss      float64       // part of the packets that vanish, 0 to 1
	Duplicate float64       // part that comes twice
	Reorder   float64       // part that comes after its successor
	Jitter    time.Duration // each packet is late by up to this, evenly spread; more than a packet's length reorders too
	Seed      uint64
}

// network applies an impairment to one direction of one flow.
type network struct {
	send func([]byte)

	mu   sync.Mutex
	i    Impairment
	rand *rand.Rand
	held []byte // waits for its successor

	late   sync.WaitGroup // packets under way
	closed chan struct{}
}

func newNetwork(i Impairment, send func([]byte)) *network {
	return &network{i: i, send: send, rand: rand.New(rand.NewPCG(i.Seed, 1)), closed: make(chan struct{})}
}

// impair does something else from now on.
func (n *network) impair(i Impairment) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.i = i
}

// pass hands a packet to the network, which keeps it for a while.
func (n *network) pass(packet []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.rand.Float64() < n.i.Loss {
		return
	}
	copies := 1
	if n.rand.Float64() < n.i.Duplicate {
		copies = 2
	}
	hold := n.rand.Float64() < n.i.Reorder
	if hold && n.held == nil {
		n.held = packet
		return
	}
	for range copies {
		n.forward(packet)
	}
	if n.held != nil {
		n.forward(n.held)
		n.held = nil
	}
}

// forward sends now, or after this packet's jitter; mu is held.
func (n *network) forward(packet []byte) {
	if n.i.Jitter <= 0 {
		n.send(packet)
		return
	}
	timer := time.NewTimer(time.Duration(n.rand.Int64N(int64(n.i.Jitter))))
	n.late.Go(func() {
		defer timer.Stop()
		select {
		case <-timer.C:
			n.send(packet)
		case <-n.closed:
		}
	})
}

// close drops what is under way.
func (n *network) close() {
	close(n.closed)
	n.late.Wait()
}
