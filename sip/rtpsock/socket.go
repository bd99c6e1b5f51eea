package rtpsock

import (
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/pion/srtp/v2"

	"seatbridge/dtmf"
	"seatbridge/media"
	"seatbridge/sip/sdp"
)

// Config says how one leg's Socket works.
type Config struct {
	// Learn says whose packets are believed besides those from the negotiated address.
	Learn Learn
	// Networks are a trunk's media networks: packets from there are believed, whatever the port.
	Networks []netip.Prefix
	// RTCPInterval is the mean time between reports (RFC 3550 section 6.2). It defaults to 5 s.
	RTCPInterval time.Duration
	// OnSilence is told when the far end's sound stops and when it is back, once each; it may be nil. It must not call
	// Close.
	OnSilence func(Silence)
	// Reorder, Digit and Tone are the receiver's, see media.ReceiverConfig.
	Reorder     time.Duration
	Digit, Tone func(e dtmf.Event, length time.Duration)
	// Added is the sender's, see media.SenderConfig.
	Added func(time.Duration)
}

// Learn is a rule for believing packets from an address that SDP did not name.
type Learn uint8

const (
	// LearnNever believes the negotiated address and Config.Networks only: for trunks. Sending always goes to the
	// negotiated address.
	LearnNever Learn = iota
	// LearnSameIP also believes another port of the negotiated IP address.
	LearnSameIP
	// LearnSignalling also believes the IP address that the phone's SIP comes from: nat=auto. At once where the
	// negotiated address can't be right (private, or not to be sent to), else when nothing better came for 3 s, and
	// then for 2 s.
	LearnSignalling
)

// Socket is the RTP and RTCP sockets of one leg. Its methods may be called from any goroutine.
type Socket struct {
	c       Config
	pool    *Pool
	pair    pair
	log     *slog.Logger
	now     func() time.Time // of packets
	port    media.Port
	in      *inbound
	out     *outbound
	control *control

	stop    chan struct{}
	done    sync.WaitGroup // the two readers
	closing sync.Once

	mu     sync.Mutex // held over a whole Configure; before the locks of in, out and control
	srtp   *sdp.SRTP
	closed bool
}

func newSocket(p *Pool, c Config, pr pair) *Socket {
	if c.RTCPInterval == 0 {
		c.RTCPInterval = 5 * time.Second
	}
	s := &Socket{c: c, pool: p, pair: pr, log: p.c.Logger, now: p.now, stop: make(chan struct{})}
	s.out = newOutbound(pr.rtp)
	ssrc := 1 + rand.Uint32N(math.MaxUint32) // 0 would mean another one to the Sender
	s.port = media.Port{
		In:   media.NewReceiver(media.ReceiverConfig{Reorder: c.Reorder, Digit: c.Digit, Tone: c.Tone}),
		Ears: []*media.Sender{media.NewSender(media.SenderConfig{Writer: s.out, SSRC: ssrc, Added: c.Added})},
	}
	s.in = &inbound{receiver: s.port.In, metrics: p.c.Metrics, latch: latch{
		learn: c.Learn, networks: c.Networks, sendTo: reach{local: p.c.Address, only: p.c.SendOnlyTo},
	}}
	s.control = newControl(ssrc, s.port)
	s.done.Add(2)
	go s.runRTP()
	go s.runControl()
	return s
}

// Port is the leg's media: one receiver, one ear. It is there from the start.
func (s *Socket) Port() media.Port { return s.port }

// LocalAddr is the bound RTP address; RTCP is on the next port.
func (s *Socket) LocalAddr() netip.AddrPort { return s.pair.addr() }

// Configure puts a negotiation into effect: addresses, formats, direction, keys. signalling is the IP address that the
// far end's SIP comes from, for LearnSignalling; it may be the zero Addr. Call it for early media, for the answer and
// for every later exchange: it opens the learning window where the address changed or nothing was locked yet.
// It fails on keys that do not fit their suite, and after Close (ErrClosed).
func (s *Socket) Configure(n sdp.Negotiated, signalling netip.Addr) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if err := s.rekey(n.SRTP); err != nil {
		return err
	}
	s.port.In.SetFormats(n.Receive)
	s.port.Ears[0].SetFormats(n.Send)

	s.in.mu.Lock()
	s.in.configure(n, signalling, s.now())
	to := s.in.latch.target()
	s.out.mu.Lock()
	s.out.to, s.out.sends = to, n.Direction.Sends()
	s.out.mu.Unlock()
	s.in.mu.Unlock()

	if len(n.Send.Audio) > 0 {
		s.control.mu.Lock()
		s.control.clock = n.Send.Audio[0].Codec.ClockRate()
		s.control.mu.Unlock()
	}
	return nil
}

