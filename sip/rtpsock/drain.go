package rtpsock

import "time"

// drain keeps a closed leg's ports bound until its far end has fallen silent.
type drain struct{ pair pair }

// release takes the ports of a closed leg back.
func (p *Pool) release(pr pair) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.c.Metrics.ports(inUse, -1)
	if p.closed {
		pr.close()
		return
	}
	d := &drain{pair: pr}
	p.drains[d] = struct{}{}
	p.c.Metrics.ports(draining, 1)
	p.draining.Add(1)
	go p.run(d)
}

// run reads a pair until it was silent long enough, and frees it. The RTCP port is only kept bound: closing it throws
// away what arrived.
func (p *Pool) run(d *drain) {
	defer p.draining.Done()
	var buf [1]byte
	untilQuiet(func(deadline time.Time) error {
		_ = d.pair.rtp.SetReadDeadline(deadline) // fails only with the read
		_, _, err := d.pair.rtp.ReadFromUDPAddrPort(buf[:])
		return err
	}, p.c.DrainQuiet, p.c.DrainMax)
	port := d.pair.addr().Port()
	d.pair.close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.drains, d)
	p.c.Metrics.ports(draining, -1)
	if p.c.MaxPort != 0 {
		p.free = append(p.free, port)
	}
}

// untilQuiet reads until nothing came for the time quiet, or limit is over, or reading fails otherwise.
func untilQuiet(read func(deadline time.Time) error, quiet, limit time.Duration) {
	end := time.Now().Add(limit)
	for {
		now := time.Now()
		if !now.Before(end) || read(earlier(now.Add(quiet), end)) != nil {
			return
		}
	}
}
