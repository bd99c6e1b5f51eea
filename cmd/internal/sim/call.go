package sim

import (
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"seatbridge/codec"
	"seatbridge/dtmf"
	"seatbridge/media"
	"seatbridge/sip/dialog"
	"seatbridge/sip/rtpsock"
	"seatbridge/sip/sdp"
)

// call is one call of a simulated peer.
type call struct {
	p       *Peer
	script  Script
	other   string // the far end's number
	session *sdp.Session
	socket  *rtpsock.Socket

	mu     sync.Mutex
	play   *media.Playback
	timer  *time.Timer
	closed bool
}

func (p *Peer) newCall(s Script, other string) (*call, error) {
	c := &call{p: p, script: s, other: other}
	socket, err := p.pool.Open(rtpsock.Config{Learn: rtpsock.LearnSameIP, Digit: func(e dtmf.Event, _ time.Duration) {
		p.log.Info("heard a digit", "digit", string(e.Digit()))
	}})
	if err != nil {
		return nil, err
	}
	c.socket = socket
	c.session = sdp.New(sdp.Config{
		Address: socket.LocalAddr().Addr(), Port: socket.LocalAddr().Port(), Codecs: []codec.ID{codec.PCMU, codec.PCMA},
		Events: true,
	})
	return c, nil
}

// Request answers OPTIONS, which the gateway's health checks are made of.
func (p *Peer) Request(t *dialog.Transaction) {
	if err := t.RespondStateless(200, ""); err != nil {
		p.log.Debug("response not sent", "error", err.Error())
	}
}

// Invite follows the script of the number that is called.
func (p *Peer) Invite(in *dialog.Incoming) {
	caller := ""
	if from := in.Request.From(); from != nil {
		caller = from.Address.User
	}
	script := p.c.Answer(in.Request.Recipient.User)
	p.log.Info("is called", "number", in.Request.Recipient.User, "by", caller)
	if in.SDP() == nil { // the gateway always makes the offer
		in.RespondStateless(488, "")
		return
	}
	c, err := p.newCall(script, caller)
	if err != nil {
		in.RespondStateless(503, "")
		return
	}
	answer, n, err := c.session.Answer(in.SDP(), codec.None)
	if err == nil {
		err = c.socket.Configure(n, netip.Addr{})
	}
	if err != nil {
		c.socket.Close()
		in.RespondStateless(488, "")
		return
	}
	d := in.Open(dialog.Options{}, c.event)
	p.mu.Lock()
	p.calls[d] = c
	p.mu.Unlock()
	c.ring(d, answer)
}

// ring rings, refuses or answers, as the script says.
func (c *call) ring(d *dialog.Dialog, answer []byte) {
	if c.script.Early {
		d.Provisional(183, answer)
		c.begin()
	} else {
		d.Provisional(180, nil)
	}
	c.after(c.script.RingFor, func() {
		if c.script.Status != 0 {
			d.Hangup(c.script.Status)
			return
		}
		d.Answer(answer)
		c.answered(d)
	})
}

// answered plays and hangs up, as the script says.
func (c *call) answered(d *dialog.Dialog) {
	c.begin()
	if c.script.HangUpAfter > 0 {
		c.after(c.script.HangUpAfter, func() { d.Hangup(0) })
	}
}

func (c *call) after(d time.Duration, f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.timer = time.AfterFunc(d, f)
	}
}

// begin starts what the far end hears.
func (c *call) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	port := c.socket.Port()
	switch {
	case c.closed || c.play != nil:
	case c.script.Echo:
		port.In.SetSink(echo{port.Ears[0]})
	case c.script.Play != nil:
		c.play = c.p.clock.Play(c.script.Play, port.Ears[0])
	}
}

// echo sends back what it hears.
type echo struct{ to *media.Sender }

func (e echo) Frame(f *media.Frame)  { e.to.Send(f) }
func (e echo) Event(ev *media.Event) { e.to.SendEvent(ev) }

// event handles what happens in the call's dialog.
func (c *call) event(d *dialog.Dialog, e dialog.Event) {
	switch e := e.(type) {
	case dialog.Answered:
		n, err := c.session.Accept(e.SDP)
		if err == nil {
			err = c.socket.Configure(n, netip.Addr{})
		}
		if err != nil {
			d.Hangup(0)
			return
		}
		c.answered(d)
	case dialog.Offer:
		c.offered(e)
	case dialog.Ended:
		c.p.log.Info("call ended", "with", c.other, "why", string(e.Why), "status", e.Code)
		c.p.forget(d)
		c.close()
		if c.script.CallBack != nil && c.p.ctx.Err() == nil {
			c.script.CallBack(c.p, c.other)
		}
	}
}

func (c *call) offered(o dialog.Offer) {
	if o.SDP == nil {
		o.Accept(c.session.Offer())
		return
	}
	answer, n, err := c.session.Answer(o.SDP, codec.None)
	if err == nil {
		err = c.socket.Configure(n, netip.Addr{})
	}
	if err != nil {
		o.Reject(488)
		return
	}
	o.Accept(answer)
}

func (p *Peer) forget(d *dialog.Dialog) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.calls, d)
}

func (c *call) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.closed = true
	if c.timer != nil {
		c.timer.Stop()
	}
	if c.play != nil {
		c.play.Stop()
	}
	c.socket.Close()
}

// Call calls a number of the gateway and follows the script once it is answered.
func (p *Peer) Call(from, number string, after time.Duration, s Script) {
	p.tasks.Go(func() {
		select {
		case <-time.After(after):
		case <-p.ctx.Done():
			return
		}
		c, err := p.newCall(s, number)
		if err != nil {
			p.log.Warn("can't call", "error", err.Error())
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock() // until the dialog is in calls, which its first event needs
		d := p.stack.Invite(dialog.InviteConfig{
			RequestURI: p.uri(number), Flow: p.flow(), SDP: c.session.Offer(),
			From: sip.FromHeader{Address: p.uri(from)}, To: sip.ToHeader{Address: p.uri(number)},
			Options: dialog.Options{ContactUser: from, Auth: p.credentials()},
		}, c.event)
		p.calls[d] = c
	})
}
