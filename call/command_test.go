package call

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"seatbridge/codec"
	"seatbridge/leg"
)

// codeOf is the Code of a command's error, or nothing.
func codeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// talking is the pairing of that name, answered.
func talking(g *gateway, caller, callee string) *scene {
	g.t.Helper()
	from := callers()[slices.IndexFunc(callers(), func(s side) bool { return s.name == caller })]
	to := callees()[slices.IndexFunc(callees(), func(s side) bool { return s.name == callee })]
	s := begin(g, from, to)
	s.advance(answered)
	return s
}

func (s *scene) over() {
	s.t.Helper()
	s.caller.end(leg.Cause{Reason: leg.Normal, Remote: true})
	s.settle()
}

func TestCallRefused(t *testing.T) {
	for _, ca := range []struct {
		name string
		o    Outbound
		code Code
	}{
		{"nobody to call", Outbound{User: "ann"}, CodeBadRequest},
		{"two to call", Outbound{User: "ann", Number: "1001", CalleeUser: "ben"}, CodeBadRequest},
		{"nobody calls", Outbound{Number: "1001"}, CodeNotFound},
		{"unknown user", Outbound{User: "zoe", Number: "1001"}, CodeNotFound},
		{"unknown callee", Outbound{User: "ann", CalleeUser: "zoe"}, CodeNotFound},
		{"not a number", Outbound{User: "ann", Number: "zoe"}, CodeNotFound},
		{"forbidden", Outbound{User: "ann", Number: "+1555"}, CodeForbidden},
		{"caller id of others", Outbound{User: "ann", Number: "+4989555", CallerID: "+1555"}, CodeForbidden},
		{"who is logged out", Outbound{User: "ann", CalleeUser: "mini"}, CodeUnavailable},
		{"the mobile of nobody", Outbound{User: "ann", CalleeUser: "zoe", UseMobile: true}, CodeNotFound},
		{"a mobile that is not there", Outbound{User: "ann", CalleeUser: "ben", UseMobile: true}, CodeUnavailable},
		{"the mobile of a number", Outbound{User: "ann", Number: "1002", UseMobile: true}, CodeBadRequest},
		{"oneself", Outbound{User: "ann", Number: "1001"}, CodeBusy},
		{"oneself with two lines", Outbound{User: "two", CalleeUser: "two"}, CodeBusy},
	} {
		t.Run(ca.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGateway(t, Limits{})
				if _, err := g.Call(t.Context(), ca.o); codeOf(err) != ca.code || err.Error() == "" {
					t.Errorf("error %v (%s), want %s", err, codeOf(err), ca.code)
				}
				if len(g.legs()) > 0 {
					t.Error("a leg was called")
				}
				g.settle()
			})
		})
	}
}

func TestCallShowsTheNumberChosen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		o := Outbound{User: "ann", Number: "+4989555", CallerID: "+4930101", UUI: "order 7", Tab: "tab 1"}
		info, err := g.Call(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if info.Caller.Number != "+4930101" || info.UUI != "order 7" || info.Direction != DirectionOutbound {
			t.Errorf("session %+v", info)
		}
		pass(latency)
		if d := g.dialer.leg("+4989555").dial; d.CallerID != "+4930101" || d.From.Name != "Ann" {
			t.Errorf("dial %+v", d)
		}
		e := g.watch.last(t, "ann", EventCallOuted)
		if e.Tab != "tab 1" || e.ServerType != "staffSeat" || e.Callee.Number != "+4989555" || e.SessionID != info.ID {
			t.Errorf("callOuted %+v", e)
		}
		if err := g.HangUp(t.Context(), "ann", info.ID); err != nil {
			t.Error(err)
		}
		g.settle()
	})
}

func TestInternalCallNamesThePeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := talking(g, "browser", "browser")
		in, out := g.watch.last(t, "ben", EventCallIn), g.watch.last(t, "ann", EventCallOuted)
		if in.PeerUser != "ann" || in.Direction != DirectionInternal || in.Caller.Name != "Ann" || in.Tab != "" ||
			in.Timeout != 30*time.Second {
			t.Errorf("callIn %+v", in)
		}
		if out.PeerUser != "ben" || out.Callee.Name != "Ben" || out.Tab != "tab" {
			t.Errorf("callOuted %+v", out)
		}
		s.over()
	})
}

