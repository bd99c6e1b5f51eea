// Where one dials.
import { type TemplateResult, html, nothing } from 'lit-html';
import { icon } from './icons';
import { keypad } from './keypad';
import type { Model } from './model';
import { again } from './past';

export function dialer(model: Model): TemplateResult {
  const { desk: words } = model.words;
  return html`<section class="dialer" aria-label=${words.dialer}>
    <form class="row" id="dial" @submit=${(e: Event) => {
      e.preventDefault();
      submit(model, e.currentTarget as HTMLFormElement);
    }}>
      <span class="field"><input id="number" type="tel" inputmode="tel" autocomplete="off" aria-label=${words.number}
        placeholder=${words.number} .value=${model.number}
        @input=${(e: Event) => { model.number = (e.target as HTMLInputElement).value; model.changed(); }}>
        <button type="button" class="quiet icon-only" data-do="erase" aria-label=${words.erase} title=${words.erase}
          ?hidden=${!model.number} @click=${() => { model.number = model.number.slice(0, -1); model.changed(); }}>
          ${icon('erase')}</button></span>
      <button type="submit" class="good" data-do="call" ?disabled=${!model.online}>
        ${icon('phone')}<span>${words.call}</span></button>
    </form>
    ${redial(model)}
    ${keypad(model)}
  </section>`;
}

function submit(model: Model, form: HTMLFormElement): void {
  const number = model.number.trim();
  if (number) {
    void model.dial({ number });
  } else {
    form.querySelector('input')?.focus();
  }
}

/** The last that was called from here. Not where Hang up was a moment ago. */
function redial(model: Model): unknown {
  const last = model.story.past.find((c) => !c.incoming && again(c));
  const { redial: word } = model.words.desk;
  return last ? html`<div class="redial"><button type="button" class="quiet" data-do="redial" ?disabled=${!model.online}
    @click=${() => model.redial(again(last)!)}>${icon('redial')}<span>${word} ${last.name || last.number}</span>
  </button></div>` : nothing;
}
