package rtpsock

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v2"
)

// ErrNotSent says that a packet was kept back: by the direction, a hold, or because there is nowhere to send.
var ErrNotSent = errors.New("rtpsock: packet kept back")

var errTooLong = errors.New("rtpsock: packet too long")

// maxGap is the largest step in the sequence that is passed on: loss that the far end conceals.
const maxGap = 1000

// outbound sends RTP. It is the leg's media.Writer.
type outbound struct {
	conn *net.UDPConn

	mu              sync.Mutex
	to              netip.AddrPort // invalid: nowhere
	sends           bool           // the direction and a hold
	sealer          *srtp.Context  // nil: plain RTP
	header          rtp.Header
	plain           [maxPacket]byte
	sealed          []byte // room for what sealer encrypts
	in, out         uint16 // the last sequence numbers, as given to us, sent or not, and as sent
	notSent, errors uint64
}

func newOutbound(conn *net.UDPConn) *outbound {
	// The first number is in the lower half, so that a far end that misses the first packets can't miss the first
	// rollover (RFC 4568 section 6.4).
	return &outbound{conn: conn, out: uint16(rand.Uint32N(1 << 15))}
}

// WriteRTP sends one packet, or keeps it back with ErrNotSent. It gives the far end a sequence without large gaps:
// what was kept back for 11 minutes of hold are 32,768 packets, half the sequence space, after which SRTP at the far
// end guesses the wrong rollover counter and the call stays silent for good (RFC 3711 section 3.3.1).
func (o *outbound) WriteRTP(header *rtp.Header, payload []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	step := header.SequenceNumber - o.in
	o.in = header.SequenceNumber
	if !o.sends || !o.to.IsValid() {
		o.notSent++
		return 0, ErrNotSent
	}
	if step == 0 || step > maxGap {
		step = 1
	}
	o.out += step
	o.header = *header
	o.header.SequenceNumber = o.out
	n, err := o.send(payload)
	if err != nil {
		o.errors++
	}
	return n, err
}

// send marshals, protects and sends o.header and payload; the caller holds mu.
func (o *outbound) send(payload []byte) (int, error) {
	n, err := o.header.MarshalTo(o.plain[:])
	if err != nil {
		return 0, err
	}
	if n+len(payload) > len(o.plain) {
		return 0, errTooLong
	}
	packet := o.plain[:n+copy(o.plain[n:], payload)]
	if o.sealer != nil {
		if packet, err = o.sealer.EncryptRTP(o.sealed, packet, &o.header); err != nil {
			return 0, err
		}
	}
	return o.conn.WriteToUDPAddrPort(packet, o.to)
}

// aim says where to send from now on.
func (o *outbound) aim(to netip.AddrPort) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.to = to
}
