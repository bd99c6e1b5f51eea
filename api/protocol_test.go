package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seatbridge/call"
	"seatbridge/leg"
	"seatbridge/seat"
)

// golden is one file of testdata/protocol: a conversation that docs/protocol.md shows, which the tests of the page
// (web/tests) play too, from the other side.
type golden struct {
	About    string `json:"about"`
	LoggedIn bool   `json:"loggedIn"` // alice is, and has had her snapshot
	As       string `json:"as"`       // who is logged in in her place
	Steps    []step `json:"steps"`
}

// step is one thing that happens; exactly one member is set.
type step struct {
	Page      map[string]any `json:"page"`     // the page sends
	PageText  string         `json:"pageText"` // the page sends what is no message
	Gateway   map[string]any `json:"gateway"`  // the gateway sends
	Call      string         `json:"call"`     // something happens inside the gateway: see inside
	Lost      bool           `json:"lost"`     // the socket is lost, and the page opens another
	Reloaded  bool           `json:"reloaded"` // the page is loaded anew
	Elsewhere bool           `json:"elsewhere"`
	Closed    int            `json:"closed"` // the gateway closes the socket with this code
}

func readGolden(t *testing.T) map[string]golden {
	t.Helper()
	files, err := filepath.Glob("testdata/protocol/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden messages:", err)
	}
	all := map[string]golden{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var g golden
		if err := json.Unmarshal(text, &g); err != nil {
			t.Fatal(f, err)
		}
		all[strings.TrimSuffix(filepath.Base(f), ".json")] = g
	}
	return all
}

func TestGoldenMessages(t *testing.T) {
	for name, ca := range readGolden(t) {
		t.Run(name, func(t *testing.T) { newConversation(t, ca).play(ca.Steps) })
	}
}

// conversation plays a golden file against a gateway.
type conversation struct {
	*gateway
	page  *page
	known map[string]any // what the placeholders stand for
}

func newConversation(t *testing.T, ca golden) *conversation {
	c := &conversation{gateway: newGateway(t), known: map[string]any{}}
	if _, err := c.seats.AddGroup(t.Context(), seat.Group{
		Name: "support", Members: []seat.Member{{User: "alice"}, {User: "bob"}},
	}); err != nil {
		t.Fatal(err)
	}
	c.calls.set(call.Info{ID: "of-bob", Parties: []call.PartyInfo{{User: "bob"}}})
	if ca.LoggedIn {
		var data loginData
		c.page, data = c.logIn(cmp.Or(ca.As, "alice"))
		c.known["<login>"], c.known["<resumeToken>"] = data.Login, data.ResumeToken
	} else {
		c.page = c.open()
		c.known["<token>"] = c.token("alice")
	}
	return c
}

func (c *conversation) play(steps []step) {
	for i, s := range steps {
		switch {
		case s.Page != nil:
			c.page.send(c.fill(s.Page))
		case s.PageText != "":
			c.page.sendText(s.PageText)
		case s.Gateway != nil:
			got := c.page.next()
			if why := c.differs(s.Gateway, got, ""); why != "" {
				c.t.Fatalf("step %d: %s\nwant %s\ngot  %s", i, why, marshal(s.Gateway), marshal(got))
			}
		case s.Call != "":
			c.happen(s.Call)
		case s.Lost, s.Reloaded:
			c.page.conn.CloseNow()
			c.page = c.open()
		case s.Elsewhere:
			c.logIn("alice")
		case s.Closed != 0:
			if code := c.page.closed(); int(code) != s.Closed {
				c.t.Fatalf("step %d: closed with %d, want %d", i, code, s.Closed)
			}
		default:
			c.t.Fatalf("step %d is empty", i)
		}
	}
}

// fill puts in what placeholders stand for.
func (c *conversation) fill(v any) any {
	switch v := v.(type) {
	case map[string]any:
		filled := map[string]any{}
		for name, member := range v {
			filled[name] = c.fill(member)
		}
		return filled
	case string:
		if known, ok := c.known[v]; ok {
			return known
		}
	}
	return v
}

