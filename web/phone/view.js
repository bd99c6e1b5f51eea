// What is seen: puts the state of a Phone into the page. It decides nothing.

const $ = (id) => document.getElementById(id);

const CONNECTION = {
  closed: 'Offline', connecting: 'Connecting', open: 'Online', reconnecting: 'Reconnecting',
};
const MEDIA = { off: 'No media', connecting: 'Media connecting', connected: 'Media ready', lost: 'Media lost' };
const CALL = {
  calling: 'Calling', ringing: 'Ringing', earlyMedia: 'Ringing', seatJoining: 'Your phone rings', inProgress: 'In call',
};
const DEVICE = {
  staffSeat: 'browser', staffExtensionSeat: 'desk phone', staffPhoneSeat: 'mobile', miniProgramSeat: 'mini program',
};
const MODE = { monitor: 'Listening', whisper: 'Whispering', barge: 'In the call' };
const LETTERS = ['', 'ABC', 'DEF', 'GHI', 'JKL', 'MNO', 'PQRS', 'TUV', 'WXYZ', '', '+', ''];
const LOG_LENGTH = 200;

/** Makes an element; children are nodes or texts. */
export function element(name, members = {}, ...children) {
  const e = Object.assign(document.createElement(name), members);
  e.append(...children);
  return e;
}

/** Shows everything but levels and figures, which have their own pace. */
export function show(phone) {
  const { seat, connection, media } = phone;
  pill('connection', connection, CONNECTION[connection]);
  pill('media', media, MEDIA[media]);
  $('mic').hidden = !phone.micProblem;
  $('mic').title = phone.micProblem;
  $('media').hidden = seat !== null && seat.device !== 'staffSeat';
  $('login').hidden = seat !== null;
  $('phone').hidden = seat === null;
  $('logout').hidden = $('who').hidden = seat === null;
  if (seat) {
    $('phone').dataset.device = seat.device;
    $('who').textContent = [seat.name, seat.extension].filter(Boolean).join(' · ');
    showRinging(phone);
    showCall(phone.calls.current, connection);
  }
}

function pill(id, state, text) {
  $(id).dataset.state = state;
  setText(id, text);
}

/** Only what is new is set: a screen reader would say it again. */
function setText(id, text) {
  if ($(id).textContent !== text) {
    $(id).textContent = text;
  }
}

function showRinging(phone) {
  const { ringing } = phone.calls;
  const rows = new Map([...$('incoming').children].map((row) => [row.dataset.session, row]));
  ringing.filter((c) => !rows.has(c.sessionId)).forEach((c) => $('incoming').append(ringingRow(phone, c)));
  rows.forEach((row, id) => { if (!ringing.some((c) => c.sessionId === id)) row.remove(); });
  document.title = ringing.length > 0 ? `☎ ${ringing[0].name || ringing[0].number} – Seatbridge` : 'Seatbridge';
}

function ringingRow(phone, call) {
  const title = call.name || call.number;
  const answer = element('button', { type: 'button', className: 'good', ariaLabel: `Answer ${title}` }, 'Answer');
  const reject = element('button', { type: 'button', className: 'danger', ariaLabel: `Reject ${title}` }, 'Reject');
  answer.dataset.do = 'accept';
  reject.dataset.do = 'hangup';
  const elsewhere = phone.seat.device === 'staffSeat' ? '' : ` on your ${DEVICE[phone.seat.device]}`;
  const who = call.name ? `${call.number} ` : '';
  const detail = `${who}${call.type === 'internal' ? 'calls' : `calls ${call.ours}`}${elsewhere}`;
  const row = element('div', { className: 'ringing' },
    element('div', { className: 'avatar', ariaHidden: 'true' }, initial(call)),
    element('div', {}, element('strong', {}, title), element('small', {}, detail)),
    element('div', { className: 'actions' }, answer, reject));
  row.dataset.session = call.sessionId;
  return row;
}

function showCall(call, connection) {
  $('call').hidden = call === undefined;
  $('dial').hidden = call !== undefined;
  for (const button of $('numbers').querySelectorAll('button')) {
    button.disabled = call !== undefined;
  }
  if (!call) {
    setText('sent', '');
    return;
  }
  setText('avatar', initial(call));
  setText('peer-name', call.name || call.number);
  setText('peer-number', call.name ? call.number : '');
  setText('call-state', callState(call, connection));
  $('call').toggleAttribute('data-trouble', call.silent || connection !== 'open');
  $('mute').setAttribute('aria-pressed', String(call.muted));
  setText('mute', call.muted ? 'Unmute' : 'Mute');
  $('hold').hidden = Boolean(call.mode) || call.status !== 'inProgress';
  $('hold').setAttribute('aria-pressed', String(Boolean(call.holding)));
  setText('hold', call.holding ? 'Resume' : 'Hold');
  $('hold').disabled = $('mute').disabled = $('hangup').disabled = connection !== 'open';
}

