package test

import (
	"fmt"
	"testing"

	"seatbridge/test/peers"
)

// TestSDKLocation has an agent be told where customers are from, whose numbers it does not see, and the records say so
// too.
func TestSDKLocation(t *testing.T) {
	t.Parallel()
	clerk, url := newClerk(t)
	k := peers.Kamailio(t)
	g := suite.Gateway(t, peers.Config{
		Carrier: k, Env: []string{"API_KEY=" + apiKey, "CDR_SECRET=hush"},
		YAML: apiYAML + fmt.Sprintf(`
cdr: {url: %q, secret: "${CDR_SECRET}"}
trunks: [{name: carrier, protect_numbers: true}]
locations:
  - {prefix: "+1555", name: Demo City}
  - {prefix: "+15550198", name: <b>Far</b> away}
`, url),
	})
	c := newCRM(t, peers.NewServerAPI(t, g, apiID, apiKey, apiApp), "alice", tone(1))
	c.load("alice")

	customer := peers.RTP(t, k.Subscriber("+15550199"), tone(0))
	c.Eval(`ask('Call', 'startOutboundCall', {phoneNumber: '+15550199', phoneDesc: 'Carol'}).then((res) => {
		window.session = res.sessionId;
		if (res.calleeLocation !== 'Demo City' || res.calleePhoneNumber !== '+****0199') {
			throw new Error(JSON.stringify(res));
		}
	})`, nil)
	customer.WaitEstablished()
	c.waitTold("callOuted", "e.calleeLocation === 'Demo City' && e.protectedCallee === '+****0199'")
	c.ask("Call.hungUp", "")
	customer.WaitClosed()

	caller := peers.RTP(t, k.Subscriber("+15550198"), tone(2))
	caller.Dial("+15550100")
	c.called()
	c.waitTold("callIn", "e.callerLocation === '<b>Far</b> away' && e.protectedCaller === '+****0198'")
	c.ask("Call.hungUp", "")
	caller.WaitClosed()

	records := clerk.wait(2)
	if r := records[0]; r.CallerLocation != "Demo City" || r.Remark != "Carol" || r.Callee != "+15550199" {
		t.Errorf("the record of the call out: %+v", r)
	}
	if r := records[1]; r.CallerLocation != "<b>Far</b> away" || r.Caller != "+15550198" {
		t.Errorf("the record of the call in: %+v", r)
	}
	empty(g)
}
