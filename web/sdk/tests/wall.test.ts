import assert from 'node:assert/strict';
import { test } from 'node:test';
import { path, roundUp, scoreNow } from '../src/workbench/wallcharts';
import {
  type Party, type Point, type Session, allowed, duration, matches, rowMatches, rowOf, seatMatches, sorted, stateOf,
} from '../src/workbench/walldata';
import { meterAt } from '../src/workbench/walldetails';
import type { Model } from '../src/workbench/model';
import { WallState, actOn } from '../src/workbench/wallstate';
import { wallWordsOf } from '../src/workbench/wallwords';

const customer: Party = { id: 'p1', role: 'customer', kind: 'trunk' };
const alice: Party = { id: 'p2', role: 'agent', user: 'alice', kind: 'browser' };

function session(sessionId: string, more: Partial<Session> & Record<string, unknown> = {}): Session {
  return {
    sessionId, direction: 0, status: 'inProgress', startedAt: '2026-11-22T12:00:00Z', parties: [customer, alice],
    callerPhoneNumber: '+15550199', callerName: 'Carol', ...more,
  } as Session;
}

const names = (user: string) => ({ alice: 'Alice Chen' }[user] ?? user);
const row = (id: string, more: Record<string, unknown> = {}) => rowOf(session(id, more), names);

test('where a session stands', () => {
  for (const [want, more] of [
    ['inProgress', {}],
    ['ringing', { status: 'ringing' }],
    ['ringing', { status: 'seatJoining' }],
    ['waiting', { status: 'ringing', waiting: true, parties: [customer] }],
    ['menu', { inMenu: true }],
    ['held', { parties: [customer, { ...alice, held: true }] }],
    ['consult', { parties: [customer, { ...alice, held: true }, { id: 'p3', role: 'consulted', kind: 'phone' }] }],
  ] as [string, object][]) {
    assert.equal(stateOf(session('s1', more)), want, JSON.stringify(more));
  }
});

test('a row says who talks, and for how long', () => {
  const sam: Party = { id: 'p3', role: 'supervisor', user: 'sam', mode: 'whisper', kind: 'browser' };
  const r = row('s1', { answeredAt: '2026-11-22T12:00:05Z', parties: [customer, alice, sam] });
  assert.deepEqual([r.customer, r.number, r.agents], ['Carol', '+15550199', ['Alice Chen']]);
  assert.deepEqual(r.supervisors, [sam]);
  assert.equal(r.since, Date.parse('2026-11-22T12:00:05Z'));
  const nameless = row('s2', { callerName: '', parties: [customer] });
  assert.deepEqual([nameless.customer, nameless.number, nameless.agents], ['+15550199', '', []]);
  assert.equal(nameless.since, Date.parse('2026-11-22T12:00:00Z'));
});

test('what a session allows', () => {
  const first = ['monitor', 'whisper', 'barge', 'intercept'];
  assert.deepEqual(allowed('inProgress', undefined, false), first);
  assert.deepEqual(allowed('held', undefined, false), first);
  assert.deepEqual(allowed('ringing', undefined, false), []);
  assert.deepEqual(allowed('waiting', undefined, false), []);
  const all = ['monitor', 'whisper', 'barge', 'intercept', 'stopMonitor'];
  assert.deepEqual(allowed('inProgress', 'whisper', false), all);
  assert.deepEqual(allowed('inProgress', undefined, true), [], 'nobody supervises an own call');
});

class FakeCalls extends EventTarget {
  byID = new Map<string, { sessionId: string; mode: string; hears?: boolean }>();

  get all() { return [...this.byID.values()]; }

  get(id: string) { return this.byID.get(id); }
}

/** A model whose gateway does what is asked; the supervisor's device is in a call a moment after the reply. */
function supervisor() {
  const calls = new FakeCalls();
  const done: string[] = [];
  const later = (change: () => void) => setTimeout(() => {
    change();
    calls.dispatchEvent(new Event('change'));
  }, 5);
  const mode = (name: string) => async ({ sessionId }: { sessionId: string }) => {
    done.push(`${name} ${sessionId}`);
    const known = calls.byID.get(sessionId);
    assert.ok(known || name === 'monitor', 'monitor the session first');
    calls.byID.set(sessionId, { ...known, sessionId, mode: name });
    later(() => { Object.assign(calls.byID.get(sessionId) ?? {}, { hears: true }); });
  };
  const call = {
    monitor: mode('monitor'), whisper: mode('whisper'), barge: mode('barge'),
    intercept: async ({ sessionId }: { sessionId: string }) => {
      done.push(`intercept ${sessionId}`);
      assert.ok(calls.byID.get(sessionId)?.hears, 'only who monitors the session can take it over');
    },
    stopMonitor: async ({ sessionId }: { sessionId: string }) => {
      done.push(`stopMonitor ${sessionId}`);
      later(() => { calls.byID.delete(sessionId); });
    },
  };
  const live = { get: (id: string) => session(id), refresh() {}, seats: [] };
  const model = {
    wall: new WallState(), call, phone: { calls, live, connection: 'open', seat: { user: 'sam' } },
    changed() {}, attempt: (run: () => Promise<void>) => run(),
  } as unknown as Model;
  return { model, done };
}

