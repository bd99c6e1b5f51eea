package ccc

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"seatbridge/api/cdr"
	"seatbridge/call"
	"seatbridge/seat"
)

const app = 1400000001

// house is a Server with a real Directory and fakes for all else.
type house struct {
	*Server
	t        *testing.T
	log      bytes.Buffer
	calls    fakeCalls
	kicked   []string
	phones   fakePhones
	records  []cdr.Record
	asked    RecordQuery
	noRecord error
	now      time.Time // of the next signature; each has a second of its own
}

// newHouse has the agents alice, with a number of the employee's, and bob, and the group support with alice.
func newHouse(t *testing.T) *house {
	t.Helper()
	seats, err := seat.New(seat.Config{
		Staff: []seat.Staff{
			{User: "alice", Name: "Alice", Mail: "alice@example.com", Number: "77", Role: seat.RoleAgent,
				Device: seat.DeviceBrowser, Extension: "1001"},
			{User: "bob", Name: "Bob", Role: seat.RoleAgent, Device: seat.DeviceBrowser},
		},
		Groups: []seat.Group{{ID: 7, Name: "support", Members: []seat.Member{{User: "alice"}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(seats.Close)
	h := &house{t: t, phones: fakePhones{}, now: time.Now().Add(-4 * time.Minute)}
	h.Server = New(Config{
		SecretID: "AKID1", SecretKey: "the right key", SDKAppID: app, SIP: SIP{"sip.example.com", "192.0.2.1:5060", "UDP"},
		Calls: &h.calls, Seats: seats, Logins: h, Extensions: h.phones, Records: h,
		Log: slog.New(slog.NewTextHandler(&h.log, nil)),
	})
	return h
}

// Ticket implements Logins.
func (h *house) Ticket(user string, _ bool) (string, time.Time) {
	return "ticket of " + user, time.Unix(1, 0)
}

// KickOut implements Logins.
func (h *house) KickOut(user string) bool { h.kicked = append(h.kicked, user); return true }

// Records implements Records.
func (h *house) Records(_ context.Context, q RecordQuery) ([]cdr.Record, int, error) {
	h.asked = q
	return h.records, len(h.records), h.noRecord
}

// fakeCalls remembers what it was asked.
type fakeCalls struct {
	sessions []call.Info
	outbound []call.Outbound
	refuse   map[string]error // by caller id
}

func (f *fakeCalls) Call(_ context.Context, o call.Outbound) (call.Info, error) {
	f.outbound = append(f.outbound, o)
	return call.Info{ID: "new"}, f.refuse[o.CallerID]
}
func (f *fakeCalls) Terminate(context.Context, string) error {
	return call.Errorf(call.CodeWrongState, "the session has ended")
}
func (f *fakeCalls) Sessions(string) []call.Info { return f.sessions }
func (f *fakeCalls) Session(id string) (call.Info, bool) {
	for _, info := range f.sessions {
		if info.ID == id {
			return info, true
		}
	}
	return call.Info{}, false
}

// fakePhones are names by number.
type fakePhones map[string]string

func (f fakePhones) Extensions() (all []Extension) {
	for number, name := range f {
		all = append(all, Extension{Number: number, Name: name, Registered: true})
	}
	return all
}
func (f fakePhones) Create(_ context.Context, number, name string) error {
	if _, ok := f[number]; ok {
		return ErrExtensionExists
	}
	f[number] = name
	return nil
}
func (f fakePhones) Password(string) string                        { return "once" }
func (f fakePhones) Reset(context.Context, string) (string, error) { return "", ErrFixedExtension }
func (f fakePhones) Delete(_ context.Context, number string) error {
	if _, ok := f[number]; !ok {
		return ErrNoExtension
	}
	delete(f, number)
	return nil
}

// post sends a request, signed unless change says otherwise, and returns the Response.
func (h *house) post(action, body string, change ...func(*http.Request)) map[string]any {
	h.t.Helper()
	h.now = h.now.Add(time.Second)
	r := httptest.NewRequest(http.MethodPost, "http://ccc.example.com/", bytes.NewBufferString(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-TC-Action", action)
	r.Header.Set("X-TC-Version", Version)
	signer{id: "AKID1", key: "the right key"}.sign(r, body, h.now)
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var answer struct{ Response map[string]any }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != 200 ||
		w.Header().Get("Content-Type") != "application/json" {
		h.t.Fatalf("%s: %v, %d %s", action, err, w.Code, w.Body)
	}
	if id, _ := answer.Response["RequestId"].(string); len(id) != 36 {
		h.t.Fatalf("%s: request id %q", action, id)
	}
	return answer.Response
}

// do asks for something that must be done, and reads the answer into out unless that is nil.
func (h *house) do(action string, parameters map[string]any, out any) {
	h.t.Helper()
	answer := h.post(action, with(parameters))
	if answer["Error"] != nil {
		h.t.Fatalf("%s %v: %v", action, parameters, answer["Error"])
	}
	text, err := json.Marshal(answer)
	if err == nil && out != nil {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// refused asks for something that must be refused with the code.
func (h *house) refused(want code, action string, parameters map[string]any) {
	h.t.Helper()
	if got := errorCode(h.post(action, with(parameters))); got != want {
		h.t.Errorf("%s %v: %q, want %s", action, parameters, got, want)
	}
}

func errorCode(answer map[string]any) code {
	e, _ := answer["Error"].(map[string]any)
	text, _ := e["Code"].(string)
	return code(text)
}

func with(parameters map[string]any) string {
	all := map[string]any{"SdkAppId": app}
	for name, value := range parameters {
		all[name] = value
	}
	text, _ := json.Marshal(all)
	return string(text)
}
