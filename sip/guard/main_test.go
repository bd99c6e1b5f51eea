package guard

import (
	"log/slog"
	"net/netip"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newGuard(cfg Config) *Guard {
	return New(cfg, slog.New(slog.DiscardHandler), NewMetrics(prometheus.NewRegistry()))
}

// dropped is how much was dropped for a reason.
func dropped(g *Guard, transport string, why reason) int {
	return int(testutil.ToFloat64(g.metrics.dropped.WithLabelValues(transport, why.String())))
}

var (
	phoneAddr    = netip.MustParseAddr("192.0.2.10")
	attackerAddr = netip.MustParseAddr("203.0.113.66")
	trunkAddr    = netip.MustParseAddr("198.51.100.7")
)

func TestMetricsNames(t *testing.T) {
	reg := prometheus.NewRegistry()
	NewMetrics(reg)
	if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}
