// Package browser owns what the end-to-end tests run inside Chromium.
package browser

import _ "embed"

// Hook is the script that runs in a page before the page's own.
//
//go:embed hook.js
var Hook string
