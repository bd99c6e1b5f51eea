package test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"seatbridge/test/peers"
)

// support is the number of a group of alice and bob, whose calls are recorded and worked on afterwards.
const support = "+15550120"

// bench is the workbench on a page of its own, driven by its buttons alone.
type bench struct {
	*peers.Page
	t        *testing.T
	pictures string // where they go
}

// newBench opens the page; nobody is logged in.
func newBench(t *testing.T, g *peers.Gateway, user string, tone peers.Option) *bench {
	t.Helper()
	page := suite.Browser(t).Open(t, user, g.URL("/?loopback=1&processing=off"), tone)
	return &bench{page, t, peers.Dir(t, "workbench-"+user)}
}

// openBench opens the page and logs in by a click.
func openBench(t *testing.T, g *peers.Gateway, user string, tone peers.Option) *bench {
	t.Helper()
	b := newBench(t, g, user, tone)
	b.Look(1280, 800, false)
	b.Eval(`(() => {
		window.sockets = [];
		window.WebSocket = class extends WebSocket { constructor(...a) { super(...a); window.sockets.push(this); } };
	})()`, nil)
	b.Click(fmt.Sprintf("#users [data-user=%q]", user))
	b.WaitReady()
	return b
}

// press clicks a button by what it does.
func (b *bench) press(do string) { b.t.Helper(); b.Click(fmt.Sprintf("[data-do=%q]", do)) }

// sees waits until something that a CSS selector finds has a text in it.
func (b *bench) sees(selector, text string) {
	b.t.Helper()
	const found = "[...seatbridge.root.querySelectorAll(%q)].some((e) => e.textContent.includes(%q))"
	b.WaitFor(fmt.Sprintf(found, selector, text))
}

// picture keeps a picture of the page, wide and narrow.
func (b *bench) picture(name string) {
	b.t.Helper()
	b.Screenshot(filepath.Join(b.pictures, name+".png"))
	b.Look(400, 800, false)
	b.Screenshot(filepath.Join(b.pictures, name+"-narrow.png"))
	b.Look(1280, 800, false)
}

// answer takes the call that rings.
func (b *bench) answer() { b.t.Helper(); b.press("answer"); b.WaitEstablished() }

// TestWorkbench has two agents do a day's work by the buttons of their pages: a caller of a group is taken, muted, held,
// sent digits, handed to the group, asked about and handed back; then a rest, a call outside, and the history of it all.
func TestWorkbench(t *testing.T) {
	t.Parallel()
	k := peers.Kamailio(t)
	g := suite.Gateway(t, peers.Config{Carrier: k, YAML: fmt.Sprintf(`
recordings: {dir: %q}
groups: [{name: support, members: [{user: alice}, {user: bob}], strategy: byLevel, wrap_up: 60s, record: true}]
inbound: [{number: %q, group: support}]
`, t.TempDir(), support)})
	alice := openBench(t, g, "alice", tone(0))
	customer := peers.RTP(t, k.Subscriber("+15550198"), tone(2))
	customer.Dial(support)
	alice.sees(".ringing", "+15550198")
	alice.sees(".ringing", "support")
	alice.picture("1-incoming")
	alice.answer()
	customer.WaitEstablished()
	together := func(b *bench) {
		t.Helper()
		peers.WantAllHear(t, hearing{b: {customer.Tone()}, customer: {b.Tone()}})
	}
	together(alice)
	alice.inCall(customer)
	together(alice)

	bob := openBench(t, g, "bob", tone(1))
	alice.press("transfer")
	alice.sees("[data-group]", "1 free")
	alice.picture("3-transfer")
	alice.Click("#transfer-sheet [data-group]")
	bob.answer()
	alice.WaitClosed()
	together(bob)
	alice.sees("#status-word", "After-call work")
	alice.press("done")
	alice.WaitFor("seatbridge.state.status.status === 'free'")

	bob.press("transfer")
	bob.Click("#transfer-sheet .segments label:nth-child(2)")
	bob.Fill("#transfer-to", "ali")
	bob.Click(`#transfer-sheet [data-user="alice"]`)
	alice.answer()
	bob.sees("#call-state", "Consulting")
	peers.WantAllHear(t, hearing{alice: {bob.Tone()}, bob: {alice.Tone()}})
	bob.picture("4-consulting")
	bob.press("complete")
	bob.WaitClosed()
	together(alice)
	alice.Press("Alt+KeyX")
	customer.WaitClosed()
	alice.WaitClosed()
	alice.afterwards(k)
	for _, b := range []*bench{alice, bob} {
		for _, e := range b.Errors() {
			if !strings.Contains(e, "ERR_INTERNET_DISCONNECTED") { // while it was away
				t.Errorf("%s logged %q", b, e)
			}
		}
	}
	empty(g)
}

