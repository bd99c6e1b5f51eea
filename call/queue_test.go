package call

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/codec"
	"seatbridge/dtmf"
	"seatbridge/leg"
	"seatbridge/media"
	"seatbridge/seat"
)

// The groups of the tests: support rings one seat after the other, sales two at once, night is overflown to.
const (
	support = 1
	sales   = 2
	night   = 3
)

func testGroups() []seat.Group {
	return []seat.Group{
		{
			ID: support, Name: "Support", Strategy: seat.RoundRobin, RingTimeout: 15 * time.Second, MaxWait: 2 * time.Minute,
			Members: []seat.Member{{User: "ann"}, {User: "pat"}}, Overflow: seat.Overflow{Group: night},
			Music: "music", Waiting: "waiting", Position: "place-%d", ProtectCaller: true,
		},
		{ID: sales, Name: "Sales", Strategy: seat.RingAll, Members: []seat.Member{{User: "ben"}, {User: "quinn"}}},
		{ID: night, Name: "Night", MaxWait: time.Minute, Overflow: seat.Overflow{Number: "+4989777"},
			Members: []seat.Member{{User: "two"}}},
	}
}

func testMenu() Menu {
	return Menu{
		Name: "main", Prompt: "prompt", Timeout: 5 * time.Second, Repeats: 1,
		Choices: []Choice{
			{Key: '1', Label: "Support", To: InboundRule{Group: support}},
			{Key: '2', Label: "Ben", To: InboundRule{User: "ben"}},
		},
		Otherwise: InboundRule{Group: sales},
	}
}

// clips are the sounds of groups and menus in the tests, a second long each.
func clips() map[string]*media.Clip {
	all := map[string]*media.Clip{}
	for _, name := range []string{"music", "waiting", "place-1", "prompt"} {
		all[name] = media.NewClip(make([]int16, media.PCMRate))
	}
	return all
}

// waitingRoom is a gateway whose numbers +4930201 to 203 lead to support, sales and the menu.
func waitingRoom(t *testing.T) (*gateway, map[string]*media.Clip) {
	sounds := clips()
	return newGatewayWith(t, Limits{}, testGroups(), func(c *Config) {
		c.Sounds.File = func(name string) *media.Clip { return sounds[name] }
		c.Sounds.Silence = new(media.Clip)
		c.Routes.Menus = []Menu{testMenu()}
		c.Routes.Inbound = append(c.Routes.Inbound, InboundRule{Number: "+4930201", Group: support},
			InboundRule{Number: "+4930202", Group: sales}, InboundRule{Number: "+4930203", Menu: "main"})
	}), sounds
}

// comes is a customer's call to a number, which must be taken.
func (g *gateway) comes(to string) *fakeLeg {
	g.t.Helper()
	l, cause := g.call("", to)
	if cause != nil {
		g.t.Fatalf("refused: %+v", cause)
	}
	return l
}

// over hangs everything up and checks that nothing is left.
func (g *gateway) over() {
	g.t.Helper()
	g.HangUpAll(leg.Cause{Reason: leg.Normal})
	pass(time.Minute)
	for _, user := range g.seats.Users() {
		if s, _ := g.seats.State(user); len(s.Sessions) > 0 {
			g.t.Errorf("%s is still in %v", user, s.Sessions)
		}
	}
	if left := g.Sessions(""); len(left) > 0 {
		g.t.Errorf("left: %+v", left)
	}
}

func TestQueueServes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, sounds := waitingRoom(t)
		customer := g.comes("+4930201")
		b := g.bridge(g.only().ID)
		if answered, _ := customer.is(); !customer.wasAsked("accept none") && !answered {
			t.Errorf("the customer was asked %v, want to be accepted", customer.asked)
		}
		ann := g.dialer.leg("ann")
		if ann == nil || ann.dial.Timeout != 15*time.Second || ann.dial.From.Number != Mask("+4940123") {
			t.Fatalf("ann's leg is %+v, want it rung for 15 s, with a masked number", ann)
		}
		in := g.watch.last(t, "ann", EventCallIn)
		if in.Group != support || in.Timeout != 15*time.Second || in.ProtectedCaller == "" || in.Caller.Number != in.ProtectedCaller {
			t.Errorf("ann was told %+v", in)
		}
		pass(2500 * time.Millisecond) // her place and the announcement are over
		if b.sound(customer.id) != sounds["music"] {
			t.Error("no music for who waits")
		}
		pass(15 * time.Second)
		if got := g.watch.of("ann"); !slices.Equal(got, []EventType{EventCallIn, EventAutoTransfer, EventSessionEnded}) {
			t.Errorf("ann was told %v", got)
		}
		pat := g.dialer.leg("1010")
		pat.answer(codec.PCMU)
		synctest.Wait()
		if info := g.only(); info.Status != StatusInProgress || len(b.hears(customer.id)) != 1 || len(b.hears(pat.id)) != 1 {
			t.Errorf("session %+v, table %v", info, b.table)
		}
		if got := g.watch.of("pat"); !slices.Equal(got, []EventType{EventCallIn, EventUserAccessed}) {
			t.Errorf("pat was told %v", got)
		}
		g.over()
	})
}

func TestQueueAnnounces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, sounds := waitingRoom(t)
		for _, user := range []string{"ann", "pat"} {
			if err := g.seats.SetStatus(user, seat.StatusNotReady, ""); err != nil {
				t.Fatal(err)
			}
		}
		customer := g.comes("+4930201")
		b := g.bridge(g.only().ID)
		for round := range 2 {
			for _, want := range []string{"place-1", "waiting", "music"} {
				if b.sound(customer.id) != sounds[want] {
					t.Errorf("round %d: no %s", round, want)
				}
				pass(time.Second)
			}
			pass(announceEvery - 3*time.Second)
		}
		g.over()
	})
}

func TestQueueRingsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := waitingRoom(t)
		customer := g.comes("+4930202")
		ben, quinn := g.dialer.leg("ben"), g.dialer.leg("1011")
		if ben == nil || quinn == nil {
			t.Fatal("not both ring")
		}
		quinn.answer(codec.PCMU)
		synctest.Wait()
		if c := ben.why(t); c.Reason != leg.Elsewhere {
			t.Errorf("ben was hung up by %+v", c)
		}
		if s, _ := g.seats.State("ben"); len(s.Sessions) > 0 {
			t.Error("ben's seat is not free")
		}
		if hears := g.bridge(g.only().ID).hears(customer.id); !slices.Equal(hears, []string{quinn.id}) {
			t.Errorf("the customer hears %v", hears)
		}
		g.over()
	})
}

func TestQueueOverflows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := waitingRoom(t)
		for _, user := range []string{"ann", "pat", "two"} {
			if err := g.seats.SetStatus(user, seat.StatusNotReady, ""); err != nil {
				t.Fatal(err)
			}
		}
		customer := g.comes("+4930201")
		pass(3*time.Minute + time.Second) // two in support, one in night
		outside := g.dialer.leg("+4989777")
		if outside == nil {
			t.Fatal("nobody was called outside")
		}
		outside.answer(codec.PCMU)
		synctest.Wait()
		if hears := g.bridge(g.only().ID).hears(customer.id); !slices.Equal(hears, []string{outside.id}) {
			t.Errorf("the customer hears %v", hears)
		}
		g.over()
	})
}

func TestQueueGivenUp(t *testing.T) {
	for name, at := range map[string]time.Duration{"while a seat rings": time.Second, "between two": 15*time.Second + time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, _ := waitingRoom(t)
				customer := g.comes("+4930201")
				pass(at)
				customer.end(leg.Cause{Reason: leg.Normal, Remote: true})
				pass(time.Second)
				g.over()
			})
		})
	}
}

func TestTransferToGroup(t *testing.T) {
	for name, ca := range map[string]struct {
		free bool
		want []string
	}{
		"served":     {true, []string{"started", "completed"}},
		"not served": {false, []string{"started", "failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, _ := waitingRoom(t)
				s := talking(g, "trunk", "browser")
				if !ca.free {
					for _, user := range []string{"two"} {
						_ = g.seats.SetStatus(user, seat.StatusNotReady, "")
					}
					g.config.Routes.Outbound = nil
				}
				if err := g.Consult(t.Context(), "ben", s.session, TransferTo{Group: night}); codeOf(err) != CodeWrongState {
					t.Errorf("consulting a group: %v", err)
				}
				if err := g.Transfer(t.Context(), "ben", s.session, TransferTo{Group: night}); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				b := g.bridge(s.session)
				if b.sound(s.caller.id) != g.config.Sounds.Hold {
					t.Error("no music")
				}
				want := s.callee
				if ca.free {
					want = g.dialer.leg("1020")
					want.answer(codec.PCMU)
				}
				pass(time.Minute + time.Second)
				if got := s.states("ben"); !slices.Equal(got, ca.want) {
					t.Errorf("ben was told %v, want %v", got, ca.want)
				}
				if hears := b.hears(s.caller.id); !slices.Equal(hears, []string{want.id}) {
					t.Errorf("the customer hears %v, want %s", hears, want.id)
				}
				g.over()
			})
		})
	}
}

// pressed is a key that a party pressed.
func pressed(key byte) leg.Digit {
	e, _ := dtmf.Parse(key)
	return leg.Digit{Event: e, Relayed: true}
}

func TestMenu(t *testing.T) {
	for name, ca := range map[string]struct {
		keys []byte // 0 is a long silence
		want string // who is called
		path []PathStep
	}{
		"a group":          {[]byte{'1'}, "ann", []PathStep{{"1", "Support"}}},
		"a seat":           {[]byte{'2'}, "ben", []PathStep{{"2", "Ben"}}},
		"wrong, then good": {[]byte{'9', '1'}, "ann", []PathStep{{"1", "Support"}}},
		"wrong twice":      {[]byte{'9', '8'}, "1011", nil},
		"nothing":          {[]byte{0}, "1011", nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, sounds := waitingRoom(t)
				customer := g.comes("+4930203")
				if g.bridge(g.only().ID).sound(customer.id) != sounds["prompt"] {
					t.Error("no prompt")
				}
				for _, key := range ca.keys {
					if key == 0 {
						pass(12*time.Second + time.Millisecond)
						continue
					}
					pass(time.Second)
					customer.event(pressed(key))
					synctest.Wait()
				}
				l := g.dialer.leg(ca.want)
				if l == nil {
					t.Fatalf("%s was not called", ca.want)
				}
				users := map[string]string{"1011": "quinn"}
				user := ca.want
				if u := users[user]; u != "" {
					user = u
				}
				if e := g.watch.last(t, user, EventCallIn); !slices.Equal(e.IVRPath, ca.path) {
					t.Errorf("told %+v", e)
				}
				l.answer(codec.PCMU)
				synctest.Wait()
				if hears := g.bridge(g.only().ID).hears(customer.id); !slices.Equal(hears, []string{l.id}) {
					t.Errorf("the customer hears %v", hears)
				}
				g.over()
			})
		})
	}
}
