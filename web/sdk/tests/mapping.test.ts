// What pages are told, from what the gateway says in api/testdata/protocol/.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Mapper, type Message, type Told } from '../src/mapping';

/** All that the gateway says in a conversation. */
function events(name: string): Message[] {
  const { steps } = JSON.parse(readFileSync(`../../api/testdata/protocol/${name}.json`, 'utf8'));
  return steps.map((s: any) => s.gateway).filter((m: any) => m?.event);
}

const tell = (mapper: Mapper, ...messages: Message[]) => messages.flatMap((m) => mapper.take(m))
  .map(({ event, fields }) => [event, fields]);
const named = (told: unknown[][], name: string) => told.filter(([event]) => event === name).map(([, fields]) => fields);

test('a call in', () => {
  const mapper = new Mapper();
  const told = tell(mapper, ...events('call-in'));
  assert.deepEqual(told.map(([event]) => event), [
    'callIn', 'userAccessed', 'digit', 'mediaLost', 'mediaBack', 'held', 'sessionEnded', 'sessionCompleted',
  ]);
  assert.deepEqual(named(told, 'callIn'), [{
    sessionId: 's1', type: 'phone', timeout: 30, callerPhoneNumber: '+15550199', calleePhoneNumber: '+15550100',
    remark: 'Carol', serverType: 'staffSeat',
  }]);
  assert.deepEqual(named(told, 'userAccessed'), [{ sessionId: 's1', tabUUID: 't1' }]);
  assert.deepEqual(named(told, 'sessionEnded'), [{ sessionId: 's1', type: 'phone', closeBy: 'client', duration: 61.25 }]);
});

test('a call out', () => {
  const told = tell(new Mapper(), ...events('call-out'), { event: 'userAccessed', sessionId: 's2' });
  assert.deepEqual(told.map(([event]) => event), [
    'callOuted', 'ringing', 'earlyMedia', 'calloutAccepted', 'muted', 'muted', 'sessionEnded', 'sessionCompleted',
    'userAccessed',
  ]);
  assert.deepEqual(told[0][1], {
    sessionId: 's1', callerPhoneNumber: '+15550100', calleePhoneNumber: '+15550199', serverType: 'staffSeat', tabUUID: 't1',
  });
});

test('who placed a call is in it without being told', () => {
  const out = { event: 'callOuted', sessionId: 's1', type: 'phone' };
  assert.deepEqual(tell(new Mapper(), out, { event: 'userAccessed', sessionId: 's1' }).map(([e]) => e), ['callOuted']);
});

test('a call of another agent', () => {
  const told = tell(new Mapper(), {
    event: 'callIn', sessionId: 's1', type: 'internal', timeout: 0, callerPhoneNumber: '1002', peerUserId: 'bob',
    serverType: 'staffSeat',
  });
  assert.deepEqual(told, [
    ['callIn', { sessionId: 's1', type: 'internal', timeout: 0, peerUserId: 'bob', serverType: 'staffSeat' }],
  ]);
});

test('a system that hangs up says why', () => {
  const told = tell(new Mapper(), { event: 'callIn', sessionId: 's1', type: 'phone', timeout: 5 },
    { event: 'sessionEnded', sessionId: 's1', closeBy: 'admin', duration: 0, reason: 'noAnswer', detail: 'nobody took it' });
  assert.deepEqual(told.at(-1), ['sessionEnded', {
    sessionId: 's1', type: 'phone', closeBy: 'admin', duration: 0, mainReason: 'noAnswer', subReason: 'nobody took it',
  }]);
});

test('a transfer is told when it is through, with its target', () => {
  const mapper = new Mapper();
  const states = (sessionId: string, ...all: string[]) =>
    all.flatMap((state) => tell(mapper, { event: 'transfer', sessionId, state, to: '1002' }));
  mapper.done({ type: 'transfer', members: { sessionId: 's1', skillGroupId: '7' }, data: undefined });
  assert.deepEqual(named(states('s1', 'started', 'ringing', 'completed'), 'transfer'), [
    { sessionId: 's1', skillGroupId: '7' },
  ]);
  assert.deepEqual(named(states('s2', 'started', 'failed'), 'transfer'), []);
});

test('a session is completed after its work, or when the page has done with it', () => {
  const end = (mapper: Mapper) => tell(mapper, { event: 'statusChanged', sessionId: '', status: 'busy' },
    { event: 'callOuted', sessionId: 's1' }, { event: 'sessionEnded', sessionId: 's1', closeBy: 'seat', duration: 1 },
    { event: 'statusChanged', sessionId: '', status: 'arrange' });
  const mapper = new Mapper();
  assert.equal(named(end(mapper), 'sessionCompleted').length, 0);
  assert.equal(mapper.state('s1'), 'ended');
  assert.deepEqual(tell(mapper, { event: 'statusChanged', sessionId: '', status: 'free' }), [
    ['statusChanged', { status: 'free' }], ['sessionCompleted', { sessionId: 's1' }],
  ]);
  const other = new Mapper();
  end(other);
  assert.deepEqual(other.complete('s1').map(({ event }: Told) => event), ['sessionCompleted']);
  assert.deepEqual(other.complete('s1'), []);
  assert.deepEqual([other.state('s1'), other.state('s2')], ['ended', 'unknown']);
});

test('a status is told when it is another', () => {
  const told = tell(new Mapper(), { event: 'statusChanged', sessionId: '', status: 'rest', reason: 'Meal' },
    { event: 'statusChanged', sessionId: '', status: 'rest', reason: 'Meal', device: 'staffExtensionSeat' });
  assert.deepEqual(told, [['statusChanged', { status: 'rest', restReason: 'Meal' }]]);
});

const snapshot = (...sessions: object[]) => ({ event: 'snapshot', sessionId: '', status: 'busy', sessions });
const talking = {
  sessionId: 's1', type: 'phone', status: 'inProgress', incoming: true, accepted: true, serverType: 'staffSeat',
  callerPhoneNumber: '+15550199', calleePhoneNumber: '+15550100',
};

test('a page that was loaded anew is told of its calls', () => {
  const placed = { ...talking, sessionId: 's2', incoming: false };
  const ringing = { ...talking, sessionId: 's3', status: 'ringing', accepted: false };
  const told = tell(new Mapper(), snapshot(talking, placed, ringing));
  assert.deepEqual(told.map(([event, { sessionId }]: any) => `${event} ${sessionId}`), [
    'callIn s1', 'userAccessed s1', 'callOuted s2', 'calloutAccepted s2', 'callIn s3', 'statusChanged undefined',
  ]);
});

test('a snapshot tells what was missed, and nothing twice', () => {
  const mapper = new Mapper();
  tell(mapper, snapshot({ ...talking, accepted: false, status: 'ringing' }, { ...talking, sessionId: 's2' }));
  assert.deepEqual(tell(mapper, snapshot(talking)).map(([event, { sessionId }]: any) => `${event} ${sessionId}`), [
    'sessionEnded s2', 'userAccessed s1',
  ]);
  assert.deepEqual(tell(mapper, snapshot(talking)), []);
});

test('who supervises has no work after it', () => {
  const mapper = new Mapper();
  const told = tell(mapper, { event: 'monitor', sessionId: 's1', mode: 'monitor', type: 'phone' },
    { event: 'sessionEnded', sessionId: 's1', closeBy: 'client', duration: 9 });
  assert.deepEqual(told.map(([event]) => event), ['monitor', 'sessionEnded']);
});
