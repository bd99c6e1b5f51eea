// How the workbench looks. Style sheets are made by script: a strict Content-Security-Policy allows no others here.
import { base } from './styles/base';
import { call } from './styles/call';
import { embedded } from './styles/embedded';
import { frame } from './styles/frame';
import { pages } from './styles/pages';
import { wall } from './styles/wall';

export function sheets(): CSSStyleSheet[] { return [base, frame, call, pages, embedded].map(sheet); }

/** Those of the wall alone; colours and fonts come from around it. */
export function wallSheets(): CSSStyleSheet[] { return [sheet(wall)]; }

function sheet(text: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}
