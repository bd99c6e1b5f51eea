// The seat's calls, as the gateway's events tell them.
import { customerOf, farUser, whoIsIn } from './live.js';

/** Calls keeps what the page knows of each session; it dispatches `change` whenever that changes. */
export class Calls extends EventTarget {
  #byID = new Map();
  #user; // whose calls they are

  /** Takes every event of the client. */
  constructor(client) {
    super();
    client.addEventListener('event', ({ detail }) => this.#take(detail));
    client.addEventListener('done', ({ detail }) => this.#done(detail));
    client.addEventListener('login', ({ detail }) => { this.#user = detail.seat.user; });
  }

  /** All calls, oldest first. */
  get all() { return [...this.#byID.values()]; }

  /** The calls that ring here and wait for an answer. */
  get ringing() { return this.all.filter((c) => !c.accepted); }

  /** The call that the seat is in, or the one that it places; where there is none, one that it supervises. */
  get current() {
    const accepted = this.all.filter((c) => c.accepted);
    return accepted.find((c) => !c.mode) ?? accepted[0];
  }

  /** Says that the page's sound is for somebody; a monitor's is for nobody, and a mobile has its own. */
  get voiced() { return this.all.some((c) => c.accepted && c.mode !== 'monitor' && !isAtMobile(c)); }

  get(sessionId) { return this.#byID.get(sessionId); }

  update(sessionId, members) {
    if (this.#byID.has(sessionId)) {
      this.#put({ ...this.#byID.get(sessionId), ...members });
    }
  }

  /** The reply to the command monitor; live is the session as the wall knows it, or undefined. */
  supervised(sessionId, live) {
    const mode = this.#byID.get(sessionId)?.mode ?? 'monitor';
    this.#supervise(live ?? { sessionId }, {
      mode, ...live && { with: whoIsIn(live).agents.join(', '), far: farUser(live) },
    });
  }

  clear() {
    this.#byID.clear();
    this.#changed();
  }

  /** What a command has come to, before the gateway's events tell it, or without any. */
  #done({ type, members: { sessionId }, data }) {
    switch (type) {
      case 'call':
        if (!this.#byID.has(data.sessionId)) {
          this.#put(fromSession(data));
        }
        break;
      case 'mute':
      case 'unmute':
        this.update(sessionId, { muted: data.muted });
        break;
      case 'transfer':
      case 'completeTransfer':
        this.update(sessionId, { consult: false });
        break;
      case 'consult':
        this.update(sessionId, { consult: true });
        break;
      case 'swap':
        this.update(sessionId, { swapped: !this.get(sessionId)?.swapped });
        break;
      case 'intercept':
        this.update(sessionId, { mode: undefined });
        break;
    }
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
        this.update(e.sessionId, { digits: this.#byID.get(e.sessionId)?.digits + (e.secure ? '•' : e.digit) });
        break;
      case 'mediaLost':
        this.update(e.sessionId, { silent: true, silentWhy: e.reason, silentUser: e.userId });
        break;
      case 'mediaBack':
        this.update(e.sessionId, { silent: false });
        break;
      case 'held':
        this.update(e.sessionId, e.userId === this.#user ? { held: e.held } : { onHold: e.held });
        break;
      case 'transfer':
        this.#transferred(e);
        break;
      case 'secureDigits':
        this.update(e.sessionId, { secure: e.secure });
        break;
      case 'recording':
        this.update(e.sessionId, { recording: e.state });
        break;
      case 'monitor':
        this.#supervise(e, { mode: e.mode });
        break;
      case 'hearing':
        this.#heard(e);
        break;
      case 'sessionEnded':
        if (this.#byID.delete(e.sessionId)) {
          this.#changed();
        }
        break;
    }
  }

  /** The seat supervises a session, of which event and wall tell the same; whichever comes first is taken. */
  #supervise(session, members) {
    const known = this.#byID.get(session.sessionId);
    const call = known?.type ? known : fromSupervised(session);
    this.#put({ ...call, ...members, accepted: true, status: 'inProgress' });
  }

  /** Who talks in a session that the seat supervises, and hears now: it may have been handed over. */
  #heard({ sessionId, parties }) {
    const call = this.#byID.get(sessionId);
    if (!call?.mode) {
      return;
    }
    const agents = parties.filter((p) => p.userId && p.role !== 'supervisor' && p.userId !== call.far);
    const names = agents.map((p) => p.userId).join(', ');
    this.#put({ ...call, hears: true, with: names || call.with });
  }

  /** How far a transfer is. The consulted is who the seat talks to first; only one that is consulted answers. */
  #transferred({ sessionId, state, to, userId }) {
    const members = { transfer: state, transferTo: userId || to };
    if (state === 'started') {
      members.swapped = false;
    } else if (state === 'answered') {
      members.consult = true;
    } else if (!isUnderWay(state)) {
      members.consult = false;
    }
    this.update(sessionId, members);
  }

  /** The seat is in the call; of one that it placed this says nothing about the far end. */
  #joined(sessionId, at) {
    const { incoming, mode, answeredAt } = this.#byID.get(sessionId) ?? {};
    const joined = incoming && !mode ? { status: 'inProgress', answeredAt: answeredAt ?? at } : {};
    this.update(sessionId, { accepted: true, mode: undefined, ...joined });
  }

  #put(call) {
    this.#byID.set(call.sessionId, call);
    this.#changed();
  }

  #changed() { this.dispatchEvent(new Event('change')); }
}

/** Says that the seat has the call at its mobile, whatever its device is. */
export function isAtMobile(call) { return call.device === 'staffPhoneSeat'; }

/** Says that a call in this state of a transfer is being handed over. */
export function isUnderWay(transfer) { return ['started', 'ringing', 'answered'].includes(transfer); }

function fromOffer(e) {
  const incoming = e.event === 'callIn';
  return {
    sessionId: e.sessionId,
    number: (incoming ? e.callerPhoneNumber : e.calleePhoneNumber) ?? '',
    masked: Boolean(incoming ? e.protectedCaller : e.protectedCallee), // the number is not the true one
    name: (incoming ? e.callerName : e.calleeName) ?? (e.type === 'internal' ? e.peerUserId : undefined) ?? '',
    location: (incoming ? e.callerLocation : e.calleeLocation) ?? '',
    peer: e.peerUserId ?? '', // the seat at the other end, or that hands the caller over
    remark: e.remark ?? '',
    ours: incoming ? e.calleePhoneNumber : e.callerPhoneNumber,
    group: e.skillGroupId ?? '',
    path: (e.ivrPath ?? []).map(({ key, label }) => label || key).join(' › '),
    type: e.type,
    device: e.serverType, // where the seat has it
    muted: false,
    silent: false,
    held: false, // the seat holds the other side
    onHold: false, // the other side holds the seat
    secure: false,
    digits: '', // that the other side pressed
    answeredAt: null,
  };
}

/** A session that the seat supervises, or an event of it: the far end is the customer's. */
function fromSupervised(s) {
  const incoming = s.direction !== 1;
  const { number = '', name } = customerOf(s);
  return {
    ...fromOffer({ ...s, event: incoming ? 'callIn' : 'callOuted' }), number, name, incoming,
    answeredAt: Date.parse(s.answeredAt) || null,
  };
}

function fromSession(s) {
  return {
    ...fromOffer({ ...s, event: s.incoming ? 'callIn' : 'callOuted' }),
    incoming: s.incoming,
    accepted: s.accepted,
    muted: s.muted,
    held: s.held ?? false,
    secure: s.secure ?? false,
    recording: s.recording,
    ...s.transfer && {
      transfer: s.transfer.state, transferTo: s.transfer.userId || s.transfer.to,
      consult: s.transfer.consult, swapped: s.transfer.swapped,
    },
    ...s.mode && { ...fromSupervised(s), mode: s.mode, with: s.peerUserId ?? '' },
    status: s.status === 'ringing' && !s.incoming ? 'calling' : s.status,
    answeredAt: s.answeredAt ? Date.parse(s.answeredAt) : null,
  };
}
