package test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"seatbridge/test/peers"
)

// crmPage is a page of a business: on load it puts the SDK's URL of its own into a script tag, as the reference's
// sample does, and keeps all that it is told.
const crmPage = `<!doctype html><title>CRM</title><body><script>
window.told = [];
function inject(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.setAttribute('crossorigin', 'anonymous');
    script.src = url;
    script.dataset.loopback = '';
    script.dataset.processing = 'off';
    script.dataset.enableShared = window.shared ?? 'true';
    const began = performance.now();
    script.addEventListener('error', () => reject(new Error('the script does not load')));
    script.addEventListener('load', () => {
      const { events } = window.tccc;
      window.early = window.tccc.Call.accept({ sessionId: 'none' }).catch((e) => e.errorMsg);
      window.earlyStatus = window.tccc.Agent.getStatus();
      for (const name of Object.values(events)) {
        window.tccc.on(name, (payload) => window.told.push({ name, ...payload }));
      }
      window.tccc.on(events.ready, ({ tabUUID }) => {
        window.readyAfter = performance.now() - began;
        resolve(tabUUID);
      });
      window.tccc.on(events.tokenExpired, ({ message }) => reject(new Error(message)));
    });
    document.body.appendChild(script);
  });
}
// Calls a function of the SDK; what it is rejected with is thrown as text.
function ask(space, name, options) {
  return window.tccc[space][name](options).catch((e) => { throw new Error(e.status + ': ' + e.errorMsg); });
}
</script>`

// crm is a business's page, from a server of its own, with an agent's SDK in it.
type crm struct {
	*peers.Page
	t   *testing.T
	api *peers.ServerAPI
}

// sdkGateway is a gateway behind a carrier, and a business's server that may ask it for URLs.
func sdkGateway(t *testing.T) (*peers.Gateway, *peers.Carrier, *peers.ServerAPI) {
	t.Helper()
	k := peers.Kamailio(t)
	g := suite.Gateway(t, peers.Config{Carrier: k, YAML: apiYAML, Env: []string{"API_KEY=" + apiKey}})
	return g, k, peers.NewServerAPI(t, g, apiID, apiKey, apiApp)
}

// newCRM opens the page; the SDK is not loaded yet.
func newCRM(t *testing.T, api *peers.ServerAPI, user string, options ...peers.Option) *crm {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, crmPage)
	}))
	t.Cleanup(server.Close)
	return &crm{suite.Browser(t).Open(t, user, server.URL, options...), t, api}
}

// url asks the gateway, signed, for an SDK's URL.
func (c *crm) url(user string) string {
	c.t.Helper()
	var login struct{ SdkURL string }
	c.api.Do("CreateSDKLoginToken", fields{"SeatUserId": user, "OnlyOnce": true}, &login)
	return login.SdkURL
}

// load puts the SDK into the page and waits until it is ready.
func (c *crm) load(user string) {
	c.t.Helper()
	var tab string
	c.Eval(fmt.Sprintf("inject(%q)", c.url(user)), &tab)
	c.WaitFor(fmt.Sprintf("told.some((e) => e.name === 'ready' && e.tabUUID === %q && e.data.tabUUID === %[1]q)", tab))
}

// ask calls a function of the SDK, such as "Call.hold", about the present session; more are further members.
func (c *crm) ask(function, more string) {
	c.t.Helper()
	space, name, _ := strings.Cut(function, ".")
	c.Eval(fmt.Sprintf("ask(%q, %q, {sessionId: window.session, %s}).then(() => null)", space, name, more), nil)
}

// refused wants a function to be rejected, with a sentence.
func (c *crm) refused(function, options, sentence string) {
	c.t.Helper()
	var said string
	c.Eval(fmt.Sprintf("tccc.%s(%s).then(() => 'done', (e) => `${e.status}: ${e.errorMsg}`)", function, options), &said)
	if !strings.HasPrefix(said, "error: ") || !strings.Contains(said, sentence) {
		c.t.Errorf("%s(%s): %q, want %q", function, options, said, sentence)
	}
}

// waitTold waits for an event, by a condition on e, of the present session where it has one.
func (c *crm) waitTold(name, condition string) {
	c.t.Helper()
	c.WaitFor(fmt.Sprintf(`told.some((e) => e.name === %q && (!e.sessionId || e.sessionId === window.session) && (%s))`,
		name, condition))
}

