// The sessions that go on, as a table that mouse and keyboard go through.
import { type TemplateResult, html, nothing } from 'lit-html';
import { guard } from 'lit-html/directives/guard.js';
import { repeat } from 'lit-html/directives/repeat.js';
import type { Model } from './model';
import { spark } from './wallcharts';
import { ACTIONS, type Action, type Order, type Row } from './walldata';
import { clock, icon } from './wallparts';
import { actOn, actionsOf, isMine, modeOf, nameIn } from './wallstate';
import { type WallWords, wallWordsOf } from './wallwords';

const COLUMNS: { word: keyof WallWords; order?: Order; class: string }[] = [
  { word: 'customer', order: 'customer', class: 'customer' }, { word: 'agent', order: 'agent', class: 'agent' },
  { word: 'group', order: 'group', class: 'group' }, { word: 'state', order: 'state', class: 'state' },
  { word: 'time', order: 'since', class: 'time' }, { word: 'customerSound', order: 'quality', class: 'sound' },
  { word: 'agentSound', class: 'sound' }, { word: 'supervise', class: 'do' },
];

/** rows are those to be shown, in their order. */
export function sessionsView(model: Model, rows: Row[]): TemplateResult {
  const w = wallWordsOf(model.language);
  const { wall: state, phone: { live, connection } } = model;
  const at = rows.some((r) => r.id === state.focused) ? state.focused : rows[0]?.id;
  return html`<section class="sessions" aria-label=${w.sessions}>
    <div class="table" role="grid" aria-label=${w.sessions} aria-rowcount=${rows.length + 1}
        @keydown=${(e: KeyboardEvent) => onKey(model, e)} @focusin=${(e: FocusEvent) => onFocus(model, e)}>
      <div class="row heads" role="row">${COLUMNS.map((c) => head(model, c, w))}</div>
      ${repeat(rows, (r) => r.id, (r) => {
        const [mode, mine] = [modeOf(model, r.id), isMine(model, r)];
        return guard([r.session, mode, mine, r.id === state.selected, r.id === at, state.acting === r.id,
          connection, w], () => rowView(model, r, r.id === at, w));
      })}
    </div>
    ${rows.length === 0 ? html`<p class="empty">${!live.known ? w.looking
      : live.sessions.length === 0 ? w.noSessions : w.noneLikeThis}</p>` : ''}
    ${live.more.sessions > 0 ? html`<p class="empty">${w.more(live.more.sessions)}</p>` : ''}
  </section>`;
}

function head(model: Model, { word, order, class: name }: typeof COLUMNS[number], w: WallWords): TemplateResult {
  const state = model.wall;
  const text = w[word] as string;
  if (!order) {
    return html`<span class=${name} role="columnheader">${text}</span>`;
  }
  const sort = () => {
    state.sortBy(order);
    model.changed();
  };
  const now = state.order === order ? (state.down ? 'descending' : 'ascending') : nothing;
  return html`<span class=${name} role="columnheader" aria-sort=${now}>
    <button type="button" data-order=${order} @click=${sort}>${text}</button></span>`;
}

function rowView(model: Model, r: Row, reached: boolean, w: WallWords): TemplateResult {
  const { wall: state, phone: { live } } = model;
  const select = () => {
    state.selected = state.focused = r.id;
    model.changed();
  };
  const { session: s } = r;
  return html`<div class="row" role="row" data-session=${r.id} tabindex=${reached ? 0 : -1}
      aria-selected=${state.selected === r.id} aria-busy=${state.acting === r.id} @click=${select}>
    <span class="customer two" role="gridcell"><b title=${r.customer}>${r.customer}</b><small>${r.number}</small></span>
    <span class="agent two" role="gridcell"><b>${r.agents.join(', ') || '–'}</b>${supervision(model, r, w)}</span>
    <span class="group two" role="gridcell"><span>${s.group || s.trunk || ''}</span>
      <small>${w.directions[s.direction]}</small></span>
    <span class="state" role="gridcell"><span class="badge ${r.state}">${w.states[r.state]}</span></span>
    <span class="time" role="gridcell">${clock(r.since, live.now)}</span>
    <span class="sound" role="gridcell">${spark(live.points(r.id, 'customer'), w)}</span>
    <span class="sound" role="gridcell">${spark(live.points(r.id, 'agent'), w)}</span>
    <span class="do" role="gridcell">${actionsView(model, r, reached ? 0 : -1, w)}</span>
  </div>`;
}

