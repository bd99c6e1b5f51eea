package test

import (
	"testing"

	"seatbridge/test/peers"
)

// handingOver is a desk phone that can hand its call over by itself.
type handingOver interface {
	peers.Party
	transfer(number string)
}

type linphoneTransfer struct{ *peers.LinphonePhone }

func (p linphoneTransfer) transfer(number string) { p.Transfer(1, number) }

type baresipTransfer struct{ *peers.BaresipPhone }

func (p baresipTransfer) transfer(number string) { p.Transfer(number) }

// TestBlindTransferByPhone has desk phones send their callers on by REFER, to one who answers and to nobody.
func TestBlindTransferByPhone(t *testing.T) {
	for _, ca := range []struct {
		name, extension string
		make            func(t *testing.T, a peers.Account) handingOver
	}{
		{"linphone", "1013", func(t *testing.T, a peers.Account) handingOver {
			return linphoneTransfer{peers.Linphone(t, a, tone(1), peers.SHA256)}
		}},
		{"baresip", "1015", func(t *testing.T, a peers.Account) handingOver {
			return baresipTransfer{peers.Baresip(t, a, tone(1))}
		}},
	} {
		t.Run(ca.name, func(t *testing.T) {
			g := suite.Gateway(t, peers.Config{})
			by := ca.make(t, g.Phone(ca.extension))
			caller, target := peers.RTP(t, g.Phone("1011"), tone(0)), peers.RTP(t, g.Phone("1012"), tone(2))
			caller.Dial(ca.extension)
			caller.WaitEstablished()
			by.WaitEstablished()
			if ca.name == "linphone" { // baresip hangs up when it is told of a failure
				by.transfer("1014") // where no phone is registered
			}
			peers.WantAllHear(t, map[peers.Ear][]float64{caller: {by.Tone()}, by: {caller.Tone()}})
			by.transfer("1012")
			target.WaitEstablished()
			by.WaitClosed()
			peers.WantAllHear(t, map[peers.Ear][]float64{caller: {target.Tone()}, target: {caller.Tone()}})
			caller.Hangup()
			target.WaitClosed()
			empty(g)
		})
	}
}

// TestAttendedTransferByPhone has a desk phone join its two calls by REFER with Replaces.
func TestAttendedTransferByPhone(t *testing.T) {
	g := suite.Gateway(t, peers.Config{})
	by := peers.Linphone(t, g.Phone("1013"), tone(1), peers.SHA256)
	caller, target := peers.RTP(t, g.Phone("1011"), tone(0)), peers.RTP(t, g.Phone("1012"), tone(2))
	caller.Dial("1013")
	caller.WaitEstablished()
	by.WaitEstablished()
	by.Hold()
	by.Dial("1012")
	target.WaitEstablished()
	by.WaitEstablished()
	peers.WantAllHear(t, map[peers.Ear][]float64{by: {target.Tone()}, target: {by.Tone()}})
	by.TransferTo(1, 2)
	by.WaitClosed()
	peers.WantAllHear(t, map[peers.Ear][]float64{caller: {target.Tone()}, target: {caller.Tone()}})
	caller.Hangup()
	target.WaitClosed()
	empty(g)
}
