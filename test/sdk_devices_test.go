package test

import (
	"fmt"
	"testing"

	"seatbridge/test/peers"
)

// TestSDKDevices tries tccc.Devices, and what becomes of calls where a device is missing, blocked, unplugged or chosen
// anew. Each has a page of its own.
func TestSDKDevices(t *testing.T) {
	t.Parallel()
	s := &stage{t: t}
	s.g, s.k, s.api = sdkGatewayWith(t, sdkYAML(t))
	t.Run("Devices.isBrowserSupported", s.supported)
	t.Run("Devices.getMicrophones", s.lists("getMicrophones", "audioinput"))
	t.Run("Devices.getSpeakers", s.lists("getSpeakers", "audiooutput"))
	t.Run("Devices.setMicrophone", s.setMicrophone)
	t.Run("Devices.setSpeaker", s.setSpeaker)
	t.Run("microphone unplugged", s.unplugged)
	t.Run("speaker unplugged", s.speakerUnplugged)
	t.Run("microphone denied", s.noMicrophone("NotAllowedError", "microphone is blocked"))
	t.Run("microphone missing", s.noMicrophone("NotFoundError", "No microphone was found"))
	t.Run("no WebRTC", s.noWebRTC)
	t.Run("blocked autoplay", s.blockedAutoplay)
	empty(s.g)
}

// opens is the page of an agent where something is done before the SDK is loaded.
func (s *stage) opens(t *testing.T, before string) *crm {
	t.Helper()
	c := newCRM(t, s.api, "alice", agentTone())
	c.Eval(before, nil)
	c.load("alice")
	s.agent = c
	return c
}

// watchMicrophones keeps what the page asks for, and gets.
const watchMicrophones = `{
	const media = navigator.mediaDevices, ask = media.getUserMedia;
	window.asked = [], window.tracks = [], window.gone = '';
	media.getUserMedia = async (constraints) => {
		asked.push(constraints.audio);
		if (gone) throw new DOMException('', gone);
		const stream = await ask(constraints);
		tracks.push(...stream.getTracks());
		return stream;
	};
}`

func (s *stage) supported(t *testing.T) {
	c := s.opens(t, "0")
	c.WaitFor("tccc.Devices.isBrowserSupported() === true")
	c.Eval("window.RTCPeerConnection = undefined, delete window.RTCPeerConnection", nil)
	c.WaitFor("tccc.Devices.isBrowserSupported() === false")
}

func (s *stage) lists(function, kind string) func(*testing.T) {
	return func(t *testing.T) {
		c := s.opens(t, "0")
		c.WaitFor(fmt.Sprintf(`tccc.Devices.%s().then((all) => all.length > 0 &&
			all.every((d) => d instanceof MediaDeviceInfo && d.kind === %q && d.deviceId && d.label))`, function, kind))
		c.Eval(`navigator.mediaDevices.enumerateDevices = async () => {
			throw new DOMException('', 'NotAllowedError');
		}`, nil)
		c.refused("Devices."+function, "", "")
	}
}

// setMicrophone chooses another in mid-call: it is asked for, the first is let go, and the customer hears on.
func (s *stage) setMicrophone(t *testing.T) {
	s.opens(t, watchMicrophones)
	c, customer := s.outbound(t)
	c.talks(customer)
	c.Eval(`tccc.Devices.getMicrophones().then((all) => { window.chosen = all.at(-1).deviceId; })`, nil)
	c.Eval("ask('Devices', 'setMicrophone', {deviceId: chosen})", nil)
	c.WaitFor(`asked.at(-1).deviceId.ideal === chosen && tracks.length === 2 && tracks[0].readyState === 'ended' &&
		tracks[1].readyState === 'live'`)
	c.talks(customer)
	c.refused("Devices.setMicrophone", "{deviceId: {}}", `"deviceId" must be a text`)
	c.Eval("window.gone = 'NotFoundError'", nil)
	c.refused("Devices.setMicrophone", "{deviceId: 'none'}", "No microphone was found")
	c.leaves(customer)
}

// setSpeaker chooses another, which the page's sound then goes to.
func (s *stage) setSpeaker(t *testing.T) {
	c := s.opens(t, `{
		const choose = AudioContext.prototype.setSinkId;
		window.sinks = [];
		AudioContext.prototype.setSinkId = async function (id) { await choose.call(this, id); sinks.push(this.sinkId); };
	}`)
	c.Eval("tccc.Devices.getSpeakers().then((all) => { window.chosen = all.at(-1).deviceId; })", nil)
	c.Eval("ask('Devices', 'setSpeaker', {deviceId: chosen})", nil)
	c.WaitFor("sinks.length === 1 && sinks[0] === chosen")
	c.refused("Devices.setSpeaker", "{deviceId: 'none'}", "")
	c.Eval("ask('Devices', 'setSpeaker', {deviceId: ''})", nil)
	c.WaitFor("sinks.at(-1) === ''")
}

// unplugged pulls the microphone out in mid-call: another takes its place; where there is none the agent is told, and
// is heard again when there is one.
func (s *stage) unplugged(t *testing.T) {
	const pull = "tracks.at(-1).stop(); tracks.at(-1).dispatchEvent(new Event('ended'))"
	s.opens(t, watchMicrophones)
	c, customer := s.outbound(t)
	c.talks(customer)
	c.Eval(pull, nil)
	c.WaitFor("tracks.length === 2 && tracks[1].readyState === 'live'")
	c.talks(customer)
	c.Eval("window.gone = 'NotFoundError'; "+pull, nil)
	c.waitTold("problem", "e.message.includes('No microphone was found')")
	peers.WantAllHear(t, hearing{customer: nil, c: {customer.Tone()}})
	c.Eval("window.gone = ''; navigator.mediaDevices.dispatchEvent(new Event('devicechange'))", nil)
	c.talks(customer)
	c.leaves(customer)
}

