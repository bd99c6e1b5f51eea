package call

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/media"
)

// fakeTape is a Recording that keeps nothing.
type fakeTape struct {
	session  string
	failed   func(error)
	left     fakeTap
	right    fakeTap
	closed   int
	whyClose error
}

// fakeTap has a name, so that two are told apart.
type fakeTap struct{ _ byte }

func (*fakeTap) Frame(*media.Frame) {}

func (f *fakeTape) Customer() media.Tap { return &f.left }
func (f *fakeTape) Agent() media.Tap    { return &f.right }
func (f *fakeTape) Close() error {
	f.closed++
	return f.whyClose
}

// tapedCalls is a gateway that keeps recordings and records.
type tapedCalls struct {
	*gateway
	tapes   []*fakeTape
	records []Record
}

// newRecorded records all calls that come in or go out by a rule.
func newRecorded(t *testing.T, change func(*Config)) *tapedCalls {
	r := &tapedCalls{}
	r.gateway = newGatewayWith(t, Limits{}, testGroups(), func(c *Config) {
		for i := range c.Routes.Inbound {
			c.Routes.Inbound[i].Record = true
		}
		c.NewRecording = func(session string, failed func(error)) Recording {
			r.tapes = append(r.tapes, &fakeTape{session: session, failed: failed})
			return r.tapes[len(r.tapes)-1]
		}
		c.Ended = func(rec Record) { r.records = append(r.records, rec) }
		change(c)
	})
	return r
}

// wantTaps wants just these legs to be on the sides of the last recording.
func (r *tapedCalls) wantTaps(when string, left, right []*fakeLeg) {
	r.t.Helper()
	synctest.Wait()
	tape := r.tapes[len(r.tapes)-1]
	b := r.bridge(tape.session)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range r.legs() {
		var want media.Tap
		switch {
		case slices.Contains(left, l):
			want = tape.Customer()
		case slices.Contains(right, l):
			want = tape.Agent()
		}
		if got := b.table[bridgeID(l)].Tap; got != want {
			r.t.Errorf("%s: %s has the tap %v, want %v", when, l.id, got, want)
		}
	}
}

func one(l ...*fakeLeg) []*fakeLeg { return l }

// TestRecording has a session be recorded through all that may become of it.
func TestRecording(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorded(t, func(*Config) {})
		s := talking(r.gateway, "trunk", "browser")
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		both := func(when string) { t.Helper(); r.wantTaps(when, one(s.caller), one(s.callee)) }
		both("talking")
		if e := r.watch.last(t, "ben", EventRecording); e.State != "on" || r.only().Recording != "on" {
			t.Errorf("told %q", e.State)
		}
		must(r.SetHeld(t.Context(), "ben", s.session, true))
		both("on hold")
		must(r.SetHeld(t.Context(), "ben", s.session, false))
		must(r.SetMuted(t.Context(), "ben", s.session, true))
		r.wantTaps("muted", one(s.caller), nil)
		must(r.SetMuted(t.Context(), "ben", s.session, false))
		must(r.SetSecureDigits(t.Context(), "ben", s.session, true))
		r.wantTaps("secure", nil, nil)
		must(r.SetSecureDigits(t.Context(), "ben", s.session, false))
		both("not secure")
		must(r.SetRecordingPaused(t.Context(), "ben", s.session, true))
		r.wantTaps("paused", nil, nil)
		if e := r.watch.last(t, "ben", EventRecording); e.State != "paused" {
			t.Errorf("told %q", e.State)
		}
		if err := r.SetRecordingPaused(t.Context(), "ben", s.session, true); codeOf(err) != CodeWrongState {
			t.Errorf("paused twice: %v", err)
		}
		must(r.SetRecordingPaused(t.Context(), "ben", s.session, false))
		both("resumed")
		if err := r.SetRecordingPaused(t.Context(), "ben", s.session, false); codeOf(err) != CodeWrongState {
			t.Errorf("resumed twice: %v", err)
		}
		sue := supervised(s, "sue")
		both("monitored")
		must(r.Supervise(t.Context(), "sue", s.session, ModeWhisper))
		both("whisper")
		must(r.Supervise(t.Context(), "sue", s.session, ModeBarge))
		r.wantTaps("barge", one(s.caller), one(s.callee, sue))
		if err := r.SetRecordingPaused(t.Context(), "sue", s.session, true); codeOf(err) != CodeWrongState {
			t.Errorf("paused by a supervisor: %v", err)
		}
		must(r.Supervise(t.Context(), "sue", s.session, ModeMonitor))
		must(r.Consult(t.Context(), "ben", s.session, TransferTo{User: "ann"}))
		ann := r.dialer.leg("ann")
		ann.answer(codec.Opus)
		r.wantTaps("consultation", one(s.caller), one(s.callee, ann))
		must(r.CompleteTransfer(t.Context(), "ben", s.session))
		pass(latency)
		r.wantTaps("transferred", one(s.caller), one(ann))
		if e := r.watch.last(t, "ann", EventRecording); e.State != "on" {
			t.Errorf("ann was told %q", e.State)
		}
		must(r.HangUp(t.Context(), "ann", s.session))
		r.over()
		if len(r.tapes) != 1 || r.tapes[0].closed != 1 || r.tapes[0].session != s.session {
			t.Errorf("%d recordings: %+v", len(r.tapes), r.tapes)
		}
		if len(r.records) != 1 || r.records[0].Recording != s.session || r.records[0].RecordingProblem != "" {
			t.Errorf("records %+v", r.records)
		}
	})
}

