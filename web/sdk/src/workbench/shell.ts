// The whole workbench: what is around its places.
import { type TemplateResult, html } from 'lit';
import type { Model } from './model';
import { wallTick, wallView } from './wall';

export function shellView(model: Model): TemplateResult {
  return html`
    <main>
      ${model.notice && html`<p role="alert">${model.notice.text}</p>`}
      ${model.place === 'wall' ? wallView(model) : ''}
    </main>`;
}

export function shellTick(model: Model, root: ShadowRoot): void {
  wallTick(model, root);
}
