package bridge

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/codec"
	"seatbridge/media"
)

// The tones of the company and of the music keep away from each other's harmonics and intermodulation, which an Opus
// encoder for speech makes of several tones: by 40 Hz at least.
const musicHertz = 2430

func music() *media.Clip {
	pcm := make([]int16, 8000)
	for i := range pcm {
		pcm[i] = int16(tone * math.Sin(2*math.Pi*musicHertz*float64(i)/8000))
	}
	return media.NewClip(pcm)
}

// company is one party of each kind.
func company(t *testing.T) []*phone {
	return []*phone{
		newPhone(t, "u", 490, phoneOptions{codec: codec.PCMU}),
		newPhone(t, "a", 690, phoneOptions{codec: codec.PCMA, takes: []codec.ID{codec.PCMU}}),
		newPhone(t, "o", 1110, phoneOptions{codec: codec.Opus}),
		newPhone(t, "long", 1260, phoneOptions{codec: codec.PCMU, ptime: 30 * time.Millisecond}),
		newPhone(t, "browser", 2180, phoneOptions{codec: codec.Opus, takes: []codec.ID{codec.PCMU}, ears: 2}),
	}
}

// randomTable lets everybody hear anybody.
func randomTable(rng *rand.Rand, all []*phone, sound *media.Clip) Table {
	t := Table{}
	for _, l := range all {
		var row Row
		for _, s := range all {
			if s != l && rng.IntN(3) == 0 {
				row.Speakers = append(row.Speakers, s.id)
			}
		}
		if rng.IntN(4) == 0 {
			row.Sound = sound
		}
		rng.Shuffle(len(row.Speakers), func(i, j int) {
			row.Speakers[i], row.Speakers[j] = row.Speakers[j], row.Speakers[i]
		})
		if n := len(row.Speakers); rng.IntN(3) == 0 {
			row.Places = row.Speakers[:rng.IntN(n+1)]
		}
		t[l.id] = row
	}
	return t
}

// Nobody hears who is not in its row, and everybody hears who is: through relay, transcoding, several ears and mixes.
func TestRandomTablesAreHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng, sound := rand.New(rand.NewPCG(3, 4)), music()
		all := company(t)
		br := newBridge(t)
		for _, p := range all {
			br.Add(p.id, p.port)
		}
		const last = 100 * time.Millisecond
		for range 200 {
			table := randomTable(rng, all, sound)
			br.Apply(table)
			forget(all...)
			talk(250*time.Millisecond, all...)
			for _, l := range all {
				row := table[l.id]
				for _, s := range all {
					checkHeard(t, table, l, string(s.id), s.hertz, last, slices.Contains(row.Speakers, s.id))
				}
				checkHeard(t, table, l, "music", musicHertz, last, row.Sound != nil)
				if len(row.Speakers) == 0 && row.Sound == nil && l.heardOnAnyEar() {
					t.Errorf("%s got packets for an empty row", l.id)
				}
			}
			if t.Failed() {
				return
			}
		}
	})
}

// checkHeard asserts that a tone is on one of the ears of a listener, or on none.
func checkHeard(t *testing.T, table Table, l *phone, who string, hertz float64, last time.Duration, want bool) {
	t.Helper()
	level := 0.0
	for _, e := range l.ears {
		level = max(level, e.level(hertz, last))
	}
	if want && level < tone/5 || !want && level > tone/20 {
		t.Errorf("%s hears %s at %.0f, want %v; table %v", l.id, who, level, want, table)
	}
}

func (p *phone) heardOnAnyEar() bool {
	return slices.ContainsFunc(p.ears, func(l *listener) bool { return l.heard() > 0 })
}

// Whatever the table does while everybody speaks, each ear's stream goes on as the listeners demand (they check), and a
// table holds from the moment that it was applied.
func TestRandomTablesInFullTalk(t *testing.T) {
	rng, sound := rand.New(rand.NewPCG(5, 6)), music()
	all := company(t)
	br := newBridge(t)
	var talkers []*talker
	for _, p := range all {
		for _, l := range p.ears {
			l.anyPace = true
		}
		br.Add(p.id, p.port)
		talkers = append(talkers, newTalker(p))
	}
	for i := range 1000 {
		for _, k := range talkers {
			k.more(2)
		}
		br.Apply(randomTable(rng, all, sound))
		switch i % 100 {
		case 25, 75:
			br.Apply(Table{})
			checkSilence(t, talkers)
		case 50: // somebody leaves and comes back
			br.Remove(all[i/100%len(all)].id)
		case 60:
			p := all[i/100%len(all)]
			br.Add(p.id, p.port)
		}
	}
	for _, k := range talkers {
		k.finish()
		if !k.heardOnAnyEar() {
			t.Errorf("%s heard nothing at all", k.id)
		}
	}
}

// talker lets a phone say packets on a goroutine of its own, as its reader would, without regard to time.
type talker struct {
	*phone
	turns chan struct{}
	done  chan struct{}
}

func newTalker(p *phone) *talker {
	k := &talker{phone: p, turns: make(chan struct{}, 8), done: make(chan struct{})}
	arrived := time.Now()
	go func() {
		defer close(k.done)
		for range k.turns {
			h, payload := p.next()
			p.port.In.Push(h, payload, arrived)
			arrived = arrived.Add(p.ptime)
		}
	}()
	return k
}

// more asks for n packets more, and waits only where many are owed.
func (k *talker) more(n int) {
	for range n {
		k.turns <- struct{}{}
	}
}

func (k *talker) finish() {
	close(k.turns)
	<-k.done
}

// checkSilence asserts that from this moment on nobody hears anything, while everybody goes on speaking.
func checkSilence(t *testing.T, talkers []*talker) {
	t.Helper()
	sent := func() (n uint64) {
		for _, k := range talkers {
			for _, s := range k.port.Ears {
				n += s.Stats().Packets
			}
		}
		return n
	}
	before := sent()
	for _, k := range talkers {
		k.more(cap(k.turns) + 2) // so that those owed, and one more, have been said
	}
	if n := sent() - before; n > 0 {
		t.Errorf("%d packets sent by an empty table", n)
	}
}
