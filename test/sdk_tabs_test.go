package test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"seatbridge/test/peers"
)

// beside opens another tab of the same page, and loads the SDK into it.
func (c *crm) beside(user string, options ...peers.Option) *crm {
	c.t.Helper()
	other := &crm{c.Page.Beside(user+"-beside", options...), c.t, c.api}
	other.load(user)
	return other
}

// twoTabs are tabs of one browser; the first owns the login.
func twoTabs(t *testing.T, api *peers.ServerAPI) (owner, mirror *crm) {
	t.Helper()
	owner = newCRM(t, api, "alice", tone(1))
	owner.load("alice")
	return owner, owner.beside("alice", tone(2))
}

// tabUUID is what the page is called in events.
func (c *crm) tabUUID() (id string) {
	c.t.Helper()
	c.Eval("told.find((e) => e.name === 'ready').tabUUID", &id)
	return id
}

// session makes a session the present one.
func (c *crm) session(id string) {
	c.t.Helper()
	c.Eval(fmt.Sprintf("void (window.session = %q)", id), nil)
}

// stories are what a page was told of sessions, and of its status.
const stories = `told.filter((e) => !['ready', 'connectionChanged', 'problem', 'qualityChanged'].includes(e.name))`

func (c *crm) story() (all []string) {
	c.t.Helper()
	c.Eval(stories+".map((e) => JSON.stringify(e))", &all)
	return all
}

// chapter is how far the stories of some tabs are.
func chapter(tabs ...*crm) (from []int) {
	for _, c := range tabs {
		from = append(from, len(c.story()))
	}
	return from
}

// sameStory wants tabs to be told the same from a chapter on, each thing once.
func sameStory(from []int, tabs ...*crm) {
	t := tabs[0].t
	t.Helper()
	want := tabs[0].story()[from[0]:]
	if once := slices.Compact(slices.Sorted(slices.Values(want))); len(once) != len(want) {
		t.Errorf("%s was told something twice: %v", tabs[0], want)
	}
	for i, c := range tabs[1:] {
		c.WaitFor(fmt.Sprintf("%s.length >= %d", stories, from[i+1]+len(want)))
		if got := c.story()[from[i+1]:]; !slices.Equal(got, want) {
			t.Errorf("%s was told\n%v\nand %s\n%v", tabs[0], want, c, got)
		}
	}
}

// calling has a customer call, and a tab take the call.
func calling(k *peers.Carrier, taker *crm, tabs ...*crm) *peers.RTPPhone {
	taker.t.Helper()
	customer := peers.RTP(taker.t, k.Subscriber("+15550198"), tone(0))
	customer.Dial("+15550100")
	for _, c := range tabs {
		c.called()
	}
	taker.ask("Call.accept", "")
	customer.WaitEstablished()
	for _, c := range tabs {
		c.waitTold("userAccessed", fmt.Sprintf("e.tabUUID === %q", taker.tabUUID()))
	}
	return customer
}

// soundIsBack wants a customer and a tab to hear each other again, and says how long that took.
func soundIsBack(c *crm, customer *peers.RTPPhone, began time.Time, within time.Duration) {
	c.t.Helper()
	took := make(chan time.Duration, 2)
	hears := func(who peers.Ear, tone float64) {
		heard := false
		for !heard && time.Since(began) < 20*time.Second {
			heard = slices.Contains(peers.Listen(who, 200*time.Millisecond, tone).Tones, tone)
		}
		took <- time.Since(began)
	}
	go hears(c, customer.Tone())
	go hears(customer, c.Tone())
	back := max(<-took, <-took)
	c.t.Logf("sound both ways after %d ms", back.Milliseconds())
	peers.WantAllHear(c.t, map[peers.Ear][]float64{c: {customer.Tone()}, customer: {c.Tone()}})
	if back > within {
		c.t.Errorf("sound both ways took %v", back)
	}
}

// over hangs up, and wants the tab to be told.
func (c *crm) over(customer *peers.RTPPhone) {
	c.t.Helper()
	c.ask("Call.hungUp", "")
	customer.WaitClosed()
	c.waitTold("sessionEnded", "e.closeBy === 'seat'")
}

