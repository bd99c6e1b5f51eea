package test

import (
	"fmt"
	"path/filepath"
	"testing"

	"seatbridge/test/peers"
)

// orders is a group whose only member is alice: while she talks, who calls it waits.
const orders = `
groups: [{name: Orders, members: [{user: alice}]}]
inbound: [{number: "+15550121", group: Orders}]
`

// wall is the wall at sam's page.
type wall struct {
	*peers.Page
	t   *testing.T
	dir string // of its pictures
}

func newWall(t *testing.T, page *peers.Page) *wall {
	t.Helper()
	w := &wall{page, t, peers.Dir(t, "wall")}
	w.Eval(`window.wall = () => document.querySelector('t3c-sdk').shadowRoot.querySelector('.wall-place').shadowRoot
		.querySelector('.wall')`, nil)
	w.Eval("seatbridge.go('wall')", nil)
	w.WaitFor("wall().querySelector('.total').textContent.includes('logged in')")
	return w
}

// do presses a button in the row of a session.
func (w *wall) do(id, action string) {
	w.t.Helper()
	w.Click(fmt.Sprintf(".row[data-session=%q] [data-do=%s]", id, action))
}

// row waits until a condition on what a session's row says, in the variable row, holds.
func (w *wall) row(id, condition string) {
	w.t.Helper()
	w.WaitFor(fmt.Sprintf("((row) => %s)(wall().querySelector('.row[data-session=%q]').innerText)", condition, id))
}

// mode waits until the row shows how sam supervises the session.
func (w *wall) mode(id, action, does string) {
	w.t.Helper()
	w.row(id, fmt.Sprintf("row.includes('You: %s')", does))
	w.WaitFor(fmt.Sprintf("wall().querySelector('.row[data-session=%q] [aria-pressed=true]').dataset.do === %q", id,
		action))
}

// picture keeps a screenshot.
func (w *wall) picture(name string) { w.t.Helper(); w.Screenshot(filepath.Join(w.dir, name+".png")) }

// TestWall has a supervisor see a call and a waiting caller on the wall, and listen, whisper, barge in and take over by
// its buttons and keys.
func TestWall(t *testing.T) {
	t.Parallel()
	s := begin(t, browser, orders)
	waits := peers.RTP(t, s.k.Subscriber("+15550197"), tone(6))
	waits.Dial("+15550121")
	w := newWall(t, suite.Browser(t).Page(s.g, "sam", supervisorTone()))
	c, a, sam := s.customer.Tone(), s.agent.Tone(), w.Tone()
	w.row(s.id, "['+15550198', 'Alice', 'in progress'].every((text) => row.includes(text)) && /[34]\\.\\d/.test(row)")
	w.WaitFor("/1 waiting\\s+longest 0:\\d\\d/.test(wall().querySelector('.queue[data-group=Orders]').innerText)")
	w.WaitFor("/busy/.test(wall().querySelector('.seat[data-user=alice]').innerText)")
	w.picture("before")

	w.do(s.id, "monitor")
	w.mode(s.id, "monitor", "listening")
	peers.WantAllHear(t, hearing{s.customer: {a}, s.agent: {c}}.at(w.Page, c, a))
	w.WaitFor("[...wall().querySelectorAll('.meter')].every((m) => Number(m.getAttribute('aria-valuenow')) > 20)")
	w.WaitFor("wall().querySelectorAll('.parties li').length === 3")
	w.do(s.id, "whisper")
	w.mode(s.id, "whisper", "whispering")
	peers.WantAllHear(t, hearing{s.customer: {a}, s.agent: {c, sam}}.at(w.Page, c, a))
	w.Press("b") // the focus is in the row
	w.mode(s.id, "barge", "speaking")
	peers.WantAllHear(t, hearing{s.customer: {a, sam}, s.agent: {c, sam}}.at(w.Page, c, a))
	w.WaitFor("/L\\d/.test(wall().querySelector('.charts path.customer').getAttribute('d'))")
	w.picture("listening")
	w.do(s.id, "stopMonitor")
	w.row(s.id, "!row.includes('You')")
	w.Press("w") // without having listened
	w.mode(s.id, "whisper", "whispering")
	peers.WantAllHear(t, hearing{s.customer: {a}, s.agent: {c, sam}}.at(w.Page, c, a))
	w.Press("l")
	w.mode(s.id, "monitor", "listening")
	waits.Hangup()
	w.WaitFor("/0 waiting/.test(wall().querySelector('.queue[data-group=Orders]').innerText)")
	w.do(s.id, "intercept")
	s.page.WaitClosed()
	w.row(s.id, "row.includes('your call') && row.includes('Sam')")
	peers.WantAllHear(t, hearing{s.customer: {sam}}.at(w.Page, c))
	w.Look(1600, 900, true)
	w.picture("taken-over")
	if errs := w.Errors(); len(errs) > 0 {
		t.Errorf("the page logged %q", errs)
	}
	s.customer.Hangup()
	w.WaitClosed()
	w.WaitFor("wall().innerText.includes('Nobody is talking')")
	empty(s.g)
}

