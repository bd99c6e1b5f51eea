package test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"seatbridge/test/peers"
)

// queue is four agents at different devices, and six callers behind the carrier. Everybody has a tone of its own.
type queue struct {
	t       *testing.T
	g       *peers.Gateway
	agents  map[string]peers.Party // by user
	alice   *peers.Page
	bob     *peers.Page
	callers []*peers.RTPPhone
}

// The groups of the queue, one for each number, and what is played in them.
const (
	vip, longestIdle, roundRobin, leastCalls  = "+15550120", "+15550121", "+15550122", "+15550123"
	byLevel, ringAll, lastAgent, missing, few = "+15550124", "+15550125", "+15550126", "+15550127", "+15550128"
	menu                                      = "+15550129"
)

func queueMusic() float64  { return peers.Tones()[10] }
func firstInLine() float64 { return peers.Tones()[11] }

// These are heard only while nobody speaks who has the same tone.
func secondInLine() float64 { return peers.Tones()[3] }
func menuPrompt() float64   { return peers.Tones()[2] }

// queueYAML is the groups; the sounds are in dir.
func queueYAML(t *testing.T, dir string) string {
	t.Helper()
	for name, sound := range map[string]peers.Sound{
		"music.wav": peers.Sine(queueMusic(), 10*time.Second), "menu.wav": peers.Sine(menuPrompt(), 10*time.Second),
		"place-1.wav": peers.Sine(firstInLine(), time.Second), "place-2.wav": peers.Sine(secondInLine(), time.Second),
	} {
		if err := peers.WriteWAV(filepath.Join(dir, name), sound); err != nil {
			t.Fatal(err)
		}
	}
	all := "members: [{user: alice, level: 2}, {user: bob, level: 4}, {user: erin, level: 1}, {user: frank, level: 3}]"
	groups, inbound := "groups:\n", fmt.Sprintf("inbound:\n  - {number: %q, menu: main}\n", menu)
	for number, group := range map[string]string{
		vip:         "members: [{user: bob}], wrap_up: 60s",
		longestIdle: all, roundRobin: "strategy: roundRobin, " + all, leastCalls: "strategy: leastCalls, " + all,
		byLevel: "strategy: byLevel, " + all, ringAll: "strategy: ringAll, " + all,
		lastAgent: "last_agent_first: true, " + all,
		missing: "strategy: byLevel, members: [{user: alice, level: 1}, {user: erin, level: 2}], " +
			"ring_timeout: 2s, misses: 1, wrap_up: 2s",
		few: "members: [{user: alice}], max_waiting: 1, overflow: {group: \"" + vip + "\"}",
	} {
		groups += fmt.Sprintf("  - {name: %q, music: %q, position: %q, %s}\n", number,
			filepath.Join(dir, "music.wav"), filepath.Join(dir, "place-%d.wav"), group)
		inbound += fmt.Sprintf("  - {number: %q, group: %q}\n", number, number)
	}
	return groups + inbound + fmt.Sprintf(
		"menus: [{name: main, prompt: %q, choices: [{key: \"1\", label: Orders, to: {group: %q}}]}]\n",
		filepath.Join(dir, "menu.wav"), vip)
}

func newQueue(t *testing.T) *queue {
	t.Helper()
	k := peers.Kamailio(t)
	q := &queue{t: t, g: suite.Gateway(t, peers.Config{Carrier: k, YAML: queueYAML(t, t.TempDir())})}
	// They become free in this order.
	erin := peers.Baresip(t, q.g.Phone("1011"), tone(2), peers.Manual)
	frank := peers.Linphone(t, q.g.Phone("1012"), tone(3), peers.Manual)
	q.alice = suite.Browser(t).Page(q.g, "alice", tone(0))
	q.bob = suite.Browser(t).Page(q.g, "bob", tone(1))
	q.agents = map[string]peers.Party{"alice": q.alice, "bob": q.bob, "erin": erin, "frank": frank}
	for i := range 6 {
		q.callers = append(q.callers, peers.RTP(t, k.Subscriber(fmt.Sprintf("+1555019%d", i)), tone(4+i)))
	}
	q.wantFree("alice", "bob", "erin", "frank")
	return q
}