// TestSDKTabs has two tabs of one browser share a login: both see all, either may do all, and one sounds.
func TestSDKTabs(t *testing.T) {
	t.Parallel()
	g, k, api := sdkGateway(t)
	owner, mirror := twoTabs(t, api)
	from := chapter(owner, mirror)
	placedByMirror(k, owner, mirror)
	sameStory(from, owner, mirror)

	from = chapter(owner, mirror)
	customer := calling(k, mirror, owner, mirror)
	peers.WantAllHear(t, map[peers.Ear][]float64{owner: {customer.Tone()}, customer: {owner.Tone()}})
	mirror.over(customer)
	owner.waitTold("sessionEnded", "true")
	mirror.ask("Agent.setStatus", "status: 'rest', restReason: 'Meal'")
	owner.WaitFor("tccc.Agent.getStatus() === 'rest'")
	mirror.WaitFor("tccc.Agent.getStatus() === 'rest'")
	sameStory(from, owner, mirror)
	mirror.refused("Call.hungUp", "{sessionId: 'none'}", "no such session")
	for _, c := range []*crm{owner, mirror} {
		if errs := c.Errors(); len(errs) > 0 {
			t.Errorf("%s logged %q", c, errs)
		}
	}
	var connections int
	mirror.Eval("peers.connections.length", &connections)
	if connections != 0 {
		t.Errorf("the mirror made %d connections of its own", connections)
	}
	empty(g)
}

// placedByMirror has a tab without sound call a customer.
func placedByMirror(k *peers.Carrier, owner, mirror *crm) {
	t := owner.t
	t.Helper()
	customer := peers.RTP(t, k.Subscriber("+15550199"), tone(0))
	var session string
	mirror.Eval("ask('Call', 'startOutboundCall', {phoneNumber: '+15550199'}).then((res) => res.data.sessionId)", &session)
	for _, c := range []*crm{owner, mirror} {
		c.session(session)
		c.waitTold("callOuted", fmt.Sprintf("e.tabUUID === %q", mirror.tabUUID()))
		c.waitTold("calloutAccepted", "true")
	}
	peers.WantAllHear(t, map[peers.Ear][]float64{owner: {customer.Tone()}, customer: {owner.Tone()}})
	mirror.ask("Call.sendDigits", "dtmfText: '12#'")
	customer.WaitDigits("12#")
	mirror.ask("Call.hold", "")
	peers.WantSilence(t, owner)
	owner.ask("Call.unHold", "")
	peers.WantHears(t, owner, customer.Tone())
	mirror.ask("Call.muteMic", "")
	owner.WaitFor("ask('Call', 'isMicMuted', {sessionId: session}).then((res) => res.data.isMicMuted)")
	mirror.WaitFor("ask('Call', 'isMicMuted', {sessionId: session}).then((res) => res.data.isMicMuted)")
	peers.WantSilence(t, customer)
	mirror.ask("Call.unmuteMic", "")
	peers.WantHears(t, customer, owner.Tone())
	mirror.WaitFor("tccc.Call.getStatistics().then(({data}) => data.received > 0 && data.sent > 0)")
	mirror.ask("Devices.setMicrophone", "deviceId: ''")
	mirror.ask("Devices.setSpeaker", "deviceId: ''")
	peers.WantAllHear(t, map[peers.Ear][]float64{owner: {customer.Tone()}, customer: {owner.Tone()}})
	mirror.over(customer)
	mirror.waitTold("sessionCompleted", "true")
}

// TestSDKTabsHandOver ends the tab that has the sound in mid-call, in each way: the other goes on with the call.
func TestSDKTabsHandOver(t *testing.T) {
	for _, ca := range []struct {
		how string
		end func(owner *crm)
		// back loads the SDK again, where that is needed for the page to be there again.
		back bool
	}{
		{how: "closed", end: func(owner *crm) { owner.Close() }},
		{how: "crashed", end: func(owner *crm) { owner.Crash() }},
		{how: "reloaded", end: func(owner *crm) { owner.Reload() }, back: true},
		{how: "removed", end: func(owner *crm) {
			owner.Eval("document.querySelector('t3c-sdk').remove(), window.tccc = undefined, told.length = 0", nil)
		}, back: true},
	} {
		t.Run(ca.how, func(t *testing.T) {
			t.Parallel()
			g, k, api := sdkGateway(t)
			owner, mirror := twoTabs(t, api)
			third := owner.beside("alice", tone(3))
			customer := calling(k, owner, owner, mirror, third)
			peers.WantAllHear(t, map[peers.Ear][]float64{owner: {customer.Tone()}, customer: {owner.Tone()}})
			from := chapter(mirror, third)
			began := time.Now()
			ca.end(owner)
			soundIsBack(mirror, customer, began, 8*time.Second) // half a second, on a machine that is not too busy
			third.ask("Call.hold", "")
			peers.WantSilence(t, mirror)
			third.ask("Call.unHold", "")
			peers.WantHears(t, mirror, customer.Tone())
			if ca.back {
				owner.load("alice")
				owner.called()
				owner.waitTold("userAccessed", "true")
				owner.ask("Call.muteMic", "")
				peers.WantSilence(t, customer)
			}
			mirror.over(customer)
			sameStory(from, mirror, third)
			for _, c := range []*crm{mirror, third} {
				c.WaitFor("!told.some((e) => e.name === 'problem' || e.name === 'kickedOut')")
				if errs := c.Errors(); len(errs) > 0 {
					t.Errorf("%s logged %q", c, errs)
				}
			}
			empty(g)
		})
	}
}

