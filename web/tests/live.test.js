import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Live, maySupervise, whoIsIn } from '../phone/live.js';
import { settled } from './fake.js';

/** A Live with a gateway that the test plays: what it was asked, and what it answers. */
function newLive(t) {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const gateway = { tokens: [], asked: [], status: 200, answer: { sessions: [{ sessionId: 's1' }] } };
  const live = new Live({
    getToken: async (user, password) => {
      gateway.tokens.push([user, password]);
      if (password === 'wrong') throw new Error('user or password is wrong');
      return `token ${gateway.tokens.length}`;
    },
    get: async (path, { headers }) => {
      gateway.asked.push([path, headers.Authorization]);
      const { status, answer } = gateway;
      return { status, ok: status === 200, json: async () => answer };
    },
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
  await live.open('sam', true);
  assert.deepEqual(gateway.asked, [['/api/v1/sessions', 'Bearer token 1']]);
  assert.equal(live.get('s1').sessionId, 's1');
  assert.ok(changes > 0);
  await pass(1_999);
  assert.equal(gateway.asked.length, 1);
  await pass(1);
  assert.equal(gateway.asked.length, 2);
  assert.deepEqual(gateway.tokens, [['sam', undefined]], 'one token is enough');
  live.close();
  await pass(10_000);
  assert.equal(gateway.asked.length, 2);
  assert.deepEqual([live.isOpen, live.sessions], [false, []]);
});

test('an answer that comes after the end changes nothing', async (t) => {
  const { live } = newLive(t);
  const opened = live.open('sam', true);
  live.close();
  await opened;
  assert.deepEqual([live.isOpen, live.sessions], [false, []]);
});

test('a token that is too old is replaced', async (t) => {
  const { live, gateway } = newLive(t);
  await live.open('sam', true);
  Object.assign(gateway, { status: 401, answer: { error: { message: 'too old' } } });
  await pass(2_000);
  assert.deepEqual([live.problem, live.sessions], ['too old', []]);
  Object.assign(gateway, { status: 200, answer: { sessions: [] } });
  await pass(2_000);
  assert.deepEqual(gateway.asked.at(-1), ['/api/v1/sessions', 'Bearer token 2']);
  assert.equal(live.problem, '');
});

test('without the demo the password is asked for, and not kept', async (t) => {
  const { live, gateway } = newLive(t);
  await live.open('sam', false);
  assert.deepEqual([live.wantsPassword, gateway.tokens], [true, []]);
  await assert.rejects(live.unlock('wrong'), /password is wrong/);
  assert.equal(live.wantsPassword, true);
  await live.unlock('right');
  assert.deepEqual([live.wantsPassword, live.sessions.length], [false, 1]);
  gateway.status = 401;
  gateway.answer = { error: { message: 'too old' } };
  await pass(2_000);
  await pass(2_000);
  assert.equal(live.wantsPassword, true);
  assert.equal(gateway.tokens.length, 2);
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
