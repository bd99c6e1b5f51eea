import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Voice } from '../phone/voice.js';

/** An audio context that does not sound before somebody clicks. */
class FakeAudioContext {
  static last;
  state = 'suspended';
  onstatechange = null;
  constructor() { FakeAudioContext.last = this; }

  async resume() {}

  async close() { this.turn('closed'); }

  turn(state) {
    this.state = state;
    this.onstatechange?.();
  }
}

test('that the browser plays no sound is told when it begins and when it is over', async (t) => {
  for (const [name, value] of Object.entries({ AudioContext: FakeAudioContext, navigator: {} })) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name) ?? { value: undefined, configurable: true };
    Object.defineProperty(globalThis, name, { value, configurable: true });
    t.after(() => Object.defineProperty(globalThis, name, before));
  }
  const voice = new Voice(new EventTarget(), {});
  const told = [];
  voice.addEventListener('change', () => told.push(voice.problem !== ''));
  await voice.sound.open();
  assert.notEqual(voice.problem, '');
  const context = FakeAudioContext.last;
  context.turn('running');
  context.turn('interrupted'); // by a call of the mobile that the page is on
  context.turn('running');
  assert.deepEqual(told, [false, true, false]);
  voice.sound.close();
  context.turn('closed');
  assert.equal(told.length, 3, 'it is no more');
});
