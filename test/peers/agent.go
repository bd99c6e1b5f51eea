package peers

import (
	"cmp"
	"fmt"
)

// Page opens the gateway's own page, logs a staff member in, and waits until it can take calls. The methods of Party
// work on such a page only.
func (b *Browser) Page(g *Gateway, user string, options ...Option) *Page {
	g.t.Helper()
	p := b.Open(g.t, user, g.URL("/?loopback=1&processing=off"), options...)
	p.WaitFor("window.seatbridge")
	p.Eval(fmt.Sprintf("seatbridge.login(%q)", user), nil)
	p.WaitReady()
	return p
}

// WaitReady waits until the page is logged in and, where the seat's device is a WebRTC client, its media is connected.
func (p *Page) WaitReady() {
	p.t.Helper()
	p.WaitFor(`seatbridge.state.connection === 'open' && seatbridge.state.seat &&
		(!['staffSeat', 'miniProgramSeat'].includes(seatbridge.state.seat.device) || seatbridge.state.media === 'connected')`)
}

// Dial calls a number or an extension.
func (p *Page) Dial(number string) {
	p.t.Helper()
	p.Eval(fmt.Sprintf("seatbridge.call(%q)", number), nil)
}

// DialUser calls a seat by its user.
func (p *Page) DialUser(user string) {
	p.t.Helper()
	p.Eval(fmt.Sprintf("seatbridge.call({user: %q})", user), nil)
}

// WaitRinging waits for a call to come in.
func (p *Page) WaitRinging() { p.t.Helper(); p.WaitFor("seatbridge.state.ringing.length > 0") }

// Answer takes the call that rings.
func (p *Page) Answer() { p.t.Helper(); p.Eval("seatbridge.accept()", nil) }

// WaitEstablished waits for the answer.
func (p *Page) WaitEstablished() {
	p.t.Helper()
	p.WaitFor("seatbridge.state.current?.status === 'inProgress'")
}

// Digits sends digits.
func (p *Page) Digits(digits string) {
	p.t.Helper()
	p.Eval(fmt.Sprintf("seatbridge.digits(%q)", digits), nil)
}

// Mute mutes the microphone, or ends that.
func (p *Page) Mute(on bool) { p.t.Helper(); p.Eval(fmt.Sprintf("seatbridge.mute(%v)", on), nil) }

// Command sends a command of docs/protocol.md with further members as a JavaScript object, such as "{to: '1012'}" or
// empty, about the present call where they name no session. It returns the error's code, empty where there is none.
func (p *Page) Command(kind, members string) string {
	p.t.Helper()
	var code string
	p.Eval(fmt.Sprintf("seatbridge.command(%q, %s).then(() => '', (e) => e.code)", kind, cmp.Or(members, "{}")), &code)
	return code
}

// WaitEvent waits for an event of the gateway's, by a JavaScript condition on e, such as "e.event === 'held'".
func (p *Page) WaitEvent(condition string) {
	p.t.Helper()
	p.WaitFor(fmt.Sprintf("seatbridge.events.some((e) => %s)", condition))
}

// Session is the id of the present call.
func (p *Page) Session() string {
	p.t.Helper()
	p.WaitFor("seatbridge.state.current")
	var id string
	p.Eval("seatbridge.state.current.sessionId", &id)
	return id
}

// Hangup ends the call, or cancels or refuses it.
func (p *Page) Hangup() { p.t.Helper(); p.Eval("seatbridge.hangup()", nil) }

// WaitClosed waits until the page has no call.
func (p *Page) WaitClosed() { p.t.Helper(); p.WaitFor("seatbridge.state.calls.length === 0") }

// Every peer is a party.
var (
	_ Party = (*BaresipPhone)(nil)
	_ Party = (*LinphonePhone)(nil)
	_ Party = (*RTPPhone)(nil)
	_ Party = (*Page)(nil)
)
