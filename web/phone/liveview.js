// The sessions that go on, as a supervisor sees them.
import { $, element, setText, since } from './dom.js';
import { maySupervise, whoIsIn } from './live.js';

/** What one can do with a session: the command's name in Phone, and its word. Those with a mode are pressed in it. */
const BUTTONS = [
  { do: 'monitor', text: 'Listen', mode: 'monitor' },
  { do: 'whisper', text: 'Whisper', mode: 'whisper' },
  { do: 'barge', text: 'Barge', mode: 'barge' },
  { do: 'intercept', text: 'Take over' },
  { do: 'stopMonitor', text: 'Stop' },
];
const SUPERVISES = { monitor: 'listens', whisper: 'whispers', barge: 'speaks' };

/** Shows the panel to those who may supervise, and in it the sessions. */
export function showLive({ seat, live, calls, connection }) {
  $('live-card').hidden = !maySupervise(seat);
  $('live-open').setAttribute('aria-expanded', String(live.isOpen));
  setText('live-open', live.isOpen ? 'Close' : 'Open');
  $('live-body').hidden = !live.isOpen;
  $('live-form').hidden = !live.wantsPassword;
  setText('live-problem', live.problem);
  $('live-none').hidden = live.sessions.length > 0 || live.wantsPassword || live.problem !== '';
  const rows = new Map([...$('live').children].map((row) => [row.dataset.session, row]));
  for (const session of live.sessions) {
    const row = rows.get(session.sessionId) ?? newRow(session);
    rows.delete(session.sessionId);
    showRow(row, session, seat, calls.get(session.sessionId), connection);
  }
  rows.forEach((row) => row.remove());
}

/** A row stays the same while its session goes on, so that a button keeps the focus. */
function newRow({ sessionId, startedAt, answeredAt }) {
  const row = element('li', {},
    element('p', { className: 'live-who' }, element('strong'), element('span')),
    element('time', { className: 'live-since', dateTime: answeredAt ?? startedAt }),
    element('p', { className: 'live-state' }),
    element('div', { className: 'actions', role: 'group' }, ...BUTTONS.map((b) => {
      const button = element('button', { type: 'button' }, b.text);
      button.dataset.do = b.do;
      return button;
    })));
  row.dataset.session = sessionId;
  $('live').append(row);
  return row;
}

function showRow(row, session, seat, call, connection) {
  const { customer, seats, agents, supervisors } = whoIsIn(session);
  const [who, other] = row.querySelector('.live-who').children;
  const name = customer.name || customer.number;
  setText(who, name);
  setText(other, agents.length > 0 ? ` with ${agents.join(', ')}` : '');
  row.querySelector('time').dateTime = session.answeredAt ?? session.startedAt;
  setText(row.querySelector('.live-state'), stateOf(session, supervisors, seat));
  const takesPart = seats.includes(seat.user);
  row.querySelector('.actions').hidden = takesPart;
  row.querySelector('.actions').ariaLabel = `Supervise ${name}`;
  for (const [i, button] of [...row.querySelectorAll('button')].entries()) {
    const { mode } = BUTTONS[i];
    button.hidden = !call?.mode && mode !== 'monitor';
    button.disabled = connection !== 'open' || (!call?.mode && session.status !== 'inProgress');
    if (mode) {
      button.setAttribute('aria-pressed', String(call?.mode === mode));
    }
  }
}

function stateOf(session, supervisors, seat) {
  const there = session.parties.filter((p) => !p.left);
  const notes = there.filter((p) => supervisors.includes(p.user) && p.role === 'supervisor' && p.user !== seat.user)
    .map((p) => `${p.user} ${SUPERVISES[p.mode]}`);
  if (session.status !== 'inProgress') {
    notes.unshift('ringing');
  }
  if (there.some((p) => p.held)) {
    notes.unshift('on hold');
  }
  if (there.some((p) => p.role === 'consulted')) {
    notes.unshift('being handed over');
  }
  if (session.secure) {
    notes.unshift('secret digits');
  }
  if (there.some((p) => p.user === seat.user && p.role !== 'supervisor')) {
    notes.unshift('your call');
  }
  return notes.join(' · ');
}

/** Shows for how long the sessions have been going on. */
export function showLiveTimes() {
  for (const time of $('live').querySelectorAll('time')) {
    setText(time, since(Date.parse(time.dateTime)));
  }
}
