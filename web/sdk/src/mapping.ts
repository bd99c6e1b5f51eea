// What the gateway's events (docs/protocol.md) are to a page.
import type { EventMap, EventName } from '../tccc';

/** An event as a page gets it. */
export type Told = { [Name in EventName]: { event: Name; fields: EventMap[Name] } }[EventName];

/** A message of the gateway; which members it has depends on event. */
export type Message = { event: string; sessionId: string; [member: string]: any };

/** A command that was carried out, see Client. */
export interface Done { type: string; members: Record<string, any>; data: any }

interface Session {
  type: 'phone' | 'internal';
  placed: boolean; // by the seat
  accepted: boolean;
  answered: boolean; // the far end of a placed one
  supervised: boolean;
}

/** Those that are passed on as they are, under the name that they have for a page, with these members. */
const PASSED: Record<string, [EventName, ...string[]]> = {
  autoTransfer: ['autoTransfer'],
  ringing: ['ringing'],
  earlyMedia: ['earlyMedia'],
  muted: ['muted', 'muted'],
  held: ['held', 'held', 'userId'],
  digit: ['digit', 'digit', 'secure'],
  secureDigits: ['secureDigits', 'secure'],
  recording: ['recording', 'state'],
  hearing: ['hearing', 'parties'],
  mediaLost: ['mediaLost', 'reason', 'userId'],
  mediaBack: ['mediaBack', 'userId'],
};

/** How many sessions that have ended are remembered. */
const PAST = 100;

/** Mapper turns messages into events, and sees that a snapshot tells what is new alone. */
export class Mapper {
  #sessions = new Map<string, Session>();
  #ended = new Set<string>(); // and not completed
  #past: string[] = []; // the latest that have ended
  #targets = new Map<string, { skillGroupId?: string; userId?: string }>(); // whom the seat hands sessions to
  #status = '';
  #reason?: string;

  /** Takes a command that was carried out: to whom a session is handed, no event tells in the page's words. */
  done({ type, members: { sessionId, skillGroupId, user } }: Done): void {
    if (type === 'transfer') {
      this.#targets.set(sessionId, { ...skillGroupId && { skillGroupId }, ...user && { userId: user } });
    }
  }

  /** Says that the session goes on, has ended (it may be one of the latest alone), or was never there. */
  state(sessionId: string): 'live' | 'ended' | 'unknown' {
    return this.#sessions.has(sessionId) ? 'live' : this.#past.includes(sessionId) ? 'ended' : 'unknown';
  }

  /** The page has done with a session that has ended. */
  complete(sessionId: string): Told[] { return this.#ended.delete(sessionId) ? [completed(sessionId)] : []; }

  take(m: Message): Told[] {
    const passed = PASSED[m.event];
    if (passed) {
      const [event, ...members] = passed;
      return [{ event, fields: pick(m, 'sessionId', ...members) } as Told];
    }
    switch (m.event) {
      case 'snapshot':
        return [...this.#snapshot(m.sessions), ...this.#statusChanged(m)];
      case 'statusChanged':
        return this.#statusChanged(m);
      case 'callIn':
        return this.#callIn(m);
      case 'callOuted':
        return this.#callOuted(m);
      case 'calloutAccepted':
        return this.#update(m.sessionId, { answered: true },
          { event: 'calloutAccepted', fields: { sessionId: m.sessionId } });
      case 'userAccessed':
        return this.#userAccessed(m);
      case 'monitor':
        this.#sessions.set(m.sessionId, { ...newSession(m), accepted: true, supervised: true });
        return [{ event: 'monitor', fields: pick(m, 'sessionId', 'mode') }];
      case 'transfer':
        return this.#transfer(m);
      case 'sessionEnded':
        return this.#sessionEnded(m);
      default:
        return [];
    }
  }

  #callIn(m: Message): Told[] {
    this.#sessions.set(m.sessionId, newSession(m));
    const members = m.type === 'internal' ? ['peerUserId'] : [
      'callerPhoneNumber', 'calleePhoneNumber', 'callerLocation', 'ivrPath', 'protectedCaller', 'protectedCallee',
      'skillGroupId',
    ];
    const fields = pick(m, 'sessionId', 'type', 'serverType', ...members) as EventMap['callIn'];
    const remark = m.remark ?? m.callerName;
    return [{ event: 'callIn', fields: { ...fields, timeout: m.timeout ?? 0, ...remark && { remark } } }];
  }

