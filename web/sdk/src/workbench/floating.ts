// The float button, where the user has dragged it, and the panel beside it.
import type { Preferences } from './preferences';

/** Distances from the window's right and bottom edges, pixels. */
interface Spot { right: number; bottom: number }

/** Pixels that a press may move and still be a click. */
const SLOP = 4;

/** Pixels: to the window's edge, the button's size, and how high the panel is at best and at least. */
const MARGIN = 12;
const BUTTON = 52;
const HIGH = 720;
const LOW = 420;

/** Floating places both; button and panel are for lit's ref. */
export class Floating {
  readonly #preferences: Preferences;
  #button?: HTMLElement;
  #panel?: HTMLElement;
  readonly #resized = new ResizeObserver(() => this.#arrange()); // some places are wider
  #dragged: Spot | null = null; // while it is, and until the click that comes with it

  constructor(preferences: Preferences, signal: AbortSignal) {
    this.#preferences = preferences;
    window.addEventListener('resize', () => this.#arrange(), { signal });
  }

  readonly button = (element?: Element): void => {
    this.#button = element as HTMLElement | undefined;
    if (this.#button) {
      this.#listen(this.#button);
      this.#arrange();
    }
  };

  readonly panel = (element?: Element): void => {
    this.#resized.disconnect();
    this.#panel = element as HTMLElement | undefined;
    if (this.#panel) {
      this.#resized.observe(this.#panel); // and arranges it now
    }
  };

  /** The button stays within the window; the panel is above or below it, where there is more room. */
  #arrange(): void {
    const { innerHeight: height } = window;
    const width = document.documentElement.clientWidth;
    const within = (value: number, room: number) => Math.max(MARGIN, Math.min(value, room - BUTTON - MARGIN));
    const wanted = this.#dragged ?? this.#preferences.choices.float;
    const right = within(wanted.right, width);
    const bottom = within(wanted.bottom, height);
    put(this.#button, { right, bottom });
    if (!this.#panel) {
      return;
    }
    const above = height - bottom - BUTTON - 2 * MARGIN;
    const below = bottom - 2 * MARGIN;
    const high = Math.min(HIGH, Math.max(above, below));
    const fits = high >= LOW;
    put(this.#panel, {
      right: Math.max(MARGIN, Math.min(right, width - this.#panel.offsetWidth - MARGIN)),
      bottom: !fits ? MARGIN : above >= below ? bottom + BUTTON + MARGIN : bottom - MARGIN - high,
    });
    this.#panel.style.height = `${fits ? high : Math.min(HIGH, height - 2 * MARGIN)}px`;
  }

  #listen(button: HTMLElement): void {
    let from: (Spot & { x: number; y: number }) | null = null;
    button.addEventListener('pointerdown', (e) => {
      const { right, bottom } = button.getBoundingClientRect();
      from = { x: e.clientX, y: e.clientY, right: window.innerWidth - right, bottom: window.innerHeight - bottom };
      this.#dragged = null;
      button.setPointerCapture(e.pointerId);
    });
    button.addEventListener('pointermove', (e) => {
      if (from && (this.#dragged || Math.hypot(e.clientX - from.x, e.clientY - from.y) > SLOP)) {
        this.#dragged = { right: from.right + from.x - e.clientX, bottom: from.bottom + from.y - e.clientY };
        this.#arrange();
      }
    });
    for (const end of ['pointerup', 'pointercancel'] as const) {
      button.addEventListener(end, () => {
        from = null;
        if (this.#dragged) {
          this.#preferences.choose({ float: this.#dragged });
        }
      });
    }
    // Before the click that it is as well.
    button.addEventListener('click', (e) => {
      if (this.#dragged) {
        e.stopImmediatePropagation();
        this.#dragged = null;
      }
    }, { capture: true });
  }
}

function put(element: HTMLElement | undefined, { right, bottom }: Spot): void {
  if (element) {
    element.style.right = `${right}px`;
    element.style.bottom = `${bottom}px`;
  }
}
