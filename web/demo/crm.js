// A small CRM that uses the SDK as a business would. Of a server it needs one request: an SdkURL for its agent.
const $ = (id) => document.getElementById(id);
const cards = { // of customers: name, and what the demo has them do
  '+15550199': ['Carol Reyes', 'plays a tune'], '+15550198': ['Echo Café', 'repeats what you say'],
  '+15550196': ['Ivo Berg', 'hangs up, and calls back'], '+15550123': ['Ivo Berg, mobile', 'calls from here'],
  '+15550197': ['Bea Busy', 'is in another call'], '+15550195': ['Early & Sons', 'play before they answer'],
};
let [shown, call] = ['+15550199', null]; // whose card; {sessionId, number, state}
const fail = ({ errorMsg, message }) => { $('call').textContent = errorMsg ?? message; };
function show(number, now) {
  [shown, call] = [number, now];
  const [name, about] = cards[number] ??= ['Unknown caller', 'has no card yet'];
  $('customers').replaceChildren(...Object.keys(cards).map((of) => {
    const row = document.createElement('button');
    [row.textContent, row.ariaCurrent, row.onclick] = [cards[of][0], of === number, () => show(of, call)];
    return row;
  }));
  [$('name').textContent, $('about').textContent] = [name, `${number} ${about}`];
  $('notes').value = localStorage.getItem(`notes ${number}`);
  $('call').textContent = call ? `${cards[call.number][0]} ${call.state}.` : 'Nobody is on the line.';
  $('dial').disabled = call !== null || $('want').hidden;
  [$('answer').hidden, $('hangup').hidden] = [call?.state !== 'is calling', !call];
}

function work() {
  const become = (number, e, state) => show(number, { ...e, number, state });
  tccc.on('ready', () => { $('want').hidden = false; show(shown, call); });
  tccc.on('statusChanged', ({ status }) => { $('status').textContent = $('status').className = status; });
  tccc.on('callIn', (e) => call ?? become(e.callerPhoneNumber ?? e.peerUserId, e, 'is calling'));
  tccc.on('callOuted', (e) => become(e.calleePhoneNumber, e, 'is called'));
  const ours = (run) => (e) => e.sessionId === call?.sessionId && run(e);
  const talks = ours(() => show(shown, { ...call, state: 'is on the line' }));
  ['calloutAccepted', 'userAccessed'].forEach((name) => tccc.on(name, talks));
  tccc.on('sessionEnded', ours(() => show(shown, null)));
  ['problem', 'tokenExpired'].forEach((name) => tccc.on(name, fail));
}
$('begin').onclick = async () => {
  [$('begin').hidden, $('agent').disabled] = [true, true];
  const [headers, body] = [{ 'Content-Type': 'application/json' }, JSON.stringify({ user: $('agent').value })];
  const { SdkURL } = await (await fetch('/api/v1/demo/sdk', { method: 'POST', headers, body })).json();
  const script = Object.assign(document.createElement('script'), { crossOrigin: '', src: SdkURL, onload: work });
  Object.assign(script.dataset, Object.fromEntries(new URLSearchParams(location.search))); // for tests: data-loopback
  document.body.append(script);
};
$('want').onchange = () => tccc.Agent.setStatus({ status: $('want').value }).catch(fail);
$('dial').onclick = () => tccc.Call.startOutboundCall({ phoneNumber: shown, phoneDesc: cards[shown][0] }).catch(fail);
$('answer').onclick = () => tccc.Call.accept(call).catch(fail);
$('hangup').onclick = () => tccc.Call.hungUp(call).catch(fail);
$('notes').oninput = () => localStorage.setItem(`notes ${shown}`, $('notes').value);
show(shown, call);
