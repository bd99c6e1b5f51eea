// The seat's calls, as the gateway's events tell them.

/** Calls keeps what the page knows of each session; it dispatches `change` whenever that changes. */
export class Calls extends EventTarget {
  #byID = new Map();

  /** Takes every event of the client. */
  constructor(client) {
    super();
    client.addEventListener('event', ({ detail }) => this.#take(detail));
  }

  /** All calls, oldest first. */
  get all() { return [...this.#byID.values()]; }

  /** The calls that ring here and wait for an answer. */
  get ringing() { return this.all.filter((c) => !c.accepted); }

  /** The call that the seat is in, or the one that it places. */
  get current() { return this.all.find((c) => c.accepted); }

  get(sessionId) { return this.#byID.get(sessionId); }

  /** What the page did itself, before the gateway's event tells it. */
  update(sessionId, members) {
    if (this.#byID.has(sessionId)) {
      this.#put({ ...this.#byID.get(sessionId), ...members });
    }
  }

  /** The reply to the command call. */
  placed(session) {
    if (!this.#byID.has(session.sessionId)) {
      this.#put(fromSession(session));
    }
  }

  clear() {
    this.#byID.clear();
    this.#changed();
  }

  #take(e) {
    const at = Date.parse(e.at);
    switch (e.event) {
      case 'snapshot':
        this.#byID = new Map(e.sessions.map((s) => [s.sessionId, fromSession(s)]));
        this.#changed();
        break;
      case 'callIn':
        this.#put({ ...fromOffer(e), incoming: true, accepted: false, status: 'ringing' });
        break;
      case 'callOuted':
        this.#put({ ...fromOffer(e), incoming: false, accepted: true, status: 'calling' });
        break;
      case 'ringing':
        this.update(e.sessionId, { status: 'ringing' });
        break;
      case 'earlyMedia':
        this.update(e.sessionId, { status: 'earlyMedia' });
        break;
      case 'calloutAccepted':
        this.update(e.sessionId, { status: 'inProgress', answeredAt: at });
        break;
      case 'userAccessed':
        this.#joined(e.sessionId, at);
        break;
      case 'muted':
        this.update(e.sessionId, { muted: e.muted });
        break;
      case 'digit':
        this.update(e.sessionId, { digits: this.#byID.get(e.sessionId)?.digits + (e.digit ?? '•') });
        break;
      case 'mediaLost':
        this.update(e.sessionId, { silent: true });
        break;
      case 'mediaBack':
        this.update(e.sessionId, { silent: false });
        break;
      case 'held':
        this.update(e.sessionId, { held: e.held });
        break;
      case 'transfer':
        this.update(e.sessionId, { transfer: e.state });
        break;
      case 'secureDigits':
        this.update(e.sessionId, { secure: e.secure });
        break;
      case 'monitor':
        this.#supervise(e);
        break;
      case 'sessionEnded':
        if (this.#byID.delete(e.sessionId)) {
          this.#changed();
        }
        break;
    }
  }

  /** The seat supervises; its microphone is sent from the beginning, and heard as the mode says. */
  #supervise(e) {
    const known = this.#byID.get(e.sessionId) ?? { ...fromOffer({ ...e, event: 'callIn' }), incoming: false };
    this.#put({ ...known, accepted: true, status: 'inProgress', mode: e.mode });
  }

  /** The seat is in the call; of one that it placed this says nothing about the far end. */
  #joined(sessionId, at) {
    const joined = this.#byID.get(sessionId)?.incoming ? { status: 'inProgress', answeredAt: at } : {};
    this.update(sessionId, { accepted: true, mode: undefined, ...joined });
  }

  #put(call) {
    this.#byID.set(call.sessionId, call);
    this.#changed();
  }

  #changed() { this.dispatchEvent(new Event('change')); }
}

function fromOffer(e) {
  const incoming = e.event === 'callIn';
  return {
    sessionId: e.sessionId,
    number: incoming ? e.callerPhoneNumber : e.calleePhoneNumber,
    name: (incoming ? e.callerName : e.calleeName) ?? e.peerUserId ?? '',
    ours: incoming ? e.calleePhoneNumber : e.callerPhoneNumber,
    type: e.type,
    muted: false,
    silent: false,
    held: false,
    digits: '', // that the other side pressed; a dot for one that is kept back
    answeredAt: null,
  };
}

function fromSession(s) {
  return {
    ...fromOffer({ ...s, event: s.incoming ? 'callIn' : 'callOuted' }),
    incoming: s.incoming,
    accepted: s.accepted,
    muted: s.muted,
    held: s.held ?? false,
    holding: s.held ?? false,
    secure: s.secure ?? false,
    mode: s.mode,
    status: s.status === 'ringing' && !s.incoming ? 'calling' : s.status,
    answeredAt: s.answeredAt ? Date.parse(s.answeredAt) : null,
  };
}
