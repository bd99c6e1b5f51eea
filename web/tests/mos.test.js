import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradeOf, mos, mosOfHeard } from '../phone/mos.js';

const close = (got, want) => assert.ok(Math.abs(got - want) < 0.01, `${got} is not ${want}`);

test('without impairments it is the best that G.711 can be', () => {
  close(mos({}), 4.41); // R 93.2
  close(mos({ codec: 'PCMA', jitter: 20, delay: 40 }), 4.41); // mouth to ear 100 ms
  close(mos({ codec: 'unknown' }), 4.41);
});

test('loss costs what G.107 says', () => {
  close(mos({ loss: 1 }), 4.33); // R 89.6
  close(mos({ loss: 5 }), 3.92); // R 77.4
  close(mos({ loss: 20 }), 2.63); // R 51.1
  close(mos({ loss: 1, codec: 'G729' }), 3.95); // Ie 15.2, R 78
  assert.equal(mos({ loss: 100, delay: 3_000 }), 1);
});

test('delay and jitter cost nothing at first, and then much', () => {
  close(mos({ delay: 340 }), 3.56); // 400 ms in all: Idd 24.1, R 69.1
  assert.ok(mos({ jitter: 100 }) < mos({ jitter: 50 }), 'a longer buffer is later');
  assert.ok(mos({ delay: 200 }) > mos({ delay: 300 }));
});

test('whatever comes in, it is a score', () => {
  for (const loss of [-5, 0, 50, 1000]) {
    for (const delay of [0, 100, 1e6]) {
      const score = mos({ loss, jitter: delay, delay });
      assert.ok(score >= 1 && score <= 4.5, `${score}`);
    }
  }
});

test('scores have grades', () => {
  assert.deepEqual([4.4, 4, 3.5, 3, 1, null, undefined].map(gradeOf),
    ['good', 'good', 'fair', 'poor', 'poor', 'none', 'none']);
});

test('the score by loss and delay from mouth to ear', () => {
  const score = (percent, delay) => Number(mosOfHeard({ loss: percent, delay }).toFixed(1));
  // R of 93 is 4.4, of 80 is 4.0, of 50 is 2.6 (ITU-T G.107, annex B).
  assert.equal(score(0, 0), 4.4);
  assert.equal(score(0, 150), 4.4);
  assert.equal(score(0, 400), 3.6);
  assert.equal(score(1, 50), 4.3);
  assert.equal(score(5, 50), 3.9);
  assert.equal(score(20, 50), 2.6);
  assert.equal(score(100, 1000), 1);
  let last = 5;
  for (let percent = 0; percent <= 100; percent++) {
    const now = mosOfHeard({ loss: percent, delay: 600 });
    assert.ok(now <= last && now >= 1 && now <= 4.5, `${percent} %: ${now} after ${last}`);
    last = now;
  }
});
