package test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"seatbridge/test/peers"
)

// TestSDKLoading tries the SDK's beginning and its end, each with a page of its own: the ways to load it, to miss its
// events, to remove it and to load it again.
func TestSDKLoading(t *testing.T) {
	t.Parallel()
	g, _, api := sdkGateway(t)
	t.Run("ready", func(t *testing.T) { ready(newCRM(t, api, "alice")) })
	t.Run("ready late", func(t *testing.T) { readyLate(newCRM(t, api, "alice")) })
	t.Run("ready tabUUID", func(t *testing.T) { anotherTab(newCRM(t, api, "alice")) })
	t.Run("on and off", func(t *testing.T) { onAndOff(newCRM(t, api, "alice")) })
	t.Run("before ready", func(t *testing.T) { beforeReady(newCRM(t, api, "alice")) })
	t.Run("data attributes", func(t *testing.T) { oldAttributes(newCRM(t, api, "alice")) })
	t.Run("removal", func(t *testing.T) { removal(newCRM(t, api, "alice")) })
	t.Run("second load", func(t *testing.T) { secondLoad(newCRM(t, api, "alice")) })
	t.Run("size", func(t *testing.T) { size(t, newCRM(t, api, "alice").url("alice")) })
	empty(g)
}

// ready wants script.onload first, then ready, once, within a second and a bit of a busy machine's.
func ready(c *crm) {
	c.Eval("window.loaded = () => { window.first = told.length === 0 && tccc.Agent.getStatus(); }", nil)
	c.load("alice")
	c.WaitFor("first === 'offline' && told.filter((e) => e.name === 'ready').length === 1 && told[0].name === 'ready'")
	c.WaitFor(`tccc.Agent.getStatus() === 'free' &&
		Object.values(tccc.events).every((name) => tccc.events[name] === name)`)
	c.WaitFor(`['ready', 'tokenExpired', 'callIn', 'userAccessed', 'autoTransfer', 'sessionEnded', 'sessionCompleted',
		'callOuted', 'calloutAccepted', 'transfer', 'statusChanged', 'kickedOut', 'asr'].every((e) => e in tccc.events)`)
	var after float64
	c.Eval("readyAfter", &after)
	c.t.Logf("ready after %.0f ms", after)
	c.clean()
}

// readyLate wants who listens long after ready to be told it too, but not what was told to others only.
func readyLate(c *crm) {
	c.load("alice")
	c.Eval(`window.late = [];
		tccc.on('ready', (e) => late.push(e));
		tccc.on('statusChanged', (e) => late.push(e));
		window.atOnce = late.length`, nil)
	c.WaitFor("atOnce === 0 && late.length === 1 && late[0].tabUUID === tab && late[0].data.tabUUID === tab")
	c.clean()
}

// anotherTab wants each life of a page to have an id of its own.
func anotherTab(c *crm) {
	c.load("alice")
	var before string
	c.Eval("tab", &before)
	c.Reload()
	c.load("alice")
	c.WaitFor(fmt.Sprintf("tab && tab !== %q", before))
	c.clean()
}

// onAndOff wants names to do as well as constants, a listener that is gone to be left alone, and one that throws to
// harm no other.
func onAndOff(c *crm) {
	c.load("alice")
	c.Eval(`window.heard = [];
		window.gone = () => heard.push('gone');
		tccc.on('statusChanged', gone);
		tccc.on(tccc.events.statusChanged, () => { throw new Error('a fault of the page'); });
		tccc.on('statusChanged', (e) => heard.push(e.status + ' ' + e.data.status));
		tccc.off(tccc.events.statusChanged, gone);
		tccc.off('statusChanged', () => {})`, nil)
	c.ask("Agent.setStatus", "status: 'rest'")
	c.WaitFor("heard.join() === 'rest rest'")
	if errs := c.Errors(); len(errs) != 1 || !strings.Contains(errs[0], "a fault of the page") {
		c.t.Errorf("the page logged %q", errs)
	}
	c.Eval("tccc.on('callin', () => {}), tccc.on('callIn', 5), tccc.on(), tccc.off(), tccc.off('callIn')", nil)
	c.ask("Agent.setStatus", "status: 'free'")
	c.WaitFor("heard.length === 2")
}

