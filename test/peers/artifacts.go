package peers

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Dir makes a directory for the files of one peer: below $SEATBRIDGE_ARTIFACTS, in the test's name, where that is set
// and they are to be kept; else one that goes with the test.
func Dir(t testing.TB, peer string) string {
	t.Helper()
	root := os.Getenv("SEATBRIDGE_ARTIFACTS")
	if root == "" {
		root = t.TempDir()
	} else {
		root = filepath.Join(root, strings.NewReplacer("/", "_", " ", "_").Replace(t.Name()))
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(root, peer+"-")
	if err != nil {
		t.Fatal(err)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// tailLength is how much of a log is shown when a test fails.
const tailLength = 6000

// showOnFailure prints the end of a log if the test has failed. Call it from a cleanup.
func showOnFailure(t testing.TB, title, path string) {
	t.Helper()
	if !t.Failed() {
		return
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Logf("%s: %v", title, err)
		return
	}
	if cut := len(b) - tailLength; cut > 0 {
		b = append([]byte(fmt.Sprintf("... %d bytes before, see %s\n", cut, path)), b[cut:]...)
	}
	t.Logf("---- %s ----\n%s", title, b)
}

// write makes a file of a peer's.
func write(t testing.TB, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
