// The sessions that go on at the gateway, for those who may supervise them.

/** Milliseconds from one look to the next. */
const EVERY = 2_000;

/** Says that a seat of this role (docs/protocol.md) may supervise. */
export function maySupervise(seat) { return seat?.role === 1 || seat?.role === 2; }

/** Live asks for the sessions while it is open; it dispatches `change` whenever what it shows may have changed. */
export class Live extends EventTarget {
  #get;
  #getToken;
  #seat = null; // while it is open: {user, demo}
  #token = null;
  #timer = null;
  /** As `GET /api/v1/sessions` tells them. */
  sessions = [];
  /** Why there is nothing to see, for people. */
  problem = '';
  /** No token was given yet, or it is too old, and the demo is off. */
  wantsPassword = false;

  /** getToken(user, password) resolves with a token for operations; get is fetch. Both are given by tests. */
  constructor({ getToken, get = (...request) => fetch(...request) }) {
    super();
    this.#getToken = getToken;
    this.#get = get;
  }

  get isOpen() { return this.#seat !== null; }

  get(sessionId) { return this.sessions.find((s) => s.sessionId === sessionId); }

  /** Begins to look for a user; demo says that no password is needed. */
  open(user, demo) {
    this.close();
    this.#seat = { user, demo };
    return this.#look();
  }

  /** Goes on with the password that was asked for. */
  async unlock(password) {
    const seat = this.#seat;
    const token = await this.#getToken(seat.user, password);
    if (seat === this.#seat) {
      this.#token = token;
      await this.#look();
    }
  }

  close() {
    clearTimeout(this.#timer);
    this.#seat = this.#token = null;
    this.sessions = [];
    this.problem = '';
    this.wantsPassword = false;
    this.#changed();
  }

  async #look() {
    const seat = this.#seat;
    this.wantsPassword = !this.#token && !seat.demo;
    if (this.wantsPassword) {
      this.#changed();
      return;
    }
    const [sessions, problem] = await this.#ask(seat).then((s) => [s, ''], (error) => [[], error.message]);
    if (seat !== this.#seat) {
      return; // it was closed meanwhile
    }
    this.sessions = sessions;
    this.problem = problem;
    this.#timer = setTimeout(() => this.#look(), EVERY);
    this.#changed();
  }

  async #ask(seat) {
    const token = this.#token ?? await this.#getToken(seat.user);
    const response = await this.#get('/api/v1/sessions', { headers: { Authorization: `Bearer ${token}` } });
    const answer = await response.json();
    if (seat === this.#seat) {
      this.#token = response.status === 401 ? null : token; // too old: the next look gets another
    }
    if (!response.ok) {
      throw new Error(answer.error.message);
    }
    return answer.sessions;
  }

  #changed() { this.dispatchEvent(new Event('change')); }
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
