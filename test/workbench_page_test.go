package test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"seatbridge/test/peers"
)

// The look of a business's page that has rules for everything, and an element that a stranger's rule would move.
const crmLook = `
	* { color: rgb(255, 0, 0); letter-spacing: 5px; --ink: lime; --card: lime; }
	body > :not(script) { position: relative; margin: 40px; padding: 30px; display: inline-block; }
	body { display: flex; gap: 60px; margin: 0; }
	button, .card, .panel { display: none; }
	#customer { width: 300px; height: 200px; }`

// lookOfPage puts the look into the page, and says where the customer's card stands.
const lookOfPage = `(() => {
	const style = document.createElement('style');
	style.textContent = %q;
	const card = document.createElement('div');
	card.id = 'customer';
	card.className = 'card panel';
	document.body.prepend(card);
	document.head.append(style);
	card.style.display = 'block';
	window.where = () => {
		const { x, y, width, height } = card.getBoundingClientRect();
		const { scrollWidth, scrollHeight } = document.documentElement;
		return [x, y, width, height, scrollWidth, scrollHeight, getComputedStyle(card).color].join(' ');
	};
	window.keys = 0;
	document.addEventListener('keydown', () => { window.keys++; });
})()`

// inPage is a look into the workbench's shadow root: an element, or what is undefined.
const inPage = "document.querySelector('#tcccSdkDomRoot').shadowRoot.querySelector(%q)"

// seen waits until what a selector finds in the workbench is to be seen, or not.
func (c *crm) seen(selector string, want bool) {
	c.t.Helper()
	c.WaitFor(fmt.Sprintf("Boolean("+inPage+"?.getClientRects().length) === %v", selector, want))
}

// picture keeps a picture of the page.
func (c *crm) picture(dir, name string) { c.t.Helper(); c.Screenshot(filepath.Join(dir, name+".png")) }

// TestWorkbenchInPage has an agent work with the workbench that stands over a business's page: the float button, the
// notification bar and the panel, shown as the page's functions say. Neither's style sheets touch the other.
func TestWorkbenchInPage(t *testing.T) {
	t.Parallel()
	g, k, api := sdkGateway(t)
	c := newCRM(t, api, "alice", tone(1))
	dir := peers.Dir(t, "pictures")
	c.Look(1280, 800, false)
	c.Eval(fmt.Sprintf(lookOfPage, crmLook), nil)
	var before, after string
	c.Eval("where()", &before)
	c.load("alice")
	if c.Eval("where()", &after); after != before {
		t.Errorf("the page was %q, and is %q with the SDK", before, after)
	}
	c.shown()
	c.panel(dir)
	c.WaitFor("window.keys === 0") // what was typed into the panel
	customer := peers.RTP(t, k.Subscriber("+15550198"), tone(0))
	c.bar(customer, dir)
	c.callerIsText(k)
	if c.Eval("where()", &after); after != before {
		t.Errorf("the page was %q, and is %q after all", before, after)
	}
	c.Eval("document.querySelector('#tcccSdkDomRoot').remove()", nil)
	c.Eval(fmt.Sprintf("inject(%q).catch(() => null).then(() => { tccc.UI.showWorkbench(); })", g.URL("/sdk/v1?ticket=none")), nil)
	c.WaitFor(fmt.Sprintf(inPage+".textContent.includes('not logged in')", ".out"))
	if errs := c.Errors(); len(errs) > 0 {
		t.Errorf("the page logged %q", errs)
	}
}

// shown calls the functions of UI.
func (c *crm) shown() {
	c.t.Helper()
	c.seen(".float", true)
	c.seen(".panel", false)
	c.Eval("tccc.UI.hidefloatButton()", nil)
	c.seen(".float", false)
	c.Eval("tccc.UI.showfloatButton()", nil)
	c.seen(".float", true)
	c.Eval("tccc.UI.showWorkbench()", nil)
	c.seen(".panel #number", true)
	c.Eval("tccc.UI.hide()", nil)
	c.seen(".panel", false)
	c.seen(".float", false)
	c.Eval("tccc.UI.show()", nil)
	c.seen(".panel", true)
	c.Eval("tccc.UI.hideWorkbench()", nil)
	c.seen(".panel", false)
}