function callState(call, connection) {
  if (connection !== 'open') {
    return 'Reconnecting';
  }
  if (call.silent) {
    return 'Sound is lost';
  }
  if (call.mode) {
    return MODE[call.mode];
  }
  return call.held ? 'On hold' : CALL[call.status] ?? call.status;
}

function initial({ name, number }) {
  return name ? name[0].toUpperCase() : number.slice(-2);
}

/** Shows how long the call has been going on. */
export function showTimer(call) {
  const seconds = call?.answeredAt ? Math.max(0, Math.round((Date.now() - call.answeredAt) / 1000)) : null;
  setText('timer', seconds === null ? '' : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`);
}

/** Shows levels in 50 dB below full scale. */
export function showLevels({ mic, ears }, muted) {
  meter('mic-level', muted ? 0 : mic.rms);
  meter('ear-level', Math.max(0, ...ears.map(({ rms }) => rms)));
}

function meter(id, rms) {
  const part = Math.max(0, Math.min(1, 1 + (20 * Math.log10(rms || 1e-9)) / 50));
  $(id).firstElementChild.style.transform = `scaleX(${part})`;
  $(id).ariaValueNow = String(Math.round(part * 10) * 10);
}

export function showStats(stats) {
  const ms = (v) => `${v.toFixed(v < 10 ? 1 : 0)} ms`;
  const figures = stats && {
    received: String(stats.received), sent: String(stats.sent), lost: String(stats.lost), jitter: ms(stats.jitter),
    buffer: ms(stats.buffer), roundtrip: ms(stats.roundTrip),
  };
  for (const name of ['received', 'sent', 'lost', 'jitter', 'buffer', 'roundtrip']) {
    setText(`stat-${name}`, figures?.[name] ?? '–');
  }
}

/** Adds a line to the events; kind bad is trouble. */
export function log(text, kind = '') {
  const now = new Date();
  const list = $('log');
  list.append(element('li', { className: kind },
    element('time', { dateTime: now.toISOString() }, now.toLocaleTimeString([], { hour12: false })),
    element('span', {}, text)));
  while (list.children.length > LOG_LENGTH) {
    list.firstChild.remove();
  }
  list.parentElement.scrollTop = list.parentElement.scrollHeight;
}

export function notice(text) {
  $('notice').hidden = !text;
  setText('notice', text);
}

/** Says what an event of the gateway's means, or nothing where it is not for people. */
export function describe(e, call) {
  const who = call?.name || call?.number || e.callerPhoneNumber || '';
  switch (e.event) {
    case 'callIn': return `Call from ${e.callerName || e.callerPhoneNumber || e.peerUserId}`;
    case 'callOuted': return `Calling ${e.calleeName || e.calleePhoneNumber || e.peerUserId}`;
    case 'ringing': return 'It rings there';
    case 'earlyMedia': return 'The network sends sound before the answer';
    case 'calloutAccepted': return `${who || 'The other side'} answered`;
    case 'userAccessed': return 'You are in the call';
    case 'muted': return e.muted ? 'Muted' : 'Unmuted';
    case 'held': return e.held ? 'The call is on hold' : 'The call goes on';
    case 'digit': return `${who} pressed ${e.digit ?? 'a secret digit'}`;
    case 'mediaLost': return `Sound is lost${e.reason ? `: ${e.reason}` : ''}`;
    case 'mediaBack': return 'Sound is back';
    case 'sessionEnded': return ended(e);
    default: return '';
  }
}

const CLOSED_BY = { client: 'by the other side', seat: 'by you', admin: 'by the gateway', timer: 'by a timer' };

function ended({ closeBy, reason, duration }) {
  const by = CLOSED_BY[closeBy] ?? '';
  const why = reason && reason !== 'normal' ? ` (${reason})` : '';
  return `Call ended ${by}${why}${duration > 0 ? ` after ${Math.round(duration)} s` : ''}`;
}

/** Fills in what never changes. */
export function build() {
  [...'123456789*0#'].forEach((digit, i) => {
    const key = element('button', { type: 'button' }, digit, element('small', { ariaHidden: 'true' }, LETTERS[i]));
    key.dataset.digit = digit;
    $('keypad').append(key);
  });
}

/** Shows how one can log in. */
export function showLogin({ demo, users = [], numbers = [] }) {
  $('demo').hidden = !demo;
  $('login-form').hidden = demo;
  $('users').replaceChildren(...users.map((u) => {
    const detail = [{ 1: 'administrator', 2: 'quality inspector', 3: 'agent' }[u.role], DEVICE[u.device], u.extension];
    const button = element('button', { type: 'button' },
      element('span', { className: 'avatar', ariaHidden: 'true' }, initial(u)),
      element('span', {}, u.name || u.user, element('small', {}, detail.filter(Boolean).join(' · '))));
    button.dataset.user = u.user;
    return element('li', {}, button);
  }));
  $('numbers-card').hidden = numbers.length === 0;
  $('numbers').replaceChildren(...numbers.map(({ number, label }) => {
    const button = element('button', { type: 'button' }, element('strong', {}, number), element('span', {}, label));
    button.dataset.number = number;
    return element('li', {}, button);
  }));
}
