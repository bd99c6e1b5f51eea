// The place of the wall: a shadow root of its own, as its tables have another look than the phone's cards.
import { type TemplateResult, html, render } from 'lit-html';
import { ref } from 'lit-html/directives/ref.js';
import type { Model } from './model';
import { wallSheets } from './styles';
import { wallTick, wallView } from './wall';

export function wallPlace(model: Model): TemplateResult {
  return html`<div class="wall-place" ${ref((host) => { if (host) { draw(model, host); } })}></div>`;
}

/** What has a pace of its own, also where the wall is not drawn: it looks while somebody sees it. */
export function wallPlaceTick(model: Model, root: ShadowRoot): void {
  wallTick(model, root.querySelector('.wall-place')?.shadowRoot ?? root);
}

function draw(model: Model, host: Element): void {
  if (!host.shadowRoot) {
    host.attachShadow({ mode: 'open' }).adoptedStyleSheets = wallSheets();
  }
  render(wallView(model), host.shadowRoot!);
}
