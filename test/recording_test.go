package test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"seatbridge/codec"
	"seatbridge/test/peers"
)

// stretch is a part of a recorded call, and what is to be on each side of it.
type stretch struct {
	name        string
	from, to    time.Duration // since the answer
	left, right []float64
}

// TestRecording records a carrier's customer and an agent at a browser through hold, secret digits and a pause, and wants
// each on its side, in its time, and nothing secret.
func TestRecording(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "recordings")
	s := begin(t, browser, inband+fmt.Sprintf("recordings: {dir: %q}\n", dir)+"inbound: [{number: \"+15550100\", record: true}]\n")
	s.page.WaitEvent("e.event === 'recording' && e.state === 'on'")
	answered := s.answeredAt()
	c, a := []float64{s.customer.Tone()}, []float64{s.agent.Tone()}
	var parts []stretch
	during := func(name string, left, right []float64, do func()) {
		t.Helper()
		from := time.Since(answered)
		do()
		parts = append(parts, stretch{name, from, time.Since(answered), left, right})
	}
	both := func() { s.together(s.agent) }
	during("talking", c, a, both)
	s.do(s.page, "hold", s.about())
	during("hold", c, a, func() { peers.WantHears(t, s.customer, music()) })
	s.do(s.page, "unhold", s.about())
	during("talking again", c, a, both)
	s.do(s.page, "secureDigits", "{secure: true}")
	during("secret digits", nil, nil, func() {
		s.customer.DialTones("471", peers.Dialled{})
		both()
	})
	s.do(s.page, "secureDigits", "{secure: false}")
	s.customer.DialTones("582", peers.Dialled{})
	during("digits that are not secret", c, a, both)
	s.do(s.page, "pauseRecording", s.about())
	s.page.WaitEvent("e.event === 'recording' && e.state === 'paused'")
	during("pause", nil, nil, both)
	s.do(s.page, "resumeRecording", s.about())
	during("after the pause", c, a, both)
	if status, _ := fetch(t, s.g, "/api/v1/recordings/"+s.id, s.token); status != http.StatusNotFound {
		t.Errorf("while it goes on: %d", status)
	}
	s.end(s.agent)
	s.g.WaitMetric(1, "seatbridge_recordings_total", `result="complete"`)

	left, right := s.recording()
	for _, p := range parts {
		for side, ca := range map[string]struct {
			sound peers.Sound
			want  []float64
		}{"left": {left, p.left}, "right": {right, p.right}} {
			// What is done takes its time to be heard, and what was heard before a while to be spoken no more.
			if heard := peers.Analyse(cut(t, ca.sound, p.from+700*time.Millisecond, p.to-100*time.Millisecond)); !heard.Just(ca.want...) {
				t.Errorf("%s, %s: %v, want just %v Hz", p.name, side, heard, ca.want)
			}
		}
	}
	if digits := tonesIn(left); digits != "582" {
		t.Errorf("the digits %q are recorded, want those that are not secret: 582", digits)
	}
	for _, sound := range []peers.Sound{left, right} {
		if slices.Contains(peers.Ever(sound), music()) {
			t.Error("the music is recorded")
		}
	}
	s.guarded()
}

// answeredAt is when both sides could talk.
func (s *scene) answeredAt() time.Time {
	s.t.Helper()
	_, body := fetch(s.t, s.g, "/api/v1/sessions/"+s.id, s.token)
	var session struct{ AnsweredAt time.Time }
	if err := json.Unmarshal([]byte(body), &session); err != nil || session.AnsweredAt.IsZero() {
		s.t.Fatalf("%v: %s", err, body)
	}
	return session.AnsweredAt
}

// recording is the sound on both sides of the session's recording.
func (s *scene) recording() (left, right peers.Sound) {
	s.t.Helper()
	status, body := fetch(s.t, s.g, "/api/v1/recordings/"+s.id, s.token)
	const header = 58
	if status != http.StatusOK || len(body) < header || body[:4] != "RIFF" {
		s.t.Fatalf("%d with %d bytes", status, len(body))
	}
	decoder, err := codec.NewDecoder(codec.PCMU, 8000)
	if err != nil {
		s.t.Fatal(err)
	}
	defer decoder.Close()
	pcm := make([]int16, len(body)-header)
	if _, err := decoder.Decode(pcm, []byte(body[header:])); err != nil {
		s.t.Fatal(err)
	}
	left.Rate, right.Rate = 8000, 8000
	for i := 0; i+1 < len(pcm); i += 2 {
		left.Samples, right.Samples = append(left.Samples, pcm[i]), append(right.Samples, pcm[i+1])
	}
	return left, right
}

// guarded wants a part of the recording to be had by who may listen, and nothing by an agent.
func (s *scene) guarded() {
	s.t.Helper()
	path := "/api/v1/recordings/" + s.id
	if status, body := fetch(s.t, s.g, path, token(s.t, s.g, "alice")); status != http.StatusForbidden {
		s.t.Errorf("an agent got %d with %d bytes", status, len(body))
	}
	req, err := http.NewRequest(http.MethodGet, s.g.URL(path), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Range", "bytes=0-3")
	res, err := client().Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	if part, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusPartialContent || string(part) != "RIFF" {
		s.t.Errorf("%d %q %v", res.StatusCode, part, err)
	}
}

// cut is the part of a sound from one time to another.
func cut(t *testing.T, s peers.Sound, from, to time.Duration) peers.Sound {
	t.Helper()
	a, b := int(from.Seconds()*float64(s.Rate)), int(to.Seconds()*float64(s.Rate))
	if b > len(s.Samples) || a >= b {
		t.Fatalf("%v recorded; want what is from %v to %v", s.Duration(), from, to)
	}
	return peers.Sound{Rate: s.Rate, Samples: s.Samples[a:b]}
}
