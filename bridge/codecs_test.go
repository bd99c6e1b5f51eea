package bridge

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/codec"
	"seatbridge/media"
)

// transcoders is what the gauge says.
func transcoders(t *testing.T, reg *prometheus.Registry) int {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "seatbridge_media_transcoders" {
			return int(f.GetMetric()[0].GetGauge().GetValue())
		}
	}
	t.Fatal("no gauge")
	return 0
}

// What two listeners hear alike is encoded once, and an encoder is there just while somebody needs it.
func TestEncodersComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		br := New(Config{Codec: clean(), Metrics: media.NewMetrics(reg)})
		defer br.Close()
		u := newPhone(t, "u", 500, phoneOptions{codec: codec.PCMU})
		v := newPhone(t, "v", 700, phoneOptions{codec: codec.PCMU})
		o1 := newPhone(t, "o1", 900, phoneOptions{codec: codec.Opus})
		o2 := newPhone(t, "o2", 1100, phoneOptions{codec: codec.Opus})
		all := []*phone{u, v, o1, o2}
		for _, p := range all {
			br.Add(p.id, p.port)
		}
		just, both := Row{Speakers: []PartyID{"u"}}, Row{Speakers: []PartyID{"v", "u"}}
		for _, ca := range []struct {
			name  string
			table Table
			want  int
		}{
			{"relay", Table{"v": just}, 0},
			{"one", Table{"v": just, "o1": just}, 1},
			{"shared", Table{"v": just, "o1": just, "o2": just}, 1},
			{"and a mix", Table{"v": just, "o1": just, "o2": both}, 2},
			{"a mix shared", Table{"o1": both, "o2": {Speakers: []PartyID{"u", "v"}}}, 1},
			{"in two codecs", Table{"o1": both, "o2": both, "u": {Speakers: []PartyID{"o1"}}, "v": both}, 3},
			{"a mix in one codec less", Table{"o1": both, "u": {Speakers: []PartyID{"o1"}}}, 2},
			{"nothing", Table{}, 0},
			{"a mix again", Table{"o1": both}, 1},
		} {
			br.Apply(ca.table)
			talk(100*time.Millisecond, all...)
			if n := transcoders(t, reg); n != ca.want {
				t.Errorf("%s: %d encoders, want %d", ca.name, n, ca.want)
			}
		}
		br.Remove("u")
		talk(100*time.Millisecond, v)
		if n := transcoders(t, reg); n != 1 { // v alone is transcoded now
			t.Errorf("after Remove: %d encoders, want 1", n)
		}
		hearing(t, o1.ears[0], 60*time.Millisecond, all, v)
		u.say()
		if n := u.port.In.Stats().Unheard; n != 1 {
			t.Errorf("%d packets counted as unheard after Remove", n)
		}
		br.Close()
		if n := transcoders(t, reg); n != 0 {
			t.Errorf("after Close: %d encoders", n)
		}
	})
}

// A table changes nothing for those it does not concern: their codecs go on, and no new talkspurt is marked.
func TestOthersAreNotDisturbed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		br := newBridge(t)
		u := newPhone(t, "u", 500, phoneOptions{codec: codec.PCMU})
		v := newPhone(t, "v", 700, phoneOptions{codec: codec.PCMA})
		relayed := newPhone(t, "relayed", 900, phoneOptions{codec: codec.PCMU})
		coded := newPhone(t, "coded", 1100, phoneOptions{codec: codec.Opus})
		mixed := newPhone(t, "mixed", 1300, phoneOptions{codec: codec.Opus})
		waits := newPhone(t, "waits", 1500, phoneOptions{codec: codec.Opus})
		x := newPhone(t, "x", 1700, phoneOptions{codec: codec.PCMU})
		listeners := []*phone{relayed, coded, mixed, waits}
		for _, p := range append(listeners, u, v, x) {
			br.Add(p.id, p.port)
		}
		sound := music()
		table := Table{
			"relayed": {Speakers: []PartyID{"u"}}, "coded": {Speakers: []PartyID{"u"}},
			"mixed": {Speakers: []PartyID{"u", "v"}}, "waits": {Sound: sound},
		}
		br.Apply(table)
		talk(100*time.Millisecond, u, v, x)
		forget(listeners...)
		for i, row := range []Row{
			{Speakers: []PartyID{"u"}}, {Speakers: []PartyID{"v", "u"}}, {Sound: sound}, {}, {Speakers: []PartyID{"v"}},
		} {
			table["x"] = row
			br.Apply(table)
			if i == 3 {
				br.Remove("x")
			}
			talk(100*time.Millisecond, u, v)
		}
		br.Apply(Table{})
		for _, p := range listeners {
			if l := p.ears[0]; l.markers != 0 || l.gaps != 0 || l.heard() < 480*time.Millisecond {
				t.Errorf("%s: %d markers, %d gaps, heard %v of 500ms", p.id, l.markers, l.gaps, l.heard())
			}
		}
	})
}

// A listener or a speaker may be negotiated anew at any time; the next packet goes by what is true then.
func TestFormatsChangeInMidStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		formats := func(c codec.ID) media.Formats {
			return media.Formats{Audio: []media.AudioFormat{{PT: c.PayloadType(), Codec: c}}}
		}
		u := newPhone(t, "u", 500, phoneOptions{codec: codec.PCMU})
		v := newPhone(t, "v", 700, phoneOptions{codec: codec.PCMU, takes: []codec.ID{codec.Opus}})
		all := []*phone{u, v}
		br := newBridge(t)
		for _, p := range all {
			br.Add(p.id, p.port)
		}
		br.Apply(Table{"v": {Speakers: []PartyID{"u"}}})
		for _, c := range []codec.ID{codec.PCMU, codec.Opus, codec.PCMU} {
			v.port.Ears[0].SetFormats(formats(c))
			forget(v)
			talk(400*time.Millisecond, u)
			hearing(t, v.ears[0], 300*time.Millisecond, all, u)
			if n := v.ears[0].payloads[c.PayloadType()]; n != 20 {
				t.Errorf("%d packets of %v", n, c)
			}
		}
		v.port.Ears[0].SetFormats(media.Formats{})
		forget(v)
		talk(400*time.Millisecond, u)
		if v.heardOnAnyEar() {
			t.Error("sent what was not negotiated")
		}
	})
}
