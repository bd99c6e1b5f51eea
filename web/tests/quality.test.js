import assert from 'node:assert/strict';
import { test } from 'node:test';
import { News, Quality, figures } from '../phone/quality.js';
import { FakeClock, settled } from './fake.js';

/** Stats as a Peer tells them, of a path that is well, after so many seconds; the microphone has a little noise. */
function stats(seconds, changes = {}) {
  return {
    received: 50 * seconds, lost: 0, discarded: 0, jitter: 2, buffer: 40, sent: 50 * seconds, lostOutwards: 0, roundTrip: 10,
    microphone: { energy: 1e-8 * seconds, seconds }, ...changes,
  };
}

const look = (s, changes) => ({ stats: s, pathLost: false, speaking: true, farLost: false, ownLost: false, ...changes });

test('figures of some looks', () => {
  const of = (from, to) => figures([look(from), look(to)]);
  const well = of(stats(0), stats(4));
  assert.deepEqual(well, { loss: 0, 'loss outwards': 0, jitter: 2, delay: 65, silent: false });
  assert.equal(of(stats(0), stats(4, { received: 180, lost: 20 })).loss, 0.1);
  assert.equal(of(stats(0), stats(4, { discarded: 10 })).loss, 0.05);
  assert.equal(of(stats(0), stats(4, { lostOutwards: 50 }))['loss outwards'], 0.25);
  assert.equal(of(stats(0), stats(4, { received: 20, lost: 5 })).loss, 0, 'too few to say');
  assert.equal(of(stats(0, { lost: 5 }), stats(4, { lost: 3 })).loss, 0, 'late ones take losses back');
});

/** A call that was followed from its beginning; change may alter what each look sees. */
async function start() {
  const clock = new FakeClock();
  const told = [];
  let change = () => ({});
  let seconds = 0;
  let statsChange = () => ({});
  const quality = new Quality({
    clock, measure: async () => look(stats(seconds, statsChange(seconds)), change(seconds)),
  });
  const news = new News();
  quality.addEventListener('look', () => {
    const { level, causes } = quality.now;
    if (news.take(quality.now)) {
      told.push(`${level}: ${causes.join(', ')}`);
    }
  });
  quality.follow('s1');
  await settled();
  const pass = async (time) => {
    for (const end = seconds + time; seconds < end;) {
      seconds += 2;
      await clock.pass(2_000);
      await settled();
    }
    return told.splice(0);
  };
  return {
    quality, clock, pass,
    path: (f) => { statsChange = f; },
    see: (members) => { change = () => members; },
    get seconds() { return seconds; },
  };
}

test('a good call is told nothing of', async () => {
  const { quality, pass } = await start();
  assert.deepEqual(await pass(60), []);
  assert.deepEqual([quality.now.sessionId, quality.now.level, quality.now.score.toFixed(1)], ['s1', 'good', '4.4']);
});

test('loss comes and goes, and is told once each', async () => {
  const s = await start();
  await s.pass(10);
  const began = s.seconds;
  s.path((t) => ({ received: 50 * began + 40 * (t - began), lost: 10 * (t - began) }));
  assert.deepEqual(await s.pass(2), [], 'not sure yet');
  assert.deepEqual(await s.pass(30), ['fair: loss', 'poor: loss']); // as the looks before it are forgotten
  assert.ok(s.quality.now.score < 3, `a fifth is lost: ${s.quality.now.score}`);
  const [lost, over] = [10 * (s.seconds - began), s.seconds];
  s.path((t) => ({ received: 50 * t - lost, lost }));
  assert.deepEqual(await s.pass(30), ['fair: loss', 'good: ']);
  assert.ok(s.quality.now.score > 4.3 && over < s.seconds);
});

test('what goes up and down at a limit does not flap', async () => {
  const s = await start();
  s.path((t) => ({ jitter: (t / 2) % 2 ? 31 : 28 }));
  assert.deepEqual(await s.pass(60), [], 'never twice in a row');
  s.path(() => ({ jitter: 31 }));
  assert.deepEqual(await s.pass(4), ['fair: jitter']);
  s.path((t) => ({ jitter: (t / 2) % 2 ? 19 : 29 }));
  assert.deepEqual(await s.pass(60), []);
  s.path(() => ({ jitter: 5 }));
  assert.deepEqual(await s.pass(6), ['good: ']);
});

test('delay and loss outwards', async () => {
  const s = await start();
  s.path((t) => ({ roundTrip: 600, lostOutwards: 5 * t }));
  assert.deepEqual(await s.pass(10), ['poor: loss outwards, delay']);
});

test('a microphone that is off, but not one that is muted or in a quiet room', async () => {
  const s = await start();
  await s.pass(10);
  s.path(() => ({ microphone: { energy: 1e-7, seconds: s.seconds } }));
  assert.deepEqual(await s.pass(8), ['poor: silent microphone']);
  s.path(() => ({}));
  assert.equal((await s.pass(2)).at(-1), 'good: ');
  s.see({ speaking: false });
  s.path(() => ({ microphone: { energy: 1e-7, seconds: s.seconds } }));
  assert.deepEqual(await s.pass(20), []);
  s.see({});
  assert.deepEqual(await s.pass(4), [], 'for some of the time it was muted');
});

test('what the gateway tells counts at once', async () => {
  const s = await start();
  await s.pass(4);
  s.see({ farLost: true });
  assert.deepEqual(await s.pass(4), ['poor: far side']);
  assert.equal(s.quality.now.score, 1);
  s.see({ ownLost: true });
  assert.deepEqual(await s.pass(2), ['poor: no sound at the gateway']);
  s.see({ pathLost: true, stats: null });
  assert.deepEqual(await s.pass(4), ['poor: no sound from the gateway']);
  s.see({ stats: null });
  assert.deepEqual(await s.pass(4), [], 'it is not back yet');
  s.see({});
  assert.deepEqual(await s.pass(2), ['good: ']);
});

test('another connection counts anew', async () => {
  const s = await start();
  await s.pass(20);
  s.path((t) => stats(t - 20, { microphone: { energy: 0, seconds: t - 20 } }));
  assert.deepEqual(await s.pass(4), []);
});

test('calls are followed one after the other, and then none', async () => {
  const s = await start();
  s.see({ farLost: true });
  assert.deepEqual(await s.pass(2), ['poor: far side']);
  s.quality.follow('s1');
  assert.equal(s.quality.now.level, 'poor', 'the same call');
  s.see({});
  s.quality.follow('s2');
  assert.deepEqual([s.quality.now.sessionId, s.quality.now.level], ['s2', 'good']);
  await s.pass(4);
  s.quality.follow(undefined);
  assert.deepEqual([s.quality.now, s.clock.waiting], [null, 0]);
  assert.deepEqual(await s.pass(20), []);
});

const poor = { level: 'poor', score: 1, causes: ['far side'] };
const good = { level: 'good', score: 4.4, causes: [] };

test('what was told is not told again, whoever looks after the call', () => {
  const news = new News();
  const take = (sessionId, quality) => news.take({ sessionId, ...quality });
  assert.deepEqual([take('s1', good), take('s1', poor), take('s1', { ...poor, score: 1.2 })], [false, true, false]);
  assert.equal(take('s1', good), true, 'another tab has the sound now, and begins anew');
  take('s1', poor);
  assert.equal(take('s2', good), false, 'it is the next call');
  assert.equal(take('s3', poor), true, 'it is poor too');
});
