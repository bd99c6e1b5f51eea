package test

import (
	"fmt"
	"testing"
)

// TestSDKBadInput gives each function what it does not take, and wants a rejection with a sentence that helps, and the
// page to go on.
func TestSDKBadInput(t *testing.T) {
	t.Parallel()
	s := newStage(t, "alice")
	s.agent.Eval(refusals, nil)
	t.Run("not an object", s.eachRefuses("notAnObject()"))
	t.Run("missing parameters", s.eachRefuses("missing()"))
	t.Run("wrong types", s.eachRefuses("wrongTypes()"))
	t.Run("unknown session", s.eachRefuses("unknownSession()"))
	t.Run("wrong state while it rings", s.whileItRings)
	t.Run("wrong state in a call", s.inACall)
	t.Run("wrong state after a call", s.afterACall)
	t.Run("UI", s.rubbishForUI)
	t.Run("Chat", s.notServed("Chat", "accept end transfer"))
	t.Run("Video", s.notServed("Video", "accept end muteMic unmuteMic muteVideo unmuteVideo transfer"))
	t.Run("the page goes on", func(t *testing.T) {
		c, customer := s.outbound(t)
		c.talks(customer)
		c.leaves(customer)
	})
	s.end()
}

// refusals tries functions, and resolves with what was not refused as it should be: an Error with status error, a code,
// and a sentence that matches.
const refusals = `{
	const text = [{}, [], () => 0, true], flag = ['true', 1, {}];
	// Each function's members, and what they are not.
	const members = {
		'Call.startOutboundCall': { phoneNumber: text, phoneDesc: text, uui: text, skillGroupId: text,
			callerPhoneNumber: text, servingNumberGroupIds: ['spare', {}, [1]], phoneEncodeType: [...text, 'hash'] },
		'Call.startInternalCall': { calleeUserId: text, useMobile: flag },
		'Call.transfer': { sessionId: text, skillGroupId: text, userId: text, phoneNumber: text },
		'Call.consult': { sessionId: text, userId: text, phoneNumber: text },
		'Call.monitor': { sessionId: text, textOnly: flag },
		'Call.sendDigits': { sessionId: text, dtmfText: text },
		'Call.secureDigits': { sessionId: text, secure: flag },
		'Agent.setStatus': { status: [...text, 'busy'], restReason: text },
		'Devices.setMicrophone': { deviceId: text },
		'Devices.setSpeaker': { deviceId: text },
	};
	for (const name of ['accept', 'hungUp', 'deleteCall', 'muteMic', 'unmuteMic', 'isMicMuted', 'hold', 'unHold',
		'intercept', 'whisper', 'barge', 'stopMonitor', 'completeTransfer', 'cancelTransfer', 'swap', 'pauseRecording',
		'resumeRecording']) {
		members['Call.' + name] = { sessionId: text };
	}
	const right = { sessionId: 's1', phoneNumber: '+15550299', calleeUserId: 'bob', dtmfText: '1', status: 'free' };
	const optional = ['Devices.setMicrophone', 'Devices.setSpeaker'];
	window.refuses = async (name, given, code, sentence) => {
		const [space, f] = name.split('.');
		let said;
		try {
			const answer = await tccc[space][f](given);
			said = JSON.stringify(answer);
		} catch (e) {
			if (e instanceof Error && e.status === 'error' && e.code === code && e.errorMsg === e.message &&
				sentence.test(e.errorMsg)) return [];
			said = e.status + ' ' + e.code + ': ' + e.errorMsg;
		}
		return [name + '(' + JSON.stringify(given) + '): ' + said];
	};
	const all = async (tries) => (await Promise.all(tries)).flat();
	window.notAnObject = () => all(Object.keys(members).flatMap((name) => [undefined, null, 5, 'text', true].map((given) =>
		refuses(name, given, 'badRequest', new RegExp('^' + name + ' takes an object')))));
	window.missing = () => all(Object.keys(members).filter((name) => !optional.includes(name)).flatMap((name) =>
		[{}, [], { sessionId: '' }, { sessionId: null }].map((given) =>
			refuses(name, given, 'badRequest', new RegExp('^' + name + ': "[a-zA-Z]+" is missing')))));
	window.wrongTypes = () => all(Object.entries(members).flatMap(([name, own]) => Object.entries(own).flatMap(
		([member, values]) => values.map((value) => refuses(name, { ...right, [member]: value }, 'badRequest',
			new RegExp('^' + name + ': "' + member + '" must be '))))));
	const supervisors = ['Call.monitor', 'Call.whisper', 'Call.barge', 'Call.intercept', 'Call.stopMonitor'];
	window.unknownSession = () => all(Object.entries(members).filter(([, own]) => own.sessionId)
		.filter(([name]) => !supervisors.includes(name))
		.map(([name, own]) => refuses(name, { ...right, ...own.userId && { phoneNumber: '1011' } }, 'notFound',
			/no.* session/)));
	window.states = (code, sentence, ...calls) => all(calls.map(([name, more]) =>
		refuses(name, { sessionId: session, ...more }, code, sentence)));
}`

