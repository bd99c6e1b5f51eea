import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Live, maySupervise, whoIsIn } from '../phone/live.js';
import { settled } from './fake.js';

const STARTED = Date.parse('2026-11-22T12:00:00Z');

/** A session with a customer and an agent of whom so many packets came. */
function session(sessionId, packets, lost = 0, agent = {}) {
  const leg = { codec: 'PCMU', jitterMs: 2 };
  return {
    sessionId,
    parties: [
      { id: 'p1', role: 'customer', packets, lost, ...leg },
      { id: 'p2', role: 'agent', user: 'alice', packets, lost: 0, ...leg, ...agent },
    ],
  };
}

/** A Live with a gateway that the test plays: how often it was asked, and what it answers. */
function newLive(t) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: STARTED });
  t.after(() => mock.timers.reset());
  const gateway = { asked: 0, sessions: [session('s1', 100)], error: null };
  const live = new Live(async () => {
    gateway.asked++;
    if (gateway.error) throw gateway.error;
    return {
      serverTime: new Date(Date.now() + 5_000).toISOString(), sessions: gateway.sessions, queues: [{ group: 1 }],
      seats: [{ user: 'alice' }], more: { sessions: 3, queues: 0, seats: 0 },
    };
  });
  return { live, gateway };
}

async function pass(ms) {
  mock.timers.tick(ms);
  await settled();
}

test('looks every two seconds while it is open', async (t) => {
  const { live, gateway } = newLive(t);
  let changes = 0;
  live.addEventListener('change', () => { changes++; });
  assert.equal(live.known, false);
  await live.open();
  const { known, more, queues, seats } = live;
  assert.deepEqual([gateway.asked, known, more.sessions, queues.length, seats.length], [1, true, 3, 1, 1]);
  assert.equal(live.get('s1').sessionId, 's1');
  assert.equal(live.now, Date.now() + 5_000, 'by the clock of the gateway');
  assert.ok(changes > 0);
  await pass(1_999);
  assert.equal(gateway.asked, 1);
  await pass(1);
  assert.equal(gateway.asked, 2);
  live.close();
  await pass(10_000);
  assert.equal(gateway.asked, 2);
  assert.deepEqual([live.isOpen, live.known, live.sessions, live.points('s1', 'customer')], [false, false, [], []]);
});

test('looks at once when it is asked to, and then again in its time', async (t) => {
  const { live, gateway } = newLive(t);
  live.refresh();
  assert.equal(gateway.asked, 0, 'not while it is closed');
  const opened = live.open();
  live.refresh();
  assert.equal(gateway.asked, 1, 'nor while a look is under way');
  await opened;
  await pass(1_000);
  live.refresh();
  await settled();
  assert.equal(gateway.asked, 2);
  await pass(1_999);
  assert.equal(gateway.asked, 2);
  await pass(1);
  assert.equal(gateway.asked, 3);
});

test('an answer that comes after the end changes nothing', async (t) => {
  const { live } = newLive(t);
  const opened = live.open();
  live.close();
  await opened;
  assert.deepEqual([live.isOpen, live.sessions], [false, []]);
});

test('what was seen stays while the gateway does not answer', async (t) => {
  const { live, gateway } = newLive(t);
  await live.open();
  gateway.error = new Error('the gateway is not connected');
  await pass(2_000);
  assert.deepEqual([live.problem, live.sessions.length], ['the gateway is not connected', 1]);
  gateway.error = null;
  gateway.sessions = [];
  await pass(2_000);
  assert.deepEqual([live.problem, live.sessions], ['', []]);
});

test('each look is a point of what came since the one before', async (t) => {
  const { live, gateway } = newLive(t);
  gateway.sessions = [session('s1', 90, 10)];
  await live.open();
  gateway.sessions = [session('s1', 190, 10)];
  await pass(2_000);
  gateway.sessions = [session('s1', 190, 10)];
  await pass(2_000);
  gateway.sessions = [session('s1', 240, 60)];
  await pass(2_000);
  const points = live.points('s1', 'customer');
  assert.deepEqual(points.map((p) => p.loss), [10, 0, null, 50], 'the first is of all before');
  assert.deepEqual(points.map((p) => p.jitter), [2, 2, null, 2]);
  assert.deepEqual(points.map((p) => p.at - STARTED), [0, 2_000, 4_000, 6_000]);
  assert.ok(points[1].mos > points[0].mos && points[0].mos > points[3].mos && points[2].mos === null);
  assert.deepEqual(live.points('s1', 'agent').map((p) => p.loss), [0, 0, null, 0]);
});

test('another party on a side begins anew, and the points before stay', async (t) => {
  const { live, gateway } = newLive(t);
  await live.open();
  gateway.sessions = [session('s1', 200, 0, { id: 'p3', packets: 20, lost: 20 })];
  await pass(2_000);
  gateway.sessions = [session('s1', 300, 0, { id: 'p3', packets: 10, lost: 0 })];
  await pass(2_000);
  const losses = live.points('s1', 'agent').map((p) => p.loss);
  assert.deepEqual(losses, [0, 50, 0], 'also one whose count is less than before');
});

test('points are kept for five minutes, and forgotten with their session', async (t) => {
  const { live, gateway } = newLive(t);
  await live.open();
  for (let i = 1; i <= 200; i++) {
    gateway.sessions = [session('s1', 100 + i)];
    await pass(2_000);
  }
  assert.equal(live.points('s1', 'customer').length, 150);
  assert.ok(live.points('s1', 'customer')[0].at > Date.now() - 300_000);
  gateway.sessions = [session('s2', 0)];
  await pass(2_000);
  assert.deepEqual([live.points('s1', 'customer'), live.points('s2', 'customer')], [[], []]);
});

test('administrators and quality inspectors may supervise', () => {
  assert.deepEqual([{ role: 1 }, { role: 2 }, { role: 3 }, null].map(maySupervise), [true, true, false, false]);
});

test('who is in a session', () => {
  const ends = { callerPhoneNumber: '1001', callerName: 'Alice', calleePhoneNumber: '+15550199', user: 'alice' };
  const parties = [
    { role: 'customer' }, { role: 'agent', user: 'alice' }, { role: 'agent', user: 'erin', left: true },
    { role: 'supervisor', user: 'sam', mode: 'monitor' },
  ];
  assert.deepEqual(whoIsIn({ ...ends, direction: 1, parties }), {
    customer: { number: '+15550199', name: '' }, seats: ['alice'], agents: ['alice'], supervisors: ['sam'],
  });
  const inside = [{ role: 'customer', user: 'alice' }, { role: 'agent', user: 'bob' }];
  assert.deepEqual(whoIsIn({ ...ends, direction: 2, parties: inside }), {
    customer: { number: '1001', name: 'Alice' }, seats: ['alice', 'bob'], agents: ['bob'], supervisors: [],
  });
});
