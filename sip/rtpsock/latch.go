package rtpsock

import (
	"net/netip"
	"slices"
	"time"
)

const (
	// proofPackets is how many packets in a row a candidate must show before it is locked on to.
	proofPackets = 4
	// proofStep is how far the sequence may jump between them.
	proofStep = 100
	// candidateQuiet is how long a candidate may be silent before another of the same rank takes its turn.
	candidateQuiet = 200 * time.Millisecond
	// rebindQuiet is how long a locked source must be silent before another port of its address may take over.
	rebindQuiet = 2 * time.Second
	// signallingAfter and signallingUntil bound the time in which the signalling address may take over from a
	// negotiated address that could well be right.
	signallingAfter = 3 * time.Second
	signallingUntil = 5 * time.Second
)

// latch decides whose packets are believed and where ours go. It is the rule against RTP bleed and injection: the
// address that was negotiated, then its IP address, then perhaps the IP address that the SIP comes from, and never a
// third one; four packets of one stream to be locked on to, one IP address and port from then on. It has no clock and
// no lock of its own.
type latch struct {
	learn    Learn
	networks []netip.Prefix
	sendTo   reach

	expected   netip.AddrPort // as negotiated; unspecified while nothing but a hold was
	nowhere    bool           // the far end wants nothing for now: 0.0.0.0, the hold of RFC 2543
	control    netip.AddrPort // for RTCP, as negotiated
	signalling netip.Addr
	opened     time.Time // when the learning window opened

	locked        netip.AddrPort
	lockedControl netip.AddrPort // where RTCP comes from, when it can't be where it was negotiated
	heard         time.Time      // the last good packet from locked
	candidate     candidate
}

// candidate is a source on its way to be locked on to.
type candidate struct {
	from  netip.AddrPort
	rank  int
	ssrc  uint32
	seq   uint16
	count int
	heard time.Time
}

// verdict says what to do with a packet by where it comes from.
type verdict uint8

const (
	stranger verdict = iota // drop
	hopeful                 // drop, unless it completes the proof
	believed                // take
	unlocked                // take, and let it prove itself
)

// The ranks of sources, better ones higher.
const (
	rankNone = iota
	rankSignalling
	rankSameIP
	rankExact
)

// expect takes a negotiation. A lock lasts over it unless the address changed; 0.0.0.0 is no address. While nothing
// is locked the learning window opens again.
func (l *latch) expect(rtp, control netip.AddrPort, signalling netip.Addr, now time.Time) {
	l.signalling = signalling.Unmap()
	l.nowhere = rtp.Addr().IsUnspecified()
	if l.nowhere && l.expected.IsValid() {
		return
	}
	if rtp != l.expected {
		l.locked, l.lockedControl, l.candidate = netip.AddrPort{}, netip.AddrPort{}, candidate{}
	}
	l.expected, l.control = rtp, control
	if !l.locked.IsValid() {
		l.opened = now
	}
}

// judge says what to do with an RTP packet from there.
func (l *latch) judge(from netip.AddrPort, now time.Time) verdict {
	switch {
	case l.locked.IsValid() && from == l.locked:
		return believed
	case l.locked.IsValid():
		if from.Addr() == l.locked.Addr() && l.follows(from.Addr()) && now.Sub(l.heard) >= rebindQuiet {
			return hopeful
		}
		return stranger
	}
	switch l.rank(from, now) {
	case rankNone:
		return stranger
	case rankExact:
		return unlocked
	}
	return hopeful
}

// rank says how good a source is while nothing is locked.
func (l *latch) rank(from netip.AddrPort, now time.Time) int {
	if !l.expected.IsValid() {
		return rankNone
	}
	switch addr := from.Addr(); {
	case from == l.expected:
		return rankExact
	case l.follows(addr) && (addr == l.expected.Addr() || l.inNetworks(addr)):
		return rankSameIP
	case l.learn == LearnSignalling && addr == l.signalling:
		if l.astray() {
			return rankSameIP
		}
		if waited := now.Sub(l.opened); waited >= signallingAfter && waited <= signallingUntil {
			return rankSignalling
		}
	}
	return rankNone
}

