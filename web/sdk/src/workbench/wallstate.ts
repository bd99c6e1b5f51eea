// What a supervisor has chosen on the wall, and what its buttons do.
import { maySupervise } from '../../../phone/live.js';
import type { Model } from './model';
import { type Action, type Order, type Row, allowed, rowOf } from './walldata';

/** Milliseconds that another session may take to be left, and the seat's device to be in the next. */
const LEAVING = 2_000;
const JOINING = 3_000;

export class WallState {
  search = '';
  group = ''; // a skillGroupId; empty: all
  seatStatus = 'there'; // see seatMatches
  order: Order = 'since';
  down = false;
  selected = ''; // the session whose details are shown
  focused = ''; // the session in the table that the keyboard is at
  acting = ''; // the session that something is being done with
  second = 0; // that the clocks were moved to
  reached = ''; // the selected session, once its row is in sight

  /** Sorts by a column; again, the other way round. */
  sortBy(order: Order): void {
    this.down = order === this.order && !this.down;
    this.order = order;
  }
}

/** Looks while the wall is open, and only then. */
export function watchLive({ place, alone, looks: { shown }, phone: { live, seat } }: Model): void {
  const open = alone || (shown.all && shown.workbench);
  const wanted = open && place === 'wall' && maySupervise(seat);
  if (wanted !== live.isOpen) {
    if (wanted) {
      live.open();
    } else {
      live.close();
    }
  }
}

/** What a user is called; the user itself where the wall does not know. */
export function nameIn(model: Model): (user: string) => string {
  const names = new Map<string, string>(model.phone.live.seats.map((s: any) => [s.user, s.name]));
  return (user) => names.get(user) || user;
}

/** What one may do with a session now. */
export function actionsOf(model: Model, row: Row): Action[] {
  return allowed(row.state, modeOf(model, row.id), isMine(model, row));
}

/** How the seat supervises a session; undefined where it does not. */
export function modeOf(model: Model, id: string): string | undefined { return model.phone.calls.get(id)?.mode; }

/** Says that the seat talks in the session. */
export function isMine({ phone }: Model, { session }: Row): boolean {
  const call = phone.calls.get(session.sessionId);
  return call ? !call.mode : session.parties.some((p) => p.user === phone.seat?.user && p.role !== 'supervisor');
}

/** Does something with a session, if the latest look allows it. Whoever does not listen yet does that first. */
export async function actOn(model: Model, id: string, what: Action): Promise<void> {
  const state = model.wall;
  const session = model.phone.live.get(id);
  const row = session && rowOf(session, (user) => user);
  if (!row || state.acting || model.phone.connection !== 'open' || !actionsOf(model, row).includes(what)) {
    return;
  }
  state.acting = id;
  model.changed();
  await model.attempt(async () => {
    const listens = modeOf(model, id) !== undefined;
    if (!listens) {
      await listen(model, id, what);
    }
    if (listens || what !== 'monitor') {
      await model.call[what]({ sessionId: id });
    }
  });
  state.acting = '';
  model.phone.live.refresh();
  model.changed();
}

/** Listens to a session, and to no other any more. To take it over, the seat's device has to be in it. */
async function listen(model: Model, id: string, what: Action): Promise<void> {
  const { phone: { calls }, call } = model;
  await leaveOthers(model);
  model.wall.selected = id;
  await call.monitor({ sessionId: id });
  if (what === 'intercept') {
    await until(calls, () => !calls.get(id) || calls.get(id).hears, JOINING);
  }
}

/** Leaves what is supervised: a seat has no more of it than call slots. */
async function leaveOthers({ phone: { calls }, call }: Model): Promise<void> {
  for (const { sessionId } of calls.all.filter((c) => c.mode)) {
    await call.stopMonitor({ sessionId });
    await until(calls, () => !calls.get(sessionId), LEAVING);
  }
}

/** Waits until something is so with the calls, for so many milliseconds at most. */
async function until(calls: Model['phone']['calls'], isSo: () => boolean, ms: number): Promise<void> {
  const stop = AbortSignal.timeout(ms);
  while (!isSo() && !stop.aborted) {
    await new Promise<void>((resolve) => {
      calls.addEventListener('change', () => resolve(), { once: true, signal: stop });
      stop.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}
