// The page's listeners.
import type { EventMap, EventName } from '../tccc';

type Callback = (payload: unknown) => void;

/** The names that tccc.events has. */
export const EVENTS: readonly EventName[] = [
  'ready', 'tokenExpired', 'callIn', 'userAccessed', 'autoTransfer', 'sessionEnded', 'sessionCompleted', 'callOuted',
  'calloutAccepted', 'transfer', 'statusChanged', 'kickedOut', 'asr',
  'ringing', 'earlyMedia', 'muted', 'held', 'digit', 'secureDigits', 'recording', 'transferChanged', 'monitor',
  'hearing', 'mediaLost', 'mediaBack', 'qualityChanged', 'connectionChanged', 'problem',
];

/** How the SDK's start ended: who listens later is told too. */
const LASTING: readonly EventName[] = ['ready', 'tokenExpired'];

/** Emitter tells listeners; one that throws harms no other. */
export class Emitter {
  #callbacks = new Map<string, Set<Callback>>();
  #lasting = new Map<string, unknown>();

  on(event: string, callback: unknown): void {
    if (!EVENTS.includes(event as EventName) || typeof callback !== 'function') {
      console.error(`tccc.on takes one of tccc.events and a function, not ${String(event)} and ${typeof callback}`);
      return;
    }
    const callbacks = this.#callbacks.get(event) ?? new Set();
    this.#callbacks.set(event, callbacks.add(callback as Callback));
    if (this.#lasting.has(event)) {
      const payload = this.#lasting.get(event);
      queueMicrotask(() => { // as soon as one expects it, but not before on has returned
        if (callbacks.has(callback as Callback)) {
          call(callback as Callback, payload);
        }
      });
    }
  }

  off(event: string, callback: unknown): void { this.#callbacks.get(event)?.delete(callback as Callback); }

  /** Tells an event: its fields are beside data and in it. */
  emit<Name extends EventName>(event: Name, fields: EventMap[Name]): void {
    const payload = { ...fields, data: fields };
    if (LASTING.includes(event)) {
      this.#lasting.clear(); // it is one or the other
      this.#lasting.set(event, payload);
    }
    for (const callback of [...this.#callbacks.get(event) ?? []]) {
      call(callback, payload);
    }
  }

  /** Says no more. */
  clear(): void {
    this.#callbacks.clear();
    this.#lasting.clear();
  }
}

function call(callback: Callback, payload: unknown): void {
  try {
    callback(payload);
  } catch (error) {
    reportError(error);
  }
}