// A desk phone that refuses the command and is lifted by hand was not answered by the page.
func TestAcceptAtAPhone(t *testing.T) {
	for _, refuses := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			g := newGateway(t, Limits{})
			comesIn(g, "", "+4930101")
			phone := g.dialer.leg("1010")
			phone.pickable = true
			if err := g.Accept(t.Context(), "pat", g.only().ID, "tab 1"); err != nil {
				t.Fatal(err)
			}
			want := "tab 1"
			if refuses {
				phone.event(leg.PickupRefused{})
				want = ""
			}
			pass(latency)
			if e := g.watch.last(t, "pat", EventUserAccessed); e.Tab != want {
				t.Errorf("refuses %v: taken by %q, want %q", refuses, e.Tab, want)
			}
			g.HangUpAll(leg.Cause{Reason: leg.Shutdown})
			g.settle()
		})
	}
}

func TestAccept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		for _, ca := range []struct {
			to, user string
			code     Code
		}{
			{"+4930100", "ann", ""},
			{"+4930101", "pat", CodeUnavailable}, // a desk phone that does not let itself be answered
		} {
			comesIn(g, "", ca.to)
			id := g.only().ID
			if err := g.Accept(t.Context(), ca.user, id, "tab 1"); codeOf(err) != ca.code {
				t.Errorf("%s accepts: %v, want %s", ca.user, err, ca.code)
			}
			pass(latency)
			if got := g.only().Status == StatusInProgress; got != (ca.code == "") {
				t.Errorf("%s's session is %s", ca.user, g.only().Status)
			}
			if ca.code == "" {
				if e := g.watch.last(t, ca.user, EventUserAccessed); e.Tab != "tab 1" {
					t.Errorf("taken by %q", e.Tab)
				}
			}
			if err := g.Accept(t.Context(), ca.user, id, ""); ca.code == "" && codeOf(err) != CodeWrongState {
				t.Errorf("accepting twice: %v", err)
			}
			g.HangUpAll(leg.Cause{Reason: leg.Shutdown})
			g.settle()
		}
	})
}

// TestCommandsOfOthers checks that a session of somebody else and one that never was are answered alike.
func TestCommandsOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := talking(g, "trunk", "browser")
		ctx := t.Context()
		commands := map[string]func(user, id string) error{
			"accept":  func(user, id string) error { return g.Accept(ctx, user, id, "") },
			"hang up": func(user, id string) error { return g.HangUp(ctx, user, id) },
			"mute":    func(user, id string) error { return g.SetMuted(ctx, user, id, true) },
			"digits":  func(user, id string) error { return g.SendDigits(ctx, user, id, "1") },
			"muted":   func(user, id string) error { _, err := g.Muted(ctx, user, id); return err },
		}
		for name, do := range commands {
			others, never := do("ann", s.session), do("ben", "nosuch")
			if codeOf(others) != CodeNotFound || others.Error() != never.Error() {
				t.Errorf("%s: %v and %v, want the same answer", name, others, never)
			}
			if err := do("", s.session); codeOf(err) != CodeNotFound {
				t.Errorf("%s by nobody: %v", name, err)
			}
		}
		if len(g.Sessions("ann")) != 0 || len(g.Sessions("ben")) != 1 {
			t.Error("Sessions shows a session to the wrong user")
		}
		s.caller.stuck = true
		s.callee.end(leg.Cause{Reason: leg.Normal, Remote: true})
		synctest.Wait()
		for name, do := range commands { // the session has ended, its leg has not
			if err := do("ben", s.session); codeOf(err) != CodeWrongState {
				t.Errorf("%s after the end: %v", name, err)
			}
		}
		s.caller.end(leg.Cause{Reason: leg.Normal})
		s.settle()
		for name, do := range commands { // and now it is remembered alone
			if err := do("ben", s.session); codeOf(err) != CodeWrongState {
				t.Errorf("%s long after the end: %v", name, err)
			}
			if err := do("ann", s.session); codeOf(err) != CodeNotFound {
				t.Errorf("%s of somebody else's, long after the end: %v", name, err)
			}
		}
	})
}

