package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"

	"seatbridge/seat"
)

// FuzzMessage gives a page that is logged in any message: each gets one reply that says what it is for.
func FuzzMessage(f *testing.F) {
	for _, text := range []string{
		`{"id":"1","type":"call","to":"+15550199"}`, `{"id":"1","type":"call","to":5}`, `{"id":{},"type":[]}`, `[]`, ``,
		`{"id":"1","type":"digits","sessionId":"s1","digits":"1"}`, `{"id":"1","type":"offer","sdp":"v=0"}`,
		`{"id":"1","type":"candidate","candidate":null}`, `{"id":"1","type":"mute","sessionId":"of-bob"}`,
		`{"id":"1","type":"wall"}`, `{"id":"1","type":"wall","sessions":[]}`,
	} {
		f.Add(text)
	}
	seats, err := seat.New(seat.Config{Staff: []seat.Staff{{User: "alice", Role: seat.RoleAgent}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(seats.Close)
	s, err := New(Config{Commands: &fakeCalls{}, Media: silentMedia{}, Seats: seats, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Shutdown(context.Background()) })
	f.Fuzz(func(t *testing.T, text string) {
		l, _ := s.logIn("alice", "")
		sock := &socket{out: newOutbox(1, 1<<20), ended: make(chan struct{})}
		(&client{server: s, socket: sock, login: l}).command([]byte(text))
		message, ok := sock.out.take()
		var sent header
		_ = json.Unmarshal([]byte(text), &sent)
		var reply struct {
			Reply *string
			OK    *bool
			Error *errorBody
		}
		if err := json.Unmarshal(message, &reply); !ok || err != nil || reply.Reply == nil || reply.OK == nil ||
			*reply.OK == (reply.Error != nil) || *reply.Reply != sent.ID {
			t.Errorf("%q is replied to with %q", text, message)
		}
	})
}

// silentMedia takes everything and remembers nothing.
type silentMedia struct{}

func (silentMedia) Connect(context.Context, string, string, string) (string, error) {
	return "v=0", nil
}
func (silentMedia) Candidate(string, string, string) error { return nil }
func (silentMedia) Disconnect(string, string)              {}
