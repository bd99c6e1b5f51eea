// What the workbench says, in English and Chinese. Each view's own words are in words/.
import { type CallWords, callWords } from './words/call';
import { type DeskWords, deskWords } from './words/desk';
import { type PageWords, pageWords } from './words/pages';
import { type ToldWords, toldWords } from './words/told';

export type Language = 'en' | 'zh';

/** The places' names, and the words of each part. */
export interface Words {
  phone: string;
  wall: string;
  history: string;
  settings: string;
  call: CallWords;
  desk: DeskWords;
  pages: PageWords;
  told: ToldWords;
}

const en: Words = {
  phone: 'Phone',
  wall: 'Supervision',
  history: 'Calls',
  settings: 'Settings',
  call: callWords.en, desk: deskWords.en, pages: pageWords.en, told: toldWords.en,
};

const zh: Words = {
  phone: '电话',
  wall: '监控',
  history: '通话记录',
  settings: '设置',
  call: callWords.zh, desk: deskWords.zh, pages: pageWords.zh, told: toldWords.zh,
};

export function wordsOf(language: Language): Words { return { en, zh }[language]; }

/** The first of a browser's languages that we speak. */
export function languageOf(languages: readonly string[]): Language {
  const ours = languages.map((l) => l.slice(0, 2).toLowerCase()).find((l) => l === 'en' || l === 'zh');
  return (ours ?? 'en') as Language;
}
