// The whole workbench: the page of its own, or what stands over a business's page.
import { type TemplateResult, html } from 'lit-html';
import { callBar, cardInBar, floatButton, panel } from './embedded';
import { connection, navigation, notices, place, trouble } from './frame';
import { icon } from './icons';
import { loginView } from './login';
import type { Model } from './model';
import { statusView } from './status';
import { newTick } from './tick';
import { wallPlaceTick } from './wallplace';

export function shellView(model: Model): TemplateResult {
  const lang = model.language === 'zh' ? 'zh-CN' : 'en';
  return model.alone ? html`<div class="root page" lang=${lang}
    ?data-docked=${cardInBar(model) !== undefined}>${model.phone.seat ? desk(model) : outside(model)}</div>` :
    html`<div class="root embedded" lang=${lang}>${panel(model)}${callBar(model)}${floatButton(model)}</div>`;
}

export function newShellTick(): (model: Model, root: ShadowRoot) => void {
  const tick = newTick();
  return (model, root) => {
    tick(model, root);
    wallPlaceTick(model, root);
  };
}

function outside(model: Model): TemplateResult {
  return html`<header class="top">${brand()}<span class="gap"></span>${connection(model)}</header>
    <main>${loginView(model)}</main>`;
}

function desk(model: Model): TemplateResult {
  const { seat } = model.phone;
  const { leave } = model.words.desk;
  const who = [seat.name || seat.user, seat.extension].filter(Boolean).join(' · ');
  return html`<header class="top">
      ${brand()}${navigation(model)}<span class="gap"></span>${connection(model)}${statusView(model)}
      <span class="who" title=${seat.user}>${who}</span>
      <button type="button" class="quiet icon-only" id="logout" aria-label=${leave} title=${leave}
        @click=${() => model.attempt(() => model.phone.logout())}>${icon('leave')}</button>
    </header>
    ${notices(model)}
    <main>${trouble(model)}${place(model)}</main>
    ${callBar(model)}`;
}

function brand(): TemplateResult {
  return html`<span class="brand"><svg class="logo" viewBox="0 0 64 64" aria-hidden="true"><rect width="64" height="64"
    rx="16"></rect><path d="M14 42c4-14 12-20 18-20s14 6 18 20M32 42V22M10 43h44"></path></svg>
    Seatbridge</span>`;
}
