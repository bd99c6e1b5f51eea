package call

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/codec"
	"seatbridge/leg"
)

// model drives a gateway at random and knows, from the legs alone, who must hear whom.
type model struct {
	*gateway
	r     *rand.Rand
	muted map[*fakeLeg]bool
	held  map[*fakeLeg]bool
	// changed are the sessions that are more than two parties who talk: held by command, handed over, supervised.
	changed map[string]bool
	taking  sync.WaitGroup // commands under way
	refers  []*refer
	tapes   map[string]*fakeTape // by session
	did     []string
}

// TestRandomCalls runs thousands of random sequences of calls, commands, far ends and failures, several calls at a
// time, and checks everything after every step. A failure names its seed.
func TestRandomCalls(t *testing.T) {
	sequences := 2000
	if testing.Short() {
		sequences = 300
	}
	for seed := range sequences {
		synctest.Test(t, func(t *testing.T) {
			m := &model{
				gateway: newGateway(t, Limits{Sessions: 6}), r: rand.New(rand.NewPCG(uint64(seed), 1)),
				muted: map[*fakeLeg]bool{}, held: map[*fakeLeg]bool{}, changed: map[string]bool{},
			}
			m.record()
			m.config.EndOnFailedTransfer = m.r.IntN(4) == 0
			for range 10 + m.r.IntN(90) {
				m.step()
				synctest.Wait()
				m.check()
			}
			m.finish()
		})
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func (m *model) step() {
	steps := []struct {
		weight int
		do     func()
	}{
		{3, m.trunkCalls}, {2, m.phoneCalls}, {3, m.seatCalls},
		{16, m.legGoesOn}, {3, m.legEnds}, {1, m.bothEnd}, {5, m.legDisturbs},
		{8, m.command}, {8, m.handsOver}, {8, m.supervises}, {4, m.timePasses}, {1, m.goesOffline},
		{6, m.atOnce}, {1, m.changesDevice}, {1, m.misbehaves},
	}
	total := 0
	for _, s := range steps {
		total += s.weight
	}
	n := m.r.IntN(total)
	for _, s := range steps {
		if n -= s.weight; n < 0 {
			s.do()
			return
		}
	}
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func (m *model) note(format string, args ...any) { m.did = append(m.did, fmt.Sprintf(format, args...)) }

func (m *model) number() string {
	return pick(m.r, "1001", "1002", "1010", "1011", "1020", "1030", "089555", "+1555", "nonsense")
}

func (m *model) user() string {
	return pick(m.r, "ann", "ben", "pat", "quinn", "two", "mob", "mini", "sue", "rex", "zoe", "")
}

func (m *model) trunkCalls() {
	to := fmt.Sprintf("+493010%d", m.r.IntN(9))
	m.note("trunk calls %s", to)
	m.gateway.call("", to)
}

func (m *model) phoneCalls() {
	account, to := pick(m.r, "1010", "1011", "1020", "1030", "1031"), m.number()
	m.note("phone %s calls %s", account, to)
	m.gateway.call(account, to)
}

func (m *model) seatCalls() {
	o := Outbound{User: m.user(), Number: m.number()}
	if m.r.IntN(2) == 0 {
		o.Number, o.CalleeUser, o.UseMobile = "", m.user(), m.r.IntN(4) == 0
	}
	m.note("seat %s calls %s%s, at the mobile %v", o.User, o.Number, o.CalleeUser, o.UseMobile)
	_, _ = m.Call(m.t.Context(), o) // refusals are part of it
}

// live are the legs that have not ended.
func (m *model) live() []*fakeLeg {
	return slices.DeleteFunc(m.legs(), func(l *fakeLeg) bool { _, ended := l.is(); return ended })
}

func (m *model) legGoesOn() {
	legs := m.live()
	if len(legs) == 0 {
		return
	}
	l := pick(m.r, legs...)
	if l.dial.ID == "" {
		return // a calling party goes on by what it is asked
	}
	switch m.r.IntN(4) {
	case 0:
		m.note("%s rings", l.id)
		l.ring()
	case 1:
		m.note("%s sends early media", l.id)
		l.earlyMedia(codec.PCMA)
	default:
		m.note("%s answers", l.id)
		l.answer(pick(m.r, codec.PCMA, codec.PCMU, codec.Opus))
	}
}

func (m *model) cause() leg.Cause {
	return leg.Cause{
		Reason: pick(m.r, leg.Normal, leg.Cancelled, leg.Busy, leg.NoAnswer, leg.Rejected, leg.NotFound, leg.Unavailable,
			leg.NoCodec, leg.TrunkFailed, leg.MediaDead, leg.Gone, leg.Expired),
		Remote: m.r.IntN(2) == 0,
	}
}

func (m *model) legEnds() {
	if legs := m.live(); len(legs) > 0 {
		l, c := pick(m.r, legs...), m.cause()
		m.note("%s ends: %s", l.id, c.Reason)
		l.end(c)
	}
}

func (m *model) bothEnd() {
	legs := m.live()
	m.r.Shuffle(len(legs), func(i, j int) { legs[i], legs[j] = legs[j], legs[i] })
	for _, l := range legs[:min(len(legs), 2)] {
		c := m.cause()
		m.note("at once, %s ends: %s", l.id, c.Reason)
		go l.end(c)
	}
}

func (m *model) legDisturbs() {
	legs := m.live()
	if len(legs) == 0 {
		return
	}
	l := pick(m.r, legs...)
	l.sounds()
	switch m.r.IntN(4) {
	case 0:
		m.held[l] = !m.held[l]
		m.note("%s holds: %v", l.id, m.held[l])
		l.event(leg.HeldChanged{Held: m.held[l]})
	case 1:
		l.event(leg.Digit{Event: 5, Relayed: m.r.IntN(2) == 0})
	case 2:
		m.note("%s refers", l.id)
		e := m.refer(l, legs)
		m.refers[len(m.refers)-1].heard = true
		l.event(e)
	case 3:
		l.event(leg.MediaLost{Reason: "model"})
	}
}

// command lets some user do something to some session, its own or not.
func (m *model) command() {
	user, id := m.user(), "nosuch"
	if all := m.Sessions(""); len(all) > 0 {
		id = pick(m.r, all...).ID
	}
	what := m.r.IntN(5)
	m.note("%s commands %d to %s", user, what, id)
	info, ok := m.Session(id)
	mine := ok && info.has(user)
	var err error
	switch ctx := m.t.Context(); what {
	case 0:
		err = m.Accept(ctx, user, id, "")
	case 1:
		err = m.HangUp(ctx, user, id)
	case 2:
		muted := m.r.IntN(2) == 0
		if err = m.SetMuted(ctx, user, id, muted); err == nil {
			m.muted[m.legOf(user, id)] = muted
		}
	case 3:
		err = m.SendDigits(ctx, user, id, "1,2")
	case 4:
		err = m.SetRecordingPaused(ctx, user, id, m.r.IntN(2) == 0)
	}
	if err == nil && !mine {
		m.t.Errorf("%s had its way with session %s of others", user, id)
	}
}

// legOf is the leg of a user in a session.
func (m *model) legOf(user, id string) *fakeLeg {
	info, _ := m.Session(id)
	for _, p := range info.Parties {
		if p.User == user && !p.Left {
			legs := m.legs()
			return legs[slices.IndexFunc(legs, func(l *fakeLeg) bool { return l.id == p.ID })]
		}
	}
	m.t.Fatalf("%s is not in session %s", user, id)
	return nil
}

func (m *model) timePasses() {
	d := time.Duration(m.r.IntN(int(10 * time.Second)))
	if m.r.IntN(20) == 0 {
		d = 5 * time.Hour
	}
	m.note("%v pass", d)
	pass(d)
}

func (m *model) goesOffline() {
	m.dialer.mu.Lock()
	defer m.dialer.mu.Unlock()
	to := pick(m.r, "ann", "1010", "+4989555")
	m.dialer.offline[to] = !m.dialer.offline[to]
	m.note("%s is offline: %v", to, m.dialer.offline[to])
}