// inCall does what there is to do with a call but to hand it over.
func (b *bench) inCall(customer *peers.RTPPhone) {
	b.t.Helper()
	b.sees("#recording", "Recording")
	b.press("recording")
	b.sees("#recording", "paused")
	b.press("recording")
	b.WaitFor("seatbridge.state.current.recording === 'on'")
	b.WaitFor(`Number(seatbridge.root.querySelector('.meter[data-level="ear"]').ariaValueNow) > 0`)
	b.press("mute")
	peers.WantSilence(b.t, customer)
	b.Press("Alt+KeyM")
	peers.WantHears(b.t, customer, b.Tone())
	b.press("hold")
	b.sees("#call-state", "On hold")
	peers.WantSilence(b.t, b)
	b.press("hold")
	b.press("keypad")
	b.Click(`[data-digit="5"]`)
	b.Press("7")
	customer.WaitDigits("57")
	b.sees("#sent", "57")
	b.picture("2-in-call")
	b.Press("Escape")
	b.WaitFor(`seatbridge.root.activeElement.dataset.do === 'keypad' && !seatbridge.root.querySelector('.sheet')`)
}

// afterwards has a rest, calls outside, and looks at the history and the settings.
func (b *bench) afterwards(k *peers.Carrier) {
	b.t.Helper()
	b.Select("#status", "rest:Meal")
	b.WaitFor("seatbridge.state.status.status === 'rest' && seatbridge.state.status.reason === 'Meal'")
	b.Select("#status", "free")
	b.WaitFor("seatbridge.state.status.status === 'free'")
	callee := peers.RTP(b.t, k.Subscriber("+15550199"), tone(3))
	b.Fill("#number", "+15550199")
	b.Press("Enter")
	b.WaitEstablished()
	peers.WantAllHear(b.t, hearing{b: {callee.Tone()}, callee: {b.Tone()}})
	b.away()
	b.Eval(twoClicks, nil)
	callee.WaitClosed()
	b.WaitClosed()
	b.Click(`[data-place="history"]`)
	b.WaitFor(`[...seatbridge.root.querySelectorAll('.past li')].map((e) => e.dataset.outcome + ' ' +
		e.querySelector('.name').textContent).join() === 'answered +15550199,answered +15550198,answered +15550198'`)
	b.picture("5-history")
	b.Reload()
	b.WaitReady()
	b.press("redial")
	b.WaitEstablished()
	b.press("hangup")
	callee.WaitClosed()
	b.Click(`[data-place="settings"]`)
	b.picture("6-settings")
	b.Select("#theme", "dark")
	b.Select("#language", "zh")
	b.sees("h2", "快捷键")
	b.picture("7-settings-dark-chinese")
	b.Click(`[data-place="phone"]`)
	b.picture("8-phone-dark-chinese")
}

// twoClicks hangs up, and clicks on what dials as soon as that is there, which does nothing then.
const twoClicks = `(async () => {
	const find = (what) => seatbridge.root.querySelector('[data-do="' + what + '"]');
	find('hangup').click();
	while (!find('redial')) await new Promise(requestAnimationFrame);
	find('redial').click();
})()`

