package bridge

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"seatbridge/codec"
)

// network delivers a phone's packets as a bad network would.
type network struct {
	lose, duplicate, reorder float64 // share of packets
	rng                      *rand.Rand
	held                     *rtp.Packet // to come after the next one
	lost                     int
}

func (n *network) carry(p *phone) {
	h, payload := p.next()
	now := &rtp.Packet{Header: *h, Payload: append([]byte(nil), payload...)}
	if n.rng.Float64() < n.lose {
		n.lost++
		now = nil
	} else if n.held == nil && n.rng.Float64() < n.reorder {
		n.held = now
		return
	}
	for _, packet := range []*rtp.Packet{now, n.held} {
		if packet == nil {
			continue
		}
		p.port.In.Push(&packet.Header, packet.Payload, time.Now())
		if n.rng.Float64() < n.duplicate {
			p.port.In.Push(&packet.Header, packet.Payload, time.Now())
		}
	}
	n.held = nil
}

func TestBadNetwork(t *testing.T) {
	for _, ca := range []struct {
		name string
		a, b phoneOptions
		net  network
		gaps bool // the loss is to be seen by the listener
	}{
		{"PCMU relay, loss", phoneOptions{codec: codec.PCMU}, phoneOptions{codec: codec.PCMU}, network{lose: 0.05}, true},
		{"PCMU to Opus, loss", phoneOptions{codec: codec.PCMU}, phoneOptions{codec: codec.Opus}, network{lose: 0.05}, true},
		{"Opus relay, loss", phoneOptions{codec: codec.Opus}, phoneOptions{codec: codec.Opus}, network{lose: 0.05}, true},
		{"Opus to PCMU, loss", phoneOptions{codec: codec.Opus}, phoneOptions{codec: codec.PCMU}, network{lose: 0.05}, false},
		{"PCMU relay, reorder and duplicates", phoneOptions{codec: codec.PCMU}, phoneOptions{codec: codec.PCMU},
			network{reorder: 0.05, duplicate: 0.02}, false},
		{"Opus to PCMA, reorder and duplicates", phoneOptions{codec: codec.Opus}, phoneOptions{codec: codec.PCMA},
			network{reorder: 0.05, duplicate: 0.02}, false},
	} {
		bubble(t, ca.name, func(t *testing.T) {
			a, b := newPhone(t, "a", 600, ca.a), newPhone(t, "b", 1000, ca.b)
			br := newBridge(t)
			br.Add("a", a.port)
			br.Add("b", b.port)
			br.Apply(each(a, b))
			ca.net.rng = rand.New(rand.NewPCG(1, 2))
			const packets = 500
			for range packets {
				ca.net.carry(a)
				time.Sleep(20 * time.Millisecond)
			}
			hearing(t, b.ears[0], 5*time.Second, []*phone{a, b}, a)
			l, want := b.ears[0], 0
			if ca.gaps {
				want = ca.net.lost
			}
			if off := l.gaps - want; off > 1 || off < -1 { // one may still be on its way
				t.Errorf("%d packets lost, the listener misses %d", ca.net.lost, l.gaps)
			}
			if n := len(l.pcm)/160 + l.gaps; n < packets-4 || n > packets {
				t.Errorf("%d packets of sound and gaps for %d", n, packets)
			}
			if n := a.port.In.Stats().Lost; int(n) > ca.net.lost {
				t.Errorf("%d counted as lost, really %d", n, ca.net.lost)
			}
		})
	}
}

// A gap too long to be mended is passed on as a gap, whatever the codecs.
func TestLongGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newPhone(t, "a", 600, phoneOptions{codec: codec.Opus})
		b := newPhone(t, "b", 1000, phoneOptions{codec: codec.PCMU})
		br := newBridge(t)
		br.Add("a", a.port)
		br.Add("b", b.port)
		br.Apply(each(a, b))
		talk(time.Second, a)
		for range 10 {
			a.skip()
			time.Sleep(20 * time.Millisecond)
		}
		before := b.ears[0].audioTS
		talk(time.Second, a)
		if n := b.ears[0].gaps; n != 10 {
			t.Errorf("%d packets missing, want 10", n)
		}
		if n := b.ears[0].audioTS - before; n != 160*60 {
			t.Errorf("timestamps went on by %d, want %d", n, 160*60)
		}
		hearing(t, b.ears[0], 900*time.Millisecond, []*phone{a, b}, a)
	})
}

// A call of more than twelve minutes: past 32768 packets, where SRTP's rollover counter is guessed, and around 65536.
func TestLongCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newPhone(t, "a", 600, phoneOptions{codec: codec.PCMU})
		relayed := newPhone(t, "relayed", 1000, phoneOptions{codec: codec.PCMU})
		transcoded := newPhone(t, "transcoded", 1400, phoneOptions{codec: codec.PCMA})
		all := []*phone{a, relayed, transcoded}
		br := newBridge(t)
		for _, p := range all {
			br.Add(p.id, p.port)
		}
		row := Row{Speakers: []PartyID{"a"}}
		br.Apply(Table{"relayed": row, "transcoded": row})
		for range 20 {
			forget(all...)
			talk(40*time.Second, a) // 2000 packets
			for _, p := range all[1:] {
				hearing(t, p.ears[0], time.Second, all, a)
				if p.ears[0].gaps != 0 || p.ears[0].heard() != 40*time.Second {
					t.Fatalf("%s: %d gaps, %v heard", p.id, p.ears[0].gaps, p.ears[0].heard())
				}
			}
		}
	})
}

// A listener who was given nothing for as long as that still hears what comes then.
func TestLongSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newPhone(t, "a", 600, phoneOptions{codec: codec.PCMU})
		b := newPhone(t, "b", 1000, phoneOptions{codec: codec.PCMU})
		br := newBridge(t)
		br.Add("a", a.port)
		br.Add("b", b.port)
		br.Apply(each(a, b))
		talk(time.Second, a)
		br.Apply(Table{})
		talk(800*time.Second, a) // 40000 packets
		b.ears[0].audio = false  // a pause this long is no fault of the timestamps
		forget(b)
		br.Apply(each(a, b))
		talk(time.Second, a)
		hearing(t, b.ears[0], time.Second, []*phone{a, b}, a)
		if b.ears[0].gaps != 0 || b.ears[0].heard() != time.Second {
			t.Errorf("%d gaps, %v heard", b.ears[0].gaps, b.ears[0].heard())
		}
	})
}
