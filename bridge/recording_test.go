package bridge

import (
	"io"
	"log/slog"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/codec"
	"seatbridge/media"
	"seatbridge/media/recording"
)

// taped is what a recording has on one side of it.
type taped []int16

// tape is a recording of a test, and what it is read from.
type tape struct {
	*recording.Recording
	recorder *recording.Recorder
}

func newTape(t *testing.T) tape {
	t.Helper()
	r, err := recording.New(recording.Config{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return tape{r.Start("tape", func(err error) { t.Error(err) }), r}
}

// end ends the recording and reads it.
func (x tape) end(t *testing.T) (left, right taped) {
	t.Helper()
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := x.recorder.Open("tape")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	file, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	law, err := codec.NewDecoder(codec.PCMU, 8000)
	if err != nil {
		t.Fatal(err)
	}
	pcm := make([]int16, len(file)-58)
	if _, err := law.Decode(pcm, file[58:]); err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(pcm); i += 2 {
		left, right = append(left, pcm[i]), append(right, pcm[i+1])
	}
	return left, right
}

// level is the amplitude of a tone from one moment to another.
func (p taped) level(t *testing.T, hertz float64, from, to time.Duration) float64 {
	t.Helper()
	a, b := int(from.Seconds()*8000), int(to.Seconds()*8000)
	if b > len(p) {
		t.Fatalf("%v recorded, want %v", time.Duration(len(p))*time.Second/8000, to)
	}
	return amplitude(p[a:b], hertz)
}

// onset is when something is heard first.
func (p taped) onset() time.Duration {
	for i, x := range p {
		if math.Abs(float64(x)) > tone/2 {
			return time.Duration(i) * time.Second / 8000
		}
	}
	return -1
}

// silent says that nothing is heard from one moment to another.
func (p taped) silent(from, to time.Duration) bool {
	for _, x := range p[int(from.Seconds()*8000):int(to.Seconds()*8000)] {
		if x != 0 {
			return false
		}
	}
	return true
}

// both is the table in which a customer and an agent talk and are recorded.
func (x tape) both(customer, agent *phone, recorded bool) Table {
	table := each(customer, agent)
	if recorded {
		c, a := table[customer.id], table[agent.id]
		c.Tap, a.Tap = x.Customer(), x.Agent()
		table[customer.id], table[agent.id] = c, a
	}
	return table
}

const second = time.Second

// TestRecordingSides wants the customer left and the agent right, in time with each other to 40 ms, whatever they speak.
func TestRecordingSides(t *testing.T) {
	for _, ca := range []struct {
		name            string
		customer, agent phoneOptions
	}{
		{"PCMU, PCMU", phoneOptions{codec: codec.PCMU}, phoneOptions{codec: codec.PCMU}},
		{"PCMA, Opus", phoneOptions{codec: codec.PCMA}, phoneOptions{codec: codec.Opus}},
		{"PCMU 60 ms, Opus", phoneOptions{codec: codec.PCMU, ptime: 60 * time.Millisecond}, phoneOptions{codec: codec.Opus}},
	} {
		bubble(t, ca.name, func(t *testing.T) {
			customer, agent := newPhone(t, "customer", 600, ca.customer), newPhone(t, "agent", 1000, ca.agent)
			all := []*phone{customer, agent}
			br, x := newBridge(t), newTape(t)
			br.Add(customer.id, customer.port)
			br.Add(agent.id, agent.port)
			br.Apply(x.both(customer, agent, true))
			time.Sleep(second / 4)
			talk(3*second, all...)
			left, right := x.end(t)
			for _, side := range []struct {
				name     string
				heard    taped
				own, not float64
			}{{"left", left, 600, 1000}, {"right", right, 1000, 600}} {
				if own := side.heard.level(t, side.own, second/2, 5*second/2); own < audible {
					t.Errorf("%s: its own tone has level %.0f", side.name, own)
				}
				if not := side.heard.level(t, side.not, second/2, 5*second/2); not > inaudible {
					t.Errorf("%s: the other's tone has level %.0f", side.name, not)
				}
			}
			// In these tests a packet is given when its sound begins, so the one of 60 ms counts as spoken 40 ms before.
			spoken := max(customer.ptime-agent.ptime, 0)
			if off := left.onset() + spoken - right.onset(); off.Abs() > 40*time.Millisecond {
				t.Errorf("left begins at %v, right at %v", left.onset(), right.onset())
			}
			if length := time.Duration(len(left)) * second / 8000; (length - 13*second/4).Abs() > 150*time.Millisecond {
				t.Errorf("%v recorded of 3.25 s", length)
			}
			hearing(t, agent.ears[0], second, all, customer) // as without a tap
		})
	}
}

// TestRecordingDrift wants sides to stay together whose clocks do not: 400 ppm apart for two minutes.
func TestRecordingDrift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		customer := newPhone(t, "customer", 600, phoneOptions{codec: codec.PCMU})
		agent := newPhone(t, "agent", 1000, phoneOptions{codec: codec.PCMU})
		br, x := newBridge(t), newTape(t)
		br.Add(customer.id, customer.port)
		br.Add(agent.id, agent.port)
		br.Apply(x.both(customer, agent, true))
		pause := 200 * time.Millisecond
		for i := range 6000 { // the customer's packets come 8 µs late each: its clock is slow
			customer.say()
			time.Sleep(20*time.Millisecond - time.Duration(i)*8*time.Microsecond%(20*time.Millisecond))
			agent.say()
			time.Sleep(time.Duration(i)*8*time.Microsecond%(20*time.Millisecond) + 8*time.Microsecond)
		}
		time.Sleep(pause)
		left, right := x.end(t)
		last := func(p taped) (at time.Duration) {
			for i, v := range p {
				if math.Abs(float64(v)) > tone/2 {
					at = time.Duration(i) * second / 8000
				}
			}
			return at
		}
		if off := last(left) - last(right); off.Abs() > 60*time.Millisecond { // 20 ms of it are the test's own
			t.Errorf("left ends at %v, right at %v", last(left), last(right))
		}
	})
}

