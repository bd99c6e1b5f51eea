package peers

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"seatbridge/codec"
)

// media is an RTPPhone's sound: one goroutine reads its socket, one sends.
type media struct {
	port      int
	conn      *net.UDPConn // RTP
	rtcp      *net.UDPConn // so that the other end's reports find somebody
	ptime     int          // ms
	tone      float64      // Hz
	behaviour Behaviour
	codecs    []codec.ID
	there     *network // what happens to packets sent
	back      *network // what happens to packets received
	tasks     sync.WaitGroup
	stop      chan struct{}
	jobs      chan job // digits and haste

	mu        sync.Mutex
	session   uint32 // of our SDP's origin line
	version   int
	remote    netip.AddrPort // may be invalid
	direction string         // the far end's
	playing   bool
	key       [2]float64 // the tones of one that is pressed, Hz; zeros: none is
	codec     codec.ID
	pt        uint8
	encoder   codec.Encoder
	eventOut  uint8 // payload type of telephone-event that the far end takes; 0: none
	eventIn   []uint8
	decoding  map[uint8]codec.ID
	decoders  map[codec.ID]codec.Decoder
	packets   []Packet
	reports   int // RTCP packets
	sound     []int16
	issues    []string
}

// newMedia binds port and the one after it, and starts.
func newMedia(s setup, port int) (*media, error) {
	ids, err := s.codecIDs()
	if err != nil {
		return nil, err
	}
	m := &media{
		port: port, ptime: s.ptime, tone: s.tone, behaviour: s.behaviour, codecs: ids, stop: make(chan struct{}),
		jobs: make(chan job), session: rand.Uint32() >> 1, decoding: map[uint8]codec.ID{0: codec.PCMU, 8: codec.PCMA},
		decoders: map[codec.ID]codec.Decoder{},
	}
	if m.conn, err = net.ListenUDP("udp4", net.UDPAddrFromAddrPort(loopback(port))); err != nil {
		return nil, err
	}
	if m.rtcp, err = net.ListenUDP("udp4", net.UDPAddrFromAddrPort(loopback(port+1))); err != nil {
		m.conn.Close()
		return nil, err
	}
	m.conn.SetReadBuffer(1 << 21) // time may be compressed
	m.there = newNetwork(s.behaviour.Sends, m.transmit)
	m.back = newNetwork(s.behaviour.Receives, m.receive)
	m.tasks.Go(m.read)
	m.tasks.Go(m.readReports)
	m.tasks.Go(m.run)
	return m, nil
}

// close ends it all.
func (m *media) close() {
	close(m.stop)
	m.conn.Close()
	m.rtcp.Close()
	m.tasks.Wait()
	m.there.close()
	m.back.close()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.encoder != nil {
		m.encoder.Close()
	}
	for _, d := range m.decoders {
		d.Close()
	}
}

// problem notes what the test should fail for.
func (m *media) problem(format string, args ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if text := fmt.Sprintf(format, args...); !slices.Contains(m.issues, text) {
		m.issues = append(m.issues, text)
	}
}

func (m *media) problems() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.issues
}

// play lets the tone go out; pause ends it.
func (m *media) play()  { m.setPlaying(true) }
func (m *media) pause() { m.setPlaying(false) }

func (m *media) setPlaying(on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.playing = on
}

// use changes the codec; mu is held.
func (m *media) use(id codec.ID, pt uint8) error {
	m.decoding[pt] = id
	if m.encoder != nil && m.codec == id && m.pt == pt {
		return nil
	}
	encoder, err := codec.NewEncoder(id, rate, codec.Options{})
	if err != nil {
		return err
	}
	if m.encoder != nil {
		m.encoder.Close()
	}
	m.codec, m.pt, m.encoder = id, pt, encoder
	return nil
}

// transmit is the way out. What the kernel refuses is lost.
func (m *media) transmit(b []byte) {
	m.mu.Lock()
	to := m.remote
	m.mu.Unlock()
	if to.IsValid() {
		m.conn.WriteToUDPAddrPort(b, to)
	}
}

// read takes RTP until the socket closes.
func (m *media) read() {
	for b := make([]byte, 65536); ; {
		n, err := m.conn.Read(b)
		if err != nil {
			return
		}
		m.back.pass(append([]byte(nil), b[:n]...))
	}
}

// readReports counts RTCP.
func (m *media) readReports() {
	for b := make([]byte, 65536); ; {
		if _, err := m.rtcp.Read(b); err != nil {
			return
		}
		m.mu.Lock()
		m.reports++
		m.mu.Unlock()
	}
}

// press has the tones of a key go out in place of the phone's own; zeros end that.
func (m *media) press(key [2]float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.key = key
}

// sample is sample number n of the tone, or of a key's two; mu is held.
func (m *media) sample(n uint64) int16 {
	if m.key[0] != 0 {
		w := 2 * math.Pi * float64(n) / rate
		return int16(math.Round(amplitude / 2 * (math.Sin(w*m.key[0]) + math.Sin(w*m.key[1]))))
	}
	if m.tone == 0 {
		return 0
	}
	return int16(math.Round(amplitude * math.Sin(2*math.Pi*m.tone*float64(n)/rate)))
}

// Packet is an RTP packet as it came.
type Packet struct {
	At        time.Time
	Seq       uint16
	Timestamp uint32
	SSRC      uint32
	PT        uint8
	Marker    bool
	Payload   []byte
}
