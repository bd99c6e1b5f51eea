package api

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"seatbridge/call"
	"seatbridge/leg"
	"seatbridge/media"
	"seatbridge/seat"
)

// wall asks for it as sam and returns the reply's size too.
func (g *gateway) wall(p *page) (data struct {
	Sessions []wallSession
	Queues   []Queue
	Seats    []wallSeat
	More     moreData
}, size int) {
	g.t.Helper()
	p.send(map[string]any{"id": "1", "type": "wall"})
	text := p.nextText()
	var reply struct {
		OK   bool
		Data any
	}
	reply.Data = &data
	if err := json.Unmarshal(text, &reply); err != nil || !reply.OK {
		g.t.Fatalf("%v: %.200s", err, text)
	}
	return data, len(text)
}

func TestWall(t *testing.T) {
	g := newGateway(t)
	support := seat.Group{Name: "support", Members: []seat.Member{{User: "alice"}}}
	if _, err := g.seats.AddGroup(t.Context(), support); err != nil {
		t.Fatal(err)
	}
	i := aSession()
	i.Group, i.Secure, i.InMenu, i.User = 1, true, true, "alice"
	i.Parties[0].Leg.Receive = media.ReceiveStats{Packets: 50, Lost: 2, Jitter: 1500 * time.Microsecond}
	i.Parties[0].Leg.Report.RTT = 20 * time.Millisecond
	i.Parties[1].Held = true
	i.Parties = append(i.Parties, call.PartyInfo{ID: "p3", Role: call.RoleAgent, User: "bob", Left: true})
	g.calls.set(i)
	p, _ := g.logIn("sam")
	data, _ := g.wall(p)
	if len(data.Sessions) != 1 || len(data.Sessions[0].Parties) != 2 {
		t.Fatalf("%+v", data)
	}
	s := data.Sessions[0]
	want := wallParty{ID: "p1", Role: call.RoleCustomer, Answered: true, Hears: []string{"p2"}, Kind: "trunk",
		Codec: "PCMU", Packets: 50, Lost: 2, JitterMs: 1.5, RoundTripMs: 20}
	if !reflect.DeepEqual(s.Parties[0], want) {
		t.Errorf("%+v, want %+v", s.Parties[0], want)
	}
	if s.Group != "support" || s.SkillGroupID != "1" || !s.Secure || !s.InMenu || s.User != "alice" || !s.Parties[1].Held {
		t.Errorf("%+v", s)
	}
	if len(data.Queues) != 1 || len(data.Seats) != 4 || data.Seats[0].User != "alice" ||
		!reflect.DeepEqual(data.Seats[0].SkillGroupIDs, []string{"1"}) || data.More != (moreData{}) {
		t.Errorf("%+v", data)
	}
}

// TestWallMasks has a supervisor see of a number that is kept from agents what agents see.
func TestWallMasks(t *testing.T) {
	g := newGateway(t)
	i := aSession()
	i.Caller = leg.Identity{Number: "+15550111", Name: "Carol"}
	i.ProtectedCaller = "+15****11"
	g.calls.set(i)
	p, _ := g.logIn("sam")
	data, _ := g.wall(p)
	if s := data.Sessions[0]; s.CallerPhoneNumber != "+15****11" || s.ProtectedCaller != "+15****11" || s.CallerName != "" {
		t.Errorf("%+v", s)
	}
}

// crowd has so many sessions, with names of so many bytes.
func (g *gateway) crowd(sessions, name int) {
	began := time.Now().Add(-time.Hour)
	for n := range sessions {
		i := aSession()
		i.ID = fmt.Sprintf("%08d-8a2e-4c7e-9d0e-0c6f2a5a9b10", n)
		i.Started = began.Add(time.Duration(n) * time.Second)
		i.Caller.Name, i.Group = strings.Repeat("x", name), 1
		for k := range i.Parties {
			i.Parties[k].Leg.Receive = media.ReceiveStats{Packets: 180000, Lost: 1234, Jitter: 12345 * time.Microsecond}
			i.Parties[k].Leg.Report = leg.Report{RTT: 123456 * time.Microsecond}
		}
		i.Parties = append(i.Parties, call.PartyInfo{ID: "p3", Role: call.RoleSupervisor, User: "sam",
			Mode: call.ModeMonitor, Hears: []string{"p1", "p2"}, Leg: leg.Info{Kind: leg.KindBrowser, Codec: "opus"}})
		g.calls.set(i)
	}
}

// TestWallIsBounded has more sessions than fit, by their number and by their size.
func TestWallIsBounded(t *testing.T) {
	for _, ca := range []struct{ sessions, name, least, most int }{
		{500, 16, 500, 500},
		{700, 16, 500, 500},
		{500, 4000, 100, 150},
	} {
		t.Run(fmt.Sprintf("%d sessions, names of %d bytes", ca.sessions, ca.name), func(t *testing.T) {
			g := newGateway(t)
			p, _ := g.logIn("sam")
			g.crowd(ca.sessions, ca.name)
			data, size := g.wall(p)
			told := len(data.Sessions)
			t.Logf("%d sessions in %d KB", told, size>>10)
			if size > 960<<10 || told < ca.least || told > ca.most || data.More.Sessions != ca.sessions-told {
				t.Errorf("%d sessions told and %d more, in %d bytes", told, data.More.Sessions, size)
			}
			newest := fmt.Sprintf("%08d-", ca.sessions-1)
			if !strings.HasPrefix(data.Sessions[told-1].SessionID, newest) {
				t.Errorf("the newest is %s", data.Sessions[told-1].SessionID)
			}
		})
	}
}

// BenchmarkWall is the making of a reply with 500 sessions.
func BenchmarkWall(b *testing.B) {
	seats, err := seat.New(seat.Config{Staff: []seat.Staff{{User: "sam", Role: seat.RoleAdministrator}}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(seats.Close)
	g := &gateway{calls: &fakeCalls{}}
	g.crowd(500, 16)
	s := &Server{config: Config{Commands: g.calls, Seats: seats}}
	for b.Loop() {
		data, err := s.wall(b.Context(), &login{user: "sam"}, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(newReply("1", data))))
	}
}
