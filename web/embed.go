// Package web owns what the gateway serves to browsers: the workbench's page and the SDK, which make build bundles, and
// the demo's CRM. All of it is embedded in the binary.
package web

import (
	"embed"
	"io/fs"
)

//go:embed demo sdk/dist sdk/tccc.d.ts
var files embed.FS

// Page is the workbench as a page: index.html and what it loads. The error is fs.ErrNotExist where it was not bundled
// before the binary was built.
func Page() (fs.FS, error) {
	if _, err := fs.Stat(files, "sdk/dist/page/index.html"); err != nil {
		return nil, err
	}
	return fs.Sub(files, "sdk/dist/page")
}

// Demo is the page of a small CRM that uses the SDK: crm.html and what it loads.
func Demo() (fs.FS, error) { return fs.Sub(files, "demo") }

// SDK is the script of the browser SDK: the body of a function of one argument, seatbridgeLogin. The error is
// fs.ErrNotExist where the SDK was not built before the binary.
func SDK() ([]byte, error) { return files.ReadFile("sdk/dist/tccc.js") }

// SDKTypes are the types of the browser SDK, for TypeScript.
func SDKTypes() ([]byte, error) { return files.ReadFile("sdk/tccc.d.ts") }