test('whoever does not listen yet does that first, by the same click', async () => {
  const { model, done } = supervisor();
  const does = async (id: string, what: Parameters<typeof actOn>[2]) => {
    await actOn(model, id, what);
    return [...done.splice(0), model.wall.selected];
  };
  assert.deepEqual(await does('s1', 'stopMonitor'), [''], 'not allowed');
  assert.deepEqual(await does('s1', 'whisper'), ['monitor s1', 'whisper s1', 's1']);
  assert.deepEqual(await does('s1', 'monitor'), ['monitor s1', 's1'], 'back');
  assert.deepEqual(await does('s2', 'barge'), ['stopMonitor s1', 'monitor s2', 'barge s2', 's2']);
  assert.deepEqual(await does('s3', 'monitor'), ['stopMonitor s2', 'monitor s3', 's3']);
  assert.deepEqual(await does('s4', 'intercept'), ['stopMonitor s3', 'monitor s4', 'intercept s4', 's4']);
});

test('rows stay in the order of their beginning, whatever else they are sorted by', () => {
  const rows = [
    row('new', { startedAt: '2026-11-22T12:00:09Z', group: 'Support' }),
    row('old', { startedAt: '2026-11-22T12:00:01Z', group: 'Support' }),
    row('sales', { startedAt: '2026-11-22T12:00:05Z', group: 'Sales', callerName: 'adam' }),
  ];
  const order = (...by: Parameters<typeof sorted> extends [unknown, ...infer Rest] ? Rest : never) =>
    sorted(rows, ...by).map((r) => r.id);
  const none = () => null;
  assert.deepEqual(order('since', false, none), ['old', 'sales', 'new']);
  assert.deepEqual(order('since', true, none), ['new', 'sales', 'old']);
  assert.deepEqual(order('group', false, none), ['sales', 'old', 'new']);
  assert.deepEqual(order('group', true, none), ['old', 'new', 'sales']);
  assert.deepEqual(order('customer', false, none), ['sales', 'old', 'new']);
  const scores: Record<string, number> = { old: 4.41, new: 4.2, sales: 2 };
  assert.deepEqual(order('quality', false, (r) => scores[r.id]!), ['sales', 'old', 'new'], 'good is good');
});

test('a column is sorted by once more, the other way round', () => {
  const state = new WallState();
  state.sortBy('group');
  assert.deepEqual([state.order, state.down], ['group', false]);
  state.sortBy('group');
  assert.deepEqual([state.order, state.down], ['group', true]);
  state.sortBy('agent');
  assert.deepEqual([state.order, state.down], ['agent', false]);
});

test('what is searched for is found', () => {
  assert.ok(matches('', undefined) && matches(' CAR ', 'Carol') && !matches('bob', 'Carol', undefined));
  const r = row('s1', { skillGroupId: '7', group: 'Support' });
  for (const search of ['carol', '0199', 'chen', 'alice', 'supp']) {
    assert.ok(rowMatches(r, search, ''), search);
  }
  assert.ok(rowMatches(r, '', '7') && !rowMatches(r, '', '8') && !rowMatches(r, 'bob', '7'));
});

test('seats are found by status, group and name', () => {
  const seat = {
    user: 'bob', name: 'Bob', device: 'staffSeat', there: true, status: 'rest', since: '', wanted: 'rest',
    sessions: [], skillGroupIds: ['7'],
  };
  const found = (search: string, group: string, status: string) =>
    seatMatches(seat, search, group, status, ['Support']);
  assert.ok(found('', '', '') && found('bo', '7', 'rest') && found('support', '', 'there'));
  assert.ok(!found('', '8', '') && !found('', '', 'free') && !found('carol', '', ''));
  assert.ok(!seatMatches({ ...seat, status: 'offline' }, '', '', 'there', []));
});

test('durations', () => {
  assert.deepEqual([-5, 0, 7_900, 754_000, 3_723_000].map(duration), ['0:00', '0:00', '0:07', '12:34', '1:02:03']);
});

test('a line has gaps where nothing came', () => {
  const points = [0, 1, null, 2, null, 3, 4].map((mos, i): Point => ({ at: i * 10, loss: 0, jitter: 0, mos }));
  const frame = { from: 10, to: 60, min: 0, max: 4, left: 0, top: 0, width: 50, height: 40 };
  assert.equal(path(points, 'mos', frame), 'M0.0 30.0h1M20.0 20.0h1M40.0 10.0L50.0 0.0', 'and begins at the edge');
  const much = points.map((p) => ({ ...p, mos: 99 })).slice(5);
  assert.equal(path(much, 'mos', frame), 'M40.0 0.0L50.0 0.0', 'it stays inside');
  assert.equal(path([], 'mos', frame), '');
  assert.deepEqual([scoreNow(points), scoreNow(points.slice(0, 3)), scoreNow([])], [4, null, null]);
});

test('axes end at round numbers', () => {
  assert.deepEqual([0.3, 1, 3, 5, 7, 20, 21, 180].map(roundUp), [1, 1, 5, 5, 10, 20, 50, 200]);
});

test('a meter goes from silence to full', () => {
  assert.deepEqual([0, 0.000001, 1, 5].map(meterAt), [0, 0, 1, 1]);
  assert.ok(Math.abs(meterAt(0.0316) - 0.5) < 0.01, '-30 dB is half');
});

test('both languages say the same', () => {
  const [en, zh] = [wallWordsOf('en'), wallWordsOf('zh')] as unknown as Record<string, unknown>[];
  assert.deepEqual(Object.keys(zh!).sort(), Object.keys(en!).sort());
  for (const [key, value] of Object.entries(en!)) {
    assert.equal(typeof zh![key], typeof value, key);
    if (typeof value === 'object') {
      assert.deepEqual(Object.keys(zh![key] as object), Object.keys(value as object), key);
    }
  }
});
