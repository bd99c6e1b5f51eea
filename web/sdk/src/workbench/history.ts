// The calls that the seat has had.
import { type TemplateResult, html } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { clock, when } from './format';
import { icon } from './icons';
import type { Model } from './model';
import { MOST, type Past, again, keyOf } from './past';

export function historyView(model: Model): TemplateResult {
  const { pages: words, history } = model.words;
  const calls = model.story.past.filter((c) => model.filter === 'all' || c.outcome === 'missed');
  return html`<section class="card history" aria-labelledby="history-title">
    <div class="card-top">
      <h2 id="history-title">${history}</h2>
      <div class="segments" role="radiogroup" aria-label=${words.show}>
        ${(['all', 'missed'] as const).map((f) => html`<label><input type="radio" name="filter" value=${f}
          .checked=${model.filter === f} @change=${() => { model.filter = f; model.changed(); }}><span>
          ${f === 'all' ? words.all : words.onlyMissed}</span></label>`)}
      </div>
    </div>
    ${pastList(model, calls)}
    <div class="card-end"><p class="soft">${words.kept(MOST)}</p>
      <button type="button" class="quiet small" data-do="clear-history" ?disabled=${model.story.past.length === 0}
        @click=${() => model.story.forget()}>${words.clear}</button></div>
  </section>`;
}

/** A list of calls, each of which can be called again. */
export function pastList(model: Model, calls: readonly Past[]): TemplateResult {
  return calls.length === 0 ? html`<p class="soft none">${model.words.pages.none}</p>` :
    html`<ul class="past">${repeat(calls, keyOf, (c) => row(model, c))}</ul>`;
}

function row(model: Model, c: Past): TemplateResult {
  const { pages: words, call } = model.words;
  const who = c.name || c.number || call.somebody;
  const to = again(c);
  const way = c.incoming ? words.incoming : words.outgoing;
  return html`<li data-outcome=${c.outcome} data-session=${c.sessionId}>
    <span class="way" role="img" aria-label=${way} title=${way}>${icon(c.incoming ? 'incoming' : 'outgoing')}</span>
    <div class="names"><p class="name">${who}</p>
      <p class="soft">${[c.name && c.number, words.outcomes[c.outcome]].filter(Boolean).join(' · ')}</p></div>
    <div class="times"><time datetime=${new Date(c.at).toISOString()}>${when(c.at, model.language)}</time>
      <span class="soft">${c.seconds > 0 ? clock(c.seconds * 1000) : ' '}</span></div>
    ${to ? html`<button type="button" class="quiet icon-only" data-do="again" aria-label=${words.callAgain(who)}
      title=${words.callAgain(who)} ?disabled=${!model.online || Boolean(model.phone.calls.current)}
      @click=${() => model.redial(to)}>${icon('phone')}</button>` : html`<span class="icon-only"></span>`}
  </li>`;
}