// TestSDKTabsHung has the tab hang that has the sound: another takes the call from it, and it follows later.
func TestSDKTabsHung(t *testing.T) {
	t.Parallel()
	g, k, api := sdkGateway(t)
	owner, mirror := twoTabs(t, api)
	customer := calling(k, owner, owner, mirror)
	peers.WantAllHear(t, map[peers.Ear][]float64{owner: {customer.Tone()}, customer: {owner.Tone()}})
	began := time.Now()
	owner.Eval("void setTimeout(() => { for (const end = Date.now() + 15_000; Date.now() < end;); })", nil)
	soundIsBack(mirror, customer, began, 18*time.Second)
	owner.WaitFor("tccc.Call.isMicMuted({sessionId: session}).then(() => true, () => false)") // it is back
	owner.ask("Call.muteMic", "")
	peers.WantSilence(t, customer)
	mirror.over(customer)
	owner.waitTold("sessionEnded", "true")
	owner.WaitFor("!told.some((e) => e.name === 'kickedOut')")
	empty(g)
}

// TestSDKTabsEnd wants what ends the login to reach all tabs, and the last tab to log out.
func TestSDKTabsEnd(t *testing.T) {
	t.Parallel()
	g, _, api := sdkGateway(t)
	owner, mirror := twoTabs(t, api)
	elsewhere := newCRM(t, api, "alice", tone(3))
	elsewhere.load("alice")
	for _, c := range []*crm{owner, mirror} {
		c.waitTold("kickedOut", "true")
		c.refused("Call.hungUp", "{sessionId: 'none'}", "load the SDK again")
		c.Eval("void (told.length = 0)", nil)
	}
	elsewhere.WaitFor("tccc.Agent.getStatus() === 'free'")
	mirror.load("alice")
	elsewhere.waitTold("kickedOut", "true")
	owner.load("alice")
	for _, c := range []*crm{mirror, owner} {
		c.WaitFor("tccc.Agent.getStatus() === 'free'")
		c.WaitFor("peers.connections.some((p) => p.connectionState === 'connected')") // the login is its own by now
		c.Eval("document.querySelector('t3c-sdk').remove()", nil)
	}
	g.WaitMetric(0, "seatbridge_api_logins")
	var told []json.RawMessage
	owner.Eval("told.filter((e) => e.name === 'kickedOut' || e.name === 'tokenExpired')", &told)
	if len(told) > 0 {
		t.Errorf("told %s", told)
	}
}

// TestSDKTabsApart has tabs of one browser that share nothing: other users, other gateways, and as the page wants it.
func TestSDKTabsApart(t *testing.T) {
	t.Parallel()
	_, _, api := sdkGateway(t)
	_, _, elsewhere := sdkGateway(t)
	alice := newCRM(t, api, "alice", tone(1))
	bob := &crm{alice.Page.Beside("bob", tone(2)), t, api}
	afar := &crm{alice.Page.Beside("alice-afar", tone(3)), t, elsewhere}
	alice.load("alice")
	bob.load("bob")
	afar.load("alice")
	for _, c := range []*crm{alice, bob, afar} {
		c.WaitFor("peers.connections.some((p) => p.connectionState === 'connected')")
		c.WaitFor("!told.some((e) => e.name === 'kickedOut')")
	}
	unshared := &crm{alice.Page.Beside("alice-unshared", tone(4)), t, api}
	unshared.Eval("void (window.shared = 'false')", nil)
	unshared.load("alice")
	alice.waitTold("kickedOut", "true")
	second := &crm{alice.Page.Beside("alice-second", tone(4)), t, api}
	second.Eval("void (window.shared = 'false')", nil)
	second.load("alice")
	unshared.waitTold("kickedOut", "true")
	second.WaitFor("tccc.Agent.getStatus() === 'free'")
}
