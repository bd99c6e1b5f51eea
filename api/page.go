package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// pageFiles serves the files of the page from memory.
type pageFiles map[string]pageFile

type pageFile struct {
	contentType string
	etag        string
	body        []byte
}

// pageTypes are the kinds of files that a page has; the machine's own table is not asked.
func pageTypes() map[string]string {
	return map[string]string{
		".html": "text/html; charset=utf-8",
		".css":  "text/css; charset=utf-8",
		".js":   "text/javascript; charset=utf-8",
		".svg":  "image/svg+xml",
	}
}

func newPage(files fs.FS) (pageFiles, error) {
	p, types := pageFiles{}, pageTypes()
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		contentType, known := types[path.Ext(name)]
		if !known {
			return fmt.Errorf("api: the page's file %s has no known type", name)
		}
		hash := sha256.Sum256(body)
		p[name] = pageFile{contentType, `"` + hex.EncodeToString(hash[:12]) + `"`, body}
		return nil
	})
	return p, err
}

// serve answers with a file of the page; it is false, and says nothing, where there is none.
func (p pageFiles) serve(w http.ResponseWriter, r *http.Request) bool {
	name := strings.TrimPrefix(r.URL.Path, "/")
	setDefault(&name, "index.html")
	f, ok := p[name]
	switch {
	case !ok:
		return false
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		notAllowed(w, r, http.MethodGet, http.MethodHead)
		return true
	}
	f.send(w, r)
	return true
}

// send answers with the file.
func (f pageFile) send(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", f.contentType)
	w.Header().Set("Cache-Control", "no-cache") // keep it, but ask each time: a new gateway has a new page
	w.Header().Set("ETag", f.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
}
