package rtc

import (
	"sync"
	"time"

	"seatbridge/codec"
	"seatbridge/dtmf"
	"seatbridge/leg"
	"seatbridge/media"
)

// callLeg is the side of a call that a browser carries. It implements leg.Leg. All that happens to it happens on its
// own goroutine, which other goroutines reach through the mailbox.
type callLeg struct {
	server  *Server
	login   *login // nil where the call was refused
	id      string
	user    string
	calling bool // the browser placed the call
	port    media.Port
	started time.Time
	observe leg.Observer
	box     *mailbox

	// Of its own goroutine.
	over    bool
	wanted  bool      // answered as soon as the connection is there
	state   State     // of the connection
	lost    string    // reason of the running MediaLost, or empty
	back    time.Time // silence counts from here
	ring    *time.Timer
	grace   *time.Timer
	watcher *time.Ticker // runs while answered

	mu       sync.Mutex
	answered time.Time
}

var _ leg.Leg = (*callLeg)(nil)

// run is the leg's life.
func (l *callLeg) run(begin func()) {
	defer l.stopTimers()
	for begin(); !l.over; {
		select {
		case <-l.box.ready:
			for _, f := range l.box.take() {
				if !l.over {
					f()
				}
			}
		case <-l.ring.C:
			l.end(leg.Cause{Reason: leg.NoAnswer})
		case <-l.grace.C:
			l.endLost("the browser stayed away")
		case now := <-l.watcher.C:
			l.watch(now)
		}
	}
}

func (l *callLeg) stopTimers() {
	l.ring.Stop()
	l.grace.Stop()
	l.watcher.Stop()
}

// end is the leg's last act.
func (l *callLeg) end(c leg.Cause) {
	l.over = true
	l.server.release(l)
	l.observe(leg.Ended{Cause: c})
}

// endLost ends the leg because its browser is not there any more.
func (l *callLeg) endLost(why string) {
	c := leg.Cause{Reason: leg.MediaDead, Remote: true, Text: why}
	if l.answeredAt().IsZero() {
		c.Reason = leg.Unavailable
	}
	l.end(c)
}

// answer makes the leg answered, now or when the connection is there.
func (l *callLeg) answer() {
	if l.state != StateConnected {
		l.wanted = true
		return
	}
	if !l.answeredAt().IsZero() {
		return
	}
	now := time.Now()
	l.mu.Lock()
	l.answered = now
	l.mu.Unlock()
	l.wanted, l.back = false, now
	l.ring.Stop()
	l.watcher.Reset(l.server.config.SilenceAfter / 4)
	l.observe(leg.Answered{Codec: l.codec()})
}

// changed takes what the connection's state has become.
func (l *callLeg) changed(s State) {
	before := l.state
	l.state = s
	if s != StateConnected {
		if before == StateConnected {
			l.grace.Reset(l.server.config.LegGrace)
		}
		l.lose(leg.LostConnection)
		return
	}
	l.grace.Stop()
	if l.lost == leg.LostConnection {
		l.back = time.Now()
		l.regain()
	}
	if l.wanted {
		l.answer()
	}
}

// watch looks whether the browser's packets arrive. A muted microphone sends none, so silence alone ends no leg.
func (l *callLeg) watch(now time.Time) {
	last := l.port.In.Stats().Last
	silent := now.Sub(last) > l.server.config.SilenceAfter && now.Sub(l.back) > l.server.config.SilenceAfter
	switch {
	case silent:
		l.lose(leg.LostNoPackets)
	case l.lost == leg.LostNoPackets:
		l.regain()
	}
}

// lose tells MediaLost unless it was told or nobody has heard the browser yet.
func (l *callLeg) lose(reason string) {
	if l.answeredAt().IsZero() || l.lost == reason || l.lost == leg.LostConnection {
		return
	}
	l.lost = reason
	l.observe(leg.MediaLost{Reason: reason})
}

// regain tells MediaBack.
func (l *callLeg) regain() {
	l.lost = ""
	l.observe(leg.MediaBack{})
}

func (l *callLeg) answeredAt() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answered
}

// codec is what the browser is sent when nothing better is known.
func (l *callLeg) codec() codec.ID { return l.port.Ears[0].Codec() }

// tellState tells the leg what its connection's state has become.
func (l *callLeg) tellState(s State) { l.box.put(func() { l.changed(s) }) }

// tellGone tells the leg that its login is no more.
func (l *callLeg) tellGone(why string) { l.box.put(func() { l.endLost(why) }) }

// tellDigit tells the leg a digit that the user pressed.
func (l *callLeg) tellDigit(e dtmf.Event, length time.Duration) {
	l.box.put(func() { l.observe(leg.Digit{Event: e, Duration: length, Relayed: true}) })
}

// ID is the leg's id.
func (l *callLeg) ID() string { return l.id }

// Kind is KindBrowser.
func (l *callLeg) Kind() leg.Kind { return leg.KindBrowser }

// Port is the login's media, lent to the leg.
func (l *callLeg) Port() media.Port { return l.port }

// Ring does nothing: the page is told by its own protocol that the other side rings.
func (l *callLeg) Ring() {}

// Progress does nothing: a browser's media is open from the start.
func (l *callLeg) Progress(codec.ID) {}

// Accept answers the browser that placed the call.
func (l *callLeg) Accept(codec.ID) {
	if l.calling {
		l.box.put(l.answer)
	}
}

// Pickup answers the browser that is called; its page has been asked already.
func (l *callLeg) Pickup() bool {
	if l.calling {
		return false
	}
	l.box.put(l.answer)
	return true
}

// Hold does nothing: a browser has nobody behind it who wants to know.
func (l *callLeg) Hold(bool) {}

// SendDigits sends digits to the browser as telephone-events.
func (l *callLeg) SendDigits(digits []dtmf.Event, length, gap time.Duration) {
	sent := func(ok bool) {
		l.box.put(func() { l.observe(leg.DigitsSent{OK: ok}) })
	}
	if main := l.port.Ears[0]; main.TakesEvents() {
		main.Play(digits, length, gap, sent)
	} else {
		sent(false)
	}
}

// Hangup ends the leg. Its login can carry another one at once.
func (l *callLeg) Hangup(c leg.Cause) {
	l.server.release(l)
	l.tellEnd(c)
}

func (l *callLeg) tellEnd(c leg.Cause) { l.box.put(func() { l.end(c) }) }

// Info is a snapshot.
func (l *callLeg) Info() leg.Info {
	i := leg.Info{
		ID: l.id, Kind: leg.KindBrowser, Remote: l.user, Codec: l.codec().String(), Secure: true,
		Started: l.started, Answered: l.answeredAt(),
		Receive: l.port.In.Stats(), Send: l.port.Ears[0].Stats(),
	}
	if l.login != nil {
		main := l.login.ears[0]
		i.CallID, i.Report, i.Send.SSRC = l.login.id, main.lastReport(), main.ssrc()
	}
	return i
}
