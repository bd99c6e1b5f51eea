package api

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// folder has recordings by their file's name.
type folder string

func (f folder) Open(id string) (Recording, error) {
	if id == "broken" {
		return nil, fs.ErrPermission
	}
	return os.Open(filepath.Join(string(f), id))
}

// TestRecordings wants a recording, and any part of it, to be had by who may listen, and by nobody else.
func TestRecordings(t *testing.T) {
	dir := folder(t.TempDir())
	if err := os.WriteFile(filepath.Join(string(dir), "s1"), []byte("RIFF0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	g := newGateway(t, func(c *Config) { c.Recordings = dir })
	sam, alice := "Bearer "+g.token("sam", forOperations), "Bearer "+g.token("alice", forOperations)
	for _, ca := range []struct {
		path, token, part string
		status            int
		want              string
	}{
		{"s1", sam, "", http.StatusOK, "RIFF0123456789"},
		{"s1", sam, "bytes=4-6", http.StatusPartialContent, "012"},
		{"s1", sam, "bytes=-2", http.StatusPartialContent, "89"},
		{"s1", sam, "bytes=99-", http.StatusRequestedRangeNotSatisfiable, ""},
		{"s2", sam, "", http.StatusNotFound, ""},
		{"broken", sam, "", http.StatusNotFound, ""},
		{"s1", alice, "", http.StatusForbidden, ""},
		{"s1", "Bearer " + g.token("sam"), "", http.StatusUnauthorized, ""},
		{"s1", "", "", http.StatusUnauthorized, ""},
	} {
		status, answer := g.request("GET", "/api/v1/recordings/"+ca.path, "", "Authorization", ca.token, "Range", ca.part)
		if text, _ := answer["text"].(string); status != ca.status || ca.want != "" && text != ca.want {
			t.Errorf("%+v: %d %v", ca, status, answer)
		}
	}
	if status, answer := newGateway(t).request("GET", "/api/v1/recordings/s1", ""); status != http.StatusUnauthorized {
		t.Errorf("where nothing is recorded: %d %v", status, answer)
	}
}
