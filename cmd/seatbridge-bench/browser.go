package main

import (
	"context"
	"sync/atomic"

	"github.com/pion/rtp"

	"seatbridge/rtc/rtctest"
)

// browser is the other side of the load: a page that logged in, with a microphone and three ears.
type browser struct {
	party
	*page
	peer  *rtctest.Browser
	quiet atomic.Bool // its microphone sends nothing, as a page's that is in no call or only listens
	next  int         // payload
}

// browser logs user in and connects its sound. It must be closed, also where there is an error.
func (g *gateway) browser(ctx context.Context, user string) (*browser, error) {
	b := &browser{}
	var err error
	if b.page, err = g.logIn(ctx, user); err != nil {
		return b, err
	}
	b.peer, err = rtctest.New(rtctest.Config{Ears: 3, Received: func(ear int, h *rtp.Header, payload []byte) {
		b.takes(ear, h, payload)
	}})
	if err != nil {
		return b, err
	}
	return b, b.peer.Connect(func(offer string) (string, error) {
		m, err := b.command(ctx, "offer", map[string]any{"sdp": offer})
		return m.Data.SDP, err
	})
}

// say sends the next 20 ms, where the microphone is on.
func (b *browser) say(s *speech) {
	if !b.quiet.Load() {
		b.speak(s)
	}
}

// speak sends the next 20 ms.
func (b *browser) speak(s *speech) {
	b.sends()
	_ = b.peer.Send(s.opus[b.next%len(s.opus)], interval) // an error shows as loss
	b.next++
}

func (b *browser) close() {
	b.page.close()
	if b.peer != nil {
		_ = b.peer.Close()
	}
}
