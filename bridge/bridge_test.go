package bridge

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/codec"
	"seatbridge/media"
)

// newBridge makes a Bridge with its Clock; both end with the test.
func newBridge(t *testing.T) *Bridge {
	clock := media.NewClock()
	b := New(Config{Clock: clock, Codec: clean()})
	t.Cleanup(func() {
		b.Close()
		clock.Close()
	})
	return b
}

// clean has Opus spend what it takes to keep several tones at once apart, which speech never asks of it.
func clean() codec.Options { return codec.Options{Opus: codec.OpusOptions{Bitrate: 96000}} }

// bubble runs a test in a bubble of its own time.
func bubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

// each is the table in which two phones hear each other.
func each(a, b *phone) Table {
	return Table{a.id: {Speakers: []PartyID{b.id}}, b.id: {Speakers: []PartyID{a.id}}}
}

func TestTwoHearEachOther(t *testing.T) {
	ms := time.Millisecond
	for _, ca := range []struct {
		name string
		a, b phoneOptions
	}{
		{"PCMU relay", phoneOptions{codec: codec.PCMU}, phoneOptions{codec: codec.PCMU}},
		{"PCMU, PCMA", phoneOptions{codec: codec.PCMU}, phoneOptions{codec: codec.PCMA}},
		{"PCMU, Opus", phoneOptions{codec: codec.PCMU}, phoneOptions{codec: codec.Opus}},
		{"PCMA, Opus", phoneOptions{codec: codec.PCMA}, phoneOptions{codec: codec.Opus}},
		{"Opus relay", phoneOptions{codec: codec.Opus}, phoneOptions{codec: codec.Opus}},
		{"PCMU 10 ms, Opus", phoneOptions{codec: codec.PCMU, ptime: 10 * ms}, phoneOptions{codec: codec.Opus}},
		{"PCMU 30 ms, Opus", phoneOptions{codec: codec.PCMU, ptime: 30 * ms}, phoneOptions{codec: codec.Opus}},
		{"PCMU 40 ms, Opus", phoneOptions{codec: codec.PCMU, ptime: 40 * ms}, phoneOptions{codec: codec.Opus}},
		{"PCMU 60 ms, Opus 60 ms", phoneOptions{codec: codec.PCMU, ptime: 60 * ms},
			phoneOptions{codec: codec.Opus, ptime: 60 * ms}},
		{"PCMU 30 ms, PCMU 20 ms", phoneOptions{codec: codec.PCMU, ptime: 30 * ms}, phoneOptions{codec: codec.PCMU}},
		{"asks for 10, 60", phoneOptions{codec: codec.PCMA, hears: 10 * ms}, phoneOptions{codec: codec.PCMA, hears: 60 * ms}},
		{"Opus, asks for 30", phoneOptions{codec: codec.Opus}, phoneOptions{codec: codec.PCMU, hears: 30 * ms}},
	} {
		bubble(t, ca.name, func(t *testing.T) {
			a, b := newPhone(t, "a", 600, ca.a), newPhone(t, "b", 1000, ca.b)
			all := []*phone{a, b}
			br := newBridge(t)
			br.Add("a", a.port)
			br.Add("b", b.port)
			talk(200*ms, all...)
			if a.ears[0].heard() != 0 || b.ears[0].heard() != 0 {
				t.Error("heard before the table")
			}
			br.Apply(each(a, b))
			talk(600*ms, all...)
			hearing(t, a.ears[0], 400*ms, all, b)
			hearing(t, b.ears[0], 400*ms, all, a)
			for _, p := range all {
				if h := p.ears[0].heard(); h < 540*ms || h > 660*ms {
					t.Errorf("%s heard %v of 600 ms", p.id, h)
				}
			}
			br.Apply(Table{"a": {Speakers: []PartyID{"b"}}, "b": {}})
			forget(all...)
			talk(400*ms, all...)
			hearing(t, a.ears[0], 400*ms, all, b)
			if h := b.ears[0].heard(); h != 0 {
				t.Errorf("b heard %v of nobody", h)
			}
		})
	}
}

func TestPacketLengthAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newPhone(t, "a", 600, phoneOptions{codec: codec.PCMU, ptime: 30 * time.Millisecond})
		b := newPhone(t, "b", 1000, phoneOptions{codec: codec.PCMU})
		br := newBridge(t)
		br.Add("a", a.port)
		br.Add("b", b.port)
		br.Apply(each(a, b))
		talk(600*time.Millisecond, a)
		if n := b.ears[0].payloads[0]; n != 30 {
			t.Errorf("%d packets of 20 ms for 20 of 30 ms, want 30", n)
		}
	})
}

func TestBrowserEars(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ms := time.Millisecond
		browser := newPhone(t, "browser", 500, phoneOptions{codec: codec.Opus, takes: []codec.ID{codec.PCMU}, ears: 3})
		u := newPhone(t, "u", 700, phoneOptions{codec: codec.PCMU})
		v := newPhone(t, "v", 1000, phoneOptions{codec: codec.PCMU})
		w := newPhone(t, "w", 1300, phoneOptions{codec: codec.PCMA})
		all := []*phone{browser, u, v, w}
		br := newBridge(t)
		for _, p := range all {
			br.Add(p.id, p.port)
		}
		row := func(ids ...PartyID) {
			br.Apply(Table{"browser": {Speakers: ids}})
			talk(100*ms, all...)
			forget(all...)
			talk(400*ms, all...)
		}
		row("u", "v", "w")
		for i, p := range []*phone{u, v, w} {
			hearing(t, browser.ears[i], 400*ms, all, p)
		}
		if n := browser.ears[0].payloads[0]; n != 0 {
			t.Errorf("%d PCMU packets on the first ear", n)
		}
		if n := browser.ears[1].payloads[0]; n != 20 {
			t.Errorf("%d PCMU packets on the second ear, want all 20", n)
		}
		if n := browser.ears[2].payloads[111]; n != 20 {
			t.Errorf("%d Opus packets on the third ear, want all 20", n)
		}
		row("w", "v") // who stays keeps its ear
		for i, p := range [][]*phone{{}, {v}, {w}} {
			hearing(t, browser.ears[i], 400*ms, all, p...)
		}
		row("w", "v", "u")
		for i, p := range []*phone{u, v, w} {
			hearing(t, browser.ears[i], 400*ms, all, p)
		}
		equalIDs(t, br.Hears("browser"), "w", "v", "u")
		br.Remove("v")
		equalIDs(t, br.Hears("browser"), "w", "u")
	})
}

// Who has a place is heard on its ear alone, also where nobody is on the ears before it.
func TestPlaces(t *testing.T) {
	ears := func(p *party) string {
		text := ""
		for _, e := range p.ears {
			text += fmt.Sprint(e.speakers)
		}
		return text
	}
	there := map[PartyID]*party{"c": {}, "a": {}, "x": {}, "s": {}}
	browser, desk := &party{ears: make([]ear, 3)}, &party{ears: make([]ear, 1)}
	for _, step := range []struct {
		speakers, places []PartyID
		browser, desk    string
	}{
		{[]PartyID{"a"}, []PartyID{"c", "a"}, "[][a][]", "[a]"},
		{[]PartyID{"c", "a"}, []PartyID{"c", "a"}, "[c][a][]", "[c a]"},
		{[]PartyID{"c", "a", "x"}, []PartyID{"c", "a", "x"}, "[c][a][x]", "[c a x]"},
		{[]PartyID{"x", "s"}, []PartyID{"c", "a", "x"}, "[][][x s]", "[x s]"},
		{[]PartyID{"x", "s"}, []PartyID{"c", "x"}, "[][x][s]", "[x s]"},
		{[]PartyID{"s"}, []PartyID{"c", "x"}, "[][][s]", "[s]"},
		{[]PartyID{"c", "a", "x", "s"}, []PartyID{"c", "a", "x"}, "[c][a][x s]", "[c a x s]"},
	} {
		row := Row{Speakers: step.speakers, Places: step.places}
		browser.assign(row, there)
		desk.assign(row, there)
		if b, d := ears(browser), ears(desk); b != step.browser || d != step.desk {
			t.Errorf("%v with places %v: %s and %s, want %s and %s", step.speakers, step.places, b, d, step.browser, step.desk)
		}
	}
}

func equalIDs(t *testing.T, got []PartyID, want ...PartyID) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("hears %v, want %v", got, want)
	}
}