// follows says that packets may come from another port of the address than was negotiated.
func (l *latch) follows(addr netip.Addr) bool { return l.learn != LearnNever || l.inNetworks(addr) }

func (l *latch) inNetworks(addr netip.Addr) bool {
	return slices.ContainsFunc(l.networks, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// astray says that the negotiated address can't be where the far end is as seen from here: it is private or none at
// all, or we may not send there, or the SIP comes from this very host. Its packets can only come from where its SIP
// comes from, so there is no need to wait for better ones.
func (l *latch) astray() bool {
	return private(l.expected.Addr()) || !l.sendTo.contains(l.expected) || l.signalling.IsLoopback()
}

// private says that an address means nothing outside its own network.
func private(a netip.Addr) bool {
	sharedSpace := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10) // of carriers, RFC 6598
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() || sharedSpace.Contains(a)
}

// prove counts a good packet, with a negotiated payload type and under SRTP with a good tag, of a source that is not
// locked. It is true when that locked it.
func (l *latch) prove(from netip.AddrPort, ssrc uint32, seq uint16, now time.Time) bool {
	c, rank := &l.candidate, l.rank(from, now)
	if c.from != from {
		if c.count > 0 && rank <= c.rank && now.Sub(c.heard) < candidateQuiet {
			return false
		}
		*c = candidate{from: from, rank: rank}
	}
	if step := seq - c.seq; c.count > 0 && ssrc == c.ssrc && step > 0 && step <= proofStep {
		c.count++
	} else {
		c.count = 1
	}
	c.ssrc, c.seq, c.heard = ssrc, seq, now
	if c.count < proofPackets {
		return false
	}
	if from.Addr() != l.locked.Addr() {
		l.lockedControl = netip.AddrPort{}
	}
	l.locked, l.candidate = from, candidate{}
	l.heard = now
	return true
}

// learned says that packets go to another place than was negotiated. A trunk's never do.
func (l *latch) learned() bool {
	return l.learn != LearnNever && l.locked.IsValid() && l.locked != l.expected
}

// target is where RTP goes: what was negotiated until something better has proved itself; the zero value is nowhere.
func (l *latch) target() netip.AddrPort {
	to := l.expected
	if l.learned() {
		to = l.locked
	}
	return l.allow(to)
}

// controlTarget is where RTCP goes when it has a port of its own.
func (l *latch) controlTarget() netip.AddrPort {
	to := l.control
	if l.learned() {
		to = l.lockedControl
	}
	return l.allow(to)
}

func (l *latch) allow(to netip.AddrPort) netip.AddrPort {
	if l.nowhere || !l.sendTo.contains(to) {
		return netip.AddrPort{}
	}
	return to
}

// takesControl says that RTCP from there is believed: it comes from the IP address of the RTP, or from where it was
// negotiated.
func (l *latch) takesControl(from netip.AddrPort) bool {
	if l.locked.IsValid() && from.Addr() == l.locked.Addr() {
		return true
	}
	return !l.learned() && (from == l.control || from.Addr() == l.expected.Addr())
}

// heardControl takes a good RTCP packet: behind a NAT, its source is the only way back.
func (l *latch) heardControl(from netip.AddrPort) {
	if l.learned() {
		l.lockedControl = from
	}
}

// reach says where a pool's sockets may send.
type reach struct {
	local netip.Addr
	only  []netip.Prefix // empty: everywhere
}

// contains is false for what no RTP should go to: another address family, no port, no host, a group, and this host
// itself, unless the socket is on it or it is asked for by name: a peer's SDP must not reach what listens on loopback.
func (r reach) contains(to netip.AddrPort) bool {
	a := to.Addr()
	if !to.IsValid() || to.Port() == 0 || a.Is4() != r.local.Is4() || a.IsUnspecified() || a.IsMulticast() {
		return false
	}
	if len(r.only) > 0 {
		return slices.ContainsFunc(r.only, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	return !a.IsLoopback() || r.local.IsLoopback() || r.local.IsUnspecified()
}