// rekey takes keys into use. One that did not change keeps its counters: beginning anew would protect two packets
// alike, and every packet would be a replay. The caller holds mu.
func (s *Socket) rekey(keys *sdp.SRTP) error {
	var in, inControl *opener
	var out, outControl *srtp.Context
	if keys != nil {
		var errs [4]error
		in, errs[0] = newOpener(keys)
		inControl, errs[1] = newOpener(keys)
		out, errs[2] = newContext(keys.Suite, keys.Send)
		outControl, errs[3] = newContext(keys.Suite, keys.Send)
		if err := errors.Join(errs[:]...); err != nil {
			return err
		}
	}
	sameSend, sameReceive := s.srtp.SameKeys(keys)
	s.in.mu.Lock()
	if !sameReceive {
		s.in.opener, s.in.plain = in, make([]byte, 0, maxPacket)
	}
	s.in.mu.Unlock()
	s.out.mu.Lock()
	if !sameSend {
		s.out.sealer, s.out.sealed = out, make([]byte, 0, maxPacket)
	}
	s.out.mu.Unlock()
	s.control.mu.Lock()
	if !sameReceive {
		s.control.opener = inControl
	}
	if !sameSend {
		s.control.sealer = outControl
	}
	s.control.mu.Unlock()
	s.srtp = keys
	return nil
}

// Watch says that the leg is answered, and reports to Config.OnSilence when no good packet came for the given time,
// counted from now at the earliest; 0 stops watching. One that suppresses silence gets half a minute. While the far
// end holds us the cause is Held: it need not send. While we do not want to receive nothing is reported. The learning
// window opens again where nothing was locked yet.
func (s *Socket) Watch(after time.Duration) {
	now := s.now()
	s.in.mu.Lock()
	defer s.in.mu.Unlock()
	s.in.watch.start(after, now)
	if !s.in.latch.locked.IsValid() {
		s.in.latch.opened = now
	}
}

// Close sends an RTCP BYE, stops reading, waits until the last packet was delivered, and leaves the ports to the
// pool's drain. It may be called twice, but not from a Sink or OnSilence.
func (s *Socket) Close() {
	s.closing.Do(func() {
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
		s.port.Ears[0].Close()
		close(s.stop)
		past := time.Unix(1, 0)
		_ = s.pair.rtp.SetReadDeadline(past) // wakes the readers
		_ = s.pair.rtcp.SetReadDeadline(past)
		s.done.Wait()
		s.out.aim(netip.AddrPort{})
		s.pool.release(s.pair)
	})
	s.done.Wait()
}

// runRTP reads the RTP port until the socket is closed.
func (s *Socket) runRTP() {
	defer s.done.Done()
	var buf [maxPacket]byte
	for !s.stopped() {
		n, from, err := s.pair.rtp.ReadFromUDPAddrPort(buf[:])
		if err != nil {
			if !isTimeout(err) && !s.pause() {
				return
			}
			continue
		}
		s.arrive(buf[:n], unmap(from), s.now())
	}
}

// arrive takes one packet from the RTP port.
func (s *Socket) arrive(packet []byte, from netip.AddrPort, now time.Time) {
	if s.in.isControl(packet) {
		s.arriveControl(packet, from, now)
		return
	}
	if s.in.arrive(packet, from, now) {
		s.in.mu.Lock()
		s.out.aim(s.in.latch.target())
		s.in.mu.Unlock()
	}
}

func (s *Socket) stopped() bool {
	select {
	case <-s.stop:
		return true
	default:
		return false
	}
}

// pause waits a little after a failed read, so that a lasting fault costs no CPU; it is false once the socket is
// closed.
func (s *Socket) pause() bool {
	select {
	case <-s.stop:
		return false
	case <-time.After(10 * time.Millisecond):
		return true
	}
}

func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// spread is a random time around d, half to one and a half of it (RFC 3550 section 6.2), so that legs do not report
// in step.
func spread(d time.Duration) time.Duration { return d/2 + rand.N(d) }

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// listenUDP binds one UDP socket.
func listenUDP(addr netip.AddrPort) (*net.UDPConn, error) {
	network := "udp4"
	if addr.Addr().Is6() {
		network = "udp6"
	}
	return net.ListenUDP(network, net.UDPAddrFromAddrPort(addr))
}
