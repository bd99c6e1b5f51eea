package api

import (
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"seatbridge/web"
)

func TestPageIsServed(t *testing.T) {
	g := newGateway(t, func(c *Config) {
		c.Page = fstest.MapFS{"index.html": {Data: []byte("<p>")}, "app.js": {Data: []byte("1")}}
	})
	for path, want := range map[string]struct {
		status      int
		contentType string
	}{
		"/":              {200, "text/html; charset=utf-8"},
		"/index.html":    {200, "text/html; charset=utf-8"},
		"/app.js":        {200, "text/javascript; charset=utf-8"},
		"/other.js":      {404, "application/json"},
		"/../server.go":  {404, "application/json"},
		"/api/v1/what":   {404, "application/json"},
		"/index.html/..": {200, "text/html; charset=utf-8"},
	} {
		res, err := g.client.Get("http://" + g.address + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want.status || res.Header.Get("Content-Type") != want.contentType {
			t.Errorf("%s: %d %s", path, res.StatusCode, res.Header.Get("Content-Type"))
		}
		for _, header := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"} {
			if res.Header.Get(header) == "" {
				t.Errorf("%s: no %s", path, header)
			}
		}
		if res.StatusCode == 200 {
			if status, _ := g.request("GET", path, "", "If-None-Match", res.Header.Get("ETag")); status != 304 {
				t.Errorf("%s again: %d", path, status)
			}
		}
	}
	if status, _ := g.post("/", ""); status != 405 {
		t.Error("POST to the page:", status)
	}
}

func TestPageWithUnknownFile(t *testing.T) {
	if _, err := newPage(fstest.MapFS{"a.exe": {}}); err == nil {
		t.Error("served as what?")
	}
}

// TestPageIsComplete sees that all that the page loads is there and is its own, and that nothing in it is inline, which
// the Content-Security-Policy forbids.
func TestPageIsComplete(t *testing.T) {
	files, err := web.Page()
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPage(files)
	if err != nil {
		t.Fatal(err)
	}
	loads := map[string]*regexp.Regexp{
		".html": regexp.MustCompile(`(?:src|href)="([^"]*)"`),
		".js":   regexp.MustCompile(`(?:from|import) '\./([^']*)'`),
		".css":  regexp.MustCompile(`(?:url|@import)[ (]*["']?([^"')]*)`),
	}
	loaded := map[string]bool{"index.html": true}
	for name, f := range p {
		if finder := loads[path.Ext(name)]; finder != nil {
			for _, found := range finder.FindAllStringSubmatch(string(f.body), -1) {
				loaded[found[1]] = true
				if _, ok := p[found[1]]; !ok {
					t.Errorf("%s loads %s", name, found[1])
				}
			}
		}
	}
	for name := range p {
		if !loaded[name] {
			t.Errorf("nothing loads %s", name)
		}
	}
	html := string(p["index.html"].body)
	for _, inline := range []string{"<style", " style=", " onclick=", "javascript:"} {
		if strings.Contains(html, inline) {
			t.Errorf("index.html has %s", inline)
		}
	}
	if regexp.MustCompile(`<script[^>]*>[^<]`).MatchString(html) {
		t.Error("index.html has a script in it")
	}
}
