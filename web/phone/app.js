// The page: ties what the user does to a Phone, and what the Phone does to the view.
import { Phone } from './phone.js';
import { openTransfer, showTimer } from './callview.js';
import { showLiveTimes } from './liveview.js';
import { chosenStatus, showGroups, showTimeLeft } from './statusview.js';
import * as view from './view.js';
import { describe } from './words.js';

const $ = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const phone = new Phone({ processing: query.get('processing') !== 'off', loopback: query.has('loopback') });
let demo = false; // no password is needed
const OVER = {
  refused: 'Your login has ended. Log in again.',
  unreachable: 'The gateway cannot be reached.',
  replaced: 'This seat went on in another tab.',
  kickedOut: 'You logged in elsewhere: this page is logged out.',
  loggedOut: '',
};

/** For tests and for curious people: the same as the buttons do. */
window.seatbridge = {
  /** What the page knows: connection, media, mic, seat, calls, events. */
  get state() {
    const { connection, media, micProblem, seat, status, calls } = phone;
    const { current, ringing, all } = calls;
    return {
      connection, media, micProblem, user: seat?.user ?? null, seat, status, calls: all, current: current ?? null, ringing,
      sounding: phone.sound.running,
    };
  },
  events: [], // of the gateway, all of this page's life
  login: (user, password) => phone.login(user, password),
  logout: () => phone.logout(),
  call: (to) => phone.call(to),
  accept: (sessionId) => phone.accept(sessionId),
  hangup: (sessionId) => phone.hangup(sessionId),
  digits: (digits, sessionId) => phone.digits(digits, sessionId),
  mute: (on, sessionId) => phone.mute(on, sessionId),
  hold: (sessionId) => phone.hold(sessionId),
  unhold: (sessionId) => phone.unhold(sessionId),
  secureDigits: (on, sessionId) => phone.secureDigits(on, sessionId),
  transfer: (to, sessionId) => phone.transfer(to, sessionId),
  consult: (to, sessionId) => phone.consult(to, sessionId),
  complete: (sessionId) => phone.complete(sessionId),
  cancelTransfer: (sessionId) => phone.cancelTransfer(sessionId),
  swap: (sessionId) => phone.swap(sessionId),
  monitor: (sessionId) => phone.monitor(sessionId),
  whisper: (sessionId) => phone.whisper(sessionId),
  barge: (sessionId) => phone.barge(sessionId),
  intercept: (sessionId) => phone.intercept(sessionId),
  stopMonitor: (sessionId) => phone.stopMonitor(sessionId),
  /** Any command of docs/protocol.md, about the current call where no sessionId is given. */
  command: (type, members) => phone.client.command(type, { sessionId: phone.calls.current?.sessionId, ...members }),
  setStatus: (status, reason) => phone.setStatus(status, reason),
  groups: () => phone.getGroups(),
  levels: () => phone.levels(),
  analysers: () => phone.sound.analysers,
  stats: () => phone.stats(),
};

/** Does what the user asked for; what is wrong with it is shown. */
async function attempt(action) {
  view.notice('');
  try {
    await action();
  } catch (error) {
    view.notice(error.message);
    view.log(error.message, 'bad');
  }
}

function press(digit) {
  if (phone.calls.current) {
    $('sent').textContent += digit;
    attempt(() => phone.digits(digit));
    return;
  }
  $('number').value += digit;
}