// TestRecordingWanted checks which sessions are recorded: by a rule or a group, and from when both can talk.
func TestRecordingWanted(t *testing.T) {
	inGroup := func(c *Config) {
		c.Routes.Inbound = append(c.Routes.Inbound, InboundRule{Number: "+4930202", Group: sales})
	}
	for name, ca := range map[string]struct {
		change func(*Config)
		group  bool // sales is recorded
		begin  func(r *tapedCalls)
		want   int
	}{
		"inbound rule": {func(*Config) {}, false, func(r *tapedCalls) { talking(r.gateway, "trunk", "browser") }, 1},
		"not by the rule": {func(c *Config) { c.Routes = routes() }, false,
			func(r *tapedCalls) { talking(r.gateway, "trunk", "browser") }, 0},
		"outbound rule": {func(c *Config) { c.Routes.Outbound[0].Record = true }, false,
			func(r *tapedCalls) { talking(r.gateway, "seat's phone", "outside") }, 1},
		"not by the outbound rule": {func(*Config) {}, false,
			func(r *tapedCalls) { talking(r.gateway, "seat's phone", "outside") }, 0},
		"internal":       {func(*Config) {}, true, func(r *tapedCalls) { talking(r.gateway, "seat's phone", "browser") }, 0},
		"nobody answers": {func(*Config) {}, false, func(r *tapedCalls) { r.comes("+4930106") }, 0},
		"group": {inGroup, true, func(r *tapedCalls) {
			r.comes("+4930202")
			if len(r.tapes) > 0 {
				r.t.Error("the waiting is recorded")
			}
			r.dialer.leg("ben").answer(codec.Opus)
		}, 1},
		"not by the group": {inGroup, false, func(r *tapedCalls) {
			r.comes("+4930202")
			r.dialer.leg("ben").answer(codec.Opus)
		}, 0},
		"transfer to the group": {func(c *Config) { c.Routes = routes() }, true, func(r *tapedCalls) {
			s := talking(r.gateway, "trunk", "seat's phone")
			if err := r.Transfer(r.t.Context(), s.to.user, s.session, TransferTo{Group: sales}); err != nil {
				r.t.Fatal(err)
			}
			synctest.Wait()
			r.dialer.leg("ben").answer(codec.Opus)
		}, 1},
		"transfer outside": {recordOutside, false, func(r *tapedCalls) { r.handOutside(r.Transfer) }, 1},
		"consultation outside": {recordOutside, false, func(r *tapedCalls) {
			session := r.handOutside(r.Consult)
			if len(r.tapes) != 1 {
				r.t.Errorf("%d recordings of the consultation, want 1", len(r.tapes))
			}
			if err := r.CompleteTransfer(r.t.Context(), "two", session); err != nil {
				r.t.Fatal(err)
			}
		}, 1},
		"transfer outside by another rule": {func(c *Config) { c.Routes = routes() }, false,
			func(r *tapedCalls) { r.handOutside(r.Transfer) }, 0},
		"transfer outside, not answered": {recordOutside, false, func(r *tapedCalls) {
			s := talking(r.gateway, "trunk", "seat's phone")
			if err := r.Transfer(r.t.Context(), s.to.user, s.session, TransferTo{Number: "+4989123"}); err != nil {
				r.t.Fatal(err)
			}
			synctest.Wait()
			r.dialer.leg("+4989123").end(leg.Cause{Reason: leg.Busy})
		}, 0},
		"call for the group": {func(*Config) {}, true, func(r *tapedCalls) {
			_, err := r.Call(r.t.Context(), Outbound{User: "ann", Number: "+4989123", Group: sales})
			if err != nil {
				r.t.Fatal(err)
			}
			pass(latency)
			r.dialer.leg("+4989123").answer(codec.PCMA)
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRecorded(t, ca.change)
				if ca.group {
					g, _ := r.seats.Group(sales)
					g.Record = true
					if _, err := r.seats.ChangeGroup(t.Context(), g); err != nil {
						t.Fatal(err)
					}
				}
				ca.begin(r)
				pass(latency)
				if len(r.tapes) != ca.want {
					t.Errorf("%d recordings, want %d", len(r.tapes), ca.want)
				}
				r.over()
				for _, tape := range r.tapes {
					if tape.closed != 1 {
						t.Errorf("closed %d times", tape.closed)
					}
				}
			})
		})
	}
}