// beforeReady wants each function that is called too early to say so, and the page to become ready all the same.
func beforeReady(c *crm) {
	c.Eval(`window.loaded = () => {
		const asked = ['Call', 'Agent'].flatMap((space) => Object.entries(tccc[space]))
			.filter(([name]) => !['online', 'offline', 'getStatus'].includes(name));
		window.early = Promise.all(asked.map(([name, f]) => f({
			sessionId: 's', phoneNumber: '1', calleeUserId: 'u', status: 'free', dtmfText: '1', userId: 'u',
		}).then(() => name + ' did it', (e) => e.code === 'notReady' && e.status === 'error' &&
			e.errorMsg.includes('wait for tccc.events.ready') ? '' : name + ' ' + e.errorMsg)));
		tccc.Agent.online();
		tccc.Agent.offline();
		window.status = tccc.Agent.getStatus();
	}`, nil)
	c.load("alice")
	var wrong []string
	c.Eval("early.then((all) => all.length > 20 ? all.filter(Boolean) : ['too few: ' + all.length])", &wrong)
	if len(wrong) > 0 {
		c.t.Errorf("%q", wrong)
	}
	c.WaitFor("window.status === 'offline' && tccc.Agent.getStatus() === 'free'")
	c.clean()
}

// oldAttributes loads it as older pages do, and as those with several tabs.
func oldAttributes(c *crm) {
	at := c.url("alice")
	u, err := url.Parse(at)
	if err != nil {
		c.t.Fatal(err)
	}
	c.loadFrom(at, fmt.Sprintf("{token: %q, sdkAppId: '%d', userid: 'alice', enableShared: 'true'}",
		u.Query().Get("ticket"), apiApp))
	c.WaitFor("tccc.Agent.getStatus() === 'free'")
	c.clean()
}

// removal wants the element's end to be the end of all: connections, microphone, sound and login.
func removal(c *crm) {
	c.Eval(`{
		const Socket = window.WebSocket, Context = window.AudioContext;
		window.sockets = [], window.contexts = [], window.tracks = [];
		window.WebSocket = class extends Socket { constructor(...a) { super(...a); sockets.push(this); } };
		window.AudioContext = class extends Context { constructor(...a) { super(...a); contexts.push(this); } };
		const media = navigator.mediaDevices, ask = media.getUserMedia;
		media.getUserMedia = async (...a) => { const s = await ask(...a); tracks.push(...s.getTracks()); return s; };
	}`, nil)
	c.load("alice")
	c.WaitFor(`document.querySelectorAll('body > t3c-sdk#tcccSdkDomRoot').length === 1 &&
		sockets.length === 1 && contexts.length > 0 && tracks.length === 1 && peers.connections.length === 1`)
	c.Eval(`document.querySelector('t3c-sdk#tcccSdkDomRoot').remove();
		window.old = window.tccc;
		window.tccc = undefined`, nil)
	c.WaitFor(`sockets.every((s) => s.readyState === WebSocket.CLOSED) &&
		peers.connections.every((p) => p.signalingState === 'closed') && tracks.every((t) => t.readyState === 'ended') &&
		contexts.filter((x) => x.state !== 'closed').length <= 1 && !document.querySelector('t3c-sdk')`)
	c.Eval(`told.length = 0;
		navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
		window.dispatchEvent(new Event('online'))`, nil)
	c.WaitFor(`old.Call.hungUp({sessionId: 's'}).catch((e) => e.code === 'offline')`)
	c.WaitFor("told.length === 0 && sockets.length === 1 && tracks.length === 1")
	c.clean()
}

// secondLoad wants the SDK to be loaded again by a fresh URL: after its removal, and in the place of the one that is
// there.
func secondLoad(c *crm) {
	c.load("alice")
	c.Eval(`document.querySelector('t3c-sdk#tcccSdkDomRoot').remove(); window.tccc = undefined; told.length = 0`, nil)
	c.load("alice")
	c.WaitFor("tccc.Agent.getStatus() === 'free' && document.querySelectorAll('t3c-sdk').length === 1")
	c.load("alice")
	c.WaitFor("tccc.Agent.getStatus() === 'free' && document.querySelectorAll('t3c-sdk').length === 1")
	c.WaitFor("peers.connections.filter((p) => p.signalingState !== 'closed').length === 1")
	c.never("kickedOut", "true")
	c.clean()
}

// size wants the first load to be under 120 KB, as browsers ask for it.
func size(t *testing.T, at string) {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	res, err := client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("%v, encoding %q", err, res.Header.Get("Content-Encoding"))
	}
	unzipped, err := gzip.NewReader(strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	script, err := io.ReadAll(unzipped)
	if err != nil || !strings.Contains(string(script), "tcccSdkDomRoot") {
		t.Fatalf("%v: %.200s", err, script)
	}
	t.Logf("%d bytes compressed, %d as they are", len(body), len(script))
	if len(body) > 120_000 {
		t.Errorf("%d bytes, want less than 120000", len(body))
	}
}

