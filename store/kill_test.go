package store

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// childOf is set in the environment of a copy of this test that writes to the file it names until it is killed.
const childOf = "SEATBRIDGE_STORE_TEST_FILE"

// writeUntilKilled appends records and prints the session of each that was acknowledged.
func writeUntilKilled(path string) {
	s, err := Open(context.Background(), path, silent)
	if err != nil {
		fmt.Println("error:", err)
		return
	}
	for i := 0; ; i++ {
		id := fmt.Sprintf("%d-%d", os.Getpid(), i)
		if err := s.AppendRecord(context.Background(), record(id)); err != nil {
			fmt.Println("error:", err)
			return
		}
		fmt.Println(id)
	}
}

// TestKilled kills a writer at any moment, several times: what it acknowledged is there, each record with its entry in
// the outbox, and the file is sound and free.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	acknowledged := map[string]bool{}
	for _, after := range []int{1, 20, 70} {
		for _, id := range killed(t, path, after) {
			acknowledged[id] = true
		}
		s := open(t, path)
		sound(t, s)
		page, total, err := s.Records(t.Context(), Query{Size: 100000})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page {
			delete(acknowledged, r.SessionID)
		}
		if len(acknowledged) > 0 {
			t.Fatalf("lost after a kill: %v", acknowledged)
		}
		count(t, s, total)
		closed(t, s)
	}
}

// killed runs a writer, kills it after some records, and returns all that it acknowledged.
func killed(t *testing.T, path string, after int) []string {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childOf+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var pid, i int
		if _, err := fmt.Sscanf(lines.Text(), "%d-%d", &pid, &i); err != nil {
			t.Errorf("the writer says %q", lines.Text())
			continue
		}
		if ids = append(ids, lines.Text()); len(ids) == after {
			if _, err := Open(t.Context(), path, silent); err == nil {
				t.Error("a second process may open the file")
			}
			if err := child.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	if err := child.Wait(); err == nil || len(ids) < after {
		t.Fatalf("%d acknowledged, the writer ended with %v", len(ids), err)
	}
	return ids
}
