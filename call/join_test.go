package call

import (
	"slices"
	"testing"
	"testing/synctest"

	"seatbridge/codec"
	"seatbridge/leg"
)

// twoCalls is the phone of two, who talks to a customer, which waits, and to ann.
type twoCalls struct {
	*scene            // with the customer
	own, ann *fakeLeg // of the other session
	other    string   // the other session
	refer    leg.Referred
}

func newTwoCalls(t *testing.T) *twoCalls {
	c := &twoCalls{scene: talking(newGateway(t, Limits{}), "trunk", "seat's phone")}
	c.callee.event(leg.HeldChanged{Held: true})
	synctest.Wait()
	c.own = comesIn(c.gateway, "1020", "1001")
	c.ann = c.dialer.leg("ann")
	c.ann.answer(codec.Opus)
	pass(latency)
	c.other = c.Sessions("ann")[0].ID
	c.refer = leg.Referred{To: "1001", Replaces: "call-" + c.own.id + ";to-tag=1;from-tag=2"}
	return c
}

func TestAttendedTransfer(t *testing.T) {
	for _, early := range []bool{false, true} {
		for _, held := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				c := newTwoCalls(t)
				sue := supervised(c.scene, "sue")
				if held {
					c.own.event(leg.HeldChanged{Held: true})
					synctest.Wait()
				}
				var codes []int
				c.refer.Result = func(code int) { codes = append(codes, code) }
				c.callee.event(c.refer)
				if early {
					c.callee.end(leg.Cause{Reason: leg.Normal, Remote: true})
				}
				pass(latency)
				if !slices.Equal(codes, []int{200}) {
					t.Fatalf("the phone was told %v", codes)
				}
				c.hearing("joined", map[*fakeLeg][]*fakeLeg{c.caller: {c.ann}, c.ann: {c.caller}, sue: {c.caller, c.ann}})
				for _, l := range []*fakeLeg{c.callee, c.own} {
					if _, ended := l.is(); !ended {
						t.Errorf("the phone's leg %s goes on", l.id)
					}
				}
				if info, _ := c.Session(c.other); info.Status != StatusFinished || info.Cause.Reason != leg.Transferred {
					t.Errorf("the other session is %+v", info)
				}
				if two, _ := c.seats.State("two"); len(two.Sessions) > 0 {
					t.Errorf("two still holds %v", two.Sessions)
				}
				if ann, _ := c.seats.State("ann"); !slices.Equal(ann.Sessions, []string{c.session}) {
					t.Errorf("ann holds %v", ann.Sessions)
				}
				if e := c.watch.last(t, "ann", EventUserAccessed); e.SessionID != c.session {
					t.Errorf("told %+v", e)
				}
				c.ann.event(leg.HeldChanged{Held: true}) // its events are this session's now
				synctest.Wait()
				if c.bridge(c.session).sound(c.caller.id) != c.config.Sounds.Hold {
					t.Error("no music")
				}
				c.ann.end(leg.Cause{Reason: leg.Normal, Remote: true})
				c.settle()
			})
		}
	}
}

func TestAttendedTransferRefused(t *testing.T) {
	for name, ca := range map[string]struct {
		do   func(c *twoCalls)
		code int
	}{
		"no such dialog":    {func(c *twoCalls) { c.refer.Replaces = "nosuch;to-tag=1;from-tag=2" }, 481},
		"its own dialog":    {func(c *twoCalls) { c.refer.Replaces = "call-" + c.callee.id }, 481},
		"another's dialog":  {func(c *twoCalls) { c.refer.Replaces = "call-" + c.ann.id }, 481},
		"the other is over": {func(c *twoCalls) { c.ann.end(leg.Cause{Reason: leg.Normal, Remote: true}); pass(latency) }, 481},
		"the other is handed over": {func(c *twoCalls) {
			_ = c.Transfer(c.t.Context(), "two", c.other, TransferTo{User: "ben"})
		}, 603},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newTwoCalls(t)
				ca.do(c)
				codes := referring(c.scene, c.callee, c.refer)
				if !slices.Equal(*codes, []int{ca.code}) {
					t.Errorf("told %v, want %d", *codes, ca.code)
				}
				if info, _ := c.Session(c.session); info.Status != StatusInProgress {
					t.Errorf("session %+v", info)
				}
				c.HangUpAll(leg.Cause{Reason: leg.Normal})
				c.settle()
			})
		})
	}
}