// noMicrophone wants the agent to be told, functions that need one to be rejected, and the page to go on: once the
// microphone is there the agent calls.
func (s *stage) noMicrophone(why, message string) func(*testing.T) {
	return func(t *testing.T) {
		c := s.opens(t, watchMicrophones+fmt.Sprintf("window.gone = %q", why))
		c.waitTold("problem", fmt.Sprintf("e.message.includes(%q)", message))
		c, customer, number := s.begin(t)
		c.refused("Call.startOutboundCall", fmt.Sprintf("{phoneNumber: %q}", number), message)
		c.refused("Call.startInternalCall", "{calleeUserId: 'bob'}", message)
		customer.Dial("+15550100")
		c.called()
		c.refused("Call.accept", "{sessionId: session}", message)
		c.leaves(customer)
		c.Eval("window.gone = ''; navigator.mediaDevices.dispatchEvent(new Event('devicechange'))", nil)
		c.WaitFor("tracks.length === 1")
		c, customer = s.outbound(t)
		c.talks(customer)
		c.leaves(customer)
	}
}

// speakerUnplugged pulls the chosen loudspeaker out, and puts it back: the sound goes to the browser's choice
// meanwhile.
func (s *stage) speakerUnplugged(t *testing.T) {
	s.opens(t, `{
		const choose = AudioContext.prototype.setSinkId;
		window.sinks = [];
		AudioContext.prototype.setSinkId = async function (id) { await choose.call(this, id); sinks.push(this.sinkId); };
		const list = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
		window.pulled = '';
		navigator.mediaDevices.enumerateDevices = async () => (await list()).filter((d) => d.deviceId !== pulled);
	}`)
	c, customer := s.outbound(t)
	c.Eval("tccc.Devices.getSpeakers().then((all) => { window.chosen = all.at(-1).deviceId; })", nil)
	c.Eval("ask('Devices', 'setSpeaker', {deviceId: chosen})", nil)
	c.WaitFor("sinks.join() === chosen")
	c.Eval("window.pulled = chosen; navigator.mediaDevices.dispatchEvent(new Event('devicechange'))", nil)
	c.WaitFor("sinks.length === 2 && sinks[1] === ''")
	c.talks(customer)
	c.Eval("window.pulled = ''; navigator.mediaDevices.dispatchEvent(new Event('devicechange'))", nil)
	c.WaitFor("sinks.length === 3 && sinks[2] === chosen")
	c.leaves(customer)
}

// noWebRTC wants a browser without it to say so where a call is asked for, and all else to go on.
func (s *stage) noWebRTC(t *testing.T) {
	c := s.opens(t, "delete window.RTCPeerConnection, delete window.webkitRTCPeerConnection")
	c.WaitFor("tccc.Devices.isBrowserSupported() === false")
	c.waitTold("problem", "e.message.includes('no WebRTC')")
	c, customer, number := s.begin(t)
	c.refused("Call.startOutboundCall", fmt.Sprintf("{phoneNumber: %q}", number), "no WebRTC")
	customer.Dial("+15550100")
	c.called()
	c.refused("Call.accept", "{sessionId: session}", "no WebRTC")
	customer.WaitClosed() // at once: the gateway knows that the seat has no sound
	c.waitTold("sessionEnded", "true")
	c.refused("Call.getStatistics", "", "no sound here")
	c.ask("Agent.setStatus", "status: 'rest'")
	c.waitTold("statusChanged", "e.status === 'rest'")
	c.ask("Agent.setStatus", "status: 'free'")
	c.clean()
}

// silentUntilClick has the page's audio graphs wait for a click, as browsers do where the page may not sound by itself.
// The browser's own rule is off in the tests, whose microphones are audio graphs too.
const silentUntilClick = `{
	const Native = window.AudioContext;
	let allow;
	const allowed = new Promise((resolve) => { allow = resolve; });
	window.addEventListener('pointerdown', allow, { capture: true });
	window.AudioContext = class extends Native {
		constructor(options) {
			super(options);
			if (options?.latencyHint) { // the SDK's, and not the microphone's
				window.context = this;
				this.suspend();
				this.resume = () => allowed.then(() => super.resume());
			}
		}
	};
}`

// blockedAutoplay wants an agent whose browser wants a click first to be told so, before and at a call that nobody
// would hear, and to be called after a click anywhere.
func (s *stage) blockedAutoplay(t *testing.T) {
	c := s.opens(t, silentUntilClick)
	c.waitTold("problem", "e.message.includes('until somebody clicks')")
	c, customer, number := s.begin(t)
	c.WaitFor("context.state === 'suspended'")
	c.refused("Call.startOutboundCall", fmt.Sprintf("{phoneNumber: %q}", number), "until somebody clicks")
	customer.Dial("+15550100")
	c.called()
	c.refused("Call.accept", "{sessionId: session}", "until somebody clicks")
	c.Eval("window.onclick = () => { window.taken = ask('Call', 'accept', {sessionId: session}); }", nil)
	c.Click("h1")
	c.WaitFor("taken.then(() => context.state === 'running')")
	customer.WaitEstablished()
	c.talks(customer)
	c.leaves(customer)
}