// differs says where got is not as wanted. A placeholder stands for any value, but always the same; <time> for any
// time.
func (c *conversation) differs(want, got any, at string) string {
	if name, ok := want.(string); ok && strings.HasPrefix(name, "<") {
		return c.fits(name, got, at)
	}
	wantMap, isMap := want.(map[string]any)
	gotMap, _ := got.(map[string]any)
	wantList, isList := want.([]any)
	gotList, _ := got.([]any)
	switch {
	case isMap:
		names := slices.Sorted(maps.Keys(wantMap))
		if gotNames := slices.Sorted(maps.Keys(gotMap)); !slices.Equal(names, gotNames) {
			return fmt.Sprintf("%s has members %v, not %v", at, gotNames, names)
		}
		for _, name := range names {
			if why := c.differs(wantMap[name], gotMap[name], at+"."+name); why != "" {
				return why
			}
		}
		return ""
	case isList:
		if len(wantList) != len(gotList) {
			return fmt.Sprintf("%s has %d elements, not %d", at, len(gotList), len(wantList))
		}
		for i := range wantList {
			if why := c.differs(wantList[i], gotList[i], fmt.Sprintf("%s[%d]", at, i)); why != "" {
				return why
			}
		}
		return ""
	case !reflect.DeepEqual(want, got):
		return fmt.Sprintf("%s is %v, not %v", at, got, want)
	}
	return ""
}

func (c *conversation) fits(placeholder string, got any, at string) string {
	text, _ := got.(string)
	if placeholder == "<time>" {
		if when, err := time.Parse(time.RFC3339Nano, text); err != nil || time.Since(when).Abs() > time.Minute {
			return fmt.Sprintf("%s is no time of now: %v", at, got)
		}
		return ""
	}
	if known, ok := c.known[placeholder]; ok && known != got {
		return fmt.Sprintf("%s is %v, but %s stands for %v", at, got, placeholder, known)
	}
	if text == "" {
		return at + " is empty"
	}
	c.known[placeholder] = got
	return ""
}

// happen makes something happen inside the gateway.
func (c *conversation) happen(what string) {
	switch what {
	case "session":
		c.calls.set(aSession())
	case "consultation":
		i := aSession()
		i.Transfer = &call.TransferInfo{
			By: "alice", To: "1002", ToUser: "bob", State: "answered", Consult: true, Swapped: true,
		}
		c.calls.set(i)
	case "callIn", "queued":
		c.calls.set(aSession())
		c.CallEvent(inside()[what])
	case "busy":
		if err := c.seats.ClaimToDial("alice", "s1"); err != nil {
			c.t.Fatal(err)
		}
	case "wrapUp":
		c.seats.WrapUp("alice", "s1", 10*time.Second)
		c.seats.Release("alice", "s1")
	case "bobFree":
		if err := c.seats.LoggedIn("bob"); err != nil {
			c.t.Fatal(err)
		}
	case "media":
		c.MediaChanged("alice", c.known["<login>"].(string), "connected", "")
	default:
		e, ok := inside()[what]
		if !ok {
			c.t.Fatalf("nothing known as %q", what)
		}
		if e.Type == call.EventUserAccessed {
			e.Tab = c.calls.takenBy()
		}
		c.CallEvent(e)
	}
}

