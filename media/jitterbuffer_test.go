package media

import (
	"math/rand/v2"
	"testing"
	"time"
)

// playout drives a JitterBuffer: a speaker whose packets of 20 ms come late by delay, in order as queues keep them, by
// a clock that is off by ppm; and a reader with a tick of 20 ms.
type playout struct {
	j       *JitterBuffer
	delay   func(n int) time.Duration
	ppm     float64
	pcm     func(n int) []int16
	epoch   time.Time
	next    int // packet
	arrival time.Duration
	now     time.Duration
	out     []int16
}

func (p *playout) run(d time.Duration) {
	for end := p.now + d; p.now < end; p.now += Tick {
		for {
			nominal := time.Duration(float64(p.next)*float64(Tick)*(1+p.ppm/1e6)) + p.delay(p.next)
			if p.arrival = max(p.arrival, nominal); p.arrival > p.now {
				break
			}
			p.j.Write(&PCM{
				Stream: 1, Pos: uint32(p.next * block), Samples: p.pcm(p.next), Arrived: p.epoch.Add(p.arrival),
			})
			p.next++
		}
		var dst [block]int16
		p.j.Read(dst[:], p.epoch.Add(p.now))
		p.out = append(p.out, dst[:]...)
	}
}

// behind is how long before now what is read was spoken.
func (p *playout) behind() time.Duration {
	return p.now - time.Duration(float64(length(p.j.read))*(1+p.ppm/1e6))
}

// speech is a tone with a quiet second after each three: room for slips.
func speech(n int) []int16 {
	if n%200 >= 150 {
		return make([]int16, block)
	}
	return sound(n)
}

// sound is a tone without end: 8 whole periods a block.
var sound = func(block []int16) func(int) []int16 {
	return func(int) []int16 { return block }
}(sine(400, 8000, block))

func newPlayout(delay func(n int) time.Duration) *playout {
	return &playout{j: NewJitterBuffer(), delay: delay, pcm: speech, epoch: time.Now()}
}

// holes counts the blocks of silence in the last samples that were spoken as a tone.
func holes(pcm []int16) int {
	n := 0
	for ; len(pcm) >= block; pcm = pcm[block:] {
		if a := amplitude(pcm[:block], 400); a < 2000 {
			n++
		}
	}
	return n
}

func TestJitterBufferFollowsTheNetwork(t *testing.T) {
	const second = time.Second
	rng := rand.New(rand.NewPCG(1, 2))
	jitter := time.Duration(0)
	p := newPlayout(func(int) time.Duration { return time.Duration(rng.Float64() * float64(jitter)) })
	p.pcm = sound

	p.run(5 * second)
	if b := p.behind(); b > 45*time.Millisecond {
		t.Errorf("%v behind on a calm network", b)
	}
	if n := holes(p.out[8000:]); n != 0 {
		t.Errorf("%d holes on a calm network", n)
	}

	jitter = 200 * time.Millisecond
	p.run(2 * second) // to converge
	late, _ := p.j.Stats()
	from := len(p.out)
	p.run(20 * second)
	if now, _ := p.j.Stats(); now-late > 20 { // 2 % of 1000
		t.Errorf("%d of 1000 packets late", now-late)
	}
	if n := holes(p.out[from:]); n > 20 {
		t.Errorf("%d of 1000 blocks are holes", n)
	}
	if b := p.behind(); b > 280*time.Millisecond {
		t.Errorf("%v behind", b)
	}

	jitter, p.pcm = 0, speech
	p.run(10 * second)
	if b := p.behind(); b > 60*time.Millisecond {
		t.Errorf("%v behind 10 s after the storm", b)
	}
}

func TestJitterBufferFollowsTheClock(t *testing.T) {
	for _, ppm := range []float64{-500, 500} {
		p := newPlayout(func(int) time.Duration { return 0 })
		p.ppm = ppm
		p.run(30 * time.Second)
		start := p.behind()
		for range 20 { // ten minutes
			p.run(30 * time.Second)
			if off := (p.behind() - start).Abs(); off > 40*time.Millisecond {
				t.Fatalf("%v ppm: delay moved by %v", ppm, off)
			}
		}
		late, slips := p.j.Stats()
		if late > 5 || slips < 12 || slips > 18 { // 600 s at 500 ppm are 15 blocks
			t.Errorf("%v ppm: %d late, %d slips", ppm, late, slips)
		}
	}
}

