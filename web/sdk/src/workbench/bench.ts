// The shadow root that the workbench lives in: drawn again when its model changes.
import { type TemplateResult, render } from 'lit-html';
import { listenToKeys } from './keys';
import type { Model } from './model';
import { sheets } from './styles';

/** Milliseconds from one look at clocks and levels to the next, while the page is seen. */
const TICK = 100;

/** Milliseconds that the focus waits for what is to have it. */
const PATIENCE = 2_000;

export class Bench {
  readonly #shadow: ShadowRoot;
  readonly #model: Model;
  readonly #view: (model: Model) => TemplateResult;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #stop = new AbortController();
  #wanted = { selector: '', until: 0 }; // what is to have the focus, and how long that holds
  #drawing = false; // it will be, before anybody looks
  #closed = false;

  /** tick is called with the shadow root for what has a pace of its own, such as levels: it changes elements itself. */
  constructor(host: HTMLElement, model: Model, view: (model: Model) => TemplateResult,
    tick: (model: Model, root: ShadowRoot) => void) {
    this.#shadow = host.attachShadow({ mode: 'open' });
    this.#shadow.adoptedStyleSheets = sheets();
    this.#model = model;
    this.#view = view;
    const { signal } = this.#stop;
    model.addEventListener('change', () => this.#draw(), { signal });
    model.addEventListener('focus', (e) => this.#focus((e as CustomEvent<string>).detail), { signal });
    listenToKeys(model, model.alone ? document : this.#shadow, signal);
    this.#timer = setInterval(() => { if (!document.hidden) { tick(model, this.#shadow); } }, TICK);
    this.#draw();
  }

  close(): void {
    this.#closed = true;
    this.#stop.abort();
    clearInterval(this.#timer);
    this.#model.close();
  }

  /** What is asked for may come with the answer of the gateway alone. */
  #focus(selector: string): void {
    this.#wanted = { selector, until: Date.now() + PATIENCE };
    this.#draw();
  }

  #giveFocus(): void {
    const { selector, until } = this.#wanted;
    const element = until > Date.now() && this.#shadow.querySelector<HTMLElement>(selector);
    if (element) {
      this.#wanted.until = 0;
      element.focus();
    }
  }

  /** Many changes at once are one. */
  #draw(): void {
    if (this.#drawing) {
      return;
    }
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      if (!this.#closed) {
        render(this.#view(this.#model), this.#shadow);
        this.#giveFocus();
      }
    });
  }
}
