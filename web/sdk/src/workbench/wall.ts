// The supervisors' wall: sessions, queues and seats as they are now.
import { type TemplateResult, html } from 'lit';
import type { Model } from './model';

/** Drawn only for those who may supervise, in place 'wall'. */
export function wallView(_model: Model): TemplateResult {
  return html`<section class="wall"></section>`;
}

/** What has its own pace: levels and durations. */
export function wallTick(_model: Model, _root: ShadowRoot): void {}
