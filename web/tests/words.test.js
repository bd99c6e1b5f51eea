import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callState, describe, meanwhile } from '../phone/words.js';

const call = { status: 'inProgress', number: '+15550199', name: '' };
const consulting = { ...call, consult: true, transferTo: 'bob' };

for (const [members, want] of [
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
]) {
  test(`a call's state: ${want}`, () => {
    assert.equal(callState(members, 'open'), want);
    assert.equal(callState(members, 'reconnecting'), 'Reconnecting');
  });
}

test('a status until it is what was asked for', () => {
  for (const [status, wanted, want] of [
    ['free', 'free', ''], ['rest', 'rest', ''], ['busy', 'free', ''], ['busy', 'rest', 'After this call'],
    ['offline', 'free', 'Offline'],
  ]) {
    assert.equal(meanwhile({ status, wanted, reason: 'Meal' }), want);
  }
  const until = '2026-11-22T12:00:00Z';
  assert.equal(meanwhile({ status: 'arrange', wanted: 'free', until }), 'After-call work');
  assert.equal(meanwhile({ status: 'arrange', wanted: 'arrange', until }), 'After-call work');
  assert.equal(meanwhile({ status: 'arrange', wanted: 'arrange' }), '');
});

test('events in words', () => {
  for (const [event, want] of [
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
    [{ event: 'hearing', parties: [] }, ''],
  ]) {
    assert.equal(describe(event, call), want);
  }
});