func TestMute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := talking(g, "trunk", "browser")
		b := g.bridge(s.session)
		for _, muted := range []bool{true, true, false} {
			if err := g.SetMuted(t.Context(), "ben", s.session, muted); err != nil {
				t.Fatal(err)
			}
			// The command's answer comes when the table is in force: no waiting here.
			if got := len(b.hears(s.caller.id)) == 0; got != muted || len(b.hears(s.callee.id)) != 1 {
				t.Errorf("muted %v: the customer hears %v, the agent %v", muted, b.hears(s.caller.id), b.hears(s.callee.id))
			}
			if got, err := g.Muted(t.Context(), "ben", s.session); got != muted || err != nil {
				t.Errorf("Muted is %v, %v; want %v", got, err, muted)
			}
			if info := g.only(); info.Parties[1].Muted != muted || len(info.Parties[0].Hears) == 0 != muted {
				t.Errorf("parties %+v", info.Parties)
			}
		}
		want := []EventType{EventCallIn, EventUserAccessed, EventMuted, EventMuted}
		if got := g.watch.of("ben"); !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
		s.over()
	})
}

func TestHoldByThePhone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := talking(g, "trunk", "seat's phone")
		b := g.bridge(s.session)
		for _, held := range []bool{true, true, false} {
			s.callee.event(leg.HeldChanged{Held: held})
			synctest.Wait()
			silent := len(b.hears(s.caller.id)) == 0 && len(b.hears(s.callee.id)) == 0
			if silent != held || b.sound(s.caller.id) != nil != held || b.sound(s.callee.id) != nil {
				t.Errorf("held %v: table %v", held, b.table)
			}
		}
		want := []EventType{EventCallIn, EventUserAccessed, EventHeld, EventHeld}
		if got := g.watch.of("two"); !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
		s.over()
	})
}

func TestMediaLostAndBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := talking(g, "seat's phone", "browser")
		s.caller.event(leg.MediaLost{Reason: "no packets"})
		s.caller.event(leg.MediaBack{})
		synctest.Wait()
		for _, user := range []string{"pat", "ben"} {
			if got := g.watch.of(user); !slices.Equal(got[len(got)-2:], []EventType{EventMediaLost, EventMediaBack}) {
				t.Errorf("%s was told %v", user, got)
			}
			if e := g.watch.last(t, user, EventMediaLost); e.Reason != "no packets" {
				t.Errorf("reason %q", e.Reason)
			}
		}
		s.over()
	})
}