// TestWallSwitches has a supervisor listen to one call and then to another, and take the first over, each by one click.
func TestWallSwitches(t *testing.T) {
	t.Parallel()
	s := begin(t, desk, "")
	first, second := peers.RTP(t, s.g.Phone("1012"), tone(5)), peers.RTP(t, s.g.Phone("1013"), tone(6))
	first.Dial("1013")
	first.WaitEstablished()
	w := newWall(t, suite.Browser(t).Page(s.g, "sam", supervisorTone()))
	w.WaitFor("wall().querySelectorAll('.row[data-session] [data-do=monitor]:not([hidden])').length === 2")
	var other string
	w.Eval(fmt.Sprintf("wall().querySelector('.row[data-session]:not([data-session=%q])').dataset.session", s.id), &other)
	w.do(s.id, "monitor")
	w.mode(s.id, "monitor", "listening")
	peers.WantAllHear(t, hearing{}.at(w.Page, s.customer.Tone(), s.agent.Tone()))
	w.do(other, "monitor")
	w.mode(other, "monitor", "listening")
	w.row(s.id, "!row.includes('You')")
	peers.WantAllHear(t, hearing{first: {second.Tone()}, second: {first.Tone()}}.at(w.Page, first.Tone(), second.Tone()))
	w.do(s.id, "intercept")
	s.agent.WaitClosed()
	w.row(s.id, "row.includes('your call')")
	peers.WantAllHear(t, hearing{s.customer: {w.Tone()}}.at(w.Page, s.customer.Tone()))
	first.Hangup()
	second.WaitClosed()
	s.end(w)
}

// TestWallRefused wants the wall to be kept from agents.
func TestWallRefused(t *testing.T) {
	t.Parallel()
	g := suite.Gateway(t, peers.Config{})
	alice := suite.Browser(t).Page(g, "alice")
	alice.Eval("seatbridge.go('wall')", nil)
	if code := alice.Command("wall", ""); code != "forbidden" {
		t.Errorf("an agent is answered %q", code)
	}
	alice.WaitFor(`!document.querySelector('t3c-sdk').shadowRoot.querySelector('.wall-place').shadowRoot
		.querySelector('.wall')`)
}

