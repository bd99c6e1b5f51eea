// How the workbench looks. Style sheets are made by script: a strict Content-Security-Policy allows no other in a shadow root.
import { base } from './styles/base';
import { wall } from './styles/wall';

export function sheets(): CSSStyleSheet[] {
  return [base, wall].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
}
