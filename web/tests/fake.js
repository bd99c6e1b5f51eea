// The far ends of a Client under test: a clock that stands still until it is told, and sockets that do as the test says.

export class FakeClock {
  #now = 0;
  #timers = new Map();
  #last = 0;

  now = () => this.#now;

  setTimeout = (run, after) => {
    this.#timers.set(++this.#last, { at: this.#now + after, run });
    return this.#last;
  };

  clearTimeout = (timer) => this.#timers.delete(timer);

  /** Lets time pass; what is due runs in its order. */
  async pass(ms) {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, t]) => t.at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) {
        break;
      }
      this.#timers.delete(due[0]);
      this.#now = due[1].at;
      due[1].run();
      await settled();
    }
    this.#now = end;
  }

  get waiting() { return this.#timers.size; }
}

export class FakeSocket {
  sent = [];
  closed = false;
  send(text) { this.sent.push(JSON.parse(text)); }
  close() { this.closed = true; }
}

/** Sockets remembers those that a Client opened. */
export class Sockets {
  all = [];
  open = () => {
    this.all.push(new FakeSocket());
    return this.last;
  };

  get last() { return this.all.at(-1); }
  /** The oldest message that was sent on the last socket and not looked at. */
  next() { return this.last.sent.shift(); }
  say(message) { this.last.onmessage?.({ data: JSON.stringify(message) }); }
}

/** Lets everything run that waits for a promise only. */
export function settled() { return new Promise((resolve) => setImmediate(resolve)); }