// recordOutside records what goes out by a rule, and nothing else.
func recordOutside(c *Config) {
	c.Routes = routes()
	c.Routes.Outbound[0].Record = true
}

// handOutside has a seat begin to hand its caller over to a number outside, which answers.
func (r *tapedCalls) handOutside(hand func(context.Context, string, string, TransferTo) error) (session string) {
	r.t.Helper()
	s := talking(r.gateway, "trunk", "seat's phone")
	if err := hand(r.t.Context(), s.to.user, s.session, TransferTo{Number: "+4989123"}); err != nil {
		r.t.Fatal(err)
	}
	synctest.Wait()
	if len(r.tapes) > 0 {
		r.t.Error("it is recorded before the number has answered")
	}
	r.dialer.leg("+4989123").answer(codec.PCMA)
	pass(latency)
	return s.session
}

// TestRecordingFails wants the call to go on without its recording, the seat to know and the record to say so.
func TestRecordingFails(t *testing.T) {
	for _, atEnd := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r := newRecorded(t, func(*Config) {})
			s := talking(r.gateway, "trunk", "browser")
			full := errors.New("disk full")
			if r.tapes[0].whyClose = full; !atEnd {
				r.tapes[0].failed(full)
				r.wantTaps("failed", nil, nil)
				if e := r.watch.last(t, "ben", EventRecording); e.State != "failed" {
					t.Errorf("told %q", e.State)
				}
				if err := r.SetRecordingPaused(t.Context(), "ben", s.session, true); codeOf(err) != CodeWrongState {
					t.Errorf("paused: %v", err)
				}
			}
			s.hear(r.bridge(s.session), "without a recording", true, true)
			r.over()
			if len(r.records) != 1 || r.records[0].RecordingProblem != "disk full" || r.records[0].Recording != s.session {
				t.Errorf("records %+v", r.records)
			}
			if recent := r.Recent(); len(recent) != 1 || recent[0].RecordingProblem != "disk full" {
				t.Errorf("recent %+v", recent)
			}
		})
	}
}

// TestRecordingFollows wants a customer who comes from a session that is recorded, and paused, to be recorded on, paused.
func TestRecordingFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorded(t, func(*Config) {})
		c := &twoCalls{scene: talking(r.gateway, "trunk", "seat's phone")}
		if err := r.SetRecordingPaused(t.Context(), "two", c.session, true); err != nil {
			t.Fatal(err)
		}
		c.own = comesIn(r.gateway, "1020", "1001")
		ann := r.dialer.leg("ann")
		ann.answer(codec.Opus)
		pass(latency)
		// The dialog with the customer is taken into the other session.
		referring(c.scene, c.own, leg.Referred{To: "1020", Replaces: "call-" + c.callee.id})
		pass(latency)
		if len(r.tapes) != 2 || r.tapes[0].closed != 1 {
			t.Fatalf("%d recordings", len(r.tapes))
		}
		r.wantTaps("joined, paused", nil, nil)
		if err := r.SetRecordingPaused(t.Context(), "ann", r.only().ID, false); err != nil {
			t.Fatal(err)
		}
		r.wantTaps("joined", one(c.caller), one(ann))
		r.over()
	})
}
