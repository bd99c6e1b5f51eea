import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Calls } from '../phone/calls.js';

function newCalls() {
  const client = new EventTarget();
  const calls = new Calls(client);
  let changes = 0;
  calls.addEventListener('change', () => { changes++; });
  return {
    calls,
    tell: (event, members) => client.dispatchEvent(new CustomEvent('event', {
      detail: { event, at: '2026-11-22T12:00:00Z', sessionId: 's1', ...members },
    })),
    changes: () => changes,
  };
}

const parties = { type: 'phone', callerPhoneNumber: '+15550199', callerName: 'Carol', calleePhoneNumber: '+15550100' };
const noon = Date.parse('2026-11-22T12:00:00Z');

test('a call in', () => {
  const { calls, tell } = newCalls();
  tell('callIn', parties);
  assert.equal(calls.current, undefined);
  assert.deepEqual(calls.ringing.map((c) => [c.name, c.number, c.ours]), [['Carol', '+15550199', '+15550100']]);
  tell('userAccessed');
  assert.equal(calls.ringing.length, 0);
  assert.equal(calls.current.status, 'inProgress');
  assert.equal(calls.current.answeredAt, noon);
  tell('muted', { muted: true });
  tell('mediaLost');
  assert.deepEqual([calls.current.muted, calls.current.silent], [true, true]);
  tell('mediaBack');
  assert.equal(calls.current.silent, false);
  tell('digit', { digit: '4' });
  tell('digit', { digit: '#' });
  tell('digit', { secure: true });
  assert.equal(calls.current.digits, '4#•');
  tell('held', { held: true });
  assert.equal(calls.current.held, true);
  tell('sessionEnded');
  assert.equal(calls.all.length, 0);
});

test('a call out', () => {
  const { calls, tell } = newCalls();
  tell('callOuted', { type: 'phone', callerPhoneNumber: '+15550100', calleePhoneNumber: '+15550199' });
  calls.placed({ sessionId: 's1', incoming: false, status: 'ringing', accepted: true }); // known already
  assert.deepEqual([calls.current.number, calls.current.status], ['+15550199', 'calling']);
  for (const [event, status] of [['userAccessed', 'calling'], ['ringing', 'ringing'], ['earlyMedia', 'earlyMedia'],
    ['calloutAccepted', 'inProgress']]) {
    tell(event);
    assert.equal(calls.current.status, status, event);
  }
  assert.equal(calls.current.answeredAt, noon);
});

test('a call that is supervised, and taken over', () => {
  const { calls, tell } = newCalls();
  tell('monitor', { ...parties, mode: 'monitor' });
  assert.deepEqual([calls.current.mode, calls.current.name, calls.current.status], ['monitor', 'Carol', 'inProgress']);
  tell('monitor', { ...parties, mode: 'whisper' });
  assert.equal(calls.current.mode, 'whisper');
  tell('userAccessed');
  assert.equal(calls.current.mode, undefined);
  tell('sessionEnded');
  assert.equal(calls.all.length, 0);
});

test('a snapshot replaces what was known', () => {
  const { calls, tell } = newCalls();
  tell('callIn', { ...parties, sessionId: 'old' });
  tell('snapshot', { sessions: [
    { ...parties, sessionId: 'in', incoming: true, status: 'inProgress', accepted: true, muted: true,
      answeredAt: '2026-11-22T12:00:00Z' },
    { ...parties, sessionId: 'rings', incoming: true, status: 'ringing', accepted: false, muted: false },
    { ...parties, sessionId: 'inside', incoming: true, status: 'ringing', accepted: false, muted: false,
      peerUserId: 'bob', callerName: undefined },
    { ...parties, sessionId: 'out', incoming: false, status: 'ringing', accepted: true, muted: false },
  ] });
  assert.deepEqual(calls.all.map((c) => [c.sessionId, c.incoming, c.status, c.number, c.name]), [
    ['in', true, 'inProgress', '+15550199', 'Carol'],
    ['rings', true, 'ringing', '+15550199', 'Carol'],
    ['inside', true, 'ringing', '+15550199', 'bob'],
    ['out', false, 'calling', '+15550100', ''],
  ]);
  assert.deepEqual([calls.current.sessionId, calls.current.muted, calls.current.answeredAt], ['in', true, noon]);
});

test('events of a call that is not known change nothing', () => {
  const { calls, tell, changes } = newCalls();
  for (const event of ['ringing', 'userAccessed', 'muted', 'sessionEnded', 'something new']) {
    tell(event);
  }
  assert.equal(calls.all.length, 0);
  assert.equal(changes(), 0);
});
