import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callState, complaint, describe, meanwhile } from '../src/workbench/told';
import { wordsOf } from '../src/workbench/words';

const words = wordsOf('en');
const call = { status: 'inProgress', number: '+15550199', name: '' };
const consulting = { ...call, consult: true, transferTo: 'bob' };

const states: [object, string][] = [
  [call, 'In call'],
  [{ ...call, held: true }, 'On hold'],
  [{ ...call, onHold: true }, 'You are on hold'],
  [{ ...call, silent: true, held: true }, 'Sound is lost'],
  [{ ...consulting, transfer: 'started' }, 'Asking bob'],
  [{ ...consulting, transfer: 'ringing' }, 'Asking bob: it rings there'],
  [{ ...consulting, transfer: 'answered' }, 'Consulting bob, the caller waits'],
  [{ ...consulting, transfer: 'answered', swapped: true }, 'Back with the caller, bob waits'],
  [{ ...consulting, consult: false, transfer: 'ringing' }, 'Transferring: it rings at bob'],
  [{ ...consulting, transfer: 'failed' }, 'In call'],
  [{ ...call, mode: 'monitor', silent: true }, 'Listening'],
  [{ ...call, mode: 'barge' }, 'Speaking to both'],
];

for (const [members, want] of states) {
  test(`a call's state: ${want}`, () => {
    assert.equal(callState(members, 'open', words), want);
    assert.equal(callState(members, 'reconnecting', words), 'Reconnecting');
  });
}

test('a status until it is what was asked for', () => {
  for (const [status, wanted, want] of [
    ['free', 'free', ''], ['rest', 'rest', ''], ['busy', 'free', ''], ['busy', 'rest', 'Meal after this call'],
    ['busy', 'notReady', 'Not ready after this call'], ['offline', 'free', 'Offline'],
  ]) {
    assert.equal(meanwhile({ status, wanted, reason: 'Meal' }, words), want);
  }
  const until = '2026-11-22T12:00:00Z';
  assert.equal(meanwhile({ status: 'arrange', wanted: 'free', until }, words), 'After-call work');
  assert.equal(meanwhile({ status: 'arrange', wanted: 'arrange', until }, words), 'After-call work');
  assert.equal(meanwhile({ status: 'arrange', wanted: 'arrange' }, words), '');
});

test('events in words', () => {
  const events: [object, string][] = [
    [{ event: 'autoTransfer' }, 'You missed the call from +15550199: it goes to another'],
    [{ event: 'statusChanged', status: 'rest', reason: 'Meal' }, 'Your status: Meal'],
    [{ event: 'statusChanged', status: 'notReady' }, 'Your status: Not ready'],
    [{ event: 'statusChanged', status: 'busy' }, ''],
    [{ event: 'kickedOut', reason: 'deleted' }, 'You are no staff member any more'],
    [{ event: 'digit', secure: true }, '+15550199 pressed a secret digit'],
    [{ event: 'transfer', state: 'failed', to: '1002', userId: 'bob', reason: 'busy' },
      'bob did not take the call: busy'],
    [{ event: 'sessionEnded', closeBy: 'admin', reason: 'intercepted', detail: 'taken over by sam' },
      'The call was taken over by sam'],
    [{ event: 'sessionEnded', closeBy: 'seat', reason: 'transferred', detail: 'transferred' },
      'You handed the call over'],
    [{ event: 'sessionEnded', closeBy: 'client', reason: 'normal', duration: 9.6 },
      'Call ended by the other side after 10 s'],
    [{ event: 'sessionEnded', closeBy: 'client', reason: 'noAnswer', duration: 0 },
      'Call ended by the other side (no answer)'],
    [{ event: 'recording', state: 'paused' }, 'The recording is paused'],
    [{ event: 'hearing', parties: [] }, ''],
  ];
  for (const [event, want] of events) {
    assert.equal(describe(event, call, words), want);
  }
});

test('every text for callers alike in Chinese', () => {
  const zh = wordsOf('zh');
  for (const [members] of states) {
    assert.match(callState(members, 'open', zh), /\p{Script=Han}/u);
  }
  assert.match(describe({ event: 'autoTransfer' }, call, zh), /\+15550199/);
});

test('what is wrong: our sentence, the code with the gateway\'s own, or that alone', () => {
  const error = { message: 'no outbound rule allows 1', code: 'forbidden' };
  assert.equal(complaint(error, words), 'no outbound rule allows 1');
  assert.equal(complaint(error, wordsOf('zh')), '没有权限(no outbound rule allows 1)');
  assert.match(complaint({ message: 'No microphone was found.' }, wordsOf('zh')), /麦克风/);
});
