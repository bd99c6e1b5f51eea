// The call that the seat is in, as it is seen.
import { isUnderWay } from './calls.js';
import { $, setText, since } from './dom.js';
import { callState } from './words.js';

/** Shows the current call, or the place to dial where there is none. */
export function showCall(call, connection) {
  $('call').hidden = call === undefined;
  $('dial').hidden = call !== undefined;
  for (const button of $('numbers').querySelectorAll('button')) {
    button.disabled = call !== undefined;
  }
  if (!call) {
    setText('sent', '');
    openTransfer(false);
    return;
  }
  setText('avatar', initial(call));
  setText('peer-name', call.name || call.number || 'Somebody');
  setText('peer-number', [call.name && call.number, call.mode && call.with && `with ${call.with}`]
    .filter(Boolean).join(' '));
  setText('call-state', callState(call, connection));
  $('secret').hidden = !call.secure;
  $('call').toggleAttribute('data-trouble', (call.silent && !call.mode) || connection !== 'open');
  showActions(call, connection === 'open');
}

function showActions(call, online) {
  const talks = call.status === 'inProgress' && !call.mode;
  const handing = isUnderWay(call.transfer);
  toggle('mute', call.muted, call.muted ? 'Unmute' : 'Mute');
  toggle('hold', call.held, call.held ? 'Resume' : 'Hold');
  toggle('secure', call.secure, 'Secret digits');
  $('mute').hidden = call.mode === 'monitor';
  $('hold').hidden = $('transfer').hidden = $('secure').hidden = !talks;
  $('handing').hidden = !talks || !handing;
  $('complete').hidden = !call.consult;
  $('swap').hidden = !call.consult || call.transfer !== 'answered';
  if (!talks || handing) {
    openTransfer(false);
  }
  setText('hangup', call.mode ? 'Stop' : 'Hang up');
  for (const button of $('call').querySelectorAll('button')) {
    button.disabled = !online;
  }
  $('hold').disabled ||= handing;
  $('transfer').disabled ||= handing;
}

function toggle(id, on, text) {
  $(id).setAttribute('aria-pressed', String(on));
  setText(id, text);
}

/** Opens or closes the place where one says whom the call goes to. */
export function openTransfer(open) {
  if (open === !$('transfer-form').hidden) {
    return;
  }
  $('transfer-form').hidden = !open;
  $('transfer').setAttribute('aria-expanded', String(open));
  if (open) {
    $('transfer-to').value = '';
    $('transfer-to').focus();
  }
}

/** Shows how long the call has been going on. */
export function showTimer(call) { setText('timer', since(call?.answeredAt)); }

/** What stands for a person or a number in a circle. */
export function initial({ name, number }) { return name ? name[0].toUpperCase() : (number ?? '').slice(-2); }
