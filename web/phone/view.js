// What is seen: puts the state of a Phone into the page. It decides nothing.
import { initial, showCall } from './callview.js';
import { $, element, setText } from './dom.js';
import { showLive } from './liveview.js';
import { soundsHere } from './phone.js';
import { showStatus } from './statusview.js';

const CONNECTION = {
  closed: 'Offline', connecting: 'Connecting', open: 'Online', reconnecting: 'Reconnecting',
};
const MEDIA = { off: 'No media', connecting: 'Media connecting', connected: 'Media ready', lost: 'Media lost' };
const DEVICE = {
  staffSeat: 'browser', staffExtensionSeat: 'desk phone', staffPhoneSeat: 'mobile', miniProgramSeat: 'mini program',
};
const LETTERS = ['', 'ABC', 'DEF', 'GHI', 'JKL', 'MNO', 'PQRS', 'TUV', 'WXYZ', '', '+', ''];
const LOG_LENGTH = 200;

/** Shows everything but levels and figures, which have their own pace. */
export function show(phone) {
  const { seat, connection, media } = phone;
  pill('connection', connection, CONNECTION[connection]);
  pill('media', media, MEDIA[media]);
  $('mic').hidden = !phone.micProblem;
  $('mic').title = phone.micProblem;
  $('media').hidden = seat !== null && !soundsHere(seat);
  $('login').hidden = seat !== null;
  $('phone').hidden = seat === null;
  $('logout').hidden = $('who').hidden = seat === null;
  if (seat) {
    $('phone').dataset.device = seat.device;
    $('who').textContent = [seat.name, seat.extension].filter(Boolean).join(' · ');
    showStatus(phone);
    showRinging(phone);
    showCall(phone.calls.current, connection);
    setText('peer-origin', phone.calls.current ? origin(phone, phone.calls.current) : '');
    showLive(phone);
  }
}

function pill(id, state, text) {
  $(id).dataset.state = state;
  setText(id, text);
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
  const elsewhere = soundsHere(phone.seat) ? '' : ` on your ${DEVICE[phone.seat.device]}`;
  const who = call.name ? `${call.number} ` : '';
  const detail = `${who}${call.type === 'internal' ? 'calls' : `calls ${call.ours}`}${elsewhere}`;
  const row = element('div', { className: 'ringing' },
    element('div', { className: 'avatar', ariaHidden: 'true' }, initial(call)),
    element('div', {}, element('strong', {}, title), element('small', {}, detail),
      element('small', { className: 'origin' }, origin(phone, call))),
    element('div', { className: 'actions' }, answer, reject));
  row.dataset.session = call.sessionId;
  return row;
}

/** How the caller came: the group, and what was chosen in the menu. */
function origin(phone, { group, path }) { return [phone.groupName(group), path].filter(Boolean).join(' · '); }

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
