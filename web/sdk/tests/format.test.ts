import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clock, initial, left, part, since, when } from '../src/workbench/format';
import { callable, found } from '../src/workbench/transfer';

test('clocks', () => {
  assert.equal(clock(0), '0:00');
  assert.equal(clock(-5), '0:00');
  assert.equal(clock(65_900), '1:05');
  assert.equal(clock(3_600_000 + 61_000), '1:01:01');
  assert.equal(since(null), '');
  assert.equal(since(1_000, 62_000), '1:01');
  assert.equal(left(undefined), '');
  assert.equal(left('2026-11-22T12:00:10Z', Date.parse('2026-11-22T12:00:00.500Z')), '0:10');
  assert.equal(left('2026-11-22T12:00:10Z', Date.parse('2026-11-22T12:00:11Z')), '0:00');
});

test('circles', () => {
  assert.equal(initial({ name: 'alice', number: '1001' }), 'A');
  assert.equal(initial({ name: '王芳' }), '王');
  assert.equal(initial({ number: '+15****0199' }), '99');
  assert.equal(initial({}), '');
});

test('today has no date', () => {
  const now = new Date(2026, 10, 22, 15, 0);
  assert.equal(when(new Date(2026, 10, 22, 9, 5).getTime(), 'en', now), '09:05');
  assert.match(when(new Date(2026, 10, 21, 9, 5).getTime(), 'en', now), /Nov 21/);
});

test('levels', () => {
  assert.equal(part(0), 0);
  assert.equal(part(1), 1);
  assert.ok(part(0.1) > 0.59 && part(0.1) < 0.61);
});

test('whom to transfer to', () => {
  const groups = [
    {
      skillGroupId: '1', name: 'support', waiting: 0,
      free: [{ userId: 'bob', name: 'Bob' }, { userId: 'erin', name: 'Erin' }],
    },
    { skillGroupId: '2', name: 'Sales', waiting: 2, free: [] },
  ];
  const names = (search: string) => found(groups, search)
    .map((g) => [g.name, ...g.free.map((m) => m.userId)].join(' '));
  assert.deepEqual(names(''), ['support bob erin', 'Sales']);
  assert.deepEqual(names('SUP'), ['support bob erin']);
  assert.deepEqual(names(' eri'), ['support erin']);
  assert.deepEqual(names('nobody'), []);
  for (const number of ['+1 (555) 0199', '1002', '*72#', '0']) {
    assert.ok(callable(number), number);
  }
  for (const text of ['', 'bob', '1002a', '<b>1</b>', '+']) {
    assert.ok(!callable(text), text);
  }
});
