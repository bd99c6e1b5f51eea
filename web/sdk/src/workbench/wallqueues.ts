// The queues: who waits for which group, and who is there for them.
import { type TemplateResult, html } from 'lit-html';
import type { Model } from './model';
import type { Queue } from './walldata';
import { clock } from './wallparts';
import { type WallWords, wallWordsOf } from './wallwords';

/** Statuses that a card counts. */
const COUNTED = ['free', 'busy', 'arrange', 'rest', 'notReady'];

export function queuesView(model: Model): TemplateResult {
  const w = wallWordsOf(model.language);
  const { queues, known } = model.phone.live;
  return html`<ul class="queues" aria-label=${w.queues}>
    ${queues.map((q: Queue) => html`<li>${card(model, q, w)}</li>`)}
    ${known && queues.length === 0 ? html`<li class="empty">${w.noQueues}</li>` : ''}
  </ul>`;
}

/** A queue; pressed, only what is its group's is shown. */
function card(model: Model, q: Queue, w: WallWords): TemplateResult {
  const { wall: state, phone: { live } } = model;
  const id = String(q.group);
  const choose = () => {
    state.group = state.group === id ? '' : id;
    model.changed();
  };
  const mood = q.waiting > 0 ? (q.longest >= 60 ? 'bad' : 'warn') : '';
  return html`<button type="button" class="queue ${mood}" data-group=${q.name} aria-pressed=${state.group === id}
      title=${w.onlyGroup(q.name)} @click=${choose}>
    <span class="head"><b>${q.name}</b>
      <span class="badge ${q.open ? '' : 'off'}">${q.open ? w.open : w.closed}</span></span>
    <span class="line">
      <span class="waiting"><b>${q.waiting}</b> ${w.waiting}</span>
      <span class="longest">${q.waiting > 0
        ? html`${w.longest} ${clock(live.at - q.longest * 1000, live.now)}` : ''}</span>
      <span ?hidden=${q.ringing === 0}><b>${q.ringing}</b> ${w.ringingCallers}</span>
    </span>
    <span class="line members">${COUNTED.filter((s) => s === 'free' || s === 'busy' || q.statuses[s]).map((s) =>
      html`<span class="status ${s}"><b>${q.statuses[s] ?? 0}</b> ${w.statuses[s]}</span>`)}</span>
  </button>`;
}
