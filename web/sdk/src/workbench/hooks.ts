// For tests and for curious people: the same as the buttons do.
import type { Phone } from '../../../phone/phone.js';

/** How many events are kept. */
const MOST = 10_000;

export function hooks(phone: Phone, root: ShadowRoot) {
  const events: unknown[] = []; // of the gateway, the latest
  phone.addEventListener('event', (e) => {
    events.push((e as CustomEvent).detail);
    events.splice(0, events.length - MOST);
  });
  return {
    /** What the page knows: connection, media, mic, seat, calls. */
    get state() {
      const { connection, media, micProblem, seat, status, calls } = phone;
      const { current, ringing, all } = calls;
      return {
        connection, media, micProblem, user: seat?.user ?? null, seat, status, calls: all, current: current ?? null,
        ringing, sounding: phone.sound.running,
      };
    },
    events,
    /** What is seen is in here. */
    root,
    login: (user: string, password?: string) => phone.login(user, password),
    logout: () => phone.logout(),
    call: (to: unknown) => phone.call(to),
    accept: (sessionId?: string) => phone.accept(sessionId),
    hangup: (sessionId?: string) => phone.hangup(sessionId),
    digits: (digits: string, sessionId?: string) => phone.digits(digits, sessionId),
    mute: (on?: boolean, sessionId?: string) => phone.mute(on, sessionId),
    hold: (sessionId?: string) => phone.hold(sessionId),
    unhold: (sessionId?: string) => phone.unhold(sessionId),
    secureDigits: (on?: boolean, sessionId?: string) => phone.secureDigits(on, sessionId),
    transfer: (to: unknown, sessionId?: string) => phone.transfer(to, sessionId),
    consult: (to: unknown, sessionId?: string) => phone.consult(to, sessionId),
    complete: (sessionId?: string) => phone.complete(sessionId),
    cancelTransfer: (sessionId?: string) => phone.cancelTransfer(sessionId),
    swap: (sessionId?: string) => phone.swap(sessionId),
    monitor: (sessionId: string) => phone.monitor(sessionId),
    whisper: (sessionId?: string) => phone.whisper(sessionId),
    barge: (sessionId?: string) => phone.barge(sessionId),
    intercept: (sessionId?: string) => phone.intercept(sessionId),
    stopMonitor: (sessionId?: string) => phone.stopMonitor(sessionId),
    /** Any command of docs/protocol.md, about the current call where no sessionId is given. */
    command: (type: string, members?: object) =>
      phone.client.command(type, { sessionId: phone.calls.current?.sessionId, ...members }),
    setStatus: (status: string, reason?: string) => phone.setStatus(status, reason),
    groups: () => phone.getGroups(),
    levels: () => phone.levels(),
    analysers: () => phone.sound.analysers,
    stats: () => phone.stats(),
  };
}
