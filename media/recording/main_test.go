package recording

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// child names the directory that this binary is to record into, until it is killed, in place of testing.
const child = "SEATBRIDGE_TEST_RECORDING"

func TestMain(m *testing.M) {
	if dir := os.Getenv(child); dir != "" {
		recordForEver(dir)
	}
	goleak.VerifyTestMain(m)
}

func recordForEver(dir string) {
	r, err := New(Config{Dir: dir, Log: slog.Default()})
	if err != nil {
		panic(err)
	}
	rec := r.Start("s1", func(err error) { panic(err) })
	customer := newSpeech(1)
	for tick := time.NewTicker(20 * time.Millisecond); ; <-tick.C {
		customer.say(rec.Customer())
	}
}
