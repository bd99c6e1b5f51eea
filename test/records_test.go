package test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"seatbridge/api/cdr"
	"seatbridge/store"
	"seatbridge/test/peers"
)

// clerk receives records over HTTP, and refuses every third at first.
type clerk struct {
	t *testing.T

	mu       sync.Mutex
	requests int
	got      map[string][]cdr.Record // by session
	order    []string                // in which each came first
}

func newClerk(t *testing.T) (c *clerk, url string) {
	c = &clerk{t: t, got: map[string][]cdr.Record{}}
	web := httptest.NewServer(c)
	t.Cleanup(web.Close)
	return c, web.URL
}

func (c *clerk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var record cdr.Record
	if err != nil || json.Unmarshal(body, &record) != nil {
		return // killed while it sent
	}
	if r.Method != http.MethodPost || r.URL.RequestURI() != "/?action=cdr&version=1" ||
		r.Header.Get(cdr.HeaderSignature) != "sha256="+cdr.Sign("hush", r.Header.Get(cdr.HeaderTimestamp), body) {
		c.t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.requests++; c.requests%3 == 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if c.got[record.SessionId] == nil {
		c.order = append(c.order, record.SessionId)
	}
	c.got[record.SessionId] = append(c.got[record.SessionId], record)
}

// wait waits for the records of as many sessions, and returns one of each in the order of their coming.
func (c *clerk) wait(n int) []cdr.Record {
	c.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		c.mu.Lock()
		have := len(c.order)
		c.mu.Unlock()
		if have >= n {
			break
		}
		<-time.After(20 * time.Millisecond)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []cdr.Record
	for _, id := range c.order {
		all = append(all, c.got[id][0])
	}
	if len(all) != n {
		c.t.Fatalf("%d records came, want %d: %+v", len(all), n, all)
	}
	return all
}

// ending is how a call ended, by its record.
func ending(r cdr.Record) string {
	user := "-"
	if r.SeatUser != nil {
		user = r.SeatUser.UserId
	}
	parts := ""
	for _, p := range r.ServeParticipants {
		parts += fmt.Sprintf(" %s/%s/%s", cmp.Or(p.UserId, p.Phone), p.Type, p.EndStatusString)
	}
	return fmt.Sprintf("%d %s>%s %s %d %s %s:%s", r.CallType, r.Caller, r.Callee, user, r.EndStatus, r.EndStatusString,
		r.HungUpSide, parts)
}

// TestRecords has calls through the carrier end in several ways, kills the gateway in the middle of two others, and wants
// just one true record of each in the store, and each at the receiver.
func TestRecords(t *testing.T) {
	t.Parallel()
	clerk, url := newClerk(t)
	file := filepath.Join(t.TempDir(), "a.db")
	k := peers.Kamailio(t)
	g := suite.Gateway(t, peers.Config{
		Carrier: k, Env: []string{"CDR_SECRET=hush"},
		YAML: fmt.Sprintf("store: {path: %q}\ncdr: {url: %q, secret: \"${CDR_SECRET}\", sdk_app_id: 1400}\n", file, url),
	})
	erin := peers.RTP(t, g.Phone("1011"), tone(0), peers.Manual)
	frank := peers.RTP(t, g.Phone("1012"), tone(1), peers.Manual)
	idle := peers.RTP(t, g.Phone("1013"), tone(2), peers.Manual)
	customer := peers.RTP(t, k.Subscriber("+15550198"), tone(3), peers.Manual)
	other := peers.RTP(t, k.Subscriber("+15550199"), tone(4), peers.Manual)

	want := recordsOfCalls(clerk, erin, frank, customer, other)

	// Cut off in mid-call, and while it rings.
	customer.Dial("+15550111")
	erin.WaitRinging()
	erin.Answer()
	customer.WaitEstablished()
	other.Dial("+15550112")
	frank.WaitRinging()
	other.WaitRingback()
	g.WaitMetric(0, "seatbridge_records_sessions_unnoted") // which is behind the calls by some milliseconds
	g.Crash()
	g.Restart()
	want = append(want,
		"2 +15550198>+15550111 erin 211 clientError system: erin/staffExtensionSeat/clientError",
		"2 +15550199>+15550112 - 211 clientError system: frank/staffExtensionSeat/clientError")
	clerk.wait(len(want))
	empty(g)

	// Phones are reachable without their registering again, and seats are not stuck.
	customer.Hangup()
	erin.Hangup()
	third := peers.RTP(t, k.Subscriber("+15550198"), tone(3))
	for number, phone := range map[string]*peers.RTPPhone{"+15550113": idle, "+15550111": erin} {
		third.Dial(number)
		phone.WaitRinging()
		phone.Answer()
		third.WaitEstablished()
		third.Hangup()
		phone.WaitClosed()
	}
	want = append(want,
		"2 +15550198>+15550113 - 1 ok user: 1013/staffExtensionSeat/ok",
		"2 +15550198>+15550111 erin 1 ok user: erin/staffExtensionSeat/ok")
	check(t, clerk, g, file, want)
}

// recordsOfCalls makes calls that end in several ways, and returns what their records are to say.
func recordsOfCalls(c *clerk, erin, frank, customer, other *peers.RTPPhone) []string {
	var want []string
	next := func(record string) {
		c.t.Helper()
		want = append(want, record)
		if got := ending(c.wait(len(want))[len(want)-1]); got != record {
			c.t.Errorf("recorded %q, want %q", got, record)
		}
	}
	customer.Dial("+15550111")
	erin.WaitRinging()
	erin.Answer()
	customer.WaitEstablished()
	customer.Hangup()
	next("2 +15550198>+15550111 erin 1 ok user: erin/staffExtensionSeat/ok")
	customer.Dial("+15550111")
	erin.WaitRinging()
	erin.Reject("486 Busy Here")
	customer.WaitClosed()
	next("2 +15550198>+15550111 - 206 busy seat: erin/staffExtensionSeat/busy")
	customer.Dial("+15550111")
	erin.WaitRinging()
	erin.Reject("603 Decline")
	customer.WaitClosed()
	next("2 +15550198>+15550111 - 203 userReject seat: erin/staffExtensionSeat/userReject")
	customer.Dial("+15550111")
	erin.WaitRinging()
	customer.WaitRingback()
	customer.Hangup()
	next("2 +15550198>+15550111 - 104 ringingGiveUp user: erin/staffExtensionSeat/ringingGiveUp")
	frank.Dial("+15550199")
	other.WaitRinging()
	other.Answer()
	frank.WaitEstablished()
	other.Hangup()
	next("1 +15550100>+15550199 frank 1 ok user: frank/staffExtensionSeat/ok")
	frank.Dial("+15550199")
	other.WaitRinging()
	frank.WaitRingback()
	frank.Hangup()
	next("1 +15550100>+15550199 frank 220 callerCancelWhileRing seat: frank/staffExtensionSeat/callerCancelWhileRing")
	frank.Dial("+4930123456")
	frank.WaitClosed()
	next("1 1012>+4930123456 frank 217 calleeRestricted system:")
	frank.Dial("1011")
	erin.WaitRinging()
	erin.Answer()
	frank.WaitEstablished()
	frank.Hangup()
	next("6 1012>1011 frank 1 ok seat: frank/staffExtensionSeat/ok erin/staffExtensionSeat/ok")
	return want
}

// check wants just these records at the receiver and, with the gateway stopped, in the store, with times that fit.
func check(t *testing.T, c *clerk, g *peers.Gateway, file string, want []string) {
	t.Helper()
	all := c.wait(len(want))
	var got []string
	for _, r := range all {
		got = append(got, ending(r))
		sound := r.StartTimestamp > 0 && r.EndedTimestamp >= r.StartTimestamp && r.SdkAppId == 1400
		if r.AcceptTimestamp > 0 {
			sound = sound && r.AcceptTimestamp >= r.StartTimestamp && r.Duration == r.EndedTimestamp-r.AcceptTimestamp
		}
		if !sound {
			t.Errorf("times do not fit: %+v", r)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("received %q\nwant     %q", got, want)
	}
	g.Stop()
	s, err := store.Open(context.Background(), file, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	page, total, err := s.Records(context.Background(), store.Query{})
	open, openErr := s.OpenSessions(context.Background())
	if err != nil || openErr != nil || total != len(want) || len(open) != 0 {
		t.Fatalf("%d records in the store, %d sessions open, %v, %v", total, len(open), err, openErr)
	}
	for _, e := range page {
		for _, received := range c.got[e.SessionID] {
			if body, err := json.Marshal(received); err != nil || string(body) != string(e.Body) {
				t.Errorf("received %s, stored %s", body, e.Body)
			}
		}
	}
	t.Logf("%d records, %d requests", total, c.requests)
}
