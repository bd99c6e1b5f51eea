package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"seatbridge/leg"
	"seatbridge/sip/dialog"
	"seatbridge/sip/rtpsock"
)

// silencePatience is how many times RTP.Silence a party may be silent that still answers OPTIONS: a phone that was
// muted by its user and sends nothing.
const silencePatience = 10

// vigil is one silence of an answered party. The leg's mu guards it.
type vigil struct {
	l      *sipLeg
	timer  *time.Timer
	probes int
}

// silence is told by the socket when an answered party's sound stops and when it is back.
func (l *sipLeg) silence(s rtpsock.Silence) {
	l.mu.Lock()
	l.watchOver()
	if wait := l.e.c.RTP.Silence; !s.Back && s.Cause != rtpsock.Held && wait > 0 && l.closing == nil {
		v := &vigil{l: l}
		v.timer = time.AfterFunc(max(wait-l.e.c.times.silence, 0), v.probe)
		l.vigil = v
	}
	l.mu.Unlock()
	if s.Back {
		l.emit(leg.MediaBack{})
		return
	}
	l.emit(leg.MediaLost{Reason: string(s.Cause)})
}

// watchOver ends the vigil. The caller holds mu.
func (l *sipLeg) watchOver() {
	if l.vigil != nil {
		l.vigil.timer.Stop()
		l.vigil = nil
	}
}

// probe asks a silent party whether it is there. The dialog ends by itself where it does not answer (RFC 5057); one
// that does keeps the call for a while more.
func (v *vigil) probe() {
	l := v.l
	l.mu.Lock()
	d, going := l.dialog, l.vigil == v
	if going {
		v.probes++
	}
	l.mu.Unlock()
	switch {
	case !going:
	case v.probes > silencePatience:
		l.Hangup(leg.Cause{Reason: leg.MediaDead, Text: "no RTP"})
	default:
		d.Send(sip.OPTIONS, "", nil, v.answered)
	}
}

// answered waits for the next probe.
func (v *vigil) answered(dialog.Result) {
	v.l.mu.Lock()
	defer v.l.mu.Unlock()
	if v.l.vigil == v {
		v.timer = time.AfterFunc(v.l.e.c.RTP.Silence, v.probe)
	}
}
