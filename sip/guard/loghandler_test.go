package guard

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLogHandlerDropsPayload(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(LogHandler(slog.NewTextHandler(&out, nil))).With("caller", "Transport<UDP>").WithGroup("g")
	log.Error("failed to parse",
		"data", "card 4111", "error", errors.New("field in 'card 4111'"), "laddr", "127.0.0.1:5060")
	log.Error("Read error", "error", errors.New("reset"))
	log.Debug("not shown")
	got := out.String()
	if strings.Contains(got, "4111") || strings.Contains(got, "not shown") {
		t.Errorf("payload in %q", got)
	}
	for _, want := range []string{"failed to parse", "caller=Transport<UDP>", "g.laddr=127.0.0.1:5060", "g.error=reset"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in %q", want, got)
		}
	}
}

func TestLogHandlerSamples(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := slog.New(LogHandler(slog.NewTextHandler(&out, nil)))
		for range 20_000 {
			log.Error("failed to parse")
			log.With("caller", "x").Error("failed to parse")
		}
		log.Error("Read error")
		if n := strings.Count(out.String(), "failed to parse"); n != 10 {
			t.Errorf("%d lines at once", n)
		}
		if !strings.Contains(out.String(), "Read error") {
			t.Error("another message is suppressed too")
		}
		time.Sleep(time.Second)
		log.Error("failed to parse")
		if !strings.Contains(out.String(), "suppressed=39990") {
			t.Errorf("what was suppressed is not said: %s", out.String()[out.Len()-200:])
		}
	})
}

func TestLogHandlerIsBounded(t *testing.T) {
	h := LogHandler(slog.DiscardHandler).(logHandler)
	for i := range 10_000 {
		h.samples.take(strings.Repeat("x", i))
	}
	if n := len(h.samples.limits); n > maxSamples+1 {
		t.Errorf("%d messages are kept", n)
	}
}

func TestDropLogLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		g := newGuard(Config{})
		g.log = slog.New(slog.NewTextHandler(&out, nil))
		for range 20_000 {
			g.drop("udp", malformed, attackerAddr)
			time.Sleep(time.Millisecond)
		}
		if n := strings.Count(out.String(), "\n"); n != 2 {
			t.Errorf("%d lines in 20 s:\n%s", n, out.String())
		}
		if !strings.Contains(out.String(), "count=10000") {
			t.Errorf("what was dropped meanwhile is not said:\n%s", out.String())
		}
	})
}
