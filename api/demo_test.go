package api

import (
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"seatbridge/web"
)

// TestDemoCRM wants the demo's page to be there in the demo alone, and its URLs to load the SDK for who is named.
func TestDemoCRM(t *testing.T) {
	site, err := web.Demo()
	if err != nil {
		t.Fatal(err)
	}
	for _, demo := range []bool{false, true} {
		g := newGateway(t, withSDK, func(c *Config) { c.DemoLogin, c.Demo = demo, site })
		want := map[bool]int{false: http.StatusNotFound, true: http.StatusOK}[demo]
		for _, path := range []string{"/demo/crm", "/demo/crm.js", "/demo/crm.css", "/demo/crm.svg"} {
			if status, answer := g.request("GET", path, ""); status != want {
				t.Errorf("demo %t: %s: %d %v", demo, path, status, answer)
			}
		}
		status, answer := g.post("/api/v1/demo/sdk", `{"user": "alice"}`)
		if status != want {
			t.Errorf("demo %t: %d %v", demo, status, answer)
		}
		if !demo {
			continue
		}
		url, _ := answer["SdkURL"].(string)
		if login := g.sdk(url, "http://"+g.address); login.User != "alice" || login.Token == "" {
			t.Errorf("%s knows %+v", url, login)
		}
		if status, _ := g.post("/api/v1/demo/sdk", `{"user": "mallory"}`); status != http.StatusNotFound {
			t.Errorf("an unknown user: %d", status)
		}
		if status, _ := g.post("/api/v1/demo/sdk", `{"user": "alice"}`, "Origin", crm); status != http.StatusForbidden {
			t.Errorf("a page elsewhere: %d", status)
		}
	}
}

// TestDemoCRMIsSmall wants the page to be as short as it is said to be, and to do without what our own
// Content-Security-Policy forbids.
func TestDemoCRMIsSmall(t *testing.T) {
	site, err := web.Demo()
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, name := range []string{"crm.html", "crm.js"} {
		text, err := fs.ReadFile(site, name)
		if err != nil {
			t.Fatal(err)
		}
		lines += strings.Count(string(text), "\n")
		inline := regexp.MustCompile(`<style|<script[^>]*>[^<]|\sstyle=|\son[a-z]+=|innerHTML|eval\(`)
		if found := inline.FindString(string(text)); found != "" {
			t.Errorf("%s has %q", name, found)
		}
	}
	if lines > 60 {
		t.Errorf("it has %d lines", lines)
	}
}