function listenToUser() {
  $('login-form').addEventListener('submit', (e) => {
    e.preventDefault();
    const password = $('password').value;
    $('password').value = '';
    attempt(() => phone.login($('user').value.trim(), password));
  });
  onButton('users', ({ user }) => attempt(() => phone.login(user)));
  onButton('numbers', ({ number }) => {
    $('number').value = number;
    attempt(() => phone.call(number));
  });
  $('dial').addEventListener('submit', (e) => {
    e.preventDefault();
    const number = $('number').value.trim();
    if (number) {
      attempt(() => phone.call(number));
    } else {
      $('number').focus();
    }
  });
  onButton('keypad', ({ digit }) => press(digit));
  onButton('incoming', ({ do: action }, row) => attempt(() => phone[action](row.dataset.session)));
  $('mute').addEventListener('click', () => attempt(() => phone.mute(!phone.calls.current?.muted)));
  listenToCall();
  listenToLive();
  listenToStatus();
  $('hangup').addEventListener('click', () => attempt(() => phone.hangup()));
  $('logout').addEventListener('click', () => attempt(() => phone.logout()));
  document.addEventListener('keydown', (e) => {
    const inCall = phone.calls.current && !e.ctrlKey && !e.metaKey && !e.altKey;
    if (inCall && /^[0-9*#A-Da-d]$/.test(e.key) && !e.target.matches('input, select')) {
      press(e.key.toUpperCase());
    }
  });
  // Where the browser wants a click before it sounds, any will do.
  document.addEventListener('pointerdown', () => phone.sound.resume());
  window.addEventListener('online', () => phone.client.wake());
}

function listenToCall() {
  const onClick = (id, run) => $(id).addEventListener('click', () => attempt(run));
  onClick('hold', () => (phone.calls.current?.held ? phone.unhold() : phone.hold()));
  onClick('secure', () => phone.secureDigits(!phone.calls.current?.secure));
  onClick('complete', () => phone.complete());
  onClick('swap', () => phone.swap());
  onClick('cancel-transfer', () => phone.cancelTransfer());
  $('transfer').addEventListener('click', () => {
    openTransfer($('transfer-form').hidden);
    if (!$('transfer-form').hidden) {
      attempt(async () => showGroups(await phone.getGroups(), $('ask-first').checked));
    }
  });
  $('ask-first').addEventListener('change', ({ target }) => showGroups(phone.groups, target.checked));
  onButton('transfer-groups', ({ group, user }) => {
    const to = group ? { skillGroupId: group } : { user };
    attempt(() => ($('ask-first').checked && user ? phone.consult(to) : phone.transfer(to)));
  });
  $('transfer-form').addEventListener('submit', (e) => {
    e.preventDefault();
    const to = $('transfer-to').value.trim();
    attempt(() => ($('ask-first').checked ? phone.consult(to) : phone.transfer(to)));
  });
}

function listenToStatus() {
  $('status').addEventListener('change', () => attempt(async () => {
    try {
      await phone.setStatus(...chosenStatus());
    } finally {
      view.show(phone); // where it was refused, what is so
    }
  }));
  $('wrap-up-done').addEventListener('click', () => attempt(() => phone.endWrapUp()));
}

function listenToLive() {
  $('live-open').addEventListener('click', () => {
    if (phone.live.isOpen) {
      phone.live.close();
    } else {
      attempt(() => phone.live.open(phone.seat.user, demo));
    }
  });
  $('live-form').addEventListener('submit', (e) => {
    e.preventDefault();
    const password = $('live-password').value;
    $('live-password').value = '';
    attempt(() => phone.live.unlock(password));
  });
  onButton('live', ({ do: action }, row) => attempt(() => phone[action](row.dataset.session)));
}

/** Listens to the buttons below an element, those that come later too. */
function onButton(id, run) {
  $(id).addEventListener('click', (e) => {
    const button = e.target.closest('button');
    if (button) {
      run(button.dataset, button.closest('[data-session]'));
    }
  });
}

function listenToPhone() {
  phone.addEventListener('change', () => view.show(phone));
  phone.addEventListener('log', ({ detail }) => view.log(detail.text, detail.kind));
  phone.addEventListener('over', ({ detail: why }) => {
    view.notice(OVER[why] ?? '');
    view.log(OVER[why] || 'Logged out.');
    if (why === 'unreachable' || why === 'refused') {
      offerLogin();
    }
  });
  phone.addEventListener('event', ({ detail: e }) => {
    window.seatbridge.events.push(e);
    const text = describe(e, phone.calls.get(e.sessionId));
    if (text) {
      view.log(text, e.event === 'mediaLost' || e.event === 'autoTransfer' ? 'bad' : '');
    }
    if (e.event === 'autoTransfer') {
      view.notice(text);
    }
  });
}

/** Shows levels while there is something to see, and figures once a second. */
function showFigures() {
  setInterval(() => {
    const { current } = phone.calls;
    showTimer(current);
    showTimeLeft(phone.status);
    showLiveTimes();
    if (current) {
      view.showLevels(phone.levels(), current.muted || current.mode === 'monitor');
    }
  }, 60);
  setInterval(async () => view.showStats(await phone.stats()), 1000);
}

async function offerLogin() {
  const response = await fetch('/api/v1/demo').catch(() => null);
  if (response?.ok) {
    const offer = await response.json();
    demo = offer.demo;
    view.showLogin(offer);
  }
}

view.build();
listenToUser();
listenToPhone();
showFigures();
await offerLogin();
if (!(await phone.resume().catch(() => false))) {
  view.show(phone);
}