// TestAttendedTransferRaces ends any of the four legs in the same moment.
func TestAttendedTransferRaces(t *testing.T) {
	for who := range 4 {
		for range 20 {
			synctest.Test(t, func(t *testing.T) {
				c := newTwoCalls(t)
				l := []*fakeLeg{c.caller, c.callee, c.own, c.ann}[who]
				c.refer.Result = func(int) {}
				go c.callee.event(c.refer)
				go l.end(leg.Cause{Reason: leg.Normal, Remote: true})
				pass(latency)
				c.HangUpAll(leg.Cause{Reason: leg.Normal})
				c.settle()
			})
		}
	}
}

// TestSemiAttendedTransfer has the phone join its calls while the second one still rings: that leg comes over, and the
// transfer goes on as a blind one.
func TestSemiAttendedTransfer(t *testing.T) {
	normal := leg.Cause{Reason: leg.Normal, Remote: true}
	for _, ca := range []struct {
		name  string
		rings bool
		early bool // the phone hangs up before there is an answer
		then  func(ann *fakeLeg)
		codes []int
		back  bool // the phone has its customer back
	}{
		{"answered", true, false, func(l *fakeLeg) { l.answer(codec.Opus) }, []int{180, 200}, false},
		{"answered without ringing", false, false, func(l *fakeLeg) { l.answer(codec.Opus) }, []int{200}, false},
		{"rings later", false, false, func(l *fakeLeg) { l.ring(); l.answer(codec.Opus) }, []int{180, 200}, false},
		{"answered after an early bye", true, true, func(l *fakeLeg) { l.answer(codec.Opus) }, []int{180, 200}, false},
		{"busy", true, false, func(l *fakeLeg) { l.end(leg.Cause{Reason: leg.Busy, Remote: true}) }, []int{180, 486}, true},
		{"rejected", true, false, func(l *fakeLeg) { l.end(leg.Cause{Reason: leg.Rejected, Remote: true}) },
			[]int{180, 603}, true},
		{"busy after an early bye", true, true, func(l *fakeLeg) { l.end(leg.Cause{Reason: leg.Busy, Remote: true}) },
			[]int{180, 486}, false},
		{"nobody answers", true, false, func(*fakeLeg) { pass(maxRing) }, []int{180, 408}, true},
	} {
		t.Run(ca.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := talking(newGateway(t, Limits{}), "trunk", "seat's phone")
				s.callee.event(leg.HeldChanged{Held: true})
				synctest.Wait()
				own := comesIn(s.gateway, "1020", "1001")
				ann := s.dialer.leg("ann")
				if ca.rings {
					ann.ring()
				}
				synctest.Wait()
				codes := referring(s, s.callee, leg.Referred{To: "1001", Replaces: "call-" + own.id + ";to-tag=1;from-tag=2"})
				if _, ended := own.is(); ended || own.why(t).Reason != leg.Transferred || ann.wasAsked("hangup") {
					t.Errorf("the second call: %+v, ann %v", own.hangups, ann.asked)
				}
				if ca.early {
					s.callee.end(normal)
					synctest.Wait()
				}
				ca.then(ann)
				pass(latency)
				if !slices.Equal(*codes, ca.codes) {
					t.Errorf("the phone was told %v, want %v", *codes, ca.codes)
				}
				switch {
				case ca.codes[len(ca.codes)-1] == 200:
					s.hearing("joined", map[*fakeLeg][]*fakeLeg{s.caller: {ann}, ann: {s.caller}})
				case ca.back:
					s.callee.event(leg.HeldChanged{Held: false})
					synctest.Wait()
					s.hearing("back", map[*fakeLeg][]*fakeLeg{s.caller: {s.callee}, s.callee: {s.caller}})
				}
				s.HangUpAll(normal)
				s.settle()
			})
		})
	}
}
