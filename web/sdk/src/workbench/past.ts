// The calls that the seat has had, kept in the browser for each user.
import { read, write } from './kept';

/** How many are kept. */
export const MOST = 100;

/** How a call ended, for the seat. */
export type Outcome =
  'answered' | 'missed' | 'elsewhere' | 'rejected' | 'busy' | 'notAnswered' | 'cancelled' | 'failed';

/** One call. */
export interface Past {
  sessionId: string;
  at: number; // when it began, as Date.now()
  ended: number;
  incoming: boolean;
  number: string; // masked where the true one is kept from the seat
  masked: boolean;
  name: string;
  user?: string; // the other seat, of an internal call
  seconds: number; // since the answer
  outcome: Outcome;
}

/** What a call is when it ends, of what is known of it. */
export interface Ended { closeBy: string; reason?: string; duration?: number }

/** What a call is known by: a session may come to the seat twice. */
export function keyOf({ sessionId, ended }: Past): string { return `${sessionId} ${ended}`; }

/** Puts a call into the list, newest first; one that is there already (another tab was quicker) is replaced. */
export function added(calls: readonly Past[], call: Past): Past[] {
  return [call, ...calls.filter((c) => keyOf(c) !== keyOf(call))].slice(0, MOST);
}

/** How a call ended. */
export function outcomeOf(
  call: { incoming: boolean; accepted: boolean; answeredAt: number | null }, e: Ended,
): Outcome {
  if (call.incoming ? call.accepted : call.answeredAt) {
    return 'answered';
  }
  switch (e.reason) {
    case 'rejected': return 'rejected';
    case 'elsewhere': return 'elsewhere';
    case 'busy': return call.incoming ? 'missed' : 'busy';
    case 'noAnswer': return call.incoming ? 'missed' : 'notAnswered';
    default: return call.incoming ? 'missed' : e.closeBy === 'seat' ? 'cancelled' : 'failed';
  }
}

/** What one would call to call again: nothing where the number is masked. */
export function again({ number, masked, user }: Past): { number?: string; user?: string } | null {
  if (user) {
    return { user };
  }
  return number && !masked ? { number } : null;
}

const nameOf = (user: string) => `seatbridge.calls.${user}`;

export function pastOf(user: string): Past[] {
  const kept = read<unknown>(nameOf(user), []);
  return Array.isArray(kept) ? kept as Past[] : [];
}

/** Read anew each time: another tab may have written. */
export function keep(user: string, call: Past): Past[] {
  const calls = added(pastOf(user), call);
  write(nameOf(user), calls);
  return calls;
}

export function forget(user: string): void { write(nameOf(user), []); }