// TestSDKEndings tries each way in which a login does not come, or is over.
func TestSDKEndings(t *testing.T) {
	t.Parallel()
	origin := crmServer(t)
	g, _, api := sdkGatewayWith(t, apiYAML+fmt.Sprintf("http: {origins: [%q]}\n", origin))
	t.Run("tokenExpired wrong", func(t *testing.T) {
		c := newCRM(t, api, "alice")
		c.expires(strings.Split(c.url("alice"), "?")[0]+"?ticket=wrong", "{}", "wrong, used up or too old")
	})
	t.Run("tokenExpired without a ticket", func(t *testing.T) {
		c := newCRM(t, api, "alice")
		c.expires(g.URL("/sdk/v1"), "{}", "CreateSDKLoginToken")
	})
	t.Run("tokenExpired used", func(t *testing.T) {
		c := newCRM(t, api, "alice")
		used := c.url("alice")
		c.loadFrom(used, "{}")
		c.expires(used, "{}", "used up")
	})
	t.Run("tokenExpired late", tokenExpiredLate(api))
	t.Run("data-token", func(t *testing.T) {
		page := suite.Browser(t).Open(t, "alice", origin)
		c := &crm{page, t, api}
		at, err := url.Parse(c.url("alice"))
		if err != nil {
			t.Fatal(err)
		}
		token := at.Query().Get("ticket")
		c.loadFrom(g.URL("/sdk/v1"), fmt.Sprintf("{token: %q, userid: 'alice', sdkAppId: '1'}", token))
		c.expires(g.URL("/sdk/v1"), fmt.Sprintf("{token: %q}", token), "")
	})
	t.Run("kickedOut by another login", func(t *testing.T) { kickedOutByLogin(t, api) })
	t.Run("kickedOut by the server", func(t *testing.T) { kickedOutByServer(newCRM(t, api, "alice")) })
	t.Run("tokenExpired old", func(t *testing.T) { loginIsOld(g, newCRM(t, api, "alice")) })
}

// expires loads the SDK in a way that must come to tokenExpired.
func (c *crm) expires(url, dataset, message string) {
	c.t.Helper()
	var said string
	c.Eval(fmt.Sprintf("inject(%q, %s).then(() => 'ready', (e) => e.message)", url, dataset), &said)
	if said == "ready" || !strings.Contains(said, message) {
		c.t.Errorf("%s: %q, want %q", url, said, message)
	}
	c.waitTold("tokenExpired", "e.message && e.data.message === e.message")
	c.never("kickedOut", "true")
	c.refused("Call.hungUp", "{sessionId: 'none'}", "load the SDK again")
	c.WaitFor("tccc.Agent.getStatus() === 'offline'")
}

// tokenExpiredLate wants who listens long after it to be told.
func tokenExpiredLate(api *peers.ServerAPI) func(*testing.T) {
	return func(t *testing.T) {
		c := newCRM(t, api, "alice")
		c.expires(strings.Split(c.url("alice"), "?")[0]+"?ticket=wrong", "{}", "wrong")
		c.Eval("tccc.on(tccc.events.tokenExpired, ({ message }) => { window.late = message; })", nil)
		c.WaitFor("window.late.includes('too old')")
	}
}

// kickedOutByLogin wants the newest login to win, and the other to be told once, and to go on as a page.
func kickedOutByLogin(t *testing.T, api *peers.ServerAPI) {
	first, second := newCRM(t, api, "alice"), newCRM(t, api, "alice")
	first.load("alice")
	second.load("alice")
	first.waitTold("kickedOut", "true")
	first.never("tokenExpired", "true")
	first.refused("Call.hungUp", "{sessionId: 'none'}", "load the SDK again")
	first.WaitFor("tccc.Agent.getStatus() === 'offline'")
	second.WaitFor("tccc.Agent.getStatus() === 'free'")
	second.never("kickedOut", "true")
	first.load("alice")
	second.waitTold("kickedOut", "true")
	first.clean()
}

// kickedOutByServer has the business force its agent offline.
func kickedOutByServer(c *crm) {
	c.load("alice")
	c.api.Do("ForceMemberOffline", fields{"UserId": "alice"}, nil)
	c.waitTold("kickedOut", "true")
	c.refused("Agent.setStatus", "{status: 'free'}", "load the SDK again")
	c.clean()
}

// loginIsOld has the gateway start anew, which knows nothing of the login: the page is told to get another URL, by
// which it works again.
func loginIsOld(g *peers.Gateway, c *crm) {
	c.load("alice")
	g.Stop()
	c.waitTold("connectionChanged", "e.connection === 'reconnecting'")
	c.refused("Agent.setStatus", "{status: 'free'}", "not connected")
	g.Restart()
	c.waitTold("tokenExpired", "e.message.includes('too old')")
	c.load("alice")
	c.WaitFor("tccc.Agent.getStatus() === 'free'")
}