/** Who supervises, and how; oneself as it is already, and not only at the next look. */
function supervision(model: Model, r: Row, w: WallWords): TemplateResult {
  const mode = modeOf(model, r.id);
  const others = r.supervisors.filter((p) => p.user !== model.phone.seat?.user);
  const said = [
    ...mode ? [`${w.you}: ${w.supervises[mode]}`] : [],
    ...others.map((p) => `${nameIn(model)(p.user ?? '')}: ${w.supervises[p.mode ?? '']}`),
  ].join(', ');
  return html`<small class=${said ? 'supervised' : ''} title=${said}>${said}</small>`;
}

/** The buttons for a session; those that it does not allow are not there. */
export function actionsView(model: Model, r: Row, tabindex: number, w: WallWords): TemplateResult {
  if (isMine(model, r)) {
    return html`<span class="mine">${w.yourCall}</span>`;
  }
  const may = actionsOf(model, r);
  const mode = modeOf(model, r.id);
  const off = model.phone.connection !== 'open' || model.wall.acting === r.id;
  return html`${guard([may.join(), mode, off, tabindex, r.customer, w], () => html`<span role="group"
      class="actions ${mode ? 'active' : ''}" aria-label="${w.supervise} ${r.customer}">
    ${ACTIONS.map((a) => html`<button type="button" data-do=${a.do} ?hidden=${!may.includes(a.do)}
      tabindex=${tabindex} aria-disabled=${off} title="${w[a.do]} (${a.key.toUpperCase()})" aria-label=${w[a.do]}
      aria-pressed=${a.mode ? String(a.mode === mode) : nothing}
      @click=${(e: Event) => onAction(model, r.id, a.do, e)}>${icon(a.do)}<span>${w[a.do]}</span></button>`)}
    </span>`)}`;
}

function onAction(model: Model, id: string, what: Action, e: Event): void {
  e.stopPropagation(); // the row is not selected by it
  const row = (e.currentTarget as Element).closest<HTMLElement>('[data-session]');
  actOn(model, id, what).then(() => {
    if (what === 'stopMonitor' || what === 'intercept') {
      row?.focus({ preventScroll: true }); // the button is gone
    }
  });
}

function onFocus(model: Model, e: FocusEvent): void {
  const id = (e.target as Element).closest<HTMLElement>('[data-session]')?.dataset.session;
  if (id && id !== model.wall.focused) {
    model.wall.focused = id;
    model.changed();
  }
}

/** Where the keys lead to from a row, of so many. */
const STEPS: Record<string, (at: number, all: number) => number> = {
  ArrowDown: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  PageDown: (at) => at + 10,
  PageUp: (at) => at - 10,
  Home: () => 0,
  End: (_, all) => all - 1,
};

function onKey(model: Model, e: KeyboardEvent): void {
  const row = (e.target as Element).closest<HTMLElement>('[data-session]');
  if (!row || e.ctrlKey || e.metaKey || e.altKey) {
    return;
  }
  const state = model.wall;
  const id = row.dataset.session!;
  const step = STEPS[e.key];
  const action = ACTIONS.find((a) => a.key === e.key.toLowerCase());
  if (step) {
    const all = [...row.parentElement!.querySelectorAll<HTMLElement>('[data-session]')];
    all[Math.min(Math.max(step(all.indexOf(row), all.length), 0), all.length - 1)]!.focus();
  } else if (e.key === 'Enter' && e.target === row) {
    state.selected = id;
    model.changed();
  } else if (e.key === 'Escape' && state.selected) {
    state.selected = '';
    model.changed();
  } else if (action) {
    actOn(model, id, action.do);
  } else {
    return;
  }
  e.stopPropagation(); // it is no digit for a call
  e.preventDefault();
}
