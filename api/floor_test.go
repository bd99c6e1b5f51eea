package api

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"seatbridge/seat"
)

// TestFloor wants seats, queues, trunks and registrations for operations, and for nobody else.
func TestFloor(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 123456789, time.UTC)
	no := false
	g := newGateway(t, func(c *Config) {
		c.Trunks = func() []Trunk {
			return []Trunk{{Name: "carrier", Registered: &no, Gateways: []TrunkGateway{{"192.0.2.1:5060;udp", true, at}}}}
		}
		c.Registrations = func() []Registration {
			return []Registration{{"1011", "sip:1011@192.0.2.7", "192.0.2.7:5060", "udp", "phone/1", true, at}}
		}
	})
	if _, err := g.seats.AddGroup(t.Context(), seat.Group{Name: "sales", Members: []seat.Member{{User: "alice"}}}); err != nil {
		t.Fatal(err)
	}
	if err := g.seats.SetStatus("alice", seat.StatusRest, "lunch"); err != nil {
		t.Fatal(err)
	}
	if err := g.seats.LoggedIn("alice"); err != nil {
		t.Fatal(err)
	}
	if err := g.seats.ClaimToSupervise("alice", "s1"); err != nil {
		t.Fatal(err)
	}
	sam := g.token("sam", forOperations)
	for path, want := range map[string]string{
		"/api/v1/trunks": `{"trunks":[{"gateways":[{"address":"192.0.2.1:5060;udp","since":"2026-11-22T12:00:00.123Z",` +
			`"up":true}],"name":"carrier","registered":false}]}`,
		"/api/v1/registrations": `{"registrations":[{"contact":"sip:1011@192.0.2.7","expiresAt":"2026-11-22T12:00:00.123Z",` +
			`"extension":"1011","reachable":true,"source":"192.0.2.7:5060","transport":"udp","userAgent":"phone/1"}]}`,
		"/api/v1/queues": `{"queues":[{"group":1,"longest":0,"name":"sales","open":true,"ringing":0,` +
			`"statuses":{"busy":1},"waiting":0}]}`,
		"/api/v1/seats": `{"browsers":1,"device":"staffSeat","extension":"1001","maxCalls":1,"misses":0,"name":"Alice",` +
			`"reason":"lunch","role":3,"sessions":["s1"],"status":"busy","taken":0,"there":true,"user":"alice","wanted":"rest"}`,
	} {
		if status, _ := g.request("GET", path, ""); status != 401 {
			t.Errorf("%s without a token: %d", path, status)
		}
		status, answer := g.get(path, sam)
		var of any = answer
		if seats, ok := answer["seats"].([]any); ok {
			if len(seats) != 4 {
				t.Fatalf("%d seats", len(seats))
			}
			delete(seats[0].(map[string]any), "since")
			of = seats[0]
		}
		if got, err := json.Marshal(of); err != nil || status != 200 || string(got) != want {
			t.Errorf("%s: %d %v\n got %s\nwant %s", path, status, err, got, want)
		}
	}
}

// TestWrongMethod wants 405 with what is allowed on a path that is there, and 404 on others.
func TestWrongMethod(t *testing.T) {
	g := newGateway(t)
	for _, ca := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/api/v1/token", 405}, {"POST", "/api/v1/seats", 405}, {"DELETE", "/api/v1/sessions/s1", 405},
		{"POST", "/healthz", 405}, {"GET", "/api/v1/nothing", 404}, {"POST", "/api/v1/nothing", 404}, {"GET", "/api/", 404},
		{"PUT", "/nothing", 404},
	} {
		status, answer := g.request(ca.method, ca.path, "")
		e, _ := answer["error"].(map[string]any)
		message, _ := e["message"].(string)
		if status != ca.status || strings.Contains(message, " only") != (status == 405) {
			t.Errorf("%s %s: %d %v", ca.method, ca.path, status, answer)
		}
	}
}
