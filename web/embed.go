// Package web owns the page that the gateway serves: plain HTML, CSS and ES modules, embedded in the binary.
package web

import (
	"embed"
	"io/fs"
)

//go:embed phone
var files embed.FS

// Phone is the page of the softphone: index.html and what it loads.
func Phone() (fs.FS, error) { return fs.Sub(files, "phone") }