// TestRecordingPauses wants nothing of what is said while there is no tap, or digits are secret, and the rest in its time.
func TestRecordingPauses(t *testing.T) {
	for name, hide := range map[string]func(Table) Table{
		"no tap": untapped,
		"secret": func(t Table) Table {
			for id, row := range t {
				row.Secret = true
				t[id] = row
			}
			return t
		},
	} {
		bubble(t, name, func(t *testing.T) {
			customer := newPhone(t, "customer", 600, phoneOptions{codec: codec.PCMU})
			agent := newPhone(t, "agent", 1000, phoneOptions{codec: codec.Opus})
			all := []*phone{customer, agent}
			br, x := newBridge(t), newTape(t)
			br.Add(customer.id, customer.port)
			br.Add(agent.id, agent.port)
			br.Apply(x.both(customer, agent, true))
			talk(second, all...)
			br.Apply(hide(x.both(customer, agent, true)))
			talk(second, all...)
			br.Apply(x.both(customer, agent, true))
			talk(second, all...)
			left, right := x.end(t)
			for side, heard := range map[float64]taped{600: left, 1000: right} {
				if !heard.silent(1150*time.Millisecond, 1950*time.Millisecond) {
					t.Errorf("something is heard of %v Hz in the pause", side)
				}
				for _, from := range []time.Duration{100 * time.Millisecond, 2100 * time.Millisecond} {
					if level := heard.level(t, side, from, from+800*time.Millisecond); level < audible {
						t.Errorf("%v Hz at %v: level %.0f", side, from, level)
					}
				}
			}
		})
	}
}

// untapped is a table without taps.
func untapped(t Table) Table {
	for id, row := range t {
		row.Tap = nil
		t[id] = row
	}
	return t
}

// TestRecordingOfSeveral wants all who share a side on it, also one who comes later, and the rest as it was when one goes.
func TestRecordingOfSeveral(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		customer := newPhone(t, "customer", 490, phoneOptions{codec: codec.PCMU})
		agent := newPhone(t, "agent", 690, phoneOptions{codec: codec.Opus})
		barged := newPhone(t, "barged", 1110, phoneOptions{codec: codec.PCMA})
		br, x := newBridge(t), newTape(t)
		for _, p := range []*phone{customer, agent, barged} {
			br.Add(p.id, p.port)
		}
		br.Apply(x.both(customer, agent, true))
		talk(second, customer, agent)
		table := x.both(customer, agent, true)
		table[barged.id] = Row{Tap: x.Agent()}
		br.Apply(table)
		talk(second, customer, agent, barged)
		br.Remove(agent.id)
		talk(second, customer, barged)
		left, right := x.end(t)
		want := map[float64][3]bool{690: {true, true, false}, 1110: {false, true, true}}
		for hz, when := range want {
			for i, there := range when {
				from := time.Duration(i)*second + 150*time.Millisecond
				level := right.level(t, hz, from, from+700*time.Millisecond)
				if there && level < audible || !there && level > inaudible {
					t.Errorf("%v Hz in second %d: level %.0f, want it there: %v", hz, i, level, there)
				}
			}
		}
		if level := left.level(t, 490, second/2, 5*second/2); level < audible {
			t.Errorf("the customer has level %.0f", level)
		}
	})
}

// TestTapDoesNotAllocate is TestPacketPathDoesNotAllocate of one who is recorded.
func TestTapDoesNotAllocate(t *testing.T) {
	for _, from := range []codec.ID{codec.PCMU, codec.Opus} {
		x := newTape(t)
		p := newPath(t, from, codec.PCMU, codec.Opus)
		p.bridge.Apply(p.tapped(x.Customer()))
		if n := testing.AllocsPerRun(200, p.packet); n != 0 {
			t.Errorf("from %v: %v allocations a packet", from, n)
		}
	}
}

// BenchmarkTap is what a recording adds to a packet's way.
func BenchmarkTap(b *testing.B) {
	for _, c := range []codec.ID{codec.PCMU, codec.Opus} {
		b.Run(c.Name(), func(b *testing.B) {
			p := newPath(b, c, c)
			p.bridge.Apply(p.tapped(discard{}))
			b.ReportAllocs()
			for b.Loop() {
				p.packet()
			}
		})
	}
}

// discard is a tap that wants nothing.
type discard struct{}

func (discard) Frame(*media.Frame) {}