// panel opens the workbench by its button, which is dragged first, and types a number.
func (c *crm) panel(dir string) {
	c.t.Helper()
	c.Drag(".float", 900, 700)
	c.WaitFor("Math.abs(" + fmt.Sprintf(inPage, ".float") + ".getBoundingClientRect().x - 874) < 3")
	c.seen(".panel", false) // a drag is no click
	c.Click("[data-do=float]")
	c.seen(".panel", true)
	c.WaitFor(fmt.Sprintf("getComputedStyle("+inPage+").color === 'rgb(27, 36, 48)'", ".panel .name, .panel #number"))
	c.WaitFor(fmt.Sprintf("getComputedStyle("+inPage+").letterSpacing === 'normal'", ".panel"))
	c.Fill("#number", "")
	c.Press("1")
	c.WaitFor(fmt.Sprintf(inPage+".value === '1'", "#number"))
	c.Press("Backspace")
	c.picture(dir, "1-panel")
	c.Press("Escape")
	c.seen(".panel", false)
}

// bar takes a call by the notification bar, with the buttons that the page lets stay.
func (c *crm) bar(customer *peers.RTPPhone, dir string) {
	c.t.Helper()
	c.Eval(`tccc.overrideButtonConfig(({ active }) => active.filter((b) =>
		!['transferSkillGroup', 'transferSeat', 'forwardOut', 'selfService'].includes(b.type)))`, nil)
	c.Eval(notified, nil)
	customer.Dial("+15550100")
	c.called()
	c.seen(".bar .ringing", true)
	c.WaitFor("shownNotices.length === 1 && shownNotices[0].includes('+15550198')")
	c.picture(dir, "2-incoming")
	c.Eval("tccc.UI.hideNotificationBar()", nil)
	c.seen(".ringing", false)
	c.Eval("tccc.UI.showNotificationBar()", nil)
	c.Eval(fmt.Sprintf(inPage+".focus()", ".ringing"), nil)
	c.Press("Enter")
	c.waitTold("userAccessed", "e.tabUUID === told.find((r) => r.name === 'ready').tabUUID")
	peers.WantAllHear(c.t, hearing{c: {customer.Tone()}, customer: {c.Tone()}})
	c.WaitFor("closedNotices === 1")
	c.seen(`.bar [data-do="hold"]`, true)
	c.seen(`.bar [data-do="transfer"]`, false)
	c.picture(dir, "3-in-call")
	c.Eval("tccc.overrideButtonConfig(({ active }) => active)", nil)
	c.Click(`.bar [data-do="transfer"]`)
	c.seen("#transfer-sheet", true)
	c.picture(dir, "4-transfer")
	c.Press("Escape")
	c.Click("[data-do=float]")
	c.seen(".bar .call", false) // the panel has it
	c.seen(".panel .call", true)
	c.picture(dir, "5-panel-in-call")
	c.Click(`.panel [data-do="hold"]`)
	c.waitTold("held", "e.held")
	c.Click(`.panel [data-do="hangup"]`)
	customer.WaitClosed()
	c.waitTold("sessionEnded", "e.closeBy === 'seat'")
	c.Click(`.panel [data-place="history"]`)
	c.seen(`.panel [data-outcome="answered"]`, true)
	c.Click("[data-do=shut]")
}

// notified stands for the browser's notifications, while the page is not in front.
const notified = `(() => {
	window.shownNotices = [];
	window.closedNotices = 0;
	document.hasFocus = () => false;
	window.Notification = class {
		static permission = 'granted';
		constructor(title, { body }) { window.shownNotices.push(title + ' ' + body); }
		close() { window.closedNotices++; }
	};
})()`