// away cuts the gateway off: the page says so, its buttons wait, and all is well again by itself.
func (b *bench) away() {
	b.t.Helper()
	b.Offline(true)
	b.Eval("sockets.at(-1).close()", nil)
	b.sees("#connection", "Reconnecting")
	b.sees("#call-state", "Reconnecting")
	b.WaitFor(`[...seatbridge.root.querySelectorAll('.call button')].every((e) => e.disabled)`)
	b.picture("5-reconnecting")
	b.Offline(false) // and the page hears that it is online
	b.sees("#connection", "Online")
	b.WaitFor(`!seatbridge.root.querySelector('[data-do="hangup"]').disabled`)
}

// TestWorkbenchMisses wants the page to say that there is no microphone and what to do, and to take the next that comes;
// a call that nobody takes to be there as missed; and who is logged in elsewhere to be told.
func TestWorkbenchMisses(t *testing.T) {
	t.Parallel()
	k := peers.Kamailio(t)
	g := suite.Gateway(t, peers.Config{Carrier: k})
	b := newBench(t, g, "alice", tone(0))
	b.Eval(`(() => {
		const { mediaDevices } = navigator;
		const real = mediaDevices.getUserMedia;
		mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); };
		window.allow = () => { mediaDevices.getUserMedia = real; };
	})()`, nil)
	b.Click(`#users [data-user="alice"]`)
	b.WaitReady()
	b.sees("#mic", "allow it in the address bar")
	b.picture("1-no-microphone")
	b.Fill("#number", "+15550198")
	b.press("call")
	b.sees("#notice", "microphone is blocked")
	b.press("dismiss")
	b.Eval("allow()", nil)
	b.press("try-microphone")
	b.WaitFor("!seatbridge.root.querySelector('#mic')")
	b.Click(`[data-place="settings"]`)
	b.Select("#device", "staffPhoneSeat") // and alice has no mobile
	b.sees("#notice", "mobile")
	b.WaitFor("seatbridge.root.querySelector('#device').value === 'staffSeat'")
	customer := peers.RTP(t, k.Subscriber("+15550198"), tone(1))
	customer.Dial("+15550100")
	b.sees(".ringing", "+15550198")
	customer.Hangup()
	b.sees(".badge", "1")
	b.Click(`[data-place="history"]`)
	b.WaitFor(`!seatbridge.root.querySelector('.badge') && seatbridge.root.querySelector('[data-outcome="missed"]')`)
	b.Click(`[value="missed"] + span`)
	b.picture("2-missed")
	peers.RTP(t, k.Subscriber("+15550199"), tone(2))
	openBench(t, g, "alice", tone(2))
	b.sees("#over", "You logged in elsewhere")
	b.Click(`#users [data-user="bob"]`)
	b.WaitReady()
	b.WaitFor("seatbridge.root.querySelectorAll('.past li').length === 0") // another seat's
	b.Click("#logout")
	b.sees("#login-title", "Log in")
	empty(g)
}

// TestWorkbenchPassword has somebody log in by a password where there is no demo: a wrong one, then the right one.
func TestWorkbenchPassword(t *testing.T) {
	t.Parallel()
	g := suite.Gateway(t, peers.Config{YAML: "http: {demo_login: false}\nstaff: [{user: alice, password: open sesame}]\n"})
	b := newBench(t, g, "alice", tone(0))
	b.Fill("#user", "alice")
	b.Fill("#password", "guess")
	b.press("login")
	b.sees("#notice", "user or password is wrong")
	b.WaitFor("seatbridge.root.querySelector('#password').value === ''")
	b.picture("1-log-in")
	b.Fill("#password", "open sesame")
	b.Press("Enter")
	b.WaitReady()
	b.WaitFor("!seatbridge.root.querySelector('#notice')")
}