// TestSDK has a plain page use the SDK: it calls a customer and is called, and does with the call what there is to do.
func TestSDK(t *testing.T) {
	t.Parallel()
	g, k, api := sdkGateway(t)
	c := newCRM(t, api, "alice", tone(1))
	c.load("alice")
	var ready float64
	c.Eval("readyAfter", &ready)
	t.Logf("ready after %.0f ms", ready)
	c.outbound(k)
	c.inbound(g, k)
	c.statuses()
	c.refusals()
	c.lives()
	if errs := c.Errors(); len(errs) > 0 {
		t.Errorf("the page logged %q", errs)
	}
	empty(g)
}

// outbound calls a customer, who is heard, held, and sent digits.
func (c *crm) outbound(k *peers.Carrier) {
	c.t.Helper()
	customer := peers.RTP(c.t, k.Subscriber("+15550199"), tone(0), peers.Manual)
	c.Eval(`ask('Call', 'startOutboundCall', {phoneNumber: '+15550199', phoneDesc: 'Carol', uui: 'order 7'})
		.then((res) => {
			window.session = res.data.sessionId;
			if (res.status !== 'success' || res.sessionId !== res.data.sessionId || res.data.remark !== 'Carol' ||
				res.data.calleePhoneNumber !== '+15550199' || res.data.serverType !== 'staffSeat') {
				throw new Error(JSON.stringify(res));
			}
		})`, nil)
	c.waitTold("callOuted", `e.data.sessionId === e.sessionId && e.calleePhoneNumber === '+15550199' &&
		e.serverType === 'staffSeat' && e.tabUUID === told.find((r) => r.name === 'ready').tabUUID`)
	customer.WaitRinging()
	customer.Answer()
	customer.WaitEstablished()
	c.waitTold("calloutAccepted", "true")
	c.waitTold("statusChanged", "e.status === 'busy'")
	peers.WantAllHear(c.t, map[peers.Ear][]float64{c: {customer.Tone()}, customer: {c.Tone()}})
	c.ask("Call.sendDigits", "dtmfText: '159#'")
	customer.WaitDigits("159#")
	c.ask("Call.hold", "")
	peers.WantSilence(c.t, c)
	c.ask("Call.unHold", "")
	peers.WantAllHear(c.t, map[peers.Ear][]float64{c: {customer.Tone()}, customer: {c.Tone()}})
	c.ask("Call.muteMic", "")
	c.WaitFor("ask('Call', 'isMicMuted', {sessionId: session}).then((res) => res.data.isMicMuted && res.isMicMuted)")
	peers.WantSilence(c.t, customer)
	c.ask("Call.unmuteMic", "")
	peers.WantHears(c.t, customer, c.Tone())
	c.refused("Call.deleteCall", "{sessionId: session}", "hang it up first")
	c.ask("Call.hungUp", "")
	customer.WaitClosed()
	c.waitTold("sessionEnded", "e.closeBy === 'seat' && e.type === 'phone' && e.duration > 0")
	c.waitTold("sessionCompleted", "true")
	c.ask("Call.deleteCall", "")
}

// inbound takes a customer's call, and hands it to a desk phone.
func (c *crm) inbound(g *peers.Gateway, k *peers.Carrier) {
	c.t.Helper()
	customer := peers.RTP(c.t, k.Subscriber("+15550198"), tone(0))
	phone := peers.RTP(c.t, g.Phone("1011"), tone(2))
	customer.Dial("+15550100")
	c.called()
	c.waitTold("callIn", `e.type === 'phone' && e.callerPhoneNumber === '+15550198' && e.timeout > 0 &&
		e.calleePhoneNumber === '+15550100' && e.serverType === 'staffSeat'`)
	c.ask("Call.accept", "")
	customer.WaitEstablished()
	c.waitTold("userAccessed", "e.tabUUID === told.find((r) => r.name === 'ready').tabUUID")
	peers.WantAllHear(c.t, map[peers.Ear][]float64{c: {customer.Tone()}, customer: {c.Tone()}})
	c.ask("Call.transfer", "userId: 'erin'")
	phone.WaitEstablished()
	c.waitTold("transfer", "e.userId === 'erin'")
	c.waitTold("sessionEnded", "true")
	peers.WantAllHear(c.t, map[peers.Ear][]float64{phone: {customer.Tone()}, customer: {phone.Tone()}})
	customer.Hangup()
	phone.WaitClosed()
}

