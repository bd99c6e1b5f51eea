// What goes on at the gateway, for those who may supervise it.
import { mos } from './mos.js';

/** Milliseconds from one look to the next, and for how long what was received is remembered. */
const EVERY = 2_000;
const KEPT = 300_000;

/** Says that a seat of this role (docs/protocol.md) may supervise. */
export function maySupervise(seat) { return seat?.role === 1 || seat?.role === 2; }

/** Live asks for what goes on while it is open; it dispatches `change` whenever what it shows may have changed. */
export class Live extends EventTarget {
  #ask;
  #opened = null; // while it is open, an object of this opening's own
  #timer = null; // to the next look; null while one is under way
  #history = new Map(); // by session: {customer, agent} of Side
  /** As the command `wall` told last (docs/protocol.md). */
  sessions = [];
  queues = [];
  seats = [];
  more = { sessions: 0, queues: 0, seats: 0 }; // that were left out
  /** Why the latest look came to nothing, for people; what was seen before stays. */
  problem = '';
  /** Something was seen. */
  known = false;
  /** When the latest look was, by the gateway's clock, and how far that is ahead of ours; both in milliseconds. */
  at = 0;
  ahead = 0;

  /** ask resolves with the reply to the command `wall`. */
  constructor(ask) {
    super();
    this.#ask = ask;
  }

  get isOpen() { return this.#opened !== null; }

  /** What time it is at the gateway, in milliseconds. */
  get now() { return Date.now() + this.ahead; }

  get(sessionId) { return this.sessions.find((s) => s.sessionId === sessionId); }

  /** What was received of a side of a session, customer or agent, in the last five minutes, oldest first: see Side. */
  points(sessionId, side) { return this.#history.get(sessionId)?.[side].points ?? NOTHING; }

  /** Begins to look. */
  open() {
    this.close();
    this.#opened = {};
    return this.#look();
  }

  /** Looks at once, where it has something to see: what was just done, for example. */
  refresh() {
    if (this.#timer !== null) {
      this.#stop();
      this.#look();
    }
  }

  close() {
    this.#stop();
    this.#opened = null;
    this.#history.clear();
    this.sessions = [];
    this.queues = [];
    this.seats = [];
    this.problem = '';
    this.known = false;
    this.#changed();
  }

  async #look() {
    const opened = this.#opened;
    const [seen, problem] = await this.#ask().then((data) => [data, ''], (error) => [null, error.message]);
    if (opened !== this.#opened) {
      return; // it was closed meanwhile
    }
    this.problem = problem;
    if (seen) {
      this.#see(seen);
    }
    this.#timer = setTimeout(() => this.refresh(), EVERY);
    this.#changed();
  }

  #see({ serverTime, sessions, queues, seats, more }) {
    this.known = true;
    this.at = Date.parse(serverTime);
    this.ahead = this.at - Date.now();
    Object.assign(this, { sessions, queues, seats, more });
    const before = this.#history;
    this.#history = new Map(sessions.map((s) => {
      const sides = before.get(s.sessionId) ?? { customer: new Side(), agent: new Side() };
      sides.customer.take(partyOn(s, 'customer'), Date.now());
      sides.agent.take(partyOn(s, 'agent'), Date.now());
      return [s.sessionId, sides];
    }));
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #changed() { this.dispatchEvent(new Event('change')); }
}

const NOTHING = Object.freeze([]);

/** Who is heard on a side of a session, `customer` or `agent`; undefined where nobody is. */
export function partyOn(s, side) { return s.parties.find((p) => p.role === side && !p.left); }

/**
 * Side keeps what was received of one side: points of {at, loss, in percent since the point before, jitter, in
 * milliseconds, mos}. But for at they are null where nothing came.
 */
class Side {
  #party = '';
  #packets = 0;
  #lost = 0;
  /** Another array after each look. */
  points = [];

  /** Takes what is known of the party now; of a new one that is what came since its start. */
  take(party, at) {
    if (!party) {
      return;
    }
    const { id, packets, lost, jitterMs, roundTripMs = 0, codec } = party;
    if (id !== this.#party || packets < this.#packets) {
      this.#party = id;
      this.#packets = this.#lost = 0;
    }
    const came = packets - this.#packets;
    const missing = Math.max(0, lost - this.#lost);
    this.#packets = packets;
    this.#lost = lost;
    if (came === 0 && this.points.length === 0) {
      return;
    }
    const loss = (100 * missing) / (came + missing);
    const point = came === 0 ? { at, loss: null, jitter: null, mos: null }
      : { at, loss, jitter: jitterMs, mos: mos({ loss, jitter: jitterMs, delay: roundTripMs / 2, codec }) };
    this.points = [...this.points.filter((p) => p.at > at - KEPT), point];
  }
}

/**
 * Who is in a session: the customer's {number, name}; by user the seats that talk, those of them that are not in the
 * customer's place, and who supervises.
 */
export function whoIsIn(s) {
  const there = s.parties.filter((p) => !p.left);
  const users = (supervisors) => there
    .filter((p) => p.user && (p.role === 'supervisor') === supervisors).map((p) => p.user);
  const seats = users(false);
  const agents = seats.filter((user) => user !== farUser(s));
  return { customer: customerOf(s), seats, agents, supervisors: users(true) };
}

/** The seat that is in the customer's place: in an internal call the one that called. */
export function farUser(s) { return s.direction === 2 ? s.user : undefined; }

/** The far end of a session: who called, or was called from here; in an internal call the one who called. */
export function customerOf(s) {
  return s.direction === 1
    ? { number: s.calleePhoneNumber, name: s.calleeName ?? '' }
    : { number: s.callerPhoneNumber, name: s.callerName ?? '' };
}
