import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST, type Past, added, again, outcomeOf } from '../src/workbench/past';

const call: Past = {
  sessionId: 's0', at: 0, ended: 0, incoming: false, number: '+15550199', masked: false, name: '', seconds: 3,
  outcome: 'answered',
};

test('the newest is first, no call is there twice, and they are bounded', () => {
  let all: Past[] = [];
  for (let i = 0; i < MOST + 20; i++) {
    all = added(all, { ...call, sessionId: `s${i}`, at: i });
  }
  assert.equal(all.length, MOST);
  assert.equal(all[0]!.sessionId, `s${MOST + 19}`);
  all = added(all, { ...call, sessionId: all[0]!.sessionId, seconds: 9 }); // another tab tells it too
  assert.equal(all.length, MOST);
  assert.equal(all[0]!.seconds, 9);
  assert.notEqual(all[1]!.sessionId, all[0]!.sessionId);
  all = added(all, { ...all[0]!, ended: 7 }); // it came back
  assert.equal(all[1]!.sessionId, all[0]!.sessionId);
});

test('how calls end', () => {
  const [inbound, outbound] = [true, false].map((incoming) => ({ incoming, accepted: !incoming, answeredAt: null }));
  for (const [what, e, want] of [
    [{ ...inbound!, accepted: true }, { closeBy: 'client', reason: 'normal' }, 'answered'],
    [inbound!, { closeBy: 'client', reason: 'cancelled' }, 'missed'],
    [inbound!, { closeBy: 'seat', reason: 'noAnswer' }, 'missed'],
    [inbound!, { closeBy: 'seat', reason: 'rejected' }, 'rejected'],
    [inbound!, { closeBy: 'admin', reason: 'elsewhere' }, 'elsewhere'],
    [{ ...outbound!, answeredAt: 1 }, { closeBy: 'seat' }, 'answered'],
    [outbound!, { closeBy: 'client', reason: 'busy' }, 'busy'],
    [outbound!, { closeBy: 'client', reason: 'noAnswer' }, 'notAnswered'],
    [outbound!, { closeBy: 'seat', reason: 'cancelled' }, 'cancelled'],
    [outbound!, { closeBy: 'admin', reason: 'trunkFailed' }, 'failed'],
  ] as const) {
    assert.equal(outcomeOf(what, e), want);
  }
});

test('who can be called again', () => {
  assert.deepEqual(again(call), { number: '+15550199' });
  assert.deepEqual(again({ ...call, user: 'bob', number: '1002' }), { user: 'bob' });
  assert.equal(again({ ...call, number: '+15****0199', masked: true }), null);
  assert.equal(again({ ...call, number: '' }), null);
});