// wantFree waits until just these agents are.
func (q *queue) wantFree(users ...string) {
	q.t.Helper()
	want, got := strings.Join(users, " "), ""
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		q.alice.Eval(fmt.Sprintf(`seatbridge.groups().then((all) => [
			...seatbridge.state.status.status === 'free' ? ['alice'] : [],
			...all.find((g) => g.name === %q).free.map((m) => m.userId)].sort().join(' '))`, longestIdle), &got)
		if got == want {
			return
		}
		<-time.After(50 * time.Millisecond)
	}
	q.t.Fatalf("%q are free, want %q", got, want)
}

// call has a caller call a number, and wants this agent's device to ring and to take the call.
func (q *queue) call(caller int, number, user string) {
	q.t.Helper()
	q.callers[caller].Dial(number)
	q.agents[user].WaitRinging()
	q.callers[caller].WaitEstablished() // while it waits
	q.take(user)
}

func (q *queue) take(user string) {
	q.t.Helper()
	q.agents[user].Answer()
	q.agents[user].WaitEstablished()
}

// leave ends the call of a caller and an agent.
func (q *queue) leave(caller int, user string) {
	q.t.Helper()
	q.hangUp(caller)
	q.agents[user].WaitClosed()
}

func (q *queue) hangUp(caller int) {
	q.t.Helper()
	q.callers[caller].Hangup()
	q.callers[caller].WaitClosed()
}

// talk wants callers and agents, by the callers' numbers, to hear each other alone.
func (q *queue) talk(calls map[int]string) {
	q.t.Helper()
	want := hearing{}
	for caller, user := range calls {
		want[q.callers[caller]] = []float64{q.agents[user].Tone()}
		want[q.agents[user]] = []float64{q.callers[caller].Tone()}
	}
	peers.WantAllHear(q.t, want)
}

// takeAll has four callers call, one after the other, and wants these agents to get them in this order.
func (q *queue) takeAll(number string, users ...string) {
	q.t.Helper()
	free := slices.Sorted(maps.Keys(q.agents))
	for caller, user := range users {
		q.call(caller, number, user)
		free = slices.DeleteFunc(free, func(u string) bool { return u == user })
		q.wantFree(free...)
	}
}

// leaveAll ends those calls in another order, which is then that of who is idle for how long.
func (q *queue) leaveAll(users []string, order ...string) {
	q.t.Helper()
	var free []string
	for _, user := range order {
		q.leave(slices.Index(users, user), user)
		free = append(free, user)
		q.wantFree(slices.Sorted(slices.Values(free))...)
	}
}

// TestQueue has customers behind a carrier call groups of four agents, at baresip, linphonec and two browsers, by each
// strategy, and wants who waits to hear music and its place, who missed a call to be told, and nobody to be left.
func TestQueue(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	q.menu()
	q.longestIdle()

	calls := []string{"frank", "erin", "alice", "bob"} // who has taken three calls so far, the others one
	q.takeAll(leastCalls, calls...)
	q.leaveAll(calls, "alice", "erin", "bob", "frank")
	calls = []string{"alice", "bob", "erin", "frank"}
	q.takeAll(roundRobin, calls...)
	q.leaveAll(calls, "frank", "bob", "alice", "erin")
	calls = []string{"erin", "alice", "frank", "bob"}
	q.takeAll(byLevel, calls...)
	q.leaveAll(calls, calls...)
	q.call(3, lastAgent, "bob") // erin has been free for longer
	q.leave(3, "bob")
	q.wantFree("alice", "bob", "erin", "frank")

	q.ringAll()
	q.missed()
	q.overflow()
	q.wantFree("alice", "bob", "erin", "frank")
	q.handOver()
	q.wantFree("alice", "bob", "erin", "frank")
	empty(q.g)
}

// menu has a caller press 1, and the agent end its wrap-up by hand.
func (q *queue) menu() {
	q.t.Helper()
	q.callers[0].Dial(menu)
	q.callers[0].WaitEstablished()
	peers.WantHears(q.t, q.callers[0], menuPrompt())
	q.callers[0].Digits("1")
	q.bob.WaitRinging()
	q.bob.WaitEvent(`e.event === 'callIn' && e.ivrPath[0].key === '1' && e.ivrPath[0].label === 'Orders' &&
		e.skillGroupId`)
	q.take("bob")
	q.talk(map[int]string{0: "bob"})
	q.leave(0, "bob")
	q.bob.WaitFor(`seatbridge.state.status.status === 'arrange' && seatbridge.state.status.until`)
	q.wantFree("alice", "erin", "frank")
	q.bob.Click("#wrap-up-done")
	q.wantFree("alice", "bob", "erin", "frank")
}

