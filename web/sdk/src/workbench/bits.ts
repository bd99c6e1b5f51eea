// What several views are made of.
import { type TemplateResult, html, nothing } from 'lit-html';
import { type CallButton } from './actions';
import { perform } from './doing';
import { initial } from './format';
import { icon } from './icons';
import type { Model } from './model';
import type { Kept } from './told';

/** A button of a call. name is its label where the text says too little. */
export function callButton(model: Model, b: CallButton, call: Kept, name?: string): TemplateResult {
  const text = model.words.call[b.text] as string;
  return html`<button type="button" class=${b.kind ?? ''} data-do=${b.do} ?disabled=${b.disabled}
    aria-pressed=${b.pressed === undefined ? nothing : String(b.pressed)}
    aria-expanded=${b.expanded === undefined ? nothing : String(b.expanded)}
    aria-label=${name ?? nothing}
    @click=${() => perform(model, b.do, call)}>${icon(b.icon)}<span>${text}</span></button>`;
}

export function avatar(who: { name?: string; number?: string }): TemplateResult {
  return html`<span class="avatar" aria-hidden="true">${initial(who) || '?'}</span>`;
}

/** A level that the tick moves. */
export function meter(level: 'mic' | 'ear', label: string): TemplateResult {
  return html`<span class="meter-name" aria-hidden="true">${label}</span><span class="meter" role="meter"
    aria-label=${label} aria-valuemin="0" aria-valuemax="100" aria-valuenow="0" data-level=${level}><i></i></span>`;
}

/** How the caller came: the group, and what was chosen in the menu. */
export function origin(model: Model, { group, path }: Kept): string {
  return [model.phone.groupName(group), path].filter(Boolean).join(' · ');
}

/** Takes the focus when it comes to be. Always the same function, or it would take it at each drawing. */
export function focused(element?: Element): void { (element as HTMLElement | undefined)?.focus(); }
