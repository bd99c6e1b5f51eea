package call

import (
	"testing"
	"testing/synctest"

	"seatbridge/codec"
	"seatbridge/leg"
)

// secret wants the customer's digits, in each form, to be kept from everybody in the scene's session: the seat that has
// it now is told of a digit and not which.
func (s *scene) secret(user string, others ...*fakeLeg) {
	s.t.Helper()
	if !s.bridge(s.session).table[bridgeID(s.caller)].Secret {
		s.t.Error("the customer's row is not secret")
	}
	for _, d := range []leg.Digit{{Event: 7, Relayed: true}, {Event: 7}, {Event: 7, Relayed: true, Inband: true}} {
		s.caller.event(d)
		synctest.Wait()
		if e := s.watch.last(s.t, user, EventDigit); !e.Secure || e.Digit != 0 || e.SessionID != s.session {
			s.t.Errorf("%s was told %+v of %+v", user, e, d)
		}
	}
	for _, l := range others {
		if got := l.sentDigits(); len(got) > 0 {
			s.t.Errorf("%s was sent %q", l.id, got)
		}
	}
	if e := s.watch.last(s.t, user, EventSecureDigits); !e.Secure {
		s.t.Errorf("%s was told %+v", user, e)
	}
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	for _, e := range s.watch.events {
		if e.Digit != 0 {
			s.t.Errorf("%s was told %c", e.User, e.Digit)
		}
	}
}

// TestSecureDigitsGoOn hands a session with secret digits on in each way; they stay secret.
func TestSecureDigitsGoOn(t *testing.T) {
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, handOn := range map[string]func(t *testing.T, s *scene) (user string, new *fakeLeg){
		"blind transfer": func(t *testing.T, s *scene) (string, *fakeLeg) {
			must(t, s.Transfer(t.Context(), "ben", s.session, TransferTo{User: "ann"}))
			s.dialer.leg("ann").answer(codec.Opus)
			return "ann", s.dialer.leg("ann")
		},
		"transfer that comes back": func(t *testing.T, s *scene) (string, *fakeLeg) {
			must(t, s.Transfer(t.Context(), "ben", s.session, TransferTo{User: "ann"}))
			s.dialer.leg("ann").end(leg.Cause{Reason: leg.Busy, Remote: true})
			return "ben", s.callee
		},
		"consultation": func(t *testing.T, s *scene) (string, *fakeLeg) {
			must(t, s.Consult(t.Context(), "ben", s.session, TransferTo{User: "ann"}))
			s.dialer.leg("ann").answer(codec.Opus)
			synctest.Wait()
			must(t, s.CompleteTransfer(t.Context(), "ben", s.session))
			return "ann", s.dialer.leg("ann")
		},
		"intercept": func(t *testing.T, s *scene) (string, *fakeLeg) {
			sue := supervised(s, "sue")
			done := taking(s, "sue")
			sue.sounds()
			pass(interceptLook)
			must(t, <-done)
			return "sue", sue
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := talking(newGateway(t, Limits{}), "trunk", "browser")
				must(t, s.SetSecureDigits(t.Context(), "ben", s.session, true))
				rex := supervised(s, "rex")
				user, other := handOn(t, s)
				pass(latency)
				s.secret(user, s.callee, other, rex)
				must(t, s.SetSecureDigits(t.Context(), user, s.session, false)) // who has the call now may
				if s.bridge(s.session).table[bridgeID(s.caller)].Secret {
					t.Error("still secret")
				}
				s.HangUpAll(leg.Cause{Reason: leg.Normal})
				s.settle()
			})
		})
	}
}

// TestSecureDigitsJoin joins two sessions of which one has secret digits: the customer comes with them, or is there.
func TestSecureDigitsJoin(t *testing.T) {
	for name, asks := range map[string]bool{"the customer stays": true, "the customer moves": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newTwoCalls(t)
				if err := c.SetSecureDigits(t.Context(), "two", c.session, true); err != nil {
					t.Fatal(err)
				}
				by := c.callee
				if c.refer.Result = func(int) {}; !asks {
					by, c.refer.Replaces = c.own, "call-"+c.callee.id+";to-tag=1;from-tag=2"
					c.session = c.other
				}
				// A digit in the moment of the joining finds the one session or the other, and is secret in both.
				go by.event(c.refer)
				go c.caller.event(leg.Digit{Event: 7})
				pass(latency)
				c.hearing("joined", map[*fakeLeg][]*fakeLeg{c.caller: {c.ann}, c.ann: {c.caller}})
				c.secret("ann", c.ann)
				if !c.only().Secure {
					t.Error("it does not show")
				}
				c.HangUpAll(leg.Cause{Reason: leg.Normal})
				c.settle()
			})
		})
	}
}