// inside are the events that golden files name.
func inside() map[string]call.Event {
	carol, ours := leg.Identity{Number: "+15550199", Name: "Carol"}, leg.Identity{Number: "+15550100"}
	of := func(e call.Event) call.Event {
		e.User, e.SessionID, e.At = "alice", "s1", time.Now()
		return e
	}
	masked := call.Event{
		Type: call.EventCallIn, Caller: leg.Identity{Number: "+15****0199", Location: "Demo City"}, Callee: ours,
		ServerType: "staffSeat", Timeout: 20 * time.Second, Group: 1, ProtectedCaller: "+15****0199",
		IVRPath: []call.PathStep{{Key: "1", Label: "Support"}},
	}
	fromQueue := masked
	fromQueue.Type = call.EventUserAccessed
	return map[string]call.Event{
		"queued":       of(masked),
		"fromQueue":    of(fromQueue),
		"autoTransfer": of(call.Event{Type: call.EventAutoTransfer}),
		"missed": of(call.Event{Type: call.EventSessionEnded, ClosedBy: "seat",
			Cause: leg.Cause{Reason: leg.NoAnswer, Text: "rang for 20 s"}}),
		"callIn": of(call.Event{Type: call.EventCallIn, Caller: carol, Callee: ours, ServerType: "staffSeat",
			Timeout: 30 * time.Second}),
		"internalIn": of(call.Event{Type: call.EventCallIn, Direction: call.DirectionInternal,
			Caller: leg.Identity{Number: "1002"}, Callee: leg.Identity{Number: "1001"}, ServerType: "staffSeat",
			PeerUser: "bob"}),
		"internalAtMobile": of(call.Event{Type: call.EventCallIn, Direction: call.DirectionInternal,
			Caller: leg.Identity{Number: "1002"}, Callee: leg.Identity{Number: "1001"}, ServerType: "staffPhoneSeat",
			PeerUser: "bob"}),
		"callOuted": of(call.Event{Type: call.EventCallOuted, Direction: call.DirectionOutbound,
			Caller: ours, Callee: leg.Identity{Number: "+15550199"}, ServerType: "staffSeat", Tab: "t1"}),
		"ringing":           of(call.Event{Type: call.EventRinging}),
		"earlyMedia":        of(call.Event{Type: call.EventEarlyMedia}),
		"calloutAccepted":   of(call.Event{Type: call.EventCalloutAccepted}),
		"userAccessed":      of(call.Event{Type: call.EventUserAccessed}),
		"held":              of(call.Event{Type: call.EventHeld, Held: true}),
		"heldByUs":          of(call.Event{Type: call.EventHeld, Held: true, By: "alice"}),
		"unheldByUs":        of(call.Event{Type: call.EventHeld, By: "alice"}),
		"secure":            of(call.Event{Type: call.EventSecureDigits, Secure: true}),
		"recordingOn":       of(call.Event{Type: call.EventRecording, State: "on"}),
		"recordingPaused":   of(call.Event{Type: call.EventRecording, State: "paused"}),
		"recordingFailed":   of(call.Event{Type: call.EventRecording, State: "failed"}),
		"secretDigit":       of(call.Event{Type: call.EventDigit, Secure: true}),
		"transferStarted":   transferEvent("started", ""),
		"transferRinging":   transferEvent("ringing", ""),
		"transferAnswered":  transferEvent("answered", ""),
		"transferFailed":    transferEvent("failed", "busy"),
		"transferCompleted": transferEvent("completed", ""),
		"transferCancelled": transferEvent("cancelled", "normal"),
		"transferred": of(call.Event{Type: call.EventSessionEnded, ClosedBy: "seat",
			Cause: leg.Cause{Reason: leg.Transferred, Text: "transferred"}, Duration: 20 * time.Second}),
		"intercepted": of(call.Event{Type: call.EventSessionEnded, ClosedBy: "admin",
			Cause: leg.Cause{Reason: leg.Intercepted, Text: "taken over by sam"}, Duration: 20 * time.Second}),
		"monitor": monitorEvent(call.ModeMonitor),
		"whisper": monitorEvent(call.ModeWhisper),
		"barge":   monitorEvent(call.ModeBarge),
		"hearing": of(call.Event{Type: call.EventHearing, Hearing: []call.Hearing{
			{ID: "p1", Role: call.RoleCustomer, Sound: call.SoundHold},
			{ID: "p2", Role: call.RoleAgent, User: "bob"},
			{ID: "p3", Role: call.RoleSupervisor, User: "alice", Mode: call.ModeMonitor, Hears: []string{"p1", "p2"}},
		}}),
		"muted":     of(call.Event{Type: call.EventMuted, Muted: true}),
		"unmuted":   of(call.Event{Type: call.EventMuted}),
		"digit":     of(call.Event{Type: call.EventDigit, Digit: '5'}),
		"mediaLost": of(call.Event{Type: call.EventMediaLost, Reason: "no packets for 3 s", By: "alice"}),
		"mediaBack": of(call.Event{Type: call.EventMediaBack}),
		"sessionEndedBySeat": of(call.Event{Type: call.EventSessionEnded, ClosedBy: "seat",
			Cause: leg.Cause{Reason: leg.Normal}, Duration: 12500 * time.Millisecond}),
		"sessionEndedByClient": of(call.Event{Type: call.EventSessionEnded, ClosedBy: "client",
			Cause: leg.Cause{Reason: leg.Normal, Remote: true, Text: "BYE"}, Duration: 61250 * time.Millisecond}),
	}
}

