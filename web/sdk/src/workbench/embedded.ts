// What stands over a business's page: the notification bar, the workbench's panel, and the float button.
import { type TemplateResult, html, nothing } from 'lit-html';
import { ref } from 'lit-html/directives/ref.js';
import { callCard } from './callcard';
import { connection, navigation, notices, place, trouble } from './frame';
import { icon } from './icons';
import { incomingView } from './incoming';
import type { Model } from './model';
import { statusView } from './status';
import type { Kept } from './told';

/** The current call where it is in the bar: its card is not seen elsewhere. */
export function cardInBar({ place: at, alone, looks, phone }: Model): Kept | undefined {
  const { current } = phone.calls;
  const seen = (alone || looks.shown.workbench) && (at === 'phone' || (at === 'wall' && current?.mode));
  return seen ? undefined : current;
}

/** The notification bar: calls that ring, and the current one. */
export function callBar(model: Model): unknown {
  const { seat } = model.phone;
  const { shown } = model.looks;
  const current = cardInBar(model);
  const closed = !model.alone && !shown.workbench; // so that what else it says is said here
  const busy = current !== undefined || model.phone.calls.ringing.length > 0;
  if (!seat || !shown.notificationBar || !shown.all) {
    return nothing;
  }
  // There also while it is empty: screen readers tell what comes into a place that they know.
  return html`<div class="bar" role="region" aria-label=${model.words.call.group}>
    ${incomingView(model)}
    ${current ? html`<div class="card bar-card">${callCard(model, current)}</div>` : nothing}
    ${closed && busy ? trouble(model) : nothing}${closed ? notices(model) : nothing}
  </div>`;
}

/** The workbench over the page. */
export function panel(model: Model): unknown {
  const { shown } = model.looks;
  if (!shown.all || !shown.workbench) {
    return nothing;
  }
  const { shut } = model.words.desk;
  const { seat } = model.phone;
  const who = seat ? [seat.name || seat.user, seat.extension].filter(Boolean).join(' · ') : 'Seatbridge';
  return html`<section class="panel" role="dialog" tabindex="-1" aria-label="Seatbridge"
    data-place=${seat ? model.place : 'out'} ${ref(model.floating.panel)}>
    <header class="top">
      <span class="who">${who}</span><span class="gap"></span>${connection(model)}
      <button type="button" class="quiet icon-only" data-do="shut" aria-label=${shut} title=${shut}
        @click=${() => toggle(model)}>${icon('close')}</button>
      ${seat ? html`${statusView(model)}${navigation(model)}` : nothing}
    </header>
    <div class="body">
      ${seat ? html`${trouble(model)}${shown.notificationBar ? nothing : incomingView(model)}${place(model)}` :
        out(model)}
    </div>
    ${notices(model)}
  </section>`;
}

/** Before the SDK is ready, and after its end. */
function out(model: Model): TemplateResult {
  const { desk: words } = model.words;
  return model.out ? html`<div class="out" role="alert"><h2>${words.notIn}</h2><p>${model.out}</p>
    <p class="soft">${words.reload}</p></div>` : html`<p class="out soft" role="status">${words.connecting}…</p>`;
}

export function floatButton(model: Model): unknown {
  const { shown } = model.looks;
  if (!shown.all || !shown.floatButton) {
    return nothing;
  }
  const { desk: words, call } = model.words;
  const { calls, status } = model.phone;
  const ringing = calls.ringing.length > 0;
  const state = ringing ? 'ringing' : calls.current ? 'call' : model.online ? status?.status ?? 'offline' : 'offline';
  const text = shown.workbench ? words.shut : words.open;
  const said = ringing ? call.incoming : calls.current ? call.group : '';
  return html`<button type="button" class="float" data-do="float" data-state=${state} title="${text} (${words.drag})"
    aria-label=${[text, said].filter(Boolean).join(', ')} aria-expanded=${String(shown.workbench)}
    ${ref(model.floating.button)} @click=${() => toggle(model)}>${icon('headset')}
    ${ringing || calls.current ? html`<span class="badge" aria-hidden="true">${ringing ? calls.ringing.length : ''}
      </span>` : nothing}</button>`;
}

/** By the button the panel gets the focus too; by the page's own doing it does not. */
function toggle(model: Model): void {
  const open = !model.looks.shown.workbench;
  model.looks.show('workbench', open);
  model.focus(open ? '.panel' : '[data-do="float"]');
}
