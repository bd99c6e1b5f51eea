// A login as it is now, from all that its client was told: what another tab is to know that takes part in it.

/** Events that are kept for a tab that has missed some, as the gateway does. */
const KEEP = 256;

/** Picture keeps the latest events, and what a snapshot would tell (docs/protocol.md). */
export class Picture {
  #login = null; // the data of the login's reply
  #recent = [];
  #sessions = new Map();
  #status = {};
  #latest = 0; // event's number
  #complete = false;

  /** Listens to a client, until the signal. */
  constructor(client, signal) {
    client.addEventListener('login', ({ detail }) => this.#loggedIn(detail), { signal });
    client.addEventListener('event', ({ detail }) => this.#take(detail), { signal });
    client.addEventListener('done', ({ detail }) => this.#done(detail), { signal });
  }

  /** Says that all is known: who is logged in, and one snapshot at least. */
  get complete() { return this.#complete; }

  /** The data of a reply to a login, as the gateway would answer it now; missed are the events that it resumes with. */
  login(missed) {
    const seat = { ...this.#login.seat, device: this.#status.device ?? this.#login.seat.device };
    return { ...this.#login, seat, resumed: Boolean(missed), seq: missed ? this.#latest : this.#latest - 1 };
  }

  /** The events that a tab has not had which resumes; null where they are not at hand. */
  since(resume) {
    const from = this.#recent[0]?.seq ?? this.#latest + 1;
    const { login, seq } = resume ?? {};
    const known = login === this.#login.login && Number.isInteger(seq) && seq >= from - 1;
    return known ? this.#recent.filter((e) => e.seq > seq) : null;
  }

  /** The event snapshot; isThere says of a tab whether it is still there. */
  snapshot(isThere) {
    const sessions = [...this.#sessions.values()].map(({ tab, transfer, ...session }) => ({
      ...session, ...transfer?.state && { transfer }, ...isThere(tab) && { tab },
    }));
    return { seq: this.#latest, event: 'snapshot', at: new Date().toISOString(), ...this.#status, sessions };
  }

  #loggedIn(data) {
    if (data.login !== this.#login?.login) {
      this.#complete = false;
      this.#recent = [];
    }
    this.#login = data;
  }

  #take(e) {
    this.#latest = e.seq;
    if (e.event === 'snapshot') {
      this.#recent = []; // nobody can go on from before it
      this.#complete = true;
    } else {
      this.#recent = [...this.#recent, e].slice(-KEEP);
    }
    this.#draw(e);
  }

  #draw(e) {
    const { sessionId } = e;
    switch (e.event) {
      case 'snapshot':
        this.#sessions = new Map(e.sessions.map((s) => [s.sessionId, s]));
        this.#status = statusOf(e);
        break;
      case 'statusChanged':
        this.#status = statusOf(e);
        break;
      case 'callIn':
        this.#sessions.set(sessionId, { ...sessionOf(e), incoming: true, accepted: false, status: 'ringing' });
        break;
      case 'callOuted':
        this.#sessions.set(sessionId, { ...sessionOf(e), incoming: false, accepted: true, status: 'ringing' });
        break;
      case 'monitor':
        this.#sessions.set(sessionId, {
          ...sessionOf(e), ...this.#sessions.get(sessionId), incoming: e.direction !== 1, accepted: true,
          status: 'inProgress', mode: e.mode,
        });
        break;
      case 'userAccessed':
        this.#joined(e);
        break;
      case 'calloutAccepted':
        this.#update(sessionId, { status: 'inProgress', answeredAt: e.at });
        break;
      case 'muted':
        this.#update(sessionId, { muted: e.muted });
        break;
      case 'held':
        if (e.userId === this.#login.seat.user) {
          this.#update(sessionId, { held: e.held });
        }
        break;
      case 'secureDigits':
        this.#update(sessionId, { secure: e.secure });
        break;
      case 'recording':
        this.#update(sessionId, { recording: e.state });
        break;
      case 'transfer':
        this.#transferred(e);
        break;
      case 'sessionEnded':
        this.#sessions.delete(sessionId);
        break;
    }
  }

  /** The seat is in the call; of one that it placed this says nothing about the far end. */
  #joined({ sessionId, at, ivrPath, skillGroupId, tab }) {
    const { incoming, answeredAt = at } = this.#sessions.get(sessionId) ?? {};
    const answered = incoming ? { status: 'inProgress', answeredAt } : {};
    this.#update(sessionId, {
      accepted: true, mode: undefined, ...answered, ...ivrPath && { ivrPath }, ...skillGroupId && { skillGroupId },
      ...tab && { tab },
    });
  }

  #transferred({ sessionId, state, to, userId }) {
    const known = this.#sessions.get(sessionId)?.transfer;
    const transfer = ['completed', 'cancelled', 'failed'].includes(state) ? undefined : {
      consult: false, swapped: false, ...known, state, to, userId, ...state === 'answered' && { consult: true },
    };
    this.#update(sessionId, { transfer });
  }

  /** What no event tells of a command. */
  #done({ type, members: { sessionId } }) {
    const { transfer } = this.#sessions.get(sessionId) ?? {};
    if (type === 'consult' || type === 'transfer') {
      this.#update(sessionId, { transfer: { ...transfer, consult: type === 'consult', swapped: false } });
    } else if (type === 'swap') {
      this.#update(sessionId, { transfer: { ...transfer, swapped: !transfer?.swapped } });
    }
  }

  #update(sessionId, members) {
    if (this.#sessions.has(sessionId)) {
      this.#sessions.set(sessionId, { ...this.#sessions.get(sessionId), ...members });
    }
  }
}

function statusOf({ status, since, until, wanted, reason, device, useMobile }) {
  return { status, since, until, wanted, reason, device, useMobile };
}

/** A session as an event describes it. */
function sessionOf({ seq, event, at, timeout, mode, ...session }) {
  const direction = session.type === 'internal' ? 2 : Number(event === 'callOuted');
  return { direction, startedAt: at, muted: false, ...session };
}