// transferEvent is how far alice's handing over to bob is.
func transferEvent(state, reason string) call.Event {
	return call.Event{
		Type: call.EventTransfer, User: "alice", SessionID: "s1", At: time.Now(), State: state, To: "1002", ToUser: "bob",
		Reason: reason,
	}
}

// monitorEvent is that alice supervises a call of Carol's.
func monitorEvent(mode call.Mode) call.Event {
	return call.Event{
		Type: call.EventMonitor, User: "alice", SessionID: "s1", At: time.Now(), Mode: mode, ServerType: "staffSeat",
		Direction: call.DirectionInbound, Answered: time.Now(),
		Caller: leg.Identity{Number: "+15550199", Name: "Carol"}, Callee: leg.Identity{Number: "+15550100"},
	}
}

// aSession is a call of alice's with Carol, who is a customer.
func aSession() call.Info {
	now := time.Now()
	return call.Info{
		ID: "s1", Direction: call.DirectionInbound, Status: call.StatusInProgress, Trunk: "carrier",
		Caller: leg.Identity{Number: "+15550199", Name: "Carol"}, Callee: leg.Identity{Number: "+15550100"},
		Started: now, Answered: now,
		Parties: []call.PartyInfo{
			{ID: "p1", Role: call.RoleCustomer, Hears: []string{"p2"}, Leg: leg.Info{
				ID: "l1", Kind: leg.KindTrunk, Remote: "carrier", CallID: "c1", Codec: "PCMU", Started: now, Answered: now}},
			{ID: "p2", Role: call.RoleAgent, User: "alice", Muted: true, Leg: leg.Info{
				ID: "l2", Kind: leg.KindBrowser, Remote: "alice", Codec: "opus", Secure: true, Started: now, Answered: now}},
		},
	}
}

// TestGoldenMessagesAreComplete sees that every command and event is shown, and every file explained.
func TestGoldenMessagesAreComplete(t *testing.T) {
	doc, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for name, g := range readGolden(t) {
		if !strings.Contains(string(doc), "../api/testdata/protocol/"+name+".json") {
			t.Errorf("docs/protocol.md does not name %s.json", name)
		}
		for _, s := range g.Steps {
			shown[fmt.Sprint(s.Page["type"])] = true
			shown[fmt.Sprint(s.Gateway["event"])] = true
		}
	}
	names := slices.Collect(maps.Keys((&Server{}).commandTable()))
	for _, e := range []call.EventType{
		call.EventCallIn, call.EventCallOuted, call.EventRinging, call.EventEarlyMedia, call.EventCalloutAccepted,
		call.EventUserAccessed, call.EventSessionEnded, call.EventMuted, call.EventHeld, call.EventDigit, call.EventMediaLost,
		call.EventMediaBack, call.EventSecureDigits, call.EventTransfer, call.EventMonitor, call.EventHearing,
		call.EventAutoTransfer, call.EventRecording, eventKickedOut, eventMedia, eventSnapshot, eventStatusChanged,
	} {
		names = append(names, string(e))
	}
	for _, name := range append(names, "login") {
		if !shown[name] {
			t.Errorf("no golden message %q", name)
		}
		if !regexp.MustCompile("`" + name + "`").Match(doc) {
			t.Errorf("docs/protocol.md does not explain `%s`", name)
		}
	}
	for _, c := range []closing{closeLoggedOut, closeGoingAway, closeTooBig, closeFault, closeNoLogin, closeSlow,
		closeReplaced, closeKickedOut, closeUnanswered, closeFlood} {
		if !strings.Contains(string(doc), fmt.Sprintf("| %d |", c.code)) {
			t.Errorf("docs/protocol.md does not explain close code %d", c.code)
		}
	}
}
