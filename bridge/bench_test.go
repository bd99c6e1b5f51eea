package bridge

import (
	"testing"
	"time"

	"github.com/pion/rtp"

	"seatbridge/codec"
	"seatbridge/media"
)

// nowhere is a far end that nothing is known of.
type nowhere struct{}

func (nowhere) WriteRTP(_ *rtp.Header, payload []byte) (int, error) { return len(payload), nil }

// path is a speaker whose packets go to some listeners who hear nobody else.
type path struct {
	bridge   *Bridge
	table    Table
	receiver *media.Receiver
	packets  [][]byte
	clock    uint32
	header   rtp.Header
	arrived  time.Time
	n        int
}

func newPath(tb testing.TB, from codec.ID, to ...codec.ID) *path {
	formats := func(c codec.ID) media.Formats {
		return media.Formats{Audio: []media.AudioFormat{{PT: c.PayloadType(), Codec: c}}}
	}
	p := &path{clock: from.ClockRate(), arrived: time.Now()}
	p.header = rtp.Header{Version: 2, SSRC: 7, PayloadType: from.PayloadType()}
	e, err := codec.NewEncoder(from, 8000, codec.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	for i := range 50 {
		var pcm [160]int16
		for n := range pcm { // something between a voice and a noise
			pcm[n] = int16((n*7919+i*104729)%9000 - 4500 + 3000*(n/20%2))
		}
		var buf [1500]byte
		n, err := e.Encode(buf[:], pcm[:])
		if err != nil {
			tb.Fatal(err)
		}
		p.packets = append(p.packets, append([]byte(nil), buf[:n]...))
	}
	b := New(Config{})
	tb.Cleanup(b.Close)
	p.receiver = media.NewReceiver(media.ReceiverConfig{})
	p.receiver.SetFormats(formats(from))
	b.Add("speaker", media.Port{In: p.receiver})
	table := Table{}
	for i, c := range to {
		s := media.NewSender(media.SenderConfig{Writer: nowhere{}})
		s.SetFormats(formats(c))
		id := PartyID(rune('a' + i))
		b.Add(id, media.Port{In: media.NewReceiver(media.ReceiverConfig{}), Ears: []*media.Sender{s}})
		table[id] = Row{Speakers: []PartyID{"speaker"}}
	}
	b.Apply(table)
	p.bridge, p.table = b, table
	for range 100 { // so that all is there that is made once
		p.packet()
	}
	return p
}

// tapped is the table with a tap of the speaker.
func (p *path) tapped(tap media.Tap) Table {
	p.table["speaker"] = Row{Tap: tap}
	return p.table
}

// packet is one packet's way from the reader to the writers.
func (p *path) packet() {
	p.receiver.Push(&p.header, p.packets[p.n%len(p.packets)], p.arrived)
	p.n++
	p.header.SequenceNumber++
	p.header.Timestamp += p.clock / 50
	p.arrived = p.arrived.Add(20 * time.Millisecond)
}

func bench(b *testing.B, from codec.ID, to ...codec.ID) {
	p := newPath(b, from, to...)
	b.ReportAllocs()
	for b.Loop() {
		p.packet()
	}
}

func BenchmarkRelay(b *testing.B)               { bench(b, codec.PCMU, codec.PCMU) }
func BenchmarkRelayToTen(b *testing.B)          { bench(b, codec.PCMU, tenOf(codec.PCMU)...) }
func BenchmarkTranscodePCMUToPCMA(b *testing.B) { bench(b, codec.PCMU, codec.PCMA) }
func BenchmarkTranscodePCMUToOpus(b *testing.B) { bench(b, codec.PCMU, codec.Opus) }
func BenchmarkTranscodePCMUToTenOpus(b *testing.B) {
	bench(b, codec.PCMU, tenOf(codec.Opus)...)
}
func BenchmarkTranscodeOpusToPCMU(b *testing.B) { bench(b, codec.Opus, codec.PCMU) }

// BenchmarkMonitor is the cost of one packet of a call of a browser and a phone, without and with a monitor: each
// direction is a benchmark of its own.
func BenchmarkMonitor(b *testing.B) {
	for name, monitor := range map[string][]codec.ID{
		"none": nil, "browser": {codec.Opus}, "phone": {codec.PCMU},
	} {
		b.Run("to agent/"+name, func(b *testing.B) { bench(b, codec.PCMU, append([]codec.ID{codec.Opus}, monitor...)...) })
		b.Run("to customer/"+name, func(b *testing.B) { bench(b, codec.Opus, append([]codec.ID{codec.PCMU}, monitor...)...) })
	}
}

func tenOf(c codec.ID) []codec.ID { return []codec.ID{c, c, c, c, c, c, c, c, c, c} }

func TestPacketPathDoesNotAllocate(t *testing.T) {
	all := []codec.ID{codec.PCMU, codec.PCMA, codec.Opus}
	for _, from := range all {
		p := newPath(t, from, all...)
		if n := testing.AllocsPerRun(200, p.packet); n != 0 {
			t.Errorf("from %v: %v allocations a packet", from, n)
		}
		n := testing.AllocsPerRun(200, func() { // two swapped, one lost
			p.header.SequenceNumber, p.header.Timestamp = p.header.SequenceNumber+1, p.header.Timestamp+p.clock/50
			p.packet()
			p.header.SequenceNumber, p.header.Timestamp = p.header.SequenceNumber-2, p.header.Timestamp-2*p.clock/50
			p.packet()
			p.header.SequenceNumber, p.header.Timestamp = p.header.SequenceNumber+2, p.header.Timestamp+2*p.clock/50
			p.packet()
		})
		if n != 0 {
			t.Errorf("from %v, badly: %v allocations a packet", from, n)
		}
	}
}

// newTestMix is a mix of two silent speakers and a sound for one ear.
func newTestMix(c codec.ID) (*mix, []*media.Sender) {
	s := media.NewSender(media.SenderConfig{Writer: nowhere{}})
	s.SetFormats(media.Formats{Audio: []media.AudioFormat{{PT: c.PayloadType(), Codec: c}}})
	inputs := []*input{{JitterBuffer: media.NewJitterBuffer()}, {JitterBuffer: media.NewJitterBuffer()}}
	return newMix(inputs, media.Ringback(), Config{}), []*media.Sender{s}
}

func TestMixDoesNotAllocate(t *testing.T) {
	for _, c := range []codec.ID{codec.PCMU, codec.Opus} {
		m, to := newTestMix(c)
		m.next(to)
		if n := testing.AllocsPerRun(200, func() { m.next(to) }); n != 0 {
			t.Errorf("%v: %v allocations a tick", c, n)
		}
		m.outputs.close()
	}
}

func BenchmarkMix(b *testing.B) {
	for _, c := range []codec.ID{codec.PCMU, codec.Opus} {
		b.Run(c.Name(), func(b *testing.B) {
			m, to := newTestMix(c)
			b.ReportAllocs()
			for b.Loop() {
				m.next(to)
			}
		})
	}
}
