package sip

import (
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"go.uber.org/goleak"
)

// testT1 stands for the 500 ms of real life.
const testT1 = 40 * time.Millisecond

func TestMain(m *testing.M) {
	sip.SetTimers(testT1, 8*testT1, 10*testT1) // sipgo's are for the whole process
	goleak.VerifyTestMain(m)
}
