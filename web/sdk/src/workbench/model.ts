// What the workbench shows, and what its buttons do.
import type { Call } from '../../tccc';
import type { Phone } from '../../../phone/phone.js';
import type { Looks } from '../ui';
import { WallState } from './wallstate';
import { type Language, type Words, languageOf, wordsOf } from './words';

/** A part of the workbench that one goes to. */
export type Place = 'phone' | 'wall' | 'history' | 'settings';

/** A line for the agent, until it is taken away or another takes its place. */
export interface Notice { text: string; bad: boolean }

/** Model dispatches `change` whenever what is shown may be another. Levels and clocks have their own pace. */
export class Model extends EventTarget {
  place: Place = 'phone';
  notice: Notice | null = null;
  language: Language = languageOf(navigator.languages);
  readonly wall = new WallState();
  readonly #stop = new AbortController();

  /**
   * call: what the buttons do, so that events tell of it what they tell of a page's own doing;
   * alone: the workbench is the whole page, and one logs in here.
   */
  constructor(readonly phone: Phone, readonly call: Call, readonly looks: Looks, readonly alone: boolean) {
    super();
    const { signal } = this.#stop;
    for (const source of [phone, looks]) {
      source.addEventListener('change', () => this.changed(), { signal });
    }
    phone.addEventListener('log', (e) => {
      const { text, kind } = (e as CustomEvent<{ text: string; kind: string }>).detail;
      if (kind === 'bad') {
        this.say(text, true);
      }
    }, { signal });
  }

  get words(): Words { return wordsOf(this.language); }

  go(place: Place): void {
    this.place = place;
    this.changed();
  }

  say(text: string, bad = false): void {
    this.notice = text ? { text, bad } : null;
    this.changed();
  }

  /** Does what the user asked for; what is wrong with it is said. */
  async attempt(action: () => unknown): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.say((error as Error).message, true);
    }
  }

  changed(): void { this.dispatchEvent(new Event('change')); }

  close(): void { this.#stop.abort(); }
}
