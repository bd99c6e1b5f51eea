// The keypad: digits into the call, or into the number.
import { type TemplateResult, html } from 'lit-html';
import { icon } from './icons';
import type { Model } from './model';

const LETTERS: Record<string, string> = {
  2: 'ABC', 3: 'DEF', 4: 'GHI', 5: 'JKL', 6: 'MNO', 7: 'PQRS', 8: 'TUV', 9: 'WXYZ', 0: '+',
};

export function keypad(model: Model): TemplateResult {
  return html`<div class="keypad" role="group" aria-label=${model.words.call.keys}>
    ${[...'123456789*0#'].map((digit) => html`<button type="button" data-digit=${digit} aria-label=${digit}
      @click=${() => model.press(digit)}>${digit}<small aria-hidden="true">${LETTERS[digit] ?? ''}</small></button>`)}
  </div>`;
}

/** The keypad of a call, with what was sent. */
export function keypadSheet(model: Model): TemplateResult {
  const { call: words } = model.words;
  return html`<div class="sheet" role="group" aria-label=${words.keys}>
    <div class="sheet-top">
      <output class="sent" id="sent" aria-label=${words.sent}>${model.sent || ' '}</output>
      ${closeSheet(model)}
    </div>
    ${keypad(model)}
  </div>`;
}

export function closeSheet(model: Model): TemplateResult {
  const { close } = model.words.call;
  return html`<button type="button" class="quiet icon-only" data-do="close-sheet" aria-label=${close} title=${close}
    @click=${() => model.shut()}>${icon('close')}</button>`;
}
