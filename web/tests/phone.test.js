import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Phone } from '../phone/phone.js';

test('a tab without the sound tells of quality once, and of the next call only what is not good', () => {
  const phone = new Phone({ gateway: new URL('http://gateway.test') });
  const told = [];
  phone.addEventListener('quality', ({ detail }) => told.push(`${detail.sessionId} ${detail.level}`));
  const hear = (quality) => phone.client.dispatchEvent(new CustomEvent('owner', {
    detail: { micID: '', speakerID: '', quality },
  }));
  const at = (sessionId, level, score) => ({ sessionId, level, score, causes: level === 'good' ? [] : ['loss'] });
  for (const quality of [
    null, at('s1', 'good', 4.4), at('s1', 'poor', 2), at('s1', 'poor', 2.1), null, at('s1', 'poor', 2.1), // handed over
    at('s2', 'good', 4.4), at('s2', 'fair', 3.5), at('s3', 'fair', 3.5), at('s3', 'good', 4),
  ]) {
    hear(quality);
  }
  assert.deepEqual(told, ['s1 poor', 's2 fair', 's3 fair', 's3 good']);
});