func TestJitterBufferPauseAndFreeze(t *testing.T) {
	pause := false
	p := newPlayout(func(int) time.Duration { return 0 })
	p.pcm = sound
	p.run(time.Second)
	// Nothing for three seconds, then all of it at once.
	p.delay = func(n int) time.Duration {
		if pause {
			return 0
		}
		return max(0, 4*time.Second-time.Duration(n)*Tick)
	}
	p.run(3 * time.Second)
	pause = true
	from := len(p.out)
	p.run(2 * time.Second)
	if n := holes(p.out[from+8000:]); n > 1 {
		t.Errorf("%d holes in the second second after a freeze", n)
	}
	if b := p.behind(); b > 300*time.Millisecond {
		t.Errorf("%v behind after a freeze", b)
	}
	// The speaker pauses: nothing is sent, the time line goes on.
	p.next += 250
	p.run(5 * time.Second)
	late, _ := p.j.Stats()
	from = len(p.out)
	p.run(time.Second)
	if n := holes(p.out[from+2400:]); n != 0 { // the delay is still that of the freeze
		t.Errorf("%d holes after a pause", n)
	}
	if now, _ := p.j.Stats(); now != late {
		t.Errorf("%d packets late after a pause", now-late)
	}
	// Another stream.
	p.j.Write(&PCM{Stream: 2, Pos: 0, Samples: sine(400, 8000, block), Arrived: p.epoch.Add(p.now)})
	var dst [block]int16
	p.j.Read(dst[:], p.epoch.Add(p.now+20*time.Millisecond))
	if amplitude(dst[:], 400) < 2000 {
		t.Error("another stream is not heard")
	}
}

func TestJitterBufferEmpty(t *testing.T) {
	dst := sine(400, 8000, block)
	NewJitterBuffer().Read(dst, time.Now())
	if amplitude(dst, 400) != 0 {
		t.Error("not silent")
	}
}

// A speaker whose phone sends nothing in its pauses is not begun anew with: the network's jitter stays known, although
// the first packets after a pause find it idle.
func TestJitterBufferKeepsWhatItLearnedInPauses(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	began := 0
	p := newPlayout(func(n int) time.Duration {
		if n < began+5 {
			return 0
		}
		return time.Duration(rng.Float64() * float64(80*time.Millisecond))
	})
	p.pcm = sound
	p.run(5 * time.Second)
	late, _ := p.j.Stats()
	for range 20 {
		p.next += 100 // two seconds
		began = p.next
		p.run(3 * time.Second)
		if n := holes(p.out[len(p.out)-8000+1600:]); n > 0 {
			t.Errorf("%d holes in the talk after a pause", n)
		}
	}
	if now, _ := p.j.Stats(); now != late {
		t.Errorf("%d packets late", now-late)
	}
}

// Jitter of 80 ms: the buffer grows until it holds that, and shrinks again when it is over.
func TestJitterBufferGrowsAndShrinks(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	jitter := time.Duration(0)
	p := newPlayout(func(int) time.Duration { return time.Duration(rng.Float64() * float64(jitter)) })
	for range 3 {
		jitter = 0
		p.run(10 * time.Second)
		if b := p.behind(); b > 60*time.Millisecond {
			t.Errorf("%v behind on a calm network", b)
		}
		jitter = 80 * time.Millisecond
		p.run(5 * time.Second) // to converge
		late, _ := p.j.Stats()
		p.run(15 * time.Second)
		if now, _ := p.j.Stats(); now != late {
			t.Errorf("%d of 750 packets late", now-late)
		}
		if b := p.behind(); b < 80*time.Millisecond || b > 150*time.Millisecond {
			t.Errorf("%v behind at a jitter of 80 ms", b)
		}
	}
}

// A minute of clocks that differ as cheap crystals do: the delay stays where it is, and next to nothing is lost.
func TestJitterBufferMinuteOfDrift(t *testing.T) {
	for _, ppm := range []float64{-100, 100} {
		p := newPlayout(func(int) time.Duration { return 0 })
		p.ppm, p.pcm = ppm, sound // without a pause to hide slips in
		p.run(5 * time.Second)
		start, from := p.behind(), len(p.out)
		p.run(60 * time.Second)
		if off := (p.behind() - start).Abs(); off > 25*time.Millisecond {
			t.Errorf("%v ppm: delay moved by %v", ppm, off)
		}
		if late, slips := p.j.Stats(); late > 1 || slips > 1 { // 60 s at 100 ppm are 6 ms
			t.Errorf("%v ppm: %d late, %d slips", ppm, late, slips)
		}
		if n := holes(p.out[from:]); n > 1 {
			t.Errorf("%v ppm: %d holes", ppm, n)
		}
	}
}
