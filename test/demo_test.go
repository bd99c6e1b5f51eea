package test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"seatbridge/test/peers"
)

// demoGateway is what make run starts, on ports of its own.
func demoGateway(t *testing.T) *peers.Gateway {
	t.Helper()
	carrier := peers.Ports(t).Addr().String()
	return suite.Gateway(t, peers.Config{YAML: fmt.Sprintf(`
demo: {enabled: true, carrier: %q, trunk: carrier, phone: "1012"}
phones: [{extension: "1012", password: ""}]
trunks: [{name: carrier, gateways: [{address: %[1]q, transport: udp}], caller_ids: ["+15550100"], codecs: [pcmu]}]
outbound: [{prefix: "+1555", trunks: [carrier]}]
inbound: [{number: "+15550100", user: alice}]
`, carrier)})
}

// TestDemoCRM works in the demo's CRM: a click on a customer and on Call sounds the customer's tune, what is noted stays,
// and who calls has its card shown.
func TestDemoCRM(t *testing.T) {
	t.Parallel()
	g := demoGateway(t)
	page := suite.Browser(t).Open(t, "alice", g.URL("/demo/crm?loopback=1&processing=off"), tone(0))
	text := func(id, want string) {
		t.Helper()
		page.WaitFor(fmt.Sprintf("document.getElementById(%q).textContent === %q", id, want))
	}
	text("name", "Carol Reyes")
	page.Click("#begin")
	text("status", "free")
	page.Click("nav button:has-text('Ivo Berg'):not(:has-text('mobile'))")
	text("name", "Ivo Berg")
	page.Click("nav button:has-text('Carol')")
	text("name", "Carol Reyes")
	page.Fill("#notes", "wants <b>blue</b> ones")
	page.Click("#dial")
	text("call", "Carol Reyes is on the line.")
	text("status", "busy")
	tune := []float64{392, 440, 523.25, 587.33, 659.25} // of cmd/internal/sim
	if heard := peers.Listen(page, 4*time.Second, tune...); !hasAll(heard.Tones, tune) {
		t.Errorf("the agent hears %v, want the tune", heard)
	}
	if os.Getenv("SEATBRIDGE_ARTIFACTS") != "" {
		page.Screenshot(filepath.Join(peers.Dir(t, "screenshots"), "crm.png"))
	}
	page.Click("#hangup")
	text("call", "Nobody is on the line.")

	page.Click("nav button:has-text('Ivo Berg'):not(:has-text('mobile'))")
	page.WaitFor("notes.value === ''")
	page.Click("#dial")
	text("call", "Ivo Berg, mobile is calling.") // after the first call, which lasts for two seconds
	text("name", "Ivo Berg, mobile")
	page.Click("#answer")
	text("call", "Ivo Berg, mobile is on the line.")
	if heard := peers.Listen(page, 4*time.Second, tune...); !hasAll(heard.Tones, tune) {
		t.Errorf("the agent hears %v, want the tune", heard)
	}
	page.Click("#hangup")
	text("call", "Nobody is on the line.")
	page.Click("nav button:has-text('Carol')")
	page.WaitFor("notes.value === 'wants <b>blue</b> ones'")
	if errs := page.Errors(); len(errs) > 0 {
		t.Errorf("the page logged %q", errs)
	}
	empty(g)
}

func hasAll(have, want []float64) bool {
	return !slices.ContainsFunc(want, func(hz float64) bool { return !slices.Contains(have, hz) })
}
