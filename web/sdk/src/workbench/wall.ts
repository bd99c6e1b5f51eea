// The supervisors' wall: sessions, queues and seats as they are now.
import { type TemplateResult, html } from 'lit-html';
import { live as inDOM } from 'lit-html/directives/live.js';
import { maySupervise } from '../../../phone/live.js';
import type { Model } from './model';
import { scoreNow } from './wallcharts';
import { type Queue, type Row, type Seat, type Session, duration, rowMatches, rowOf, sorted } from './walldata';
import { detailsView, levelsTick } from './walldetails';
import { queuesView } from './wallqueues';
import { seatsView } from './wallseats';
import { sessionsView } from './wallsessions';
import { nameIn, watchLive } from './wallstate';
import { type WallWords, wallWordsOf } from './wallwords';

/** Drawn in place 'wall'; empty for those who may not supervise. */
export function wallView(model: Model): TemplateResult {
  const { wall: state, phone: { live, seat } } = model;
  if (!maySupervise(seat)) {
    return html``;
  }
  const w = wallWordsOf(model.language);
  const nameOf = nameIn(model);
  const rows = new Map<string, Row>(live.sessions.map((s: Session) => [s.sessionId, rowOf(s, nameOf)]));
  const groups = new Map<string, string>(live.queues.map((q: Queue) => [String(q.group), q.name]));
  const found = [...rows.values()].filter((r) => rowMatches(r, state.search, state.group));
  const shown = sorted(found, state.order, state.down, (r) => worst(model, r));
  const selected = rows.get(state.selected);
  return html`<section class="wall" id="wall"><div class="floor ${selected ? 'detailed' : ''}">
    ${barView(model, groups, w)}
    ${queuesView(model)}
    ${sessionsView(model, shown)}
    ${selected ? detailsView(model, selected, nameOf) : ''}
    ${seatsView(model, rows, groups)}
  </div></section>`;
}

/** The worse of both sides' scores. */
function worst({ phone: { live } }: Model, { id }: Row): number | null {
  const scores = [live.points(id, 'customer'), live.points(id, 'agent')].map(scoreNow).filter((m) => m !== null);
  return scores.length > 0 ? Math.min(...scores) : null;
}

function barView(model: Model, groups: Map<string, string>, w: WallWords): TemplateResult {
  const { wall: state, phone: { live } } = model;
  const waiting = live.queues.reduce((sum: number, q: Queue) => sum + q.waiting, 0);
  const there = live.seats.filter((s: Seat) => s.status !== 'offline').length;
  const search = (e: Event) => {
    state.search = (e.target as HTMLInputElement).value;
    model.changed();
  };
  const choose = (e: Event) => {
    state.group = (e.target as HTMLSelectElement).value;
    model.changed();
  };
  return html`<header class="bar">
    <input type="search" placeholder=${w.search} aria-label=${w.search} .value=${state.search} @input=${search}>
    <select class="group" aria-label=${w.group} @change=${choose}>
      <option value="" .selected=${inDOM(state.group === '')}>${w.allGroups}</option>
      ${[...groups].map(([id, name]) => html`<option value=${id} .selected=${inDOM(state.group === id)}>${name}</option>`)}
    </select>
    <p class="total">${live.known ? w.total(live.sessions.length + live.more.sessions, waiting, there) : w.looking}</p>
    <p class="problem" role="status">${live.problem}</p>
  </header>`;
}

/** What has its own pace: looks at the gateway, levels, and durations. To be called in every place. */
export function wallTick(model: Model, root: ShadowRoot): void {
  watchLive(model);
  levelsTick(model, root);
  const { wall: state, phone: { live: { now } } } = model;
  if (state.selected !== state.reached) {
    state.reached = state.selected; // the table has become shorter by the details
    root.querySelector('.wall .row[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }
  const second = Math.floor(now / 1000);
  if (second === state.second) {
    return;
  }
  state.second = second;
  for (const time of root.getElementById('wall')?.getElementsByTagName('time') ?? []) {
    const text = duration(now - Number(time.dataset.since));
    if (time.textContent !== text) {
      time.textContent = text;
    }
  }
}
