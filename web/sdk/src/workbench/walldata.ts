// What the wall is made of, as the gateway's command `wall` tells it (docs/protocol.md), and what is made of that to be
// shown. Nothing here knows the page.
import { customerOf, whoIsIn } from '../../../phone/live.js';
import { gradeOf } from '../../../phone/mos.js';

export interface Party {
  id: string; role: string; user?: string; mode?: string; muted?: boolean; held?: boolean; answered?: boolean;
  hears?: string[]; sound?: string; kind: string; codec?: string;
}
export interface Session {
  sessionId: string; direction: number; status: string; skillGroupId?: string; group?: string; waiting?: boolean;
  inMenu?: boolean; secure?: boolean; trunk?: string; user?: string; startedAt: string; answeredAt?: string;
  parties: Party[];
}
export interface Queue {
  group: number; name: string; open: boolean; waiting: number; ringing: number; longest: number;
  statuses: Record<string, number>;
}
export interface Seat {
  user: string; name: string; device: string; there: boolean; status: string; reason?: string; since: string;
  wanted: string; sessions: string[]; skillGroupIds: string[];
}
/** What was received of a side: see Live. */
export interface Point { at: number; loss: number | null; jitter: number | null; mos: number | null }

/** What a supervisor does with a session: the function of tccc.Call, and the key for it. */
export const ACTIONS = [
  { do: 'monitor', key: 'l', mode: 'monitor' },
  { do: 'whisper', key: 'w', mode: 'whisper' },
  { do: 'barge', key: 'b', mode: 'barge' },
  { do: 'intercept', key: 't', mode: '' },
  { do: 'stopMonitor', key: 's', mode: '' },
] as const;
export type Action = typeof ACTIONS[number]['do'];

export type State = 'menu' | 'waiting' | 'ringing' | 'inProgress' | 'held' | 'consult';

/** Where a session stands, for people. */
export function stateOf(s: Session): State {
  if (s.inMenu) {
    return 'menu';
  }
  if (s.waiting) {
    return 'waiting';
  }
  if (s.status !== 'inProgress') {
    return 'ringing';
  }
  if (s.parties.some((p) => p.role === 'consulted')) {
    return 'consult';
  }
  return s.parties.some((p) => p.held) ? 'held' : 'inProgress';
}

/** A session in the table. */
export interface Row {
  id: string;
  session: Session;
  customer: string; // the name, or the number
  number: string; // where there is a name too
  agents: string[]; // their names
  supervisors: Party[];
  state: State;
  since: number; // when it was answered, or else began, in milliseconds
}

/** nameOf says what a user is called. */
export function rowOf(session: Session, nameOf: (user: string) => string): Row {
  const { customer, agents } = whoIsIn(session as never);
  return {
    id: session.sessionId, session, agents: agents.map(nameOf), state: stateOf(session),
    customer: customer.name || customer.number, number: customer.name ? customer.number : '',
    supervisors: session.parties.filter((p) => p.role === 'supervisor'),
    since: Date.parse(session.answeredAt ?? session.startedAt),
  };
}

/** What a seat may do with a session: mode is how it supervises already; mine says that it talks in it. */
export function allowed(state: State, mode: string | undefined, mine: boolean): Action[] {
  if (mine) {
    return [];
  }
  const all = ACTIONS.map((a) => a.do);
  if (mode) {
    return all;
  }
  return ['inProgress', 'held', 'consult'].includes(state) ? all.filter((a) => a !== 'stopMonitor') : [];
}

export type Order = 'since' | 'customer' | 'agent' | 'group' | 'state' | 'quality';
const STATES: State[] = ['waiting', 'menu', 'ringing', 'inProgress', 'held', 'consult'];
const GRADES = ['poor', 'fair', 'good', 'none'];

/** Rows in an order; whatever is equal there stays in the order of its beginning, so that nothing jumps. */
export function sorted(rows: Row[], order: Order, down: boolean, worst: (row: Row) => number | null): Row[] {
  const keys: Record<Order, (r: Row) => string | number> = {
    since: (r) => r.since,
    customer: (r) => r.customer.toLowerCase(),
    agent: (r) => r.agents.join().toLowerCase(),
    group: (r) => (r.session.group ?? '').toLowerCase(),
    state: (r) => STATES.indexOf(r.state),
    quality: (r) => GRADES.indexOf(gradeOf(worst(r))), // by grades: a score changes at each look
  };
  const key = keys[order];
  const direction = down ? -1 : 1;
  return [...rows].sort((a, b) =>
    direction * compare(key(a), key(b)) || compare(began(a), began(b)) || compare(a.id, b.id));
}

function began(r: Row): number { return Date.parse(r.session.startedAt); }

function compare(a: string | number, b: string | number): number { return a < b ? -1 : a > b ? 1 : 0; }

/** Says that one of these texts has what is searched for, however it is written. */
export function matches(search: string, ...texts: (string | undefined)[]): boolean {
  const wanted = search.trim().toLowerCase();
  return wanted === '' || texts.some((t) => t?.toLowerCase().includes(wanted));
}

export function rowMatches(r: Row, search: string, group: string): boolean {
  const { number } = customerOf(r.session as never);
  return (group === '' || r.session.skillGroupId === group)
    && matches(search, r.customer, number, r.session.group, ...r.agents, ...r.session.parties.map((p) => p.user));
}

/** status is one of a seat's, or `there`: all but offline, or empty: all. */
export function seatMatches(s: Seat, search: string, group: string, status: string, groupNames: string[]): boolean {
  return (group === '' || s.skillGroupIds.includes(group))
    && (status === '' || s.status === status || (status === 'there' && s.status !== 'offline'))
    && matches(search, s.name, s.user, ...groupNames);
}

/** For how long something has been so: 0:07, 12:34, 1:02:03. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
