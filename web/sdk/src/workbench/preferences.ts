// What the user has chosen, kept in the browser.
import { read, write } from './kept';
import type { Language } from './words';

const NAME = 'seatbridge.settings';

export interface Choices {
  microphone: string; // device ids; empty for the browser's choice
  speaker: string;
  ring: number; // volume, 0 to 1
  notifications: boolean;
  language: Language | 'auto';
  theme: 'light' | 'dark' | 'auto';
  /** The float button's distance from the right and bottom edges, pixels. */
  float: { right: number; bottom: number };
}

const DEFAULTS: Choices = {
  microphone: '', speaker: '', ring: 1, notifications: true, language: 'auto', theme: 'auto',
  float: { right: 20, bottom: 20 },
};

/** Preferences dispatches `change`, also when another tab has changed something. */
export class Preferences extends EventTarget {
  #choices: Choices = { ...DEFAULTS, ...read<Partial<Choices>>(NAME, {}) };

  constructor(signal: AbortSignal) {
    super();
    window.addEventListener('storage', ({ key }) => {
      if (key === NAME) {
        this.#choices = { ...DEFAULTS, ...read<Partial<Choices>>(NAME, {}) };
        this.dispatchEvent(new Event('change'));
      }
    }, { signal });
  }

  get choices(): Readonly<Choices> { return this.#choices; }

  choose(some: Partial<Choices>): void {
    this.#choices = { ...this.#choices, ...some };
    write(NAME, this.#choices);
    this.dispatchEvent(new Event('change'));
  }
}