// many has the page believe in a busy centre: it answers the page's own question in the gateway's place. How long each
// drawing took, in milliseconds, comes into window.drawn.
const many = `(() => {
	window.drawn = [];
	const pick = (list, i) => list[i % list.length];
	const people = ['Alice Chen', 'Bob Miller', 'Erin Novak', 'Frank Osei', 'Grace Liu', 'Hana Sato', 'Ivan Petrov', '王伟'];
	const customers = ['Carol Jensen', '', 'Wang Wei', '', 'Marta Gómez', 'Dr. Bartholomew Featherstonehaugh-Smythe'];
	const groups = ['Support', 'Sales', 'Billing', 'VIP'];
	const began = Date.now();
	const ago = (s) => new Date(began - 1000 * s).toISOString();
	const party = (i, id, more) => {
		const t = (Date.now() - began) / 1000;
		const lost = i % 5 === 2 ? 5 * t + 22 - 22 * Math.cos(t / 9) : 0; // 5 to 15 % of 50 a second
		return { id, kind: 'trunk', codec: 'PCMU', answered: true, packets: Math.round(5000 + 50 * t - lost),
			lost: Math.round(10 + lost), jitterMs: 3 + (i % 7) * (2 + Math.sin(t + i)), ...more };
	};
	const session = (i) => {
		const waiting = i % 9 === 5;
		const held = i % 9 === 2;
		return { sessionId: 's' + i, direction: i % 3 === 1 && !waiting ? 1 : 0, type: 'phone', waiting,
			status: waiting || i % 9 === 7 ? 'ringing' : 'inProgress', skillGroupId: String(i % 4 + 1), group: pick(groups, i),
			callerPhoneNumber: '+1555' + (1000000 + i * 7919), callerName: pick(customers, i), calleePhoneNumber: '+15550100',
			startedAt: ago(3700 - i * 17), ...!waiting && { answeredAt: ago(3690 - i * 17) },
			parties: [party(i, 'p1', { role: 'customer', hears: ['p2'], ...held && { sound: 'hold' } }),
				...waiting ? [] : [party(i + 1, 'p2', { role: 'agent', user: 'u' + i, held, hears: ['p1'] })],
				...i % 40 === 3 ? [party(0, 'p3', { role: 'supervisor', user: 'u1', mode: 'whisper', hears: ['p1'] })] : []] };
	};
	const seat = (i, sessions) => {
		const status = sessions[i]?.parties[1] ? 'busy' : pick(['free', 'arrange', 'rest', 'notReady', 'free'], i);
		return { user: 'u' + i, name: pick(people, i) + (i < 8 ? '' : ' ' + Math.floor(i / 8 + 1)), status,
			since: ago(20 + i * 7), device: pick(['staffSeat', 'staffExtensionSeat'], i), there: true,
			wanted: i === 3 ? 'rest' : 'free',
			sessions: status === 'busy' ? ['s' + i] : [], skillGroupIds: [String(i % 4 + 1)] };
	};
	const all = () => {
		const sessions = Array.from({ length: 200 }, (_, i) => session(i));
		const queues = groups.map((name, i) => ({ group: i + 1, name, open: i !== 2, waiting: [4, 0, 0, 1][i],
			ringing: [1, 0, 0, 0][i], longest: [84, 0, 0, 12][i] + (Date.now() - began) / 1000,
			statuses: { free: 3 + i, busy: 48 - i, arrange: i, rest: i % 2, offline: 4 } }));
		return { serverTime: new Date().toISOString(), sessions, queues, more: { sessions: 0, queues: 0, seats: 0 },
			seats: Array.from({ length: 200 }, (_, i) => seat(i, sessions)) };
	};
	const send = WebSocket.prototype.send;
	WebSocket.prototype.send = function (text) {
		const { type, id } = JSON.parse(text);
		if (type !== 'wall') {
			return send.call(this, text);
		}
		const data = JSON.stringify({ reply: id, ok: true, data: all() });
		setTimeout(() => {
			const start = performance.now();
			this.onmessage({ data });
			const { port1, port2 } = new MessageChannel(); // its message comes when all that waits has run
			port1.onmessage = () => {
				wall()?.getBoundingClientRect(); // and is laid out
				drawn.push(Math.round(performance.now() - start));
			};
			port2.postMessage(null);
		});
	};
})()`

// TestWallOfMany draws 200 sessions and 200 seats, light and dark, says how long that takes, and wants what one looks for
// to be found.
func TestWallOfMany(t *testing.T) {
	t.Parallel()
	g := suite.Gateway(t, peers.Config{})
	page := suite.Browser(t).Page(g, "sam")
	page.Look(1280, 800, false)
	page.Eval(many, nil)
	w := newWall(t, page)
	w.WaitFor("wall().querySelectorAll('.row[data-session]').length === 200 && drawn.length >= 4")
	w.picture("many-light")
	w.Click(".row[data-session=s2]")
	w.WaitFor("wall().querySelector('.details h2').innerText.includes('Wang Wei')")
	w.picture("many-details-light")
	w.Look(1600, 900, true)
	w.Press("ArrowDown")
	w.Press("Enter")
	w.WaitFor("wall().querySelector('.details').dataset.session === 's3'")
	w.picture("many-dark")
	w.Fill(".wall input[type=search]", "featherstone")
	w.WaitFor("wall().querySelectorAll('.row[data-session]').length === 33")
	w.Fill(".wall input[type=search]", "")
	w.Click(".queue[data-group=VIP]")
	w.WaitFor("['.row[data-session]', '.seat'].every((all) => wall().querySelectorAll(all).length === 50)")
	w.Click("[data-order=quality]")
	w.WaitFor("[...wall().querySelectorAll('.row[data-session]')[0].querySelectorAll('.quality b')]" +
		".some((b) => Number(b.innerText) < 4)")
	var drawn []int
	w.Eval("drawn", &drawn)
	t.Logf("looks at 200 sessions and 200 seats were drawn and laid out in %v ms", drawn)
	if errs := w.Errors(); len(errs) > 0 {
		t.Errorf("the page logged %q", errs)
	}
}
