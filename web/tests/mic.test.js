import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mic } from '../phone/mic.js';

/** A browser that gives microphones when it is told to; all that it has given. */
function browser() {
  const given = [];
  const asked = [];
  const mediaDevices = Object.assign(new EventTarget(), {
    getUserMedia: () => new Promise((resolve) => {
      asked.push(() => {
        const track = Object.assign(new EventTarget(), { live: true, enabled: true, stop() { this.live = false; } });
        given.push(track);
        resolve({ getAudioTracks: () => [track] });
      });
    }),
  });
  Object.defineProperty(globalThis, 'navigator', { value: { mediaDevices }, configurable: true });
  return { given, allow: () => asked.splice(0).forEach((give) => give()) };
}

test('of those who ask for a microphone at the same time the last one keeps it', async () => {
  const { given, allow } = browser();
  const mic = new Mic({ processing: false });
  const asking = ['one', 'two', 'three'].map((id) => mic.use(id));
  allow();
  await Promise.all(asking);
  assert.deepEqual(given.map((t) => t.live), [false, false, true]);
  assert.equal(mic.track, given[2]);
  const again = mic.use('one');
  allow();
  await again;
  assert.deepEqual(given.map((t) => t.live), [false, false, false, true]);
  const late = mic.use('two');
  mic.close();
  allow();
  await late;
  assert.ok(given.every((t) => !t.live), 'closed');
});

test('a microphone that is pulled out is replaced, and none by one of before', async () => {
  const { given, allow } = browser();
  const mic = new Mic({ processing: false });
  const first = mic.use('');
  allow();
  await first;
  const second = mic.use('other');
  allow();
  await second;
  given[0].dispatchEvent(new Event('ended')); // let go by us
  allow();
  assert.equal(given.length, 2);
  const changed = new Promise((resolve) => { mic.addEventListener('change', resolve, { once: true }); });
  given[1].dispatchEvent(new Event('ended'));
  allow();
  await changed;
  assert.equal(mic.track, given[2]);
  mic.close();
});
