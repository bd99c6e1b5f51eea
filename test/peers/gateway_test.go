package peers

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }

// suite is shared by the tests of this package: Go gives TestMain no other way to hand them something.
var suite = NewSuite()

// TestGatewayStartsWithItsCarrier starts everything of the standard configuration and changes some of it.
func TestGatewayStartsWithItsCarrier(t *testing.T) {
	carrier := Kamailio(t)
	gw := suite.Gateway(t, Config{Carrier: carrier, YAML: `
sip: {session_expires: 90s}
phones:
  - {extension: "1011", password: other}
  - {extension: "1016", password: secret}
trunks:
  - {name: carrier, dtmf: info}
`})
	if got := gw.Phone("1011"); got.Password != "other" || got.UDP != carrier.Customer {
		t.Errorf("account %+v", got)
	}
	if got := gw.Phone("1016"); got.Password != "secret" || !got.TLS.IsValid() || got.Realm != "seatbridge.test" {
		t.Errorf("account %+v", got)
	}
	Linphone(t, gw.Phone("1013"), SHA256)
	Baresip(t, gw.Phone("1011"), TLS)
	gw.WaitLog("registered.*1013")
	if gw.Metric("go_goroutines") < 1 {
		t.Error("no goroutines")
	}
	if gw.Sockets() < 5 {
		t.Errorf("%d sockets", gw.Sockets())
	}
}
