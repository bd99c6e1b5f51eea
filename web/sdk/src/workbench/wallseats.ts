// The seats: who is there, what they do, and for how long.
import { type TemplateResult, html } from 'lit-html';
import { guard } from 'lit-html/directives/guard.js';
import { live as inDOM } from 'lit-html/directives/live.js';
import { repeat } from 'lit-html/directives/repeat.js';
import type { Model } from './model';
import { type Row, type Seat, seatMatches } from './walldata';
import { clock } from './wallparts';
import { type WallWords, wallWordsOf } from './wallwords';

const STATUSES = ['free', 'busy', 'arrange', 'rest', 'notReady', 'offline'];

/** rows are all sessions, by their ids. */
export function seatsView(model: Model, rows: Map<string, Row>, groups: Map<string, string>): TemplateResult {
  const w = wallWordsOf(model.language);
  const { wall: state, phone: { live } } = model;
  const seats: Seat[] = live.seats.filter((s: Seat) => seatMatches(s, state.search, state.group, state.seatStatus,
    s.skillGroupIds.map((id) => groups.get(id) ?? '')));
  const choose = (e: Event) => {
    state.seatStatus = (e.target as HTMLSelectElement).value;
    model.changed();
  };
  const nobody = live.seats.every((s: Seat) => s.status === 'offline');
  return html`<section class="seats" aria-label=${w.seats}>
    <header><h2>${w.seats} <span class="count">${seats.length}</span></h2>
      <select aria-label=${w.statusFilter} @change=${choose}>
        <option value="there" .selected=${inDOM(state.seatStatus === 'there')}>${w.there}</option>
        <option value="" .selected=${inDOM(state.seatStatus === '')}>${w.everyone}</option>
        ${STATUSES.map((s) => html`<option value=${s} .selected=${inDOM(state.seatStatus === s)}>${w.statuses[s]}</option>`)}
      </select></header>
    <ul>${repeat(seats, (s) => s.user, (s) => guard([lookOf(s, rows), w, s.sessions.includes(state.selected)],
      () => seatView(model, s, rows, w)))}</ul>
    ${live.known && seats.length === 0 ? html`<p class="empty">${
      nobody && state.seatStatus === 'there' ? w.nobody : w.noSeats}</p>` : ''}
  </section>`;
}

/** All of a seat that is seen: most of them are the same at the next look. */
function lookOf(s: Seat, rows: Map<string, Row>): string {
  return [s.name, s.device, s.status, s.reason, s.wanted, s.since, ...s.sessions.flatMap((id) => {
    const row = rows.get(id);
    return [row?.customer, row?.supervisors.map((p) => `${p.user} ${p.mode}`)];
  })].join();
}

/** How a seat supervises a session, where it does. */
function howIn(r: Row, s: Seat, w: WallWords): string {
  const own = r.supervisors.find((p) => p.user === s.user);
  return own ? ` (${w.supervises[own.mode ?? '']})` : '';
}

function seatView(model: Model, s: Seat, rows: Map<string, Row>, w: WallWords): TemplateResult {
  const { wall: state, phone: { live } } = model;
  const select = (id: string) => {
    state.selected = id;
    state.focused = id;
    model.changed();
  };
  const other = s.wanted !== 'free' && s.wanted !== s.status && s.status !== 'offline';
  const then = other ? w.then(w.statuses[s.wanted]!) : '';
  const calls = s.sessions.map((id) => rows.get(id)).filter((r) => r !== undefined);
  const doing = s.status === 'rest' && s.reason ? s.reason : then;
  return html`<li class="seat ${s.status}" data-user=${s.user}>
    <span class="dot" aria-hidden="true"></span>
    <span class="name"><b title=${s.user}>${s.name || s.user}</b>
      <span class="what">${calls.length > 0
        ? calls.map((r) => html`<button type="button" class="link" aria-pressed=${state.selected === r.id}
            @click=${() => select(r.id)}>${r.customer}${howIn(r, s, w)}</button>`)
        : doing || w.devices[s.device]}</span></span>
    <span class="does"><span class="status ${s.status}">${w.statuses[s.status]}</span>
      <span class="what">${calls.length > 0 && doing ? `${doing} · ` : ''}${
        clock(Date.parse(s.since), live.now)}</span></span>
  </li>`;
}
