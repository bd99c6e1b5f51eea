// One session closely: who hears whom, how both sides have sounded, and how loud they are.
import { type TemplateResult, html } from 'lit-html';
import type { Model } from './model';
import { chart } from './wallcharts';
import type { Party, Row } from './walldata';
import { clock } from './wallparts';
import { actionsView } from './wallsessions';
import { type WallWords, wallWordsOf } from './wallwords';

export function detailsView(model: Model, r: Row, nameOf: (user: string) => string): TemplateResult {
  const w = wallWordsOf(model.language);
  const { wall: state, phone: { live } } = model;
  const lines = { customer: live.points(r.id, 'customer'), agent: live.points(r.id, 'agent') };
  const close = () => {
    state.selected = '';
    model.changed();
  };
  return html`<section class="details" aria-label=${w.details} data-session=${r.id}>
    <header>
      <h2>${r.customer}${r.agents.length > 0 ? html` <span class="soft">↔</span> ${r.agents.join(', ')}` : ''}</h2>
      <span class="badge ${r.state}">${w.states[r.state]}</span>
      ${r.session.secure ? html`<span class="badge warn">${w.secret}</span>` : ''}
      <span class="soft">${clock(r.since, live.now)}</span>
      ${actionsView(model, r, 0, w)}
      <button type="button" class="close" aria-label=${w.close} title=${w.close} @click=${close}>×</button>
    </header>
    <div class="parts">
      <div class="parties"><h3>${w.parties}</h3>
        <ul>${r.session.parties.map((p) => partyView(p, r, nameOf, w))}</ul></div>
      <div class="charts">${chart('mos', lines, Date.now(), w)}${chart('loss', lines, Date.now(), w)}${
        chart('jitter', lines, Date.now(), w)}</div>
      <div class="levels"><h3>${w.levels}</h3>
        ${meter(w.customer, 'customer')}${meter(w.agent, 'agent')}
        <p class="soft">${model.phone.calls.get(r.id) ? '' : w.listenForLevels}</p></div>
    </div>
  </section>`;
}

function partyView(p: Party, r: Row, nameOf: (user: string) => string, w: WallWords): TemplateResult {
  const called = (o: Party) => (o.user ? nameOf(o.user) : o.role === 'customer' ? r.customer : w.roles[o.role]!);
  const heard = (p.hears ?? []).map((id) => r.session.parties.find((o) => o.id === id)).filter((o) => o !== undefined);
  const hears = p.sound ? w.sounds[p.sound] ?? p.sound : heard.map(called).join(', ') || w.nobodyHeard;
  const notes = [
    p.role === 'supervisor' ? w.supervises[p.mode ?? ''] : w.roles[p.role], p.muted ? w.muted : '',
    p.held ? w.holds : '', p.answered ? '' : w.ringsNow, p.codec,
  ].filter(Boolean).join(' · ');
  return html`<li><span title="${called(p)}, ${notes}, ${p.kind}"><b>${called(p)}</b> <small>${notes}</small></span>
    <span class="hears" title=${hears}>${w.hears} ${hears}</span></li>`;
}

/** How loud a side is; levelsTick moves it. */
function meter(name: string, side: string): TemplateResult {
  return html`<div class="level"><span class="key ${side}">${name}</span>
    <div class="meter" id="level-${side}" role="meter" aria-label=${name} aria-valuemin="0" aria-valuemax="100"
      aria-valuenow="0"><i></i></div></div>`;
}

/** Decibels that a meter shows, from silence on. */
const RANGE = 60;

/** How far a meter goes, 0 to 1, for a level. */
export function meterAt(rms: number): number {
  return rms > 0 ? Math.min(Math.max(1 + (20 * Math.log10(rms)) / RANGE, 0), 1) : 0;
}

/** Shows how loud both sides of the session are, where the seat hears it. */
export function levelsTick(model: Model, root: ShadowRoot): void {
  const { selected } = model.wall;
  if (!selected) {
    return;
  }
  for (const [side, level] of Object.entries(levelsOf(model, selected))) {
    const meter = root.getElementById(`level-${side}`); // by id: a selector goes through hundreds of rows
    if (!meter) {
      return;
    }
    const at = meterAt(level);
    (meter.firstElementChild as HTMLElement).style.transform = `scaleX(${at.toFixed(3)})`;
    meter.setAttribute('aria-valuenow', String(Math.round(100 * at)));
  }
}

/** A supervisor hears the customer on the first ear and the agent on the second; who talks is an agent. */
function levelsOf({ phone }: Model, id: string): { customer: number; agent: number } {
  const call = phone.calls.get(id);
  const { mic, ears } = call ? phone.levels() : { mic: null, ears: [] };
  return { customer: ears[0]?.rms ?? 0, agent: (call?.mode ? ears[1] : mic)?.rms ?? 0 };
}