// wrong wants an expression of refusals to come to nothing.
func (c *crm) wrong(expression string) {
	c.t.Helper()
	var wrong []string
	c.Eval(expression, &wrong)
	for _, w := range wrong {
		c.t.Error(w)
	}
}

func (s *stage) eachRefuses(expression string) func(*testing.T) {
	return func(t *testing.T) {
		c := s.agent.in(t)
		c.wrong(expression)
		c.never("callOuted", "true")
		c.WaitFor("tccc.Agent.getStatus() === 'free'")
	}
}

// whileItRings asks for what only an answered call can do.
func (s *stage) whileItRings(t *testing.T) {
	c, customer, number := s.begin(t)
	c.calls("startOutboundCall", fmt.Sprintf("{phoneNumber: %q}", number), "true")
	customer.WaitRinging()
	c.wrong(`states('wrongState', /./, ['Call.accept'], ['Call.hold'], ['Call.unHold'],
		['Call.sendDigits', {dtmfText: '1'}], ['Call.transfer', {userId: 'bob'}],
		['Call.consult', {userId: 'bob'}], ['Call.completeTransfer'], ['Call.swap'], ['Call.cancelTransfer'],
		['Call.deleteCall'], ['Call.pauseRecording'], ['Call.resumeRecording'])`)
	customer.Answer()
	c.waitTold("calloutAccepted", "true")
	c.talks(customer)
	c.leaves(customer)
}

// inACall asks for what does not go with an answered call.
func (s *stage) inACall(t *testing.T) {
	c, customer := s.outbound(t)
	c.wrong(`states('wrongState', /./, ['Call.accept'], ['Call.unHold'], ['Call.completeTransfer'], ['Call.swap'],
		['Call.cancelTransfer'], ['Call.deleteCall'], ['Call.pauseRecording'], ['Call.resumeRecording'])`)
	c.wrong(`states('badRequest', /say to whom/, ['Call.transfer'], ['Call.consult'],
		['Call.consult', {skillGroupId: '1'}])`)
	c.wrong("states('badRequest', /position 1/, ['Call.sendDigits', {dtmfText: 'x'}])")
	c.wrong("states('forbidden', /supervise/, ['Call.monitor'])")
	c.wrong("states('notServed', /speech into text/, ['Call.monitor', {textOnly: true}])")
	c.talks(customer)
	c.leaves(customer)
}

// afterACall asks for anything once the call is over.
func (s *stage) afterACall(t *testing.T) {
	c, customer := s.outbound(t)
	c.leaves(customer)
	c.wrong(`states('wrongState', /has ended/, ['Call.accept'], ['Call.hungUp'], ['Call.hold'], ['Call.unHold'],
		['Call.muteMic'], ['Call.unmuteMic'], ['Call.isMicMuted'], ['Call.sendDigits', {dtmfText: '1'}],
		['Call.transfer', {userId: 'bob'}], ['Call.secureDigits', {secure: true}])`)
}

// notServed wants a part of the SDK that is not served to have these functions, which say so.
func (s *stage) notServed(space, functions string) func(*testing.T) {
	return func(t *testing.T) {
		c := s.agent.in(t)
		c.WaitFor(fmt.Sprintf("Object.keys(tccc.%s).sort().join(' ') === %q.split(' ').sort().join(' ')", space, functions))
		c.wrong(fmt.Sprintf(`Promise.all(Object.keys(tccc.%s).flatMap((f) => [undefined, {sessionId: 's1'}].map((given) =>
			refuses(%[1]q + '.' + f, given, 'notServed', new RegExp('^%[1]s.' + f + ': the gateway has no ')))))
			.then((all) => all.flat())`, space))
	}
}

// rubbishForUI wants the functions that answer nothing to take anything.
func (s *stage) rubbishForUI(t *testing.T) {
	c := s.agent.in(t)
	c.WaitFor(`Object.values(tccc.UI).flatMap((f) => [undefined, null, 5, 'text', {}, { disableRingtone: 'no' }, () => {}]
		.map((given) => f(given))).every((answer) => answer === undefined)`)
	c.Eval("Object.entries(tccc.UI).filter(([name]) => name.startsWith('show')).forEach(([, f]) => f())", nil)
	c.Eval("[undefined, null, 5, {}].forEach((given) => tccc.overrideButtonConfig(given))", nil)
	c.WaitFor(`new Promise((resolve) => { // reported as the page's own, and the SDK goes on
		window.addEventListener('error', (e) => {
			e.preventDefault();
			resolve(e.message.includes('a fault of the page'));
		}, { once: true });
		tccc.overrideButtonConfig(() => { throw new Error('a fault of the page'); });
	})`)
	c.Eval("tccc.overrideButtonConfig(({ active }) => active)", nil)
}
