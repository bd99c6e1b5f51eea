package test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows is the map of docs/architecture.md: which of our packages each may import. A package below a folder obeys
// its folder's line and may import its siblings below it.
func arrows() map[string][]string {
	return map[string][]string{
		"cmd":     {"api", "bridge", "call", "codec", "configs", "dtmf", "leg", "media", "metrics", "rtc", "seat", "sip", "store", "web"},
		"store":   {"seat", "sip", "api"}, // whose interfaces it implements
		"api":     {"call", "seat", "web", "leg", "metrics"},
		"call":    {"bridge", "leg", "seat", "media", "codec", "dtmf", "metrics"},
		"seat":    {"metrics"},
		"bridge":  {"media", "codec", "metrics"},
		"sip":     {"leg", "media", "codec", "dtmf", "metrics"},
		"rtc":     {"leg", "media", "codec", "dtmf", "metrics"},
		"leg":     {"media", "codec", "dtmf"},
		"media":   {"codec", "dtmf", "metrics"},
		"codec":   {},
		"dtmf":    {},
		"metrics": {},
		"web":     {},
		"configs": {"codec"},
	}
}

// only says which folders alone may import an outside module; tests of any package may.
func only() map[string][]string {
	return map[string][]string{
		"github.com/pion/webrtc/v3": {"rtc"},
		"github.com/emiago/sipgo":   {"sip", "cmd"}, // cmd has SIP peers of its own: the demo's and the load generator's
		"github.com/zaf/g711":       {"codec"},

		"github.com/mattn/go-sqlite3": {"store"},
	}
}

type listed struct {
	ImportPath string
	Imports    []string
}

func TestImportsFollowTheMap(t *testing.T) {
	packages := list(t)
	if len(packages) < len(arrows())-1 {
		t.Fatalf("only %d packages listed", len(packages))
	}
	for _, p := range packages {
		from := folder(p.ImportPath)
		if from == "test" {
			continue
		}
		allowed, known := arrows()[from]
		if !known {
			t.Errorf("%s: the folder %q is not on the map", p.ImportPath, from)
		}
		for _, imported := range p.Imports {
			to := folder(imported)
			if strings.HasPrefix(imported, "seatbridge/") && to != from && !slices.Contains(allowed, to) {
				t.Errorf("%s must not import %s", p.ImportPath, imported)
			}
			for module, owners := range only() {
				if strings.HasPrefix(imported, module) && !slices.Contains(owners, from) {
					t.Errorf("%s must not import %s: only %v may", p.ImportPath, imported, owners)
				}
			}
		}
	}
}

func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "seatbridge/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func folder(path string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(path, "seatbridge/"), "/")
	return name
}
