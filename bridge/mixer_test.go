package bridge

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/codec"
	"seatbridge/media"
)

// Four at phones that all hear each other: everybody hears all but itself.
func TestMixHasNoOwnVoice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		br := New(Config{Codec: clean(), Metrics: media.NewMetrics(reg)})
		defer br.Close()
		all := []*phone{
			newPhone(t, "u", 490, phoneOptions{codec: codec.PCMU}), newPhone(t, "a", 690, phoneOptions{codec: codec.PCMA}),
			newPhone(t, "v", 1110, phoneOptions{codec: codec.PCMU}), newPhone(t, "o", 2180, phoneOptions{codec: codec.Opus}),
		}
		table := Table{}
		for _, l := range all {
			br.Add(l.id, l.port)
			var row Row
			for _, s := range all {
				if s != l {
					row.Speakers = append(row.Speakers, s.id)
				}
			}
			table[l.id] = row
		}
		br.Apply(table)
		talk(time.Second, all...)
		for i, l := range all {
			others := append(append([]*phone{}, all[:i]...), all[i+1:]...)
			hearing(t, l.ears[0], 600*time.Millisecond, all, others...)
		}
		if n := transcoders(t, reg); n != 4 { // each hears others, and so each mix is one's own
			t.Errorf("%d encoders", n)
		}
	})
}

// What is too loud in sum is clipped there and nowhere before: loud voices that cancel out come to what they are.
func TestMixIsClippedOnce(t *testing.T) {
	for _, ca := range []struct {
		in   [3]int16
		want int16
	}{
		{[3]int16{1, 2, -4}, -1},
		{[3]int16{30000, 30000, -30000}, 30000},
		{[3]int16{-30000, -30000, 30000}, -30000},
		{[3]int16{30000, 30000, 30000}, 32767},
		{[3]int16{-32768, -32768, -32768}, -32768},
	} {
		var inputs []*input
		for _, s := range ca.in {
			in := &input{JitterBuffer: media.NewJitterBuffer()}
			for i := range in.block {
				in.block[i] = s
			}
			inputs = append(inputs, in)
		}
		m := newMix(inputs, nil, Config{})
		for range 2 { // nothing is left of the block before
			m.add()
		}
		for _, got := range m.block {
			if got != ca.want {
				t.Fatalf("%v: %d, want %d", ca.in, got, ca.want)
			}
		}
	}
}

// A jitter buffer is there for who is mixed, and a mixer for a session that mixes; whoever is heard alone has neither.
func TestOnlyMixesAreBuffered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		br := newBridge(t)
		a, b := newPhone(t, "a", 600, phoneOptions{codec: codec.PCMU}), newPhone(t, "b", 1000, phoneOptions{codec: codec.PCMA})
		c := newPhone(t, "c", 1400, phoneOptions{codec: codec.PCMA})
		two := newPhone(t, "two", 1800, phoneOptions{codec: codec.Opus, takes: []codec.ID{codec.PCMU}, ears: 2})
		for _, p := range []*phone{a, b, c, two} {
			br.Add(p.id, p.port)
		}
		both := Row{Speakers: []PartyID{"a", "b"}}
		for _, ca := range []struct {
			name   string
			table  Table
			inputs int
		}{
			{"alone", each(a, b), 0},
			{"two ears for two", Table{"two": both}, 0},
			{"a mix", Table{"a": {Speakers: []PartyID{"b"}}, "c": both}, 2},
			{"the same mix for two", Table{"c": both, "two": {Speakers: []PartyID{"a", "b", "c"}}}, 3},
			{"no mix any more", Table{"c": {Speakers: []PartyID{"a"}}}, 0},
		} {
			br.Apply(ca.table)
			if n := len(br.routes.Load().inputs); n != ca.inputs || (br.mixer != nil) != (ca.inputs > 0) {
				t.Errorf("%s: %d jitter buffers, a mixer: %v", ca.name, n, br.mixer != nil)
			}
		}
		// Who is heard directly beside a mix is not delayed by it.
		br.Apply(Table{"c": both, "b": {Speakers: []PartyID{"a"}}})
		talk(100*time.Millisecond, a, b)
		forget(b, c)
		a.say()
		if h := b.ears[0].heard(); h != 20*time.Millisecond {
			t.Errorf("heard %v at once, want the packet", h)
		}
	})
}

