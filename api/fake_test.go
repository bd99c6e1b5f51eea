package api

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"seatbridge/call"
	"seatbridge/leg"
)

// fakeCalls is call control with sessions that stand still; a session belongs to the users of its parties.
type fakeCalls struct {
	mu       sync.Mutex
	sessions map[string]call.Info
	asked    []string // commands, as one line each
	tab      string   // that took a session last
}

var _ call.Commands = (*fakeCalls)(nil)

func (f *fakeCalls) set(i call.Info) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sessions == nil {
		f.sessions = map[string]call.Info{}
	}
	f.sessions[i.ID] = i
}

// own finds a session of the user's and notes the command.
func (f *fakeCalls) own(user, session, command string) error {
	if session == "fault" {
		panic("a fault")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, user+" "+command)
	if i, ok := f.sessions[session]; ok && isOf(i, user) {
		return nil
	}
	return call.Errorf(call.CodeNotFound, "there is no session %q", session)
}

func isOf(i call.Info, user string) bool {
	return slices.ContainsFunc(i.Parties, func(p call.PartyInfo) bool { return p.User == user })
}

func (f *fakeCalls) Call(_ context.Context, o call.Outbound) (call.Info, error) {
	if o.UseMobile {
		return call.Info{}, call.Errorf(call.CodeUnavailable, "%s has no mobile", o.CalleeUser)
	}
	i := call.Info{
		ID: "s1", User: o.User, Direction: call.DirectionOutbound, Status: call.StatusRinging, Started: time.Now(),
		Caller: leg.Identity{Number: o.CallerID}, Callee: leg.Identity{Number: o.Number, Name: o.PhoneDesc},
		Remark:  o.Remark,
		Parties: []call.PartyInfo{{ID: "p1", Role: call.RoleAgent, User: o.User, Leg: leg.Info{Answered: time.Now()}}},
	}
	if o.CalleeUser != "" {
		i.Direction, i.Caller.Number, i.Callee.Number = call.DirectionInternal, "1001", "1002"
		i.Parties = append(i.Parties, call.PartyInfo{ID: "p2", Role: call.RoleAgent, User: o.CalleeUser})
	}
	if slices.Contains(o.NumberGroups, "sales") {
		i.Caller.Number, i.Callee.Location = "+15550101", "Demo City"
	}
	f.set(i)
	return i, f.own(o.User, "s1", "call "+o.Number+o.CalleeUser+" "+o.CallerID+" "+o.UUI+" "+o.Tab)
}

func (f *fakeCalls) taking(tab string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tab = tab
}

func (f *fakeCalls) takenBy() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tab
}

func (f *fakeCalls) Accept(_ context.Context, user, session, tab string) error {
	f.taking(tab)
	return f.own(user, session, "accept "+session)
}

func (f *fakeCalls) HangUp(_ context.Context, user, session string) error {
	return f.own(user, session, "hangup "+session)
}

func (f *fakeCalls) SetMuted(_ context.Context, user, session string, muted bool) error {
	if err := f.own(user, session, "mute "+session); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	i := f.sessions[session]
	i.Parties = slices.Clone(i.Parties)
	for n := range i.Parties {
		if i.Parties[n].User == user {
			i.Parties[n].Muted = muted
		}
	}
	f.sessions[session] = i
	return nil
}

func (f *fakeCalls) Muted(_ context.Context, user, session string) (bool, error) {
	if err := f.own(user, session, "muted "+session); err != nil {
		return false, err
	}
	i, _ := f.Session(session)
	for _, p := range i.Parties {
		if p.User == user {
			return p.Muted, nil
		}
	}
	return false, nil
}

func (f *fakeCalls) SendDigits(_ context.Context, user, session, digits string) error {
	return f.own(user, session, "digits "+session+" "+digits)
}

func (f *fakeCalls) SetHeld(_ context.Context, user, session string, held bool) error {
	return f.own(user, session, fmt.Sprintf("held %s %v", session, held))
}

func (f *fakeCalls) SetSecureDigits(_ context.Context, user, session string, on bool) error {
	return f.own(user, session, fmt.Sprintf("secure %s %v", session, on))
}

func (f *fakeCalls) SetRecordingPaused(_ context.Context, user, session string, paused bool) error {
	return f.own(user, session, fmt.Sprintf("pause recording %s %v", session, paused))
}

func (f *fakeCalls) Transfer(_ context.Context, user, session string, to call.TransferTo) error {
	return f.own(user, session, "transfer "+session+" "+to.Number+to.User)
}

func (f *fakeCalls) Consult(_ context.Context, user, session string, to call.TransferTo) error {
	return f.own(user, session, "consult "+session+" "+to.Number+to.User)
}

func (f *fakeCalls) CompleteTransfer(_ context.Context, user, session string) error {
	return f.own(user, session, "complete "+session)
}

func (f *fakeCalls) Swap(_ context.Context, user, session string) error {
	return f.own(user, session, "swap "+session)
}

func (f *fakeCalls) CancelTransfer(_ context.Context, user, session string) error {
	return f.own(user, session, "cancel "+session)
}

func (f *fakeCalls) Supervise(_ context.Context, user, session string, mode call.Mode) error {
	return f.own(user, session, string(mode)+" "+session)
}

func (f *fakeCalls) Intercept(_ context.Context, user, session, tab string) error {
	f.taking(tab)
	return f.own(user, session, "intercept "+session)
}

func (f *fakeCalls) Leave(_ context.Context, user, session string) error {
	return f.own(user, session, "leave "+session)
}

func (f *fakeCalls) Session(id string) (call.Info, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, ok := f.sessions[id]
	return i, ok
}

func (f *fakeCalls) Recent() []call.Info {
	return []call.Info{{ID: "over", Status: call.StatusFinished}}
}

func (f *fakeCalls) Sessions(user string) []call.Info {
	f.mu.Lock()
	defer f.mu.Unlock()
	var infos []call.Info
	for _, id := range slices.Sorted(maps.Keys(f.sessions)) {
		if i := f.sessions[id]; user == "" || isOf(i, user) {
			infos = append(infos, i)
		}
	}
	return infos
}

// fakeMedia answers every offer but "nonsense".
type fakeMedia struct {
	connecting   chan struct{} // where it is not nil, Connect tells that it began
	connect      chan struct{} // and waits for this
	disconnected chan string   // user and login

	mu         sync.Mutex
	candidates []string
}

func newFakeMedia() *fakeMedia { return &fakeMedia{disconnected: make(chan string, 1000)} }

func (f *fakeMedia) Connect(_ context.Context, _, _, offer string) (string, error) {
	if f.connecting != nil {
		f.connecting <- struct{}{}
		<-f.connect
	}
	if offer == "nonsense" {
		return "", errors.New("unusable offer")
	}
	return "v=0\r\nanswer", nil
}

func (f *fakeMedia) Candidate(_, _, candidate string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.candidates = append(f.candidates, candidate)
	return nil
}

func (f *fakeMedia) Disconnect(user, login string) { f.disconnected <- user + " " + login }

// fakeTracer has the same messages for everyone, and remembers what it was asked for.
type fakeTracer struct {
	messages []TraceMessage

	mu    sync.Mutex
	asked []string
}

func (f *fakeTracer) Messages(callIDs []string) []TraceMessage {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = callIDs
	return f.messages
}
