// What the seat is, and what it is asked to be.
import { type TemplateResult, html, nothing } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { Model } from './model';
import { meanwhile, statusWord } from './told';

export function statusView(model: Model): TemplateResult {
  const { desk: words } = model.words;
  const { status } = model.phone;
  const wanted = status?.wanted ?? 'offline';
  const value = wanted === 'rest' && status.reason ? `rest:${status.reason}` : wanted;
  const option = (v: string, text: string) => html`<option value=${v} .selected=${live(v === value)}>${text}</option>`;
  const own = wanted === 'rest' && status.reason && !(status.reason in words.reasons); // given elsewhere
  return html`<div class="status" data-state=${status?.status ?? 'offline'}>
    <label class="field"><span class="dot" aria-hidden="true"></span><select id="status" aria-label=${words.status}
      ?disabled=${!model.online || !status} @change=${(e: Event) => choose(model, e.target as HTMLSelectElement)}>
      ${['free', 'notReady', 'arrange'].map((s) => option(s, words.statuses[s]!))}
      <optgroup label=${words.statuses.rest!}>
        ${option('rest', words.statuses.rest!)}
        ${Object.entries(words.reasons).map(([reason, text]) => option(`rest:${reason}`, text))}
        ${own ? option(value, status.reason) : nothing}
      </optgroup>
      ${option('offline', words.statuses.offline!)}
    </select></label>
    ${now(model)}
  </div>`;
}

/** What the seat is besides, and for how long; its place is there always. */
function now(model: Model): TemplateResult {
  const { desk: words } = model.words;
  const { status } = model.phone;
  const besides = status ? meanwhile(status, model.words) : '';
  const wrapUp = status?.until !== undefined;
  const began = status && !wrapUp ? Date.parse(status.since) : nothing;
  const word = besides || (status?.status === 'busy' ? statusWord(status, model.words) : '');
  return html`<p class="now"><span id="status-word" role="status">${word}</span>
    <span class="soft timer" role="timer" aria-label=${wrapUp ? words.timeLeft : words.since}
      data-left=${wrapUp ? status.until : nothing} data-since=${began}></span>
    ${wrapUp ? html`<button type="button" class="small main" id="wrap-up-done" data-do="done" ?disabled=${!model.online}
      @click=${() => model.attempt(() => model.phone.endWrapUp())}>${words.done}</button>` : nothing}</p>`;
}

function choose(model: Model, select: HTMLSelectElement): void {
  const [status, reason] = select.value.split(/:(.*)/);
  void model.attempt(() => model.phone.setStatus(status!, reason))
    .then(() => model.changed()); // shows what is so, if it was refused
}
