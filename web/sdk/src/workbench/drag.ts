// The float button is where the user has dragged it.
import type { Preferences } from './preferences';

/** Pixels that a press may move and still be a click. */
const SLOP = 4;

/** Pixels between the button and the window's edge. */
const MARGIN = 4;

/** Distances from the window's right and bottom edges, pixels. */
interface Spot { right: number; bottom: number }

/** Makes what takes the button when it is there: it places it, and lets it be dragged. */
export function newDrag(preferences: Preferences): (element?: Element) => void {
  return (element) => {
    if (element instanceof HTMLElement) {
      place(element, preferences.choices.float);
      listen(element, preferences);
    }
  };
}

/** Where the window has become smaller the button stays within. */
function place(button: HTMLElement, { right, bottom }: Spot): void {
  const within = (value: number, room: string) =>
    `max(${MARGIN}px, min(${value}px, calc(${room} - ${button.offsetWidth + MARGIN}px)))`;
  button.style.right = within(right, '100vw');
  button.style.bottom = within(bottom, '100vh');
}

function listen(button: HTMLElement, preferences: Preferences): void {
  let from: (Spot & { x: number; y: number }) | null = null;
  let to: Spot | null = null; // once it is dragged
  button.addEventListener('pointerdown', (e) => {
    const { right, bottom } = button.getBoundingClientRect();
    from = { x: e.clientX, y: e.clientY, right: window.innerWidth - right, bottom: window.innerHeight - bottom };
    to = null;
    button.setPointerCapture(e.pointerId);
  });
  button.addEventListener('pointermove', (e) => {
    if (from && (to || Math.hypot(e.clientX - from.x, e.clientY - from.y) > SLOP)) {
      to = { right: from.right + from.x - e.clientX, bottom: from.bottom + from.y - e.clientY };
      place(button, to);
    }
  });
  for (const end of ['pointerup', 'pointercancel'] as const) {
    button.addEventListener(end, () => {
      from = null;
      if (to) {
        preferences.choose({ float: to });
      }
    });
  }
  // Before the click that it is as well.
  button.addEventListener('click', (e) => {
    if (to) {
      e.stopImmediatePropagation();
      to = null;
    }
  }, { capture: true });
}
