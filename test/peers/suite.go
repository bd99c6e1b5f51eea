package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// Suite is what the tests of one package share: the gateway's binary and one Chromium, each made when first needed.
type Suite struct {
	dir    string
	binary func() (string, error)

	mu      sync.Mutex
	browser *Browser
}

// NewSuite prepares a suite; Main runs and ends it.
func NewSuite() *Suite {
	s := &Suite{}
	s.binary = sync.OnceValues(s.build)
	return s
}

// Main runs the tests and cleans up; TestMain exits with what it returns.
func (s *Suite) Main(m *testing.M) int {
	dir, err := os.MkdirTemp("", "seatbridge-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	s.dir = dir
	code := m.Run()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.browser != nil {
		s.browser.close()
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// build compiles the gateway, with the race detector where the tests have it: benchmarks have not.
func (s *Suite) build() (string, error) {
	path := filepath.Join(s.dir, "seatbridge")
	arguments := []string{"build", "-o", path, fmt.Sprintf("-race=%v", raceDetector), "seatbridge/cmd/seatbridge"}
	out, err := exec.Command("go", arguments...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
}

// Browser is the suite's Chromium.
func (s *Suite) Browser(t testing.TB) *Browser {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.browser == nil {
		b, err := launchBrowser(s.dir)
		if err != nil {
			t.Fatal(err)
		}
		s.browser = b
	}
	return s.browser
}
