// How the workbench looks. Style sheets are made by script: a strict Content-Security-Policy allows no others here.
import { base } from './styles/base';
import { call } from './styles/call';
import { embedded } from './styles/embedded';
import { frame } from './styles/frame';
import { pages } from './styles/pages';
import { wall } from './styles/wall';

export function sheets(): CSSStyleSheet[] {
  return [base, frame, call, pages, wall, embedded].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
}