// TestWhySoundIsLost checks that silence is explained by what call control knows, also where that changes meanwhile,
// that the leg's own causes stand, and that each is counted by kind and reason.
func TestWhySoundIsLost(t *testing.T) {
	mute := func(muted bool) func(s *scene) error {
		return func(s *scene) error { return s.SetMuted(s.t.Context(), "ben", s.session, muted) }
	}
	hold := func(held bool) func(s *scene) error {
		return func(s *scene) error { return s.SetHeld(s.t.Context(), "ben", s.session, held) }
	}
	lost := func(reason string) func(s *scene) error {
		return func(s *scene) error { s.callee.event(leg.MediaLost{Reason: reason}); return nil }
	}
	back := func(s *scene) error { s.callee.event(leg.MediaBack{}); return nil }
	for name, ca := range map[string]struct {
		do   []func(*scene) error
		want []string // reasons that are told, in order
	}{
		"nothing comes":          {[]func(*scene) error{lost(leg.LostNoPackets)}, []string{"no packets"}},
		"wrong source":           {[]func(*scene) error{lost(leg.LostWrongSource)}, []string{"wrong source"}},
		"SRTP":                   {[]func(*scene) error{lost(leg.LostSRTP)}, []string{"SRTP authentication failed"}},
		"SRTP while muted":       {[]func(*scene) error{mute(true), lost(leg.LostSRTP)}, []string{"SRTP authentication failed"}},
		"muted":                  {[]func(*scene) error{mute(true), lost(leg.LostNoPackets)}, []string{"muted"}},
		"muted, and it comes":    {[]func(*scene) error{mute(true), mute(false)}, nil},
		"muted later":            {[]func(*scene) error{lost(leg.LostNoPackets), mute(true)}, []string{"no packets", "muted"}},
		"unmuted, still silent":  {[]func(*scene) error{mute(true), lost(leg.LostNoPackets), mute(false)}, []string{"muted", "no packets"}},
		"unmuted, back":          {[]func(*scene) error{mute(true), lost(leg.LostNoPackets), back, mute(false)}, []string{"muted"}},
		"on hold by command":     {[]func(*scene) error{hold(true), lost(leg.LostNoPackets)}, []string{"held"}},
		"taken back, still mute": {[]func(*scene) error{hold(true), lost(leg.LostNoPackets), hold(false)}, []string{"held", "no packets"}},
		"on hold by the phone":   {[]func(*scene) error{lost(leg.LostHeld)}, []string{"held"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGateway(t, Limits{})
				s := talking(g, "seat's phone", "browser")
				counted := map[string]float64{}
				for _, do := range ca.do {
					if err := do(s); err != nil {
						t.Fatal(err)
					}
					synctest.Wait()
				}
				var told []string
				for _, e := range g.watch.events {
					if e.Type == EventMediaLost && e.User == "pat" {
						told = append(told, e.Reason)
						counted[e.Reason]++
					}
				}
				if !slices.Equal(told, ca.want) {
					t.Errorf("told %q, want %q", told, ca.want)
				}
				for reason, n := range counted {
					metric := g.config.Metrics.soundLost.WithLabelValues(string(s.callee.kind), reason)
					if got := testutil.ToFloat64(metric); got != n {
						t.Errorf("%q was counted %v times, want %v", reason, got, n)
					}
				}
				s.over()
			})
		})
	}
}

// TestEventsTwice checks that what a leg says again changes nothing.
func TestEventsTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := talking(g, "seat's phone", "browser")
		before := g.only()
		for _, e := range []leg.Event{
			leg.Ringing{}, leg.EarlyMedia{}, leg.Answered{Codec: codec.PCMA}, leg.HeldChanged{}, leg.DigitsSent{},
		} {
			pass(time.Second)
			s.callee.event(e)
			s.caller.event(e)
		}
		synctest.Wait()
		if after := g.only(); after.Answered != before.Answered || after.Status != before.Status {
			t.Errorf("session %+v, was %+v", after, before)
		}
		for user, n := range map[string]int{"pat": 4, "ben": 2} {
			if got := g.watch.of(user); len(got) != n {
				t.Errorf("%s was told %v", user, got)
			}
		}
		s.over()
	})
}

// TestCommandGivesUp checks that a command ends with its ctx or with its session, whichever is first.
func TestCommandGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := talking(g, "trunk", "browser")
		live, _ := g.find(s.session)
		release := make(chan struct{})
		live.mail.put(message{do: func() error { <-release; return nil }}) // a goroutine that is not getting on
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error)
		go func() { failed <- g.SetMuted(ctx, "ben", s.session, true) }()
		synctest.Wait()
		cancel()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("with ctx over: %v", err)
		}
		go func() { failed <- g.HangUp(t.Context(), "ben", s.session) }()
		go func() { failed <- g.HangUp(t.Context(), "ben", s.session) }()
		synctest.Wait()
		close(release)
		a, b := codeOf(<-failed), codeOf(<-failed)
		if !(a == "" && b == CodeWrongState || b == "" && a == CodeWrongState) {
			t.Errorf("hanging up twice: %q and %q", a, b)
		}
		g.settle()
	})
}

func TestCalleeIsOfferedTheSeatsCodec(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := talking(g, "click to dial", "outside")
		if got := s.callee.dial.Codecs; got[0] != codec.PCMU || len(got) != 3 {
			t.Errorf("codecs %v, want PCMU first", got)
		}
		if from := s.caller.dial.From; from.Number != "+4989555" {
			t.Errorf("the seat's phone shows %+v, want whom it will be talking to", from)
		}
		s.over()
	})
}