// called waits for a call, which becomes the present session.
func (c *crm) called() {
	c.t.Helper()
	c.WaitFor("window.session = told.find((e) => e.name === 'callIn')?.sessionId")
}

func (c *crm) statuses() {
	c.t.Helper()
	c.WaitFor("tccc.Agent.getStatus() === 'free'")
	c.ask("Agent.setStatus", "status: 'rest', restReason: 'Meal'")
	c.waitTold("statusChanged", "e.status === 'rest' && e.restReason === 'Meal'")
	c.ask("Agent.setStatus", "status: 'notReady'")
	c.WaitFor("tccc.Agent.getStatus() === 'notReady'")
	c.ask("Agent.setStatus", "status: 'stopNotReady'")
	c.WaitFor("tccc.Agent.getStatus() === 'free'")
	c.Eval("tccc.Agent.offline()", nil)
	c.WaitFor("tccc.Agent.getStatus() === 'offline'")
	c.Eval("tccc.Agent.online()", nil)
	c.WaitFor("tccc.Agent.getStatus() === 'free'")
	c.WaitFor(`tccc.Devices.isBrowserSupported() &&
		Promise.all([tccc.Devices.getMicrophones(), tccc.Devices.getSpeakers()]).then(([m, s]) => m.length > 0 &&
			m.every((d) => d.kind === 'audioinput') && s.every((d) => d.kind === 'audiooutput'))`)
}

func (c *crm) refusals() {
	c.t.Helper()
	c.refused("Call.accept", "", "takes an object")
	c.refused("Call.accept", "{}", `"sessionId" is missing`)
	c.refused("Call.accept", "{sessionId: 'none'}", "no such session")
	c.refused("Call.deleteCall", "{sessionId: 'none'}", "no such session")
	c.refused("Call.startOutboundCall", "{phoneNumber: '+4930123456'}", "no outbound rule allows")
	c.refused("Call.transfer", "{sessionId: 'none'}", "say to whom")
	c.refused("Call.monitor", "{sessionId: 'none', textOnly: true}", "speech into text")
	c.refused("Agent.setStatus", "{status: 'asleep'}", "must be one of")
	c.refused("Chat.accept", "{sessionId: 'none'}", "no chats")
	c.refused("Video.end", "{sessionId: 'none'}", "no video")
}

// lives removes the SDK and loads it again, and wants a URL to be good once and a second login to end the first.
func (c *crm) lives() {
	c.t.Helper()
	used := c.url("alice")
	c.Eval(`document.querySelector('body > t3c-sdk#tcccSdkDomRoot').remove();
		window.tccc = undefined; told.length = 0`, nil)
	c.Eval(fmt.Sprintf("inject(%q).then(() => null)", used), nil)
	c.WaitFor("tccc.Agent.getStatus() === 'free' && document.querySelectorAll('t3c-sdk').length === 1")
	c.WaitFor("peers.connections.filter((p) => p.signalingState !== 'closed').length === 1")
	var said string
	c.Eval(fmt.Sprintf("inject(%q).then(() => 'ready', (e) => e.message)", used), &said)
	if !strings.Contains(said, "used up") {
		c.t.Errorf("a URL used twice: %q", said)
	}
	c.load("alice")
	second := newCRM(c.t, c.api, "alice", tone(2))
	second.load("alice")
	c.waitTold("kickedOut", "true")
	c.refused("Call.hungUp", "{sessionId: 'none'}", "load the SDK again")
	second.WaitFor("tccc.Agent.getStatus() === 'free'")
}

