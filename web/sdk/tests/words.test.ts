import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languageOf, wordsOf } from '../src/workbench/words';

/** All texts below, by their paths; functions are called with what they may take. */
function texts(words: object, path = ''): [string, string][] {
  return Object.entries(words).flatMap(([name, value]): [string, string][] => {
    const here = `${path}/${name}`;
    switch (typeof value) {
      case 'string': return [[here, value]];
      case 'function': return [[here, value('1', '2', 3)]];
      default: return texts(value, here);
    }
  });
}

/** English has the gateway's own sentences here. */
const theirs = /^\/told\/(codes|sentences)\//;

test('both languages say the same things, and nothing is empty', () => {
  const [en, zh] = [texts(wordsOf('en')), texts(wordsOf('zh'))]
    .map((all) => all.filter(([path]) => !theirs.test(path)));
  assert.deepEqual(zh!.map(([path]) => path), en!.map(([path]) => path));
  const empty = [...en!, ...zh!].filter(([path, text]) => text === '' && path !== '/desk/over/loggedOut');
  assert.deepEqual(empty, []);
});

test('Chinese is Chinese', () => {
  const same = texts(wordsOf('zh')).filter(([path, text]) =>
    !/\p{Script=Han}/u.test(text) && text !== '' && !path.startsWith('/pages/keys/'));
  assert.deepEqual(same, []);
});

test('the first of the browser\'s languages that we speak', () => {
  assert.equal(languageOf(['de-DE', 'zh-TW', 'en']), 'zh');
  assert.equal(languageOf(['fr', 'en-GB']), 'en');
  assert.equal(languageOf(['fr']), 'en');
});
