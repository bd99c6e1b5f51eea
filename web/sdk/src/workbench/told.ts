// The state of a call and of a seat, and the gateway's events, in words.
import { isUnderWay } from '../../../phone/calls.js';
import type { Words } from './words';

/** A call as Calls keeps it. */
export type Kept = any; // what the page's modules in JavaScript make

/** What a seat is doing. */
export function statusWord({ status, reason }: { status: string; reason?: string }, { desk }: Words): string {
  return (status === 'rest' && reason && (desk.reasons[reason] ?? reason)) || (desk.statuses[status] ?? status);
}

/** What is so until the seat is what it is asked to be; nothing where it is, or only waits for its call to end. */
export function meanwhile(status: any, words: Words): string {
  switch (status.status) {
    case 'busy':
      return status.wanted === 'free' ? '' : words.desk.after(statusWord({ ...status, status: status.wanted }, words));
    case status.wanted: return status.until ? words.desk.statuses.arrange! : '';
    default: return statusWord({ status: status.status }, words);
  }
}

/** What a call is doing. */
export function callState(call: Kept, connection: string, { call: words }: Words): string {
  if (connection !== 'open') {
    return words.reconnecting;
  }
  if (call.mode) {
    return words.mode[call.mode] ?? call.mode;
  }
  if (call.silent) {
    return words.soundLost;
  }
  if (isUnderWay(call.transfer)) {
    return handingOver(call, words);
  }
  if (call.held) {
    return words.onHold;
  }
  return call.onHold ? words.youAreOnHold : words.state[call.status] ?? call.status;
}

function handingOver({ transfer, transferTo: to, consult, swapped }: Kept, words: Words['call']): string {
  if (!consult) {
    return transfer === 'ringing' ? words.transferRings(to) : words.transferring(to);
  }
  switch (transfer) {
    case 'started': return words.asking(to);
    case 'ringing': return words.askingRings(to);
    default: return swapped ? words.back(to) : words.consulting(to);
  }
}

/** Says what an event of the gateway's means, or nothing where it is not for people. */
export function describe(e: any, call: Kept | undefined, all: Words): string {
  const words = all.told;
  const who: string = call?.name || call?.number || e.callerPhoneNumber || '';
  switch (e.event) {
    case 'callIn': return words.callFrom(e.callerName || e.callerPhoneNumber || e.peerUserId);
    case 'callOuted': return words.calling(e.calleeName || e.calleePhoneNumber || e.peerUserId);
    case 'ringing': return words.rings;
    case 'earlyMedia': return words.earlyMedia;
    case 'calloutAccepted': return words.answered(who || words.otherSide);
    case 'userAccessed': return words.inCall;
    case 'muted': return e.muted ? words.muted : words.unmuted;
    case 'held': return e.held ? words.held : words.goesOn;
    case 'digit': return words.pressed(who || words.otherSide, e.secure ? words.aSecret : e.digit);
    case 'secureDigits': return e.secure ? words.secure : words.shown;
    case 'recording': return words.recording[e.state] ?? '';
    case 'transfer': return transferred(e, words);
    case 'monitor': return all.call.mode[e.mode] ?? '';
    case 'mediaLost': return call?.mode ? '' : words.soundLost(e.reason);
    case 'mediaBack': return call?.mode ? '' : words.soundBack;
    case 'autoTransfer': return words.missed(who || words.somebody);
    case 'statusChanged': return e.status === 'busy' ? '' : words.status(statusWord(e, all));
    case 'kickedOut': return e.reason === 'deleted' ? words.deleted : '';
    case 'sessionEnded': return ended(e, call, words);
    default: return '';
  }
}

function transferred({ state, to, userId, reason }: any, words: Words['told']): string {
  const who = userId || to;
  if (state === 'failed') {
    return words.notTaken(who, reason && (words.reasons[reason] ?? reason));
  }
  return words.transfer[state]?.(who) ?? '';
}

function ended({ closeBy, reason, detail, duration }: any, call: Kept | undefined, words: Words['told']): string {
  switch (true) {
    case reason === 'transferred': return words.handedOver;
    case reason === 'intercepted': return words.takenOver(detail ?? '');
    case Boolean(call?.mode) && closeBy === 'seat': return words.stopped;
  }
  const why = reason && reason !== 'normal' ? words.reasons[reason] ?? reason : '';
  return words.ended(words.by[closeBy] ?? '', why, Math.round(duration ?? 0));
}

/** What is wrong, as the user reads it: a code that we have words for, with the gateway's own sentence beside it. */
export function complaint(error: { message: string; code?: string }, { told }: Words): string {
  const sentence = told.sentences[error.message];
  const code = error.code && told.codes[error.code];
  return sentence ?? (code ? `${code}(${error.message})` : error.message);
}
