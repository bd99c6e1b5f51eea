// Package test has the end-to-end tests: the gateway's binary with real phones, a real carrier and a real browser, each
// with its own tone, and what everybody hears asserted by frequency.
package test

import (
	"os"
	"testing"

	"seatbridge/test/peers"
)

// suite holds what all tests share and would be slow to make anew: the binary and Chromium. TestMain ends it.
var suite = peers.NewSuite()

func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }

// tone is the i-th of the tones that do not disturb each other.
func tone(i int) peers.Option { return peers.Tone(peers.Tones()[i]) }
