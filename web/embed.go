// Package web owns what the gateway serves to browsers: the page, in plain HTML, CSS and ES modules, the SDK, which
// make build bundles, and the demo's CRM. All of it is embedded in the binary.
package web

import (
	"embed"
	"io/fs"
)

//go:embed phone demo sdk/dist sdk/tccc.d.ts
var files embed.FS

// Phone is the page of the softphone: index.html and what it loads.
func Phone() (fs.FS, error) { return fs.Sub(files, "phone") }

// Demo is the page of a small CRM that uses the SDK: crm.html and what it loads.
func Demo() (fs.FS, error) { return fs.Sub(files, "demo") }

// SDK is the script of the browser SDK: the body of a function of one argument, seatbridgeLogin. The error is
// fs.ErrNotExist where the SDK was not built before the binary.
func SDK() ([]byte, error) { return files.ReadFile("sdk/dist/tccc.js") }

// SDKTypes are the types of the browser SDK, for TypeScript.
func SDKTypes() ([]byte, error) { return files.ReadFile("sdk/tccc.d.ts") }
