// What the seat has been through: lines for people, and the calls that it has had.
import type { Phone } from '../../../phone/phone.js';
import { type Ended, type Past, forget, keep, outcomeOf, pastOf } from './past';
import { type Kept, describe } from './told';
import type { Words } from './words';

/** How many lines are kept. */
const LINES = 100;

/** A line for people; bad is trouble. */
export interface Line { at: number; text: string; bad: boolean }

/** Story dispatches `change`, and `missed` with detail text for a call that was. */
export class Story extends EventTarget {
  lines: Line[] = [];
  past: Past[] = [];
  /** Missed since one last looked. */
  missed = 0;
  readonly #phone: Phone;
  readonly #words: () => Words;
  readonly #begun = new Map<string, number>(); // when the calls that go on began
  #user = '';

  constructor(phone: Phone, words: () => Words, signal: AbortSignal) {
    super();
    this.#phone = phone;
    this.#words = words;
    // While the phone still knows the call that an event ends.
    phone.addEventListener('event', (e) => this.#take((e as CustomEvent).detail), { signal });
    phone.client.addEventListener('login', (e) => this.#open((e as CustomEvent).detail.seat.user), { signal });
    window.addEventListener('storage', ({ key }) => {
      if (this.#user && key?.endsWith(this.#user)) { // of another tab
        this.past = pastOf(this.#user);
        this.#changed();
      }
    }, { signal });
  }

  seen(): void { this.missed = 0; }

  #open(user: string): void {
    if (user !== this.#user) {
      this.#user = user;
      this.past = pastOf(user);
      this.missed = 0;
      this.lines = [];
    }
  }

  #take(e: any): void {
    const call = this.#phone.calls.get(e.sessionId);
    switch (e.event) {
      case 'snapshot': this.#snapshot(e.sessions); break;
      case 'callIn':
      case 'callOuted':
      case 'monitor': this.#begun.set(e.sessionId, Date.parse(e.at)); break;
      case 'sessionEnded': this.#ended(call, e); break;
    }
    const text = describe(e, call, this.#words());
    if (text) {
      const bad = e.event === 'mediaLost' || e.event === 'autoTransfer';
      this.lines = [...this.lines, { at: Date.parse(e.at) || Date.now(), text, bad }].slice(-LINES);
      if (e.event === 'autoTransfer') {
        this.dispatchEvent(new CustomEvent('missed', { detail: text }));
      }
      this.#changed();
    }
  }

  /** What is gone has ended while the gateway was out of reach. */
  #snapshot(sessions: any[]): void {
    const now = new Set(sessions.map((s) => s.sessionId));
    for (const id of [...this.#begun.keys()].filter((id) => !now.has(id))) {
      const call = this.#phone.calls.get(id);
      const duration = call?.answeredAt ? (Date.now() - call.answeredAt) / 1000 : 0;
      this.#ended(call, { sessionId: id, closeBy: 'admin', duration });
    }
    sessions.forEach((s) => this.#begun.set(s.sessionId, Date.parse(s.startedAt)));
  }

  #ended(call: Kept | undefined, e: Ended & { sessionId: string; at?: string }): void {
    const at = this.#begun.get(e.sessionId) ?? Date.now();
    this.#begun.delete(e.sessionId);
    if (!call || call.mode) {
      return; // a supervisor's
    }
    const { incoming, number, masked, name } = call;
    const user = call.type === 'internal' ? call.peer : '';
    const outcome = outcomeOf(call, e);
    this.missed += outcome === 'missed' ? 1 : 0;
    this.past = keep(this.#user, {
      sessionId: e.sessionId, at, ended: Date.parse(e.at ?? '') || Date.now(),
      incoming, number, masked, name, ...user && { user },
      seconds: Math.round(e.duration ?? 0), outcome,
    });
    this.#changed();
  }

  /** Forgets the calls. */
  forget(): void {
    forget(this.#user);
    this.past = [];
    this.#changed();
  }

  #changed(): void { this.dispatchEvent(new Event('change')); }
}
