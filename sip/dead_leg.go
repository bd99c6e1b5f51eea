package sip

import (
	"time"

	"seatbridge/codec"
	"seatbridge/dtmf"
	"seatbridge/leg"
	"seatbridge/media"
)

// deadLeg is a leg that could not be started: its one event is Ended.
type deadLeg struct {
	info leg.Info
	port media.Port
}

func newDeadLeg(info leg.Info, cause leg.Cause, o leg.Observer) *deadLeg {
	info.Started = time.Now()
	l := &deadLeg{
		info: info,
		port: media.Port{
			In:   media.NewReceiver(media.ReceiverConfig{}),
			Ears: []*media.Sender{media.NewSender(media.SenderConfig{})},
		},
	}
	o(leg.Ended{Cause: cause})
	return l
}

func (l *deadLeg) ID() string                                            { return l.info.ID }
func (l *deadLeg) Kind() leg.Kind                                        { return l.info.Kind }
func (l *deadLeg) Port() media.Port                                      { return l.port }
func (l *deadLeg) Info() leg.Info                                        { return l.info }
func (l *deadLeg) Pickup() bool                                          { return false }
func (l *deadLeg) Ring()                                                 {}
func (l *deadLeg) Progress(codec.ID)                                     {}
func (l *deadLeg) Accept(codec.ID)                                       {}
func (l *deadLeg) SendDigits([]dtmf.Event, time.Duration, time.Duration) {}
func (l *deadLeg) Hold(bool)                                             {}
func (l *deadLeg) Hangup(leg.Cause)                                      {}