// callerIsText calls somebody whose name is HTML, which stays text, with the notifications off.
func (c *crm) callerIsText(k *peers.Carrier) {
	c.t.Helper()
	const name = `<img src=x onerror="window.hacked = 1"><b>Carol</b>`
	c.Eval("tccc.UI.updateUserCustomSettings({disableNotification: true, disableRingtone: true})", nil)
	customer := peers.RTP(c.t, k.Subscriber("+15550199"), tone(2))
	c.Eval(fmt.Sprintf("tccc.Call.startOutboundCall({phoneNumber: '+15550199', phoneDesc: %q}).then(() => null)", name), nil)
	customer.WaitEstablished()
	c.WaitFor(fmt.Sprintf(inPage+".textContent === %q", "#peer-name", name))
	c.seen("#peer-name img", false)
	c.Eval("tccc.UI.showWorkbench()", nil)
	c.seen(".bar .call", true) // the panel is at the history
	c.Click(`[data-do="hangup"]`)
	customer.WaitClosed()
	customer.Dial("+15550100")
	c.seen(".ringing", true)
	c.Click(`[data-do="reject"]`)
	customer.WaitClosed()
	c.Click(`.panel [data-place="history"]`)
	c.seen(`.panel [data-outcome="rejected"]`, true)
	c.WaitFor("shownNotices.length === 1 && !window.hacked")
}

// TestWorkbenchUnderCSP wants a page whose Content-Security-Policy names the gateway, and nothing else from elsewhere,
// to have the SDK and its workbench without one violation; and the gateway's own page to keep its own.
func TestWorkbenchUnderCSP(t *testing.T) {
	t.Parallel()
	g, k, api := sdkGateway(t)
	page, script, _ := strings.Cut(crmPage, "<script>")
	script = strings.TrimSuffix(script, "</script>")
	policy := fmt.Sprintf("default-src 'none'; script-src 'self' %s; connect-src %[1]s %s; base-uri 'none'",
		g.URL(""), strings.Replace(g.URL(""), "http", "ws", 1))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		if r.URL.Path == "/crm.js" {
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, violations+script)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, page+`<script src="/crm.js"></script>`)
	}))
	t.Cleanup(server.Close)
	c := &crm{suite.Browser(t).Open(t, "alice", server.URL, tone(1), peers.StrictCSP), t, api}
	c.load("alice")
	c.Eval("tccc.UI.showWorkbench()", nil)
	customer := peers.RTP(t, k.Subscriber("+15550198"), tone(0))
	customer.Dial("+15550100")
	c.called()
	c.Click(`[data-do="answer"]`)
	customer.WaitEstablished()
	peers.WantHears(t, customer, c.Tone())
	c.Click(`.panel [data-do="keypad"]`)
	c.Click(`[data-place="settings"]`)
	c.seen(".panel .settings", true)
	c.WaitFor(fmt.Sprintf("getComputedStyle("+inPage+").position === 'fixed'", ".panel"))
	var told []string
	if c.Eval("violations", &told); len(told) > 0 {
		t.Errorf("under %s: %q", policy, told)
	}
	own := suite.Browser(t).Open(t, "alice", g.URL("/?loopback=1"), peers.StrictCSP)
	own.Click("#users [data-user=bob]")
	own.WaitReady()
	for _, place := range []string{"history", "settings", "phone"} {
		own.Click(fmt.Sprintf("[data-place=%q]", place))
	}
	for _, e := range own.Errors() {
		if !strings.Contains(e, "blob:") { // the harness's own recorder
			t.Errorf("our page logged %q", e)
		}
	}
	customer.Hangup()
	c.waitTold("sessionEnded", "true")
}

// violations keeps what the policy refused, but for the harness's own recorder.
const violations = `window.violations = [];
document.addEventListener('securitypolicyviolation', (e) => {
  if (e.blockedURI !== 'blob') window.violations.push(e.violatedDirective + ' ' + e.blockedURI);
});
`
