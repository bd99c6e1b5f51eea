// What is around the places: who one is, the connection, the status, the ways to the places, and the notices.
import { type TemplateResult, html, nothing } from 'lit-html';
import { maySupervise } from '../../../phone/live.js';
import { soundsHere } from '../../../phone/phone.js';
import { callCard } from './callcard';
import { dialer } from './dialer';
import { historyView, pastList } from './history';
import { type IconName, icon } from './icons';
import type { Model, Place } from './model';
import { settingsView } from './settings';
import { wallPlace } from './wallplace';

/** How many of the latest calls stand beside the phone. */
const RECENT = 5;

/** The ways to the places. */
export function navigation(model: Model): TemplateResult {
  const { words } = model;
  const places: [Place, IconName][] = [['phone', 'phone'], ['history', 'history'],
    ...maySupervise(model.phone.seat) ? [['wall', 'wall'] as [Place, IconName]] : [], ['settings', 'settings']];
  const { missed } = model.story;
  return html`<nav class="places" aria-label=${words.desk.places}>${places.map(([place, picture]) => html`
    <button type="button" data-place=${place} aria-current=${model.place === place ? 'page' : nothing}
      @click=${() => model.go(place)}>${icon(picture)}<span>${words[place]}</span>
      ${place === 'history' && missed > 0 ? html`<span class="badge" aria-label=${words.desk.missed(missed)}>
        ${missed}</span>` : nothing}</button>`)}
  </nav>`;
}

/** What the connections have come to: one word, and calm while all is well. */
export function connection(model: Model): TemplateResult {
  const { desk: words } = model.words;
  const { connection: state, media, seat } = model.phone;
  const sound = state === 'open' && seat && soundsHere(seat) ? words.media[media] : undefined;
  const now = sound ? media : state;
  return html`<span class="pill" id="connection" role="status" data-state=${now}
    title=${now === 'lost' ? words.mediaLost : now === 'reconnecting' ? words.reconnecting : nothing}>
    ${sound ?? words.connection[state]}</span>`;
}

/** What the user should know; in a place of its own, so that nothing moves. */
export function notices(model: Model): TemplateResult {
  const { notice } = model;
  const { dismiss } = model.words.desk;
  return html`<div class="notices" role="alert">${notice && html`
    <p id="notice" class="toast" data-kind=${notice.bad ? 'bad' : 'good'}><span>${notice.text}</span>
      <button type="button" class="quiet icon-only" data-do="dismiss" aria-label=${dismiss} title=${dismiss}
        @click=${() => model.say('')}>${icon('close')}</button></p>`}</div>`;
}

/** A microphone that is not there, and what to do. */
export function trouble(model: Model): unknown {
  const { words, phone } = model;
  const blocked = phone.owns && phone.media === 'connected' && !phone.sound.running;
  if (!phone.micProblem) {
    return blocked ? html`<p class="banner" role="status">${icon('alert')}
      <span>${words.desk.blockedSound}</span></p>` : nothing;
  }
  return html`<p class="banner" role="alert" id="mic">${icon('alert')}
    <span>${words.told.sentences[phone.micProblem] ?? phone.micProblem}</span>
    <button type="button" class="small" data-do="try-microphone"
      @click=${() => model.attempt(() => phone.useMic(model.preferences.choices.microphone))}>${words.desk.tryAgain}</button></p>`;
}

/** The place that one is at. */
export function place(model: Model): TemplateResult {
  switch (model.place) {
    case 'wall': return wallPlace(model);
    case 'history': return historyView(model);
    case 'settings': return settingsView(model);
    default: return phonePlace(model);
  }
}

function phonePlace(model: Model): TemplateResult {
  const { current } = model.phone.calls;
  const { desk: words } = model.words;
  return html`<div class="desk">
    <div class="card main-card">${current ? callCard(model, current) : dialer(model)}</div>
    <div class="side">
      ${numbers(model)}
      <section class="card" aria-labelledby="recent-title"><h2 id="recent-title">${words.recent}</h2>
        ${pastList(model, model.story.past.slice(0, RECENT))}</section>
      ${activity(model)}${figures(model)}
    </div>
  </div>`;
}

/** Numbers to try, in the demo. */
function numbers(model: Model): unknown {
  const { desk: words } = model.words;
  const { numbers: all = [] } = model.offer ?? {};
  return all.length === 0 ? nothing : html`<section class="card" aria-labelledby="numbers-title">
    <h2 id="numbers-title">${words.tryNumbers}</h2>
    <ul class="numbers" id="numbers">${all.map(({ number, label }) => html`<li><button type="button" class="pick"
      data-number=${number} ?disabled=${!model.online || Boolean(model.phone.calls.current)}
      @click=${() => model.redial({ number })}>
      <strong>${number}</strong><span class="soft">${label}</span></button></li>`)}</ul></section>`;
}

function activity(model: Model): TemplateResult {
  const { desk: words } = model.words;
  const { lines } = model.story;
  return html`<details class="card activity"><summary><h2>${words.activity}</h2></summary>
    <ol id="log" role="log" tabindex="0" aria-label=${words.activity}>${lines.length === 0 ?
      html`<li class="soft">${words.nothingYet}</li>` : lines.map(({ at, text, bad }) => html`<li ?data-bad=${bad}>
        <time datetime=${new Date(at).toISOString()}>${new Date(at).toLocaleTimeString([], { hourCycle: 'h23' })}</time>
        <span>${text}</span></li>`)}</ol></details>`;
}

function figures(model: Model): unknown {
  const { desk: words } = model.words;
  return soundsHere(model.phone.seat) ? html`<details class="card figures"><summary><h2>${words.sound}</h2></summary>
    <dl>${Object.entries(words.figures).map(([name, text]) =>
      html`<div><dt>${text}</dt><dd id="stat-${name}">–</dd></div>`)}</dl></details>` : nothing;
}
