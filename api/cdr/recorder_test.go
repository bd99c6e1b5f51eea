package cdr

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/call"
)

var errFull = errors.New("the disk is full")

// TestWrittenBeforeSent wants a record in the store when Ended returns, and sent after that.
func TestWrittenBeforeSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeStore{}
		var sent []string
		b := newBench(t, s, func(r *http.Request) (*http.Response, error) {
			sent = append(sent, r.URL.String())
			if len(s.sessions()) == 0 {
				t.Error("sent before it was written")
			}
			return status(200)
		}, nil)
		defer b.Close()
		b.Ended(session("a"))
		if got := s.sessions(); !slices.Equal(got, []string{"a"}) || s.records[0].Caller != "+1" || s.records[0].Seats[0] != "alice" {
			t.Fatalf("%+v", s.records)
		}
		synctest.Wait()
		if !slices.Equal(sent, []string{"http://crm.example/records?action=cdr&version=1"}) || len(s.outbox) != 0 {
			t.Fatalf("sent %q, %d are left", sent, len(s.outbox))
		}
		if b.metric("written_total") != 1 || b.metric("sent_total") != 1 || b.metric("pending") != 0 {
			t.Error("wrong metrics")
		}
	})
}

// TestDiskFull has the store take nothing for a while: everything is written later, in order, and loudly.
func TestDiskFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeStore{}
		b := newBench(t, s, nil, nil)
		defer b.Close()
		b.Ended(session("a"))
		s.fail(errFull)
		b.Progress(session("c"))
		b.Ended(session("b"))
		b.Ended(session("c"))
		pass(time.Minute)
		if b.metric("unwritten") != 2 || b.logged.count("level=ERROR msg=\"record not written") != 1 || b.logged.count("wait in memory") == 0 {
			t.Errorf("unwritten %v, logged %s", b.metric("unwritten"), b.logged.text.String())
		}
		s.fail(nil)
		pass(seldomAgain)
		b.Ended(session("d"))
		if got := s.sessions(); !slices.Equal(got, []string{"a", "b", "c", "d"}) || b.metric("unwritten") != 0 || b.metric("lost_total") != 0 {
			t.Errorf("written %q", got)
		}
		if !s.records[3].Local || len(s.outbox) != 0 {
			t.Error("something is to be sent, but there is nobody to send it to")
		}
	})
}

// TestNothingLostSilently has too many records wait, and the end come before the disk is back: each that is lost is in
// the log, whole, and counted.
func TestNothingLostSilently(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeStore{err: errFull}
		b := newBench(t, s, nil, nil)
		for i := range maxWaiting + 3 {
			b.Ended(session(fmt.Sprintf("s-%d.", i)))
		}
		for _, id := range []string{"s-0.", "s-2."} {
			if b.logged.count("record lost\" session="+id) != 1 || b.logged.count(`\"SessionId\":\"`+id) != 1 {
				t.Errorf("the log does not have %s", id)
			}
		}
		if b.metric("lost_total") != 3 || b.metric("unwritten") != maxWaiting {
			t.Errorf("lost %v, waiting %v", b.metric("lost_total"), b.metric("unwritten"))
		}
		b.Close()
		b.Ended(session("late"))
		if n := b.logged.count("msg=\"record lost\""); n != maxWaiting+4 || b.metric("lost_total") != float64(n) {
			t.Errorf("%d are in the log, %v counted", n, b.metric("lost_total"))
		}
	})
}

// TestCloseWrites wants what waited to be written at the end, where the disk is back.
func TestCloseWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeStore{err: errFull}
		b := newBench(t, s, nil, nil)
		b.Ended(session("a"))
		s.fail(nil)
		b.Close()
		if got := s.sessions(); !slices.Equal(got, []string{"a"}) {
			t.Errorf("written %q", got)
		}
	})
}

// TestCutOff wants one record, at the next start, of each session that had none.
func TestCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeStore{}
		b := newBench(t, s, nil, nil)
		running := session("cut")
		running.Ended, running.End = time.Time{}, 0
		running.Tracks = []call.Track{
			{User: "bob", Started: running.Started, Ended: running.Accepted, End: call.EndNotAnswered},
			{User: "alice", Started: running.Started, Accepted: running.Accepted},
		}
		b.Progress(running)
		b.Progress(session("over"))
		synctest.Wait()
		b.Ended(session("over"))
		b.Close() // as a kill would: nothing is recorded of "cut"
		s.open = append(s.open, Open{"odd", []byte("{")})
		pass(time.Hour)
		b = newBench(t, s, nil, nil)
		if got := s.sessions(); !slices.Equal(got, []string{"over", "cut", "odd"}) {
			t.Fatalf("recorded %q", got)
		}
		body := string(s.records[1].Body)
		for _, want := range []string{
			`"EndStatus":211,"EndStatusString":"clientError"`, `"HungUpSide":"system"`, `"UserId":"alice"`,
			fmt.Sprintf(`"Duration":%d`, int(time.Since(running.Accepted).Seconds())),
			fmt.Sprintf(`"AcceptTimestamp":0,"EndedTimestamp":%d,"TransferFrom":""`, running.Accepted.Unix()),
			fmt.Sprintf(`"EndedTimestamp":%d,"TransferFrom":""`, time.Now().Unix()),
		} {
			if !strings.Contains(body, want) {
				t.Errorf("no %s in %s", want, body)
			}
		}
		if b.metric("cut_off_total") != 2 || len(s.open) != 0 {
			t.Errorf("open %+v", s.open)
		}
		b.Close()
		newBench(t, s, nil, nil).Close()
		if len(s.sessions()) != 3 {
			t.Error("recorded again")
		}
	})
}

// TestVolatile sends what is left at the end where the store ends with the process, and says what it can't.
func TestVolatile(t *testing.T) {
	for code, want := range map[int]int{200: 0, 500: 1} {
		synctest.Test(t, func(t *testing.T) {
			s := &fakeStore{}
			b := newBench(t, s, func(*http.Request) (*http.Response, error) { return status(code) },
				func(c *Config) { c.Volatile = true })
			synctest.Wait()
			b.Ended(session("a"))
			b.Close()
			if len(s.outbox) != want || b.logged.count("records lost that were not sent") != want {
				t.Errorf("%d: %d are left; %s", code, len(s.outbox), b.logged.text.String())
			}
		})
	}
}

// TestRecordOfRecording wants a record to say where its recording is, and why that is not whole.
func TestRecordOfRecording(t *testing.T) {
	b := newBench(t, &fakeStore{}, nil, func(c *Config) { c.Recordings = "http://pbx.example/recordings/" })
	defer b.Close()
	for problem, part := range map[string]string{"": `"RecordURL":"http://pbx.example/recordings/a"}`,
		"disk full": `"RecordURL":"http://pbx.example/recordings/a","RecordProblem":"disk full"}`} {
		c := session("a")
		c.Recording, c.RecordingProblem = "a", problem
		body, err := json.Marshal(b.from(c))
		if err != nil || !strings.HasSuffix(string(body), part) {
			t.Errorf("%s, %v; want %s at its end", body, err, part)
		}
	}
}