// TestSDKSupervision has two agents call each other through the SDK, and an administrator listen, whisper and take over.
func TestSDKSupervision(t *testing.T) {
	t.Parallel()
	g, _, api := sdkGateway(t)
	alice, bob := newCRM(t, api, "alice", tone(0)), newCRM(t, api, "bob", tone(1))
	sam := newCRM(t, api, "sam", tone(2))
	for user, c := range map[string]*crm{"alice": alice, "bob": bob, "sam": sam} {
		c.load(user)
	}
	alice.Eval(`ask('Call', 'startInternalCall', {calleeUserId: 'bob'})
		.then((res) => { window.session = res.data.sessionId; })`, nil)
	bob.called()
	bob.waitTold("callIn", "e.type === 'internal' && e.peerUserId === 'alice'")
	bob.ask("Call.accept", "")
	alice.waitTold("calloutAccepted", "true")
	peers.WantAllHear(t, map[peers.Ear][]float64{alice: {bob.Tone()}, bob: {alice.Tone()}})
	var session string
	bob.Eval("session", &session)
	sam.Eval(fmt.Sprintf("window.session = %q", session), nil)
	bob.refused("Call.monitor", "{sessionId: session}", "supervise")
	sam.refused("Call.intercept", "{sessionId: session}", "monitor the session first")
	sam.ask("Call.monitor", "")
	sam.waitTold("monitor", "e.mode === 'monitor'")
	peers.WantAllHear(t, map[peers.Ear][]float64{
		sam: {alice.Tone(), bob.Tone()}, alice: {bob.Tone()}, bob: {alice.Tone()},
	})
	sam.ask("Call.intercept", "")
	sam.waitTold("userAccessed", "e.tabUUID")
	bob.waitTold("sessionEnded", "e.type === 'internal'")
	peers.WantAllHear(t, map[peers.Ear][]float64{alice: {sam.Tone()}, sam: {alice.Tone()}})
	alice.ask("Call.hungUp", "")
	sam.waitTold("sessionEnded", "true")
	empty(g)
}

// TestSDKWithoutMicrophone wants an agent who allows no microphone to be told so, and the page to go on.
func TestSDKWithoutMicrophone(t *testing.T) {
	t.Parallel()
	g, k, api := sdkGateway(t)
	c := newCRM(t, api, "alice")
	c.Eval(`(() => { navigator.mediaDevices.getUserMedia = async () => {
		throw new DOMException('', 'NotAllowedError');
	}; })()`, nil)
	c.load("alice")
	c.WaitFor("early.then((message) => message.includes('not ready') && earlyStatus === 'offline')")
	c.waitTold("problem", "e.message.includes('microphone is blocked')")
	c.refused("Call.startOutboundCall", "{phoneNumber: '+15550199'}", "microphone is blocked")
	customer := peers.RTP(t, k.Subscriber("+15550198"), tone(0))
	customer.Dial("+15550100")
	c.called()
	c.refused("Call.accept", "{sessionId: session}", "microphone is blocked")
	c.ask("Call.hungUp", "")
	customer.WaitClosed()
	c.waitTold("sessionEnded", "true")
	empty(g)
}

// TestSDKReload wants a page that is loaded anew in mid-call to be in the call again, and told so.
func TestSDKReload(t *testing.T) {
	t.Parallel()
	g, k, api := sdkGateway(t)
	c := newCRM(t, api, "alice", tone(1))
	c.load("alice")
	customer := peers.RTP(t, k.Subscriber("+15550198"), tone(0))
	customer.Dial("+15550100")
	c.called()
	c.ask("Call.accept", "")
	customer.WaitEstablished()
	c.Reload()
	c.load("alice")
	c.called()
	c.waitTold("userAccessed", "true")
	peers.WantAllHear(t, map[peers.Ear][]float64{c: {customer.Tone()}, customer: {c.Tone()}})
	c.ask("Call.hungUp", "")
	customer.WaitClosed()
	c.waitTold("sessionEnded", "e.closeBy === 'seat'")
	empty(g)
}

// TestSDKDeskPhone has an agent whose device is a desk phone call a customer by the SDK: the phone rings first.
func TestSDKDeskPhone(t *testing.T) {
	t.Parallel()
	g, k, api := sdkGateway(t)
	phone := peers.RTP(t, g.Phone("1011"), tone(1), peers.Manual)
	customer := peers.RTP(t, k.Subscriber("+15550199"), tone(0))
	c := newCRM(t, api, "erin")
	c.load("erin")
	c.Eval(`ask('Call', 'startOutboundCall', {phoneNumber: '+15550199'})
		.then((res) => { window.session = res.data.sessionId; })`, nil)
	c.waitTold("callOuted", "e.serverType === 'staffExtensionSeat'")
	phone.WaitRinging()
	phone.Answer()
	c.waitTold("calloutAccepted", "true")
	peers.WantAllHear(t, map[peers.Ear][]float64{phone: {customer.Tone()}, customer: {phone.Tone()}})
	c.ask("Call.sendDigits", "dtmfText: '7'")
	customer.WaitDigits("7")
	c.ask("Call.muteMic", "")
	peers.WantSilence(t, customer)
	c.ask("Call.hungUp", "")
	phone.WaitClosed()
	customer.WaitClosed()
	empty(g)
}