  #callOuted(m: Message): Told[] {
    this.#sessions.set(m.sessionId, { ...newSession(m), placed: true, accepted: true });
    const members = ['sessionId', 'callerPhoneNumber', 'calleePhoneNumber', 'serverType', 'peerUserId', 'skillGroupId',
      'protectedCallee', 'calleeLocation'];
    return [{ event: 'callOuted', fields: { ...pick(m, ...members), ...m.tab && { tabUUID: m.tab } } }];
  }

  /** To a seat that placed the call this says nothing: it is in it from the start. */
  #userAccessed({ sessionId, tab }: Message): Told[] {
    if (this.#sessions.get(sessionId)?.placed) {
      return [];
    }
    return this.#update(sessionId, { accepted: true, supervised: false },
      { event: 'userAccessed', fields: { sessionId, ...tab && { tabUUID: tab } } });
  }

  #update(sessionId: string, changes: Partial<Session>, told: Told): Told[] {
    const session = this.#sessions.get(sessionId) ?? newSession({ event: '', sessionId });
    this.#sessions.set(sessionId, { ...session, ...changes });
    return [told];
  }

  #transfer(m: Message): Told[] {
    const told: Told[] = [
      { event: 'transferChanged', fields: pick(m, 'sessionId', 'state', 'to', 'userId', 'reason') },
    ];
    if (m.state === 'completed') {
      const target = this.#targets.get(m.sessionId) ?? {};
      told.push({ event: 'transfer', fields: { ...pick(m, 'sessionId', 'userId'), ...target } });
    }
    return told;
  }

  #sessionEnded(m: Message): Told[] {
    const session = this.#sessions.get(m.sessionId) ?? newSession(m);
    this.#forget(m.sessionId);
    this.#past = [...this.#past, m.sessionId].slice(-PAST);
    const why = m.closeBy === 'admin' ? { mainReason: m.reason, ...m.detail && { subReason: m.detail } } : {};
    const { type } = session;
    const told: Told[] = [{
      event: 'sessionEnded', fields: { ...pick(m, 'sessionId', 'closeBy'), type, duration: m.duration ?? 0, ...why },
    }];
    if (session.supervised || !session.accepted) {
      return told; // there is no work after it
    }
    this.#ended.add(m.sessionId);
    return [...told, ...this.#completed()];
  }

  #forget(sessionId: string): void {
    this.#sessions.delete(sessionId);
    this.#targets.delete(sessionId);
  }

  #statusChanged({ status, reason }: Message): Told[] {
    const same = status === this.#status && reason === this.#reason;
    this.#status = status;
    this.#reason = reason;
    const told: Told[] = same ? [] :
      [{ event: 'statusChanged', fields: { status, ...status === 'rest' && reason && { restReason: reason } } }];
    return [...told, ...this.#completed()];
  }

  /** What has ended is completed when the seat is neither in a call nor at work after it. */
  #completed(): Told[] {
    if (this.#status === 'busy' || this.#status === 'arrange') {
      return [];
    }
    const told = [...this.#ended].map(completed);
    this.#ended.clear();
    return told;
  }

  /** All sessions as they are: tells what the page has missed. */
  #snapshot(sessions: Message[]): Told[] {
    const now = new Set(sessions.map((s) => s.sessionId));
    const gone = [...this.#sessions.keys()].filter((id) => !now.has(id));
    return [
      ...gone.flatMap((sessionId) => this.#sessionEnded({
        event: 'sessionEnded', sessionId, closeBy: 'admin', reason: 'unknown',
        detail: 'it ended while the gateway was out of reach',
      })),
      ...sessions.flatMap((s) => this.#missed(s)),
    ];
  }

  #missed(s: Message): Told[] {
    const { sessionId } = s;
    const known = this.#sessions.get(sessionId);
    if (s.mode) {
      return known ? [] : this.take({ ...s, event: 'monitor' });
    }
    const told: Told[] = [];
    if (!known) {
      told.push(...s.incoming ? this.#callIn(s) : this.#callOuted(s));
    }
    if (s.incoming && s.accepted && !known?.accepted) {
      told.push(...this.#userAccessed(s));
    }
    if (!s.incoming && s.status === 'inProgress' && !known?.answered) {
      told.push(...this.take({ event: 'calloutAccepted', sessionId }));
    }
    return told;
  }
}

function newSession(m: Message): Session {
  return { type: m.type ?? 'phone', placed: false, accepted: false, answered: false, supervised: false };
}

function completed(sessionId: string): Told { return { event: 'sessionCompleted', fields: { sessionId } }; }

/** Those of an object's members that are there. */
function pick(from: Message, ...members: string[]): any {
  return Object.fromEntries(members.filter((k) => from[k] !== undefined).map((k) => [k, from[k]]));
}
