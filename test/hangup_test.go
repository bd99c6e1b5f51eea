package test

import (
	"encoding/json"
	"fmt"
	"testing"

	"seatbridge/test/peers"
)

// cast is all who take part in the scenes of TestHangUps, each at a desk phone.
type cast struct {
	*supervisor
	all map[string]*peers.RTPPhone // by what they are when the scene begins
	in  map[string]bool            // who has a call
}

// oneCall gives nobody a second call, so that a seat that was not freed would refuse the next scene.
const oneCall = `
staff:
  - {user: erin, max_calls: 1}
  - {user: frank, max_calls: 1}
  - {user: sam, max_calls: 1, device: staffExtensionSeat, extension: "1013"}
phones: [{extension: "1013", algorithm: md5}]
`

func newCast(t *testing.T) *cast {
	s := &supervisor{scene: begin(t, desk, oneCall)}
	s.page = suite.Browser(t).Page(s.g, "sam")
	s.end(s.agent)
	return &cast{supervisor: s, all: map[string]*peers.RTPPhone{
		"customer": s.customer, "agent": s.agent.(*peers.RTPPhone), "target": s.target(),
		"supervisor": peers.RTP(t, s.g.Phone("1013"), supervisorTone(), peers.Manual),
	}}
}

// begin has the customer call the agent, who answers.
func (c *cast) begin() {
	c.t.Helper()
	c.in = map[string]bool{"customer": true}
	c.customer.Dial("+15550111")
	c.answers("agent")
	c.customer.WaitEstablished()
	c.scene.page.WaitEstablished()
	c.id = c.scene.page.Session()
}

// rings waits for a phone to ring.
func (c *cast) rings(who string) {
	c.t.Helper()
	c.all[who].WaitRinging()
	c.in[who] = true
}

// answers has a phone answer.
func (c *cast) answers(who string) {
	c.t.Helper()
	c.rings(who)
	c.all[who].Answer()
	c.all[who].WaitEstablished()
}

// leaves waits for the end of a phone's call.
func (c *cast) leaves(who string) {
	c.t.Helper()
	c.all[who].WaitClosed()
	delete(c.in, who)
}

// does has the agent's page give a command.
func (c *cast) does(command, members string) { c.t.Helper(); c.do(c.scene.page, command, members) }

// supervises has the supervisor's page give a command.
func (c *cast) supervises(command string) { c.t.Helper(); c.do(c.page, command, c.about()) }

func (c *cast) listens() { c.t.Helper(); c.supervises("monitor"); c.answers("supervisor") }

func (c *cast) consults() { c.t.Helper(); c.does("consult", `{to: "1012"}`); c.rings("target") }

func (c *cast) hands() { c.t.Helper(); c.does("transfer", `{to: "1012"}`); c.rings("target") }

func (c *cast) takes() {
	c.t.Helper()
	c.all["target"].Answer()
	c.all["target"].WaitEstablished()
	// The phone knows a moment before the gateway does.
	c.scene.page.WaitEvent(fmt.Sprintf("e.event === 'transfer' && e.sessionId === %q && ['answered', 'completed'].includes(e.state)", c.id))
}

// pair and heard are what is left of most scenes: customer and agent, and a monitor; nil is nothing.
func pair() map[string]string { return map[string]string{"customer": "agent", "agent": "customer"} }
func heard() map[string]string {
	return map[string]string{"customer": "agent", "agent": "customer", "supervisor": "customer agent"}
}

// moment is one in which somebody hangs up.
type moment struct {
	name string
	set  func(c *cast)
	then map[string]map[string]string // by who hangs up, what the API shows; nothing where the session ends with it
}

func moments() []moment {
	ends := map[string]string(nil)
	alone := map[string]map[string]string{"customer": ends, "agent": ends, "supervisor": pair()}
	consulting := map[string]string{"customer": "hold", "agent": "consulted", "consulted": "agent"}
	swapped := map[string]string{"customer": "agent", "agent": "customer", "consulted": "hold"}
	handed := map[string]string{"customer": "ringback", "agent": ""}
	handedHeard := map[string]string{"customer": "ringback", "agent": "", "supervisor": "customer"}
	return []moment{
		{"the supervisor's phone rings", func(c *cast) { c.supervises("monitor"); c.rings("supervisor") }, alone},
		{"monitor", func(c *cast) { c.listens() }, alone},
		{"whisper", func(c *cast) { c.listens(); c.supervises("whisper") }, alone},
		{"barge", func(c *cast) { c.listens(); c.supervises("barge") }, alone},
		{"hold", func(c *cast) { c.listens(); c.does("hold", "") }, map[string]map[string]string{
			"customer": ends, "agent": ends, "supervisor": {"customer": "hold", "agent": ""},
		}},
		{"the consulted's phone rings", func(c *cast) { c.listens(); c.consults() }, map[string]map[string]string{
			"customer": ends, "agent": handedHeard, "target": heard(),
			"supervisor": {"customer": "hold", "agent": "ringback", "consulted": ""},
		}},
		{"consultation", func(c *cast) { c.listens(); c.consults(); c.takes() }, map[string]map[string]string{
			"customer": ends, "agent": heard(), "target": heard(), "supervisor": consulting,
		}},
		{"swapped", func(c *cast) { c.listens(); c.consults(); c.takes(); c.does("swap", "") }, map[string]map[string]string{
			"customer": ends, "agent": heard(), "target": heard(), "supervisor": swapped,
		}},
		{"the target's phone rings", func(c *cast) { c.listens(); c.hands() }, map[string]map[string]string{
			"customer": ends, "agent": handedHeard, "target": heard(), "supervisor": handed,
		}},
		{"transferred", func(c *cast) { c.listens(); c.hands(); c.takes(); c.leaves("agent") }, map[string]map[string]string{
			"customer": ends, "target": ends, "supervisor": pair(),
		}},
		{"intercepted", func(c *cast) { c.listens(); c.supervises("intercept"); c.leaves("agent") },
			map[string]map[string]string{"customer": ends, "supervisor": ends}},
	}
}

// TestHangUps has each party hang up at each moment of supervision, consultation and transfer, and wants the others to
// be as they should, and in the end nothing to be left: no call at any phone or page, no session, no leg, no seat taken.
func TestHangUps(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	for _, m := range moments() {
		for _, who := range []string{"customer", "agent", "target", "supervisor"} {
			left, in := m.then[who]
			if !in {
				continue
			}
			t.Logf("%s, and the %s hangs up", m.name, who)
			c.begin()
			m.set(c)
			c.all[who].Hangup()
			c.leaves(who)
			if left != nil {
				c.shows(left)
				c.customer.Hangup()
			}
			c.over()
		}
	}
}

// over wants nothing to be left.
func (c *cast) over() {
	c.t.Helper()
	for who := range c.in {
		c.leaves(who)
	}
	c.scene.page.WaitClosed()
	c.page.WaitClosed()
	empty(c.g)
	_, body := fetch(c.t, c.g, "/api/v1/sessions", c.token)
	var list struct{ Sessions []json.RawMessage }
	if err := json.Unmarshal([]byte(body), &list); err != nil || list.Sessions == nil || len(list.Sessions) > 0 {
		c.t.Fatalf("%v: the API shows %s", err, body)
	}
}
