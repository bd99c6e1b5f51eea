package test

import (
	"testing"

	"seatbridge/test/peers"
)

// TestPairings has every pair of devices that includes a browser call each other, in both directions.
func TestPairings(t *testing.T) {
	for _, ca := range []struct {
		name, number string
		from, to     string // alice, bob: browsers; phone, carrier
	}{
		{name: "browser to carrier", from: "alice", to: "carrier", number: "+15550199"},
		{name: "carrier to browser", from: "carrier", to: "alice", number: "+15550100"},
		{name: "browser to phone", from: "alice", to: "phone", number: "1011"},
		{name: "phone to browser", from: "phone", to: "alice", number: "1001"},
		{name: "browser to browser", from: "alice", to: "bob", number: "1002"},
	} {
		t.Run(ca.name, func(t *testing.T) {
			t.Parallel()
			k := peers.Kamailio(t)
			g := suite.Gateway(t, peers.Config{Carrier: k})
			party := func(who string, i int) peers.Party {
				switch who {
				case "carrier":
					return peers.Baresip(t, k.Subscriber("+15550199"), tone(i), peers.Manual)
				case "phone":
					return peers.Linphone(t, g.Phone("1011"), tone(i), peers.Manual)
				}
				return suite.Browser(t).Page(g, who, tone(i))
			}
			caller, callee := party(ca.from, 0), party(ca.to, 1)
			talk(t, caller, callee, ca.number)
			for _, p := range []peers.Party{caller, callee} {
				if page, ok := p.(*peers.Page); ok {
					if errs := page.Errors(); len(errs) > 0 {
						t.Errorf("%s logged %q", page, errs)
					}
				}
			}
			empty(g)
		})
	}
}

// pageAndPhone are a browser and a phone in a call.
func pageAndPhone(t *testing.T) (*peers.Gateway, *peers.RTPPhone, *peers.Page) {
	t.Helper()
	g := suite.Gateway(t, peers.Config{})
	phone := peers.RTP(t, g.Phone("1011"), tone(0))
	page := suite.Browser(t).Page(g, "alice", tone(1))
	page.Dial("1011")
	page.WaitEstablished()
	return g, phone, page
}

// TestBrowserDigits wants digits from the page's keypad at a phone and at the carrier, and a phone's digits at the page.
func TestBrowserDigits(t *testing.T) {
	t.Parallel()
	g, phone, page := pageAndPhone(t)
	page.Digits(allDigits)
	for _, d := range phone.WaitDigits(allDigits) {
		if ms := d.Length.Milliseconds(); ms < 80 || ms > 125 {
			t.Errorf("%c lasted %d ms, not 100", d.Digit, ms)
		}
	}
	phone.Digits(allDigits)
	page.WaitFor(`seatbridge.state.current.digits === "` + allDigits + `"`)
	peers.WantAllHear(t, map[peers.Ear][]float64{page: {phone.Tone()}, phone: {page.Tone()}})
	page.Hangup()
	phone.WaitClosed()
	empty(g)
}

// TestMute wants a muted page to be heard by nobody, to hear on, and to be heard again.
func TestMute(t *testing.T) {
	t.Parallel()
	g, phone, page := pageAndPhone(t)
	peers.WantAllHear(t, map[peers.Ear][]float64{page: {phone.Tone()}, phone: {page.Tone()}})
	page.Mute(true)
	page.WaitFor("seatbridge.state.current.muted")
	peers.WantSilence(t, phone)
	peers.WantHears(t, page, phone.Tone())
	page.Mute(false)
	peers.WantHears(t, phone, page.Tone())
	page.Hangup()
	phone.WaitClosed()
	empty(g)
}

// TestClickToDial wants the phone of a desk-phone seat to ring first, and then the customer.
func TestClickToDial(t *testing.T) {
	t.Parallel()
	k := peers.Kamailio(t)
	g := suite.Gateway(t, peers.Config{Carrier: k})
	phone := peers.Baresip(t, g.Phone("1011"), tone(0), peers.Manual)
	pstn := peers.Baresip(t, k.Subscriber("+15550199"), tone(1), peers.Manual)
	page := suite.Browser(t).Page(g, "erin", tone(2))
	page.Dial("+15550199")
	phone.WaitRinging()
	phone.Answer()
	pstn.WaitRinging()
	pstn.Answer()
	phone.WaitEstablished()
	pstn.WaitEstablished()
	page.WaitEstablished()
	peers.WantAllHear(t, map[peers.Ear][]float64{phone: {pstn.Tone()}, pstn: {phone.Tone()}})
	page.Hangup()
	phone.WaitClosed()
	pstn.WaitClosed()
	empty(g)
}

// TestReload wants a page that is loaded anew in mid-call to be in the call again, with sound both ways.
func TestReload(t *testing.T) {
	t.Parallel()
	g, phone, page := pageAndPhone(t)
	page.Reload()
	page.WaitReady()
	page.WaitEstablished()
	peers.WantAllHear(t, map[peers.Ear][]float64{page: {phone.Tone()}, phone: {page.Tone()}})
	page.Hangup()
	phone.WaitClosed()
	empty(g)
}