// What comes too late for the mix is silence in it, and counted.
func TestLateIsSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		br := New(Config{Metrics: media.NewMetrics(reg)})
		defer br.Close()
		a, b := newPhone(t, "a", 600, phoneOptions{codec: codec.PCMU}), newPhone(t, "b", 1000, phoneOptions{codec: codec.PCMU})
		c := newPhone(t, "c", 1400, phoneOptions{codec: codec.PCMU})
		for _, p := range []*phone{a, b, c} {
			br.Add(p.id, p.port)
		}
		br.Apply(Table{"c": {Speakers: []PartyID{"a", "b"}}})
		talk(time.Second, a, b)
		if n := lateForMix(t, reg); n != 0 {
			t.Fatalf("%d late on a calm network", n)
		}
		forget(c)
		talk(200*time.Millisecond, b) // a's packets are held up
		hearing(t, c.ears[0], 100*time.Millisecond, []*phone{a, b, c}, b)
		for range 8 {
			a.say()
		}
		late := lateForMix(t, reg)
		if late < 5 || late > 8 {
			t.Errorf("%d packets counted as late, of 8 that were 40 to 200 ms late", late)
		}
		talk(20*time.Millisecond, b)
		forget(c)
		talk(time.Second, a, b)
		hearing(t, c.ears[0], 500*time.Millisecond, []*phone{a, b, c}, a, b)
		if n := lateForMix(t, reg); n > late+2 {
			t.Errorf("%d more late after it", n-late)
		}
	})
}

// lateForMix is what the counter says.
func lateForMix(t *testing.T, reg *prometheus.Registry) int {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if f.GetName() == "seatbridge_media_dropped_packets_total" && l.GetValue() == "late_for_mix" {
					return int(m.GetCounter().GetValue())
				}
			}
		}
	}
	t.Fatal("no counter")
	return 0
}

// A minute of two speakers whose clocks are off by 100 ppm, one fast and one slow: both are heard throughout, and the
// listener's stream runs by the mixer's clock, without a gap.
func TestMixFollowsTheSpeakersClocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		br := newBridge(t)
		fast := newPhone(t, "fast", 600, phoneOptions{codec: codec.PCMU})
		slow := newPhone(t, "slow", 1000, phoneOptions{codec: codec.PCMA})
		c := newPhone(t, "c", 1400, phoneOptions{codec: codec.PCMU})
		all := []*phone{fast, slow, c}
		for _, p := range all {
			br.Add(p.id, p.port)
		}
		br.Apply(Table{"c": {Speakers: []PartyID{"fast", "slow"}}})
		say := func(p *phone, period time.Duration, done chan<- bool) {
			for range 3000 {
				p.say()
				time.Sleep(period)
			}
			done <- true
		}
		done := make(chan bool, 2)
		go say(fast, 20*time.Millisecond-2*time.Microsecond, done)
		go say(slow, 20*time.Millisecond+2*time.Microsecond, done)
		for range 11 {
			time.Sleep(5 * time.Second)
			hearing(t, c.ears[0], 4*time.Second, all, fast, slow)
		}
		<-done
		<-done
		for _, in := range br.routes.Load().inputs {
			if late, slips := in.Stats(); late > 1 || slips > 1 { // 60 s at 100 ppm are 6 ms
				t.Errorf("%d packets late, %d slips", late, slips)
			}
		}
		l := c.ears[0]
		if h := l.heard(); l.gaps > 0 || h < 59900*time.Millisecond || h > 60100*time.Millisecond {
			t.Errorf("%v of a minute heard, %d gaps", h, l.gaps)
		}
	})
}
