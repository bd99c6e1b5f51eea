import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Calls, isAtMobile, isUnderWay } from '../phone/calls.js';

function newCalls() {
  const client = new EventTarget();
  const calls = new Calls(client);
  client.dispatchEvent(new CustomEvent('login', { detail: { seat: { user: 'alice' } } }));
  let changes = 0;
  calls.addEventListener('change', () => { changes++; });
  return {
    calls,
    tell: (event, members) => client.dispatchEvent(new CustomEvent('event', {
      detail: { event, at: '2026-11-22T12:00:00Z', sessionId: 's1', ...members },
    })),
    done: (type, members, data) => client.dispatchEvent(new CustomEvent('done', { detail: { type, members, data } })),
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
  assert.equal(calls.current.digits, '4#');
  tell('digit', { secure: true });
  assert.equal(calls.current.digits, '4#•');
  tell('secureDigits', { secure: true });
  assert.equal(calls.current.secure, true);
  tell('sessionEnded');
  assert.equal(calls.all.length, 0);
});

test('a call of a group', () => {
  const { calls, tell } = newCalls();
  const ivrPath = [{ key: '1', label: 'Support' }, { key: '3', label: '' }];
  tell('callIn', { ...parties, skillGroupId: '7', ivrPath });
  assert.deepEqual([calls.ringing[0].group, calls.ringing[0].path], ['7', 'Support › 3']);
  tell('autoTransfer');
  tell('sessionEnded');
  const session = { ...parties, sessionId: 's1', incoming: true, accepted: true, skillGroupId: '7', ivrPath };
  tell('snapshot', { sessions: [session] });
  assert.deepEqual([calls.current.group, calls.current.path], ['7', 'Support › 3']);
});

test('a call out', () => {
  const { calls, tell, done } = newCalls();
  tell('callOuted', { type: 'phone', callerPhoneNumber: '+15550100', calleePhoneNumber: '+15550199' });
  done('call', {}, { sessionId: 's1', incoming: false, status: 'ringing', accepted: true }); // known already
  assert.deepEqual([calls.current.number, calls.current.status], ['+15550199', 'calling']);
  for (const [event, status] of [['userAccessed', 'calling'], ['ringing', 'ringing'], ['earlyMedia', 'earlyMedia'],
    ['calloutAccepted', 'inProgress']]) {
    tell(event);
    assert.equal(calls.current.status, status, event);
  }
  assert.equal(calls.current.answeredAt, noon);
});

