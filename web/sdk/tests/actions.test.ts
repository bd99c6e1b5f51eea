import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Around, endButton, handingButtons, ringingButtons, talkButtons } from '../src/workbench/actions';

const around: Around = { online: true, sheet: '', stays: () => true };
const talking = { status: 'inProgress' };

/** The buttons in a line: what they do, in brackets what can't be now, with + what is on. */
function line(buttons: { do: string; disabled: boolean; pressed?: boolean }[]): string {
  return buttons.map((b) => (b.disabled ? `[${b.do}]` : b.pressed ? `${b.do}+` : b.do)).join(' ');
}

const cases: [string, object, string, string][] = [
  ['calling', { status: 'calling' }, 'mute [hold] keypad [transfer] [secure]', ''],
  ['ringing', { status: 'ringing' }, 'mute [hold] keypad [transfer] [secure]', ''],
  ['talking', talking, 'mute hold keypad transfer secure', ''],
  ['muted', { ...talking, muted: true }, 'mute+ hold keypad transfer secure', ''],
  ['on hold', { ...talking, held: true }, 'mute hold+ keypad transfer secure', ''],
  ['secret', { ...talking, secure: true }, 'mute hold keypad transfer secure+', ''],
  ['recorded', { ...talking, recording: 'on' }, 'mute hold keypad transfer secure recording', ''],
  ['recording paused', { ...talking, recording: 'paused' }, 'mute hold keypad transfer secure recording+', ''],
  ['recording failed', { ...talking, recording: 'failed' }, 'mute hold keypad transfer secure', ''],
  ['blind transfer', { ...talking, transfer: 'ringing' }, 'mute [hold] keypad [transfer] secure', 'cancel-transfer'],
  ['asking', { ...talking, transfer: 'ringing', consult: true }, 'mute [hold] keypad [transfer] secure',
    'complete [swap] cancel-transfer'],
  ['consulting', { ...talking, transfer: 'answered', consult: true }, 'mute [hold] keypad [transfer] secure',
    'complete swap cancel-transfer'],
  ['transfer failed', { ...talking, transfer: 'failed' }, 'mute hold keypad transfer secure', ''],
  ['listening', { ...talking, mode: 'monitor' }, '', ''],
  ['whispering', { ...talking, mode: 'whisper' }, 'mute', ''],
];

for (const [name, call, talk, handing] of cases) {
  test(`buttons: ${name}`, () => {
    assert.equal(line(talkButtons(call, around)), talk);
    assert.equal(line(handingButtons(call, around)), handing);
    const offline = { ...around, online: false };
    const all = [...talkButtons(call, offline), ...handingButtons(call, offline), endButton(call, offline)];
    assert.ok(all.every((b) => b.disabled), 'nothing can be done while the gateway is out of reach');
  });
}

test('a call that rings', () => {
  assert.equal(line(ringingButtons(true)), 'answer reject');
  assert.equal(line(ringingButtons(false)), '[answer] [reject]');
});

test('what a page lets stay', () => {
  const only = (...types: string[]) => line(talkButtons({ ...talking, recording: 'on' },
    { ...around, stays: (type) => types.includes(type) }));
  assert.equal(only(), '');
  assert.equal(only('holdToggle', 'showKeyboard'), 'hold keypad');
  assert.equal(only('transferSeat'), 'transfer');
  assert.equal(only('transferSkillGroup'), 'transfer');
  assert.equal(only('forwardOut', 'selfService'), 'transfer');
});

test('a supervisor stops, and does not hang up', () => {
  assert.equal(endButton({ mode: 'barge' }, around).text, 'stop');
  assert.equal(endButton(talking, around).text, 'hangup');
});
