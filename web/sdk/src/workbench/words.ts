// What the workbench says, in English and Chinese. Each view's own words are beside it here.

export type Language = 'en' | 'zh';

const en = {
  phone: 'Phone',
  wall: 'Supervision',
  history: 'Calls',
  settings: 'Settings',
};

export type Words = typeof en;

const zh: Words = {
  phone: '电话',
  wall: '监控',
  history: '通话记录',
  settings: '设置',
};

export function wordsOf(language: Language): Words { return { en, zh }[language]; }

/** The first of a browser's languages that we speak. */
export function languageOf(languages: readonly string[]): Language {
  const ours = languages.map((l) => l.slice(0, 2).toLowerCase()).find((l) => l === 'en' || l === 'zh');
  return (ours ?? 'en') as Language;
}
