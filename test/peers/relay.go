package peers

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
)

// Relay is a bad network between UDP speakers: each sender's packets to Addr come to the target, from a port of their
// own, and what the target answers goes back.
type Relay struct {
	// Addr is where to send to.
	Addr netip.AddrPort

	target *net.UDPAddr
	there  Impairment
	back   Impairment
	front  *net.UDPConn
	tasks  sync.WaitGroup
	passed atomic.Int64
	cut    atomic.Bool

	mu     sync.Mutex
	flows  map[netip.AddrPort]*flow
	closed bool
}

// flow is one sender's way through a relay.
type flow struct {
	conn        *net.UDPConn // towards the target
	there, back *network
}

// UDPRelay starts a relay to target that does there to packets towards it, and back to those from it.
func UDPRelay(t testing.TB, target netip.AddrPort, there, back Impairment) *Relay {
	t.Helper()
	return udpRelayAt(t, loopback(0), target, there, back)
}

// udpRelayAt is UDPRelay with an address of its own.
func udpRelayAt(t testing.TB, at, target netip.AddrPort, there, back Impairment) *Relay {
	t.Helper()
	if !target.Addr().IsLoopback() {
		t.Fatalf("%s is not on loopback", target)
	}
	front, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	r := &Relay{
		Addr: front.LocalAddr().(*net.UDPAddr).AddrPort(), target: net.UDPAddrFromAddrPort(target), there: there, back: back,
		front: front, flows: map[netip.AddrPort]*flow{},
	}
	r.tasks.Go(r.read)
	t.Cleanup(r.close)
	return r
}

// Impair does other things to the packets from now on, to those of flows that go on too.
func (r *Relay) Impair(there, back Impairment) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.there, r.back = there, back
	for _, f := range r.flows {
		f.there.impair(there)
		f.back.impair(back)
	}
}

// Cut has the relay lose everything from now on, or nothing more than it did before.
func (r *Relay) Cut(cut bool) { r.cut.Store(cut) }

// Passed is how many packets came to the relay, both ways.
func (r *Relay) Passed() int { return int(r.passed.Load()) }

// read takes what senders send until the relay closes.
func (r *Relay) read() {
	for b := make([]byte, 65536); ; {
		n, from, err := r.front.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		r.passed.Add(1)
		if f := r.flow(from); f != nil && !r.cut.Load() {
			f.there.pass(append([]byte(nil), b[:n]...))
		}
	}
}

// flow finds or makes a sender's flow; it is nil where the relay closes or there is no socket to be had.
func (r *Relay) flow(from netip.AddrPort) *flow {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.flows[from]; f != nil || r.closed {
		return f
	}
	conn, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}, r.target)
	if err != nil {
		return nil
	}
	f := &flow{conn: conn}
	f.there = newNetwork(r.there, func(b []byte) { conn.Write(b) }) // what can't be sent is lost, as it is in a network
	f.back = newNetwork(r.back, func(b []byte) { r.front.WriteToUDPAddrPort(b, from) })
	r.flows[from] = f
	r.tasks.Go(func() { r.readBack(f) })
	return f
}

// readBack takes what the target answers.
func (r *Relay) readBack(f *flow) {
	for b := make([]byte, 65536); ; {
		n, err := f.conn.Read(b)
		if err != nil {
			if r.isClosed() {
				return
			}
			continue // the target is not there yet: connection refused
		}
		r.passed.Add(1)
		if !r.cut.Load() {
			f.back.pass(append([]byte(nil), b[:n]...))
		}
	}
}

func (r *Relay) isClosed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

// close ends the relay.
func (r *Relay) close() {
	r.mu.Lock()
	r.closed = true
	flows := r.flows
	r.mu.Unlock()
	r.front.Close()
	for _, f := range flows {
		f.conn.Close()
	}
	r.tasks.Wait()
	for _, f := range flows {
		f.there.close()
		f.back.close()
	}
}