// longestIdle has two callers wait besides: bob takes a third call in all.
func (q *queue) longestIdle() {
	q.t.Helper()
	calls := []string{"erin", "frank", "alice", "bob"}
	q.takeAll(longestIdle, calls...)
	for _, waits := range q.callers[4:] {
		waits.Dial(longestIdle)
		waits.WaitEstablished()
	}
	q.talk(map[int]string{0: "erin", 1: "frank", 2: "alice", 3: "bob"})
	peers.WantAllHear(q.t, hearing{q.callers[4]: {queueMusic()}, q.callers[5]: {queueMusic()}})
	for caller, place := range map[int]float64{4: firstInLine(), 5: secondInLine()} {
		if heard := peers.Ever(q.callers[caller].Sound()); !slices.Contains(heard, place) {
			q.t.Errorf("%s heard %v, and not its place", q.callers[caller], heard)
		}
	}
	q.hangUp(3)
	q.bob.WaitRinging()
	q.take("bob")
	q.talk(map[int]string{4: "bob"})
	q.hangUp(5)
	q.leave(4, "bob")
	q.wantFree("bob")
	for i, user := range []string{"frank", "erin", "alice"} {
		q.leave(slices.Index(calls, user), user)
		q.wantFree(slices.Sorted(slices.Values([]string{"bob", "frank", "erin", "alice"}[:i+2]))...)
	}
}

// ringAll wants all to ring, and who is not first to be left alone.
func (q *queue) ringAll() {
	q.t.Helper()
	q.callers[0].Dial(ringAll)
	for _, agent := range q.agents {
		agent.WaitRinging()
	}
	q.wantFree()
	q.take("frank")
	for user, agent := range q.agents {
		if user != "frank" {
			agent.WaitClosed()
		}
	}
	q.wantFree("alice", "bob", "erin")
	q.talk(map[int]string{0: "frank"})
	q.leave(0, "frank")
	q.wantFree("alice", "bob", "erin", "frank")
}

// missed has alice let it ring: she is told, is not ready after that, and the caller goes to erin, who wraps up.
func (q *queue) missed() {
	q.t.Helper()
	q.callers[0].Dial(missing)
	q.alice.WaitRinging()
	q.agents["erin"].WaitRinging()
	q.alice.WaitEvent(`e.event === 'autoTransfer'`)
	q.alice.WaitFor(`seatbridge.root.querySelector('#notice').textContent.includes('You missed the call from +15550190')`)
	q.alice.WaitFor(`seatbridge.state.status.status === 'notReady' &&
		seatbridge.root.querySelector('#status').value === 'notReady'`)
	q.take("erin")
	q.talk(map[int]string{0: "erin"})
	q.leave(0, "erin")
	q.wantFree("bob", "frank") // erin wraps up
	q.wantFree("bob", "erin", "frank")
	q.alice.Eval(`seatbridge.setStatus('free')`, nil)
}

// overflow has alice busy and one caller wait for her: the next is one too many, and goes to bob.
func (q *queue) overflow() {
	q.t.Helper()
	q.call(0, few, "alice")
	q.callers[1].Dial(few)
	q.callers[1].WaitEstablished()
	q.call(2, few, "bob")
	q.talk(map[int]string{0: "alice", 2: "bob"})
	peers.WantHears(q.t, q.callers[1], queueMusic())
	q.hangUp(0)
	q.alice.WaitRinging()
	q.take("alice")
	q.talk(map[int]string{1: "alice"})
	q.leave(1, "alice")
	q.leave(2, "bob")
	q.bob.Click("#wrap-up-done")
}

// handOver has alice hand her caller to a group, by the page's buttons.
func (q *queue) handOver() {
	q.t.Helper()
	q.call(0, few, "alice")
	q.alice.Click(`[data-do="transfer"]`)
	q.alice.Click(fmt.Sprintf(`#transfer-sheet button:has-text("%s")`, vip))
	q.bob.WaitRinging()
	q.take("bob")
	q.alice.WaitEvent("e.event === 'sessionEnded' && e.reason === 'transferred'")
	q.alice.WaitClosed()
	q.talk(map[int]string{0: "bob"})
	q.leave(0, "bob")
	q.bob.Click("#wrap-up-done")
}
