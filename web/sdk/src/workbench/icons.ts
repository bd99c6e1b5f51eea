// The workbench's pictures: strokes in a square of 24.
import { type TemplateResult, html, svg } from 'lit-html';

/** Each a path, or a few. */
const PATHS = {
  phone: 'M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 3 6a2 2 0 0 1 2-2z',
  mic: 'M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3',
  micOff: 'M9 9v3a3 3 0 0 0 4.5 2.6M15 11V6a3 3 0 0 0-5.7-1.3' +
    'M5.5 11.5a6.5 6.5 0 0 0 10 5.4M18.5 11.5a6 6 0 0 1-.6 2.7M12 18v3M4 4l16 16',
  pause: 'M9 5.5v13M15 5.5v13',
  play: 'M8 5.5v13l10-6.5z',
  keypad: 'M6 5.5h.01M12 5.5h.01M18 5.5h.01M6 12h.01M12 12h.01M18 12h.01M6 18.5h.01M12 18.5h.01M18 18.5h.01',
  transfer: 'M4 8h14M14 4l4 4-4 4M20 16H8M11 13l-3 3 3 3',
  swap: 'M7 4v16M7 4 4 7M7 4l3 3M17 20V4M17 20l-3-3M17 20l3-3',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  record: 'M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM12 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4z',
  pauseRecord: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM10 9.5v5M14 9.5v5',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  close: 'M6 6l12 12M18 6 6 18',
  history: 'M4 12a8 8 0 1 0 2.5-5.8L4 8.5M4 4v4.5h4.5M12 8v4.5l3 2',
  wall: 'M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4',
  leave: 'M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9',
  redial: 'M19 12a7 7 0 1 1-2.2-5.1L19 9M19 4.5V9h-4.5',
  erase: 'M9 6h11v12H9l-6-6zM12.5 9.5l5 5M17.5 9.5l-5 5',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4.5 4.5',
  incoming: 'M18 6 7 17M7 9v8h8',
  outgoing: 'M6 18 17 7M9 7h8v8',
  headset: 'M4 15v-3a8 8 0 0 1 16 0v3M4 14h3v6H6a2 2 0 0 1-2-2zM20 14h-3v6h1a2 2 0 0 0 2-2z',
  alert: 'M12 4 2.5 20h19zM12 10v4.5M12 17.5v.01',
};

export type IconName = keyof typeof PATHS;

/** Says nothing to screen readers: its button has a text. */
export function icon(name: IconName): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${svg`<path d=${PATHS[name]} />`}</svg>`;
}