test('a snapshot replaces what was known', () => {
  const { calls, tell } = newCalls();
  tell('callIn', { ...parties, sessionId: 'old' });
  tell('snapshot', { sessions: [
    { ...parties, sessionId: 'in', incoming: true, status: 'inProgress', accepted: true, muted: true,
      answeredAt: '2026-11-22T12:00:00Z' },
    { ...parties, sessionId: 'rings', incoming: true, status: 'ringing', accepted: false, muted: false },
    { ...parties, sessionId: 'inside', incoming: true, status: 'ringing', accepted: false, muted: false,
      type: 'internal', peerUserId: 'bob', callerName: undefined },
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

test('who holds whom', () => {
  const { calls, tell } = newCalls();
  tell('callIn', parties);
  tell('userAccessed');
  tell('held', { held: true, userId: 'alice' });
  assert.deepEqual([calls.current.held, calls.current.onHold], [true, false]);
  tell('held', { held: true });
  assert.deepEqual([calls.current.held, calls.current.onHold], [true, true], 'the customer, besides');
  tell('held', { held: false, userId: 'alice' });
  tell('held', { held: true, userId: 'bob' });
  assert.deepEqual([calls.current.held, calls.current.onHold], [false, true]);
});

test('a consultation is told from a blind transfer by its answer, and is over with its end', () => {
  const { calls, tell } = newCalls();
  tell('callIn', parties);
  tell('userAccessed');
  const transfer = (state) => {
    tell('transfer', { state, to: '1002', userId: 'bob' });
    return [calls.current.transfer, calls.current.transferTo, calls.current.consult ?? false, isUnderWay(state)];
  };
  assert.deepEqual(transfer('started'), ['started', 'bob', false, true]);
  assert.deepEqual(transfer('ringing'), ['ringing', 'bob', false, true]);
  assert.deepEqual(transfer('answered'), ['answered', 'bob', true, true]);
  calls.update('s1', { swapped: true });
  assert.deepEqual(transfer('cancelled'), ['cancelled', 'bob', false, false]);
  transfer('started');
  assert.equal(calls.current.swapped, false);
});

test('a snapshot tells how far a transfer is', () => {
  const { calls, tell } = newCalls();
  const session = { ...parties, sessionId: 's1', status: 'inProgress', incoming: true, accepted: true, muted: false };
  const transfer = { state: 'answered', to: '1002', userId: 'bob', consult: true, swapped: true };
  tell('snapshot', { sessions: [{ ...session, transfer }] });
  const { current } = calls;
  assert.deepEqual([current.transfer, current.transferTo, current.consult, current.swapped],
    ['answered', 'bob', true, true]);
  tell('transfer', { state: 'cancelled', to: '1002', userId: 'bob' });
  assert.deepEqual([calls.current.consult, isUnderWay(calls.current.transfer)], [false, false]);
  tell('snapshot', { sessions: [session] });
  assert.equal(isUnderWay(calls.current.transfer), false);
});

test('a session that the seat supervises', () => {
  const { calls, tell } = newCalls();
  const live = {
    sessionId: 's1', direction: 0, ...parties, answeredAt: '2026-11-22T12:00:00Z',
    parties: [{ role: 'customer' }, { role: 'agent', user: 'bob' }],
  };
  tell('monitor', { mode: 'monitor' });
  assert.deepEqual([calls.current.mode, calls.current.number], ['monitor', '']);
  calls.supervised('s1', live);
  assert.deepEqual([calls.current.name, calls.current.number, calls.current.with, calls.current.answeredAt],
    ['Carol', '+15550199', 'bob', noon]);
  assert.equal(calls.voiced, false);
  tell('monitor', { mode: 'whisper' });
  assert.deepEqual([calls.current.name, calls.current.mode, calls.voiced], ['Carol', 'whisper', true]);
  const heard = [{ role: 'customer' }, { role: 'agent', userId: 'erin' }, { role: 'supervisor', userId: 'alice' }];
  tell('hearing', { parties: heard });
  assert.equal(calls.current.with, 'erin', 'it was handed over');
  tell('monitor', { mode: 'monitor' });
  tell('callIn', { ...parties, sessionId: 'own' });
  tell('userAccessed', { sessionId: 'own' });
  assert.deepEqual([calls.current.sessionId, calls.voiced], ['own', true], 'a call of its own comes first');
  tell('sessionEnded', { sessionId: 'own' });
  tell('userAccessed');
  assert.deepEqual([calls.current.mode, calls.voiced], [undefined, true], 'taken over');
});

test('a supervised session has its numbers from the event where no wall was asked', () => {
  const { calls, tell } = newCalls();
  const out = {
    direction: 1, type: 'phone', callerPhoneNumber: '+15550100', calleePhoneNumber: '+155****0199', calleeName: 'Carol',
    protectedCallee: '+155****0199', answeredAt: '2026-11-22T11:58:00Z',
  };
  const told = () => {
    const { number, name, masked, incoming, answeredAt, mode, secure } = calls.current;
    return [number, name, masked, incoming, noon - answeredAt, mode, secure];
  };
  calls.supervised('s1', undefined); // the reply may be before the event
  tell('monitor', { ...out, mode: 'monitor' });
  tell('secureDigits', { secure: true });
  const since = ['+155****0199', 'Carol', true, false, 120_000];
  assert.deepEqual(told(), [...since, 'monitor', true]);
  calls.supervised('s1', { sessionId: 's1', ...out, parties: [{ role: 'customer' }, { role: 'agent', user: 'bob' }] });
  assert.deepEqual([...told(), calls.current.with], [...since, 'monitor', true, 'bob']);
  tell('monitor', { ...out, mode: 'barge' });
  assert.deepEqual([...told(), calls.current.with], [...since, 'barge', true, 'bob']);
  tell('userAccessed');
  assert.deepEqual(told(), [...since, undefined, true], 'taken over');
});

test('a call in that was taken over is as old as it is', () => {
  const { calls, tell, done } = newCalls();
  tell('monitor', { ...parties, direction: 0, mode: 'monitor', answeredAt: '2026-11-22T11:58:00Z' });
  done('intercept', { sessionId: 's1' });
  tell('userAccessed');
  const { number, incoming, answeredAt, mode } = calls.current;
  assert.deepEqual([number, incoming, noon - answeredAt, mode], ['+15550199', true, 120_000, undefined]);
});

test('a snapshot tells hold, secret digits and supervision', () => {
  const { calls, tell } = newCalls();
  const session = { status: 'inProgress', incoming: true, accepted: true, muted: false };
  tell('snapshot', { sessions: [
    { ...session, ...parties, sessionId: 'own', held: true, secure: true },
    { ...session, sessionId: 's1', direction: 1, callerPhoneNumber: '+15550100', calleePhoneNumber: '+15550199',
      peerUserId: 'bob', mode: 'barge' },
  ] });
  assert.deepEqual([calls.get('own').held, calls.get('own').secure, calls.get('own').mode], [true, true, undefined]);
  const { mode, number, with: agent } = calls.get('s1');
  assert.deepEqual([mode, number, agent], ['barge', '+15550199', 'bob']);
});

test('a call at the mobile has no sound here', () => {
  const { calls, tell } = newCalls();
  tell('callIn', { ...parties, serverType: 'staffPhoneSeat' });
  assert.equal(isAtMobile(calls.ringing[0]), true);
  tell('userAccessed');
  assert.deepEqual([calls.current.sessionId, calls.voiced], ['s1', false]);
  tell('callIn', { ...parties, sessionId: 'here', serverType: 'staffSeat' });
  assert.equal(isAtMobile(calls.ringing[0]), false);
});
