import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../src/emitter';
import { Options } from '../src/options';
import { SDKError, answer } from '../src/result';
import { newChat, newVideo } from '../src/unserved';

const soon = () => new Promise((resolve) => setImmediate(resolve));

test('payloads have their fields beside data and in it', () => {
  const emitter = new Emitter();
  const heard: unknown[] = [];
  const listener = (p: unknown) => heard.push(p);
  emitter.on('ringing', listener);
  emitter.on('ringing', listener); // once is enough
  emitter.emit('ringing', { sessionId: 's1' });
  emitter.off('ringing', listener);
  emitter.emit('ringing', { sessionId: 's2' });
  assert.deepEqual(heard, [{ sessionId: 's1', data: { sessionId: 's1' } }]);
});

test('who listens late is told how the start ended', async () => {
  const emitter = new Emitter();
  emitter.emit('ready', { tabUUID: 't1' });
  const heard: string[] = [];
  emitter.on('ready', ({ tabUUID }: any) => heard.push(tabUUID));
  const off = () => heard.push('switched off');
  emitter.on('ready', off);
  emitter.off('ready', off);
  assert.deepEqual(heard, [], 'not before on has returned');
  await soon();
  assert.deepEqual(heard, ['t1']);
  emitter.emit('tokenExpired', { message: 'over' });
  emitter.on('ready', () => heard.push('no more'));
  await soon();
  assert.deepEqual(heard, ['t1']);
});

test('a listener that throws harms no other', (t) => {
  const reported: unknown[] = [];
  (globalThis as any).reportError = (e: unknown) => reported.push(e);
  t.after(() => { delete (globalThis as any).reportError; });
  const emitter = new Emitter();
  const heard: string[] = [];
  emitter.on('ringing', () => { throw new Error('a fault of the page'); });
  emitter.on('ringing', () => heard.push('the other'));
  emitter.emit('ringing', { sessionId: 's1' });
  assert.deepEqual(heard, ['the other']);
  assert.equal(reported.length, 1);
});

test('a wrong name or listener is said and does no harm', (t) => {
  const error = t.mock.method(console, 'error', () => {});
  new Emitter().on('callin', () => {});
  new Emitter().on('callIn', undefined);
  assert.equal(error.mock.callCount(), 2);
});

test('answers have the fields twice', async () => {
  assert.deepEqual(await answer(async () => ({ sessionId: 's1' })), {
    status: 'success', sessionId: 's1', data: { sessionId: 's1' },
  });
  await assert.rejects(answer(async () => { throw new Error('no'); }), { status: 'error', errorMsg: 'no' });
});

test('what a page says is looked at', () => {
  assert.throws(() => new Options('Call.accept', undefined), { errorMsg: /^Call.accept takes an object/ });
  const given = new Options('Call.accept', { sessionId: '', group: 7, list: ['a', 1], flag: 'true', kind: 'x' });
  for (const [wrong, message] of [
    [() => given.text('sessionId'), /"sessionId" is missing/],
    [() => given.texts('list'), /"list" must be a list/],
    [() => given.flag('flag'), /"flag" must be true or false/],
    [() => given.oneOf('kind', ['number']), /"kind" must be one of number/],
  ] as const) {
    assert.throws(wrong, (e) => e instanceof SDKError && message.test(e.errorMsg) && e.code === 'badRequest');
  }
  assert.equal(given.text('group'), '7');
});

test('what is not served says so', async () => {
  for (const space of [newChat(), newVideo()]) {
    for (const run of Object.values(space) as ((o: object) => Promise<unknown>)[]) {
      await assert.rejects(run({ sessionId: 's1' }), { status: 'error', code: 'notServed' });
    }
  }
});
