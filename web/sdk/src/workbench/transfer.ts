// Whom a call goes to: groups, colleagues who are free, or a number; at once, or asked first.
import { type TemplateResult, html, nothing } from 'lit-html';
import { ref } from 'lit-html/directives/ref.js';
import { avatar, focused } from './bits';
import { handOver, staying } from './doing';
import { icon } from './icons';
import { closeSheet } from './keypad';
import type { Model } from './model';

interface Member { userId: string; name: string }
interface Group { skillGroupId: string; name: string; waiting: number; free: Member[] }

/** The groups and free members whose names have what is looked for; a group's name finds its members too. */
export function found(groups: Group[], search: string): Group[] {
  const wanted = search.trim().toLowerCase();
  const has = (text: string) => text.toLowerCase().includes(wanted);
  return groups
    .map((g) => (has(g.name) ? g : { ...g, free: g.free.filter((m) => has(m.name) || has(m.userId)) }))
    .filter((g) => has(g.name) || g.free.length > 0);
}

/** Says that what was entered can be called. */
export function callable(text: string): boolean { return /^\+?[0-9*#][0-9 ()*#-]*$/.test(text.trim()); }

export function transferSheet(model: Model): TemplateResult {
  const { call: words } = model.words;
  const stays = staying(model);
  const number = stays('forwardOut') && callable(model.search);
  return html`<div class="sheet" role="dialog" aria-label=${words.transferTitle} id="transfer-sheet">
    <div class="sheet-top">
      <div class="segments" role="radiogroup" aria-label=${words.way}>
        ${[false, true].map((ask) => html`<label><input type="radio" name="way" value=${ask ? 'ask' : 'once'}
          .checked=${model.askFirst === ask} @change=${() => { model.askFirst = ask; model.changed(); }}><span>
          ${ask ? words.askFirst : words.atOnce}</span></label>`)}
      </div>
      ${closeSheet(model)}
    </div>
    <form class="row" @submit=${(e: Event) => {
      e.preventDefault();
      if (number) {
        handOver(model, { phoneNumber: model.search.replace(/[ ()-]/g, '') });
      }
    }}>
      <span class="field">${icon('search')}<input id="transfer-to" type="search" autocomplete="off" spellcheck="false"
        aria-label=${words.search} placeholder=${words.search} .value=${model.search} ${ref(focused)}
        @input=${(e: Event) => { model.search = (e.target as HTMLInputElement).value; model.changed(); }}></span>
      <button type="submit" class="main" data-do="transfer-number" ?disabled=${!number || !model.online}>
        ${model.askFirst ? words.ask : words.go}</button>
    </form>
    <ul class="groups">${list(model)}</ul>
  </div>`;
}

function list(model: Model): unknown {
  const { call: words } = model.words;
  const stays = staying(model);
  const groups = found(model.phone.groups as Group[], callable(model.search) ? '' : model.search);
  if (groups.length === 0) {
    return html`<li class="soft none">${model.phone.groups.length === 0 ? words.noGroups : words.nothingFound}</li>`;
  }
  const note = (g: Group) => [g.free.length > 0 ? words.free(g.free.length) : words.nobodyFree,
    g.waiting > 0 && words.waiting(g.waiting)].filter(Boolean).join(', ');
  return groups.map((g) => html`<li>
    <button type="button" class="pick" data-group=${g.skillGroupId}
      ?disabled=${!model.online || model.askFirst || !stays('transferSkillGroup')}
      @click=${() => handOver(model, { skillGroupId: g.skillGroupId })}>
      <strong>${g.name}</strong>
      <small>${note(g)}</small>
    </button>
    ${!stays('transferSeat') ? nothing : g.free.map((m) => html`<button type="button" class="pick member"
      data-user=${m.userId} ?disabled=${!model.online} @click=${() => handOver(model, { userId: m.userId })}>
      ${avatar({ name: m.name || m.userId })}<span>${m.name || m.userId}</span></button>`)}
  </li>`);
}
