// Small things that all parts of the wall show.
import { type TemplateResult, html, svg } from 'lit-html';
import type { Action } from './walldata';
import { duration } from './walldata';

/** For how long something has been so; wallTick goes on from there. */
export function clock(since: number, now: number): TemplateResult {
  return html`<time data-since=${since} .textContent=${duration(now - since)}></time>`;
}

const ICONS: Record<Action, TemplateResult> = {
  monitor: svg`<path d="M3 10V8.5a5 5 0 0 1 10 0V10
    M3 9.5h1.6v3.6H4a1 1 0 0 1-1-1zM13 9.5h-1.6v3.6h.6a1 1 0 0 0 1-1z"/>`,
  whisper: svg`<path d="M2.5 3.5h11v7h-6L4.7 13v-2.500H2.500zM5.5 7h.01M8 7h.01M10.5 7h.01"/>`,
  barge: svg`<path d="M2.5 6.500h2.300L9 3.500v9L4.8 9.500H2.500zM11 6a3 3 0 0 1 0 4M12.6 4.300a5.2 5.2 0 0 1 0 7.4"/>`,
  intercept: svg`<path d="M2.5 5.500h9M9 3l2.7 2.500L9 8M13.5 10.500h-9M7 8l-2.7 2.500L7 13"/>`,
  stopMonitor: svg`<rect x="4.5" y="4.5" width="7" height="7" rx="1"/>`,
};

export function icon(action: Action): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">${ICONS[action]}</svg>`;
}
