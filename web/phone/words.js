// The state of a call, and the gateway's events, in words.
import { isUnderWay } from './calls.js';

const CALL = {
  calling: 'Calling', ringing: 'Ringing', earlyMedia: 'Ringing', seatJoining: 'Your phone rings', inProgress: 'In call',
};
const MODE = { monitor: 'Listening', whisper: 'Whispering to the agent', barge: 'Speaking to both' };

const STATUS = {
  offline: 'Offline', free: 'Free', busy: 'In a call', arrange: 'After-call work', notReady: 'Not ready', rest: 'Rest',
};

/** What a seat is doing. */
export function statusWord({ status, reason }) {
  return (status === 'rest' && reason) || (STATUS[status] ?? status);
}

/** What is so until the seat is what it is asked to be; nothing where it is, or only waits for its call to end. */
export function meanwhile(status) {
  switch (status.status) {
    case 'busy': return status.wanted === 'free' ? '' : 'After this call';
    case status.wanted: return status.until ? STATUS.arrange : '';
    default: return statusWord(status);
  }
}

/** What a call is doing. */
export function callState(call, connection) {
  if (connection !== 'open') {
    return 'Reconnecting';
  }
  if (call.mode) {
    return MODE[call.mode] ?? call.mode;
  }
  if (call.silent) {
    return 'Sound is lost';
  }
  if (isUnderWay(call.transfer)) {
    return handingOver(call);
  }
  if (call.held) {
    return 'On hold';
  }
  return call.onHold ? 'You are on hold' : CALL[call.status] ?? call.status;
}

function handingOver({ transfer, transferTo: to, consult, swapped }) {
  if (!consult) {
    return transfer === 'ringing' ? `Transferring: it rings at ${to}` : `Transferring to ${to}`;
  }
  switch (transfer) {
    case 'started': return `Asking ${to}`;
    case 'ringing': return `Asking ${to}: it rings there`;
    default:
      return swapped ? `Back with the caller, ${to} waits` : `Consulting ${to}, the caller waits`;
  }
}

/** Says what an event of the gateway's means, or nothing where it is not for people. */
export function describe(e, call) {
  const who = call?.name || call?.number || e.callerPhoneNumber || '';
  switch (e.event) {
    case 'callIn': return `Call from ${e.callerName || e.callerPhoneNumber || e.peerUserId}`;
    case 'callOuted': return `Calling ${e.calleeName || e.calleePhoneNumber || e.peerUserId}`;
    case 'ringing': return 'It rings there';
    case 'earlyMedia': return 'The network sends sound before the answer';
    case 'calloutAccepted': return `${who || 'The other side'} answered`;
    case 'userAccessed': return 'You are in the call';
    case 'muted': return e.muted ? 'Muted' : 'Unmuted';
    case 'held': return e.held ? 'The call is on hold' : 'The call goes on';
    case 'digit': return `${who || 'The other side'} pressed ${e.secure ? 'a secret digit' : e.digit}`;
    case 'secureDigits': return e.secure ? 'Digits from the other side are secret now' : 'Digits from the other side are shown again';
    case 'transfer': return transferred(e);
    case 'monitor': return MODE[e.mode] ?? '';
    case 'mediaLost': return call?.mode ? '' : `Sound is lost${e.reason ? `: ${e.reason}` : ''}`;
    case 'mediaBack': return call?.mode ? '' : 'Sound is back';
    case 'autoTransfer': return `You missed the call from ${who || 'somebody'}: it goes to another`;
    case 'statusChanged': return e.status === 'busy' ? '' : `Your status: ${statusWord(e)}`;
    case 'kickedOut': return e.reason === 'deleted' ? 'You are no staff member any more' : '';
    case 'sessionEnded': return ended(e, call);
    default: return '';
  }
}

function transferred({ state, to, userId, reason }) {
  const who = userId || to;
  switch (state) {
    case 'started': return `The call is to go to ${who}`;
    case 'ringing': return `It rings at ${who}`;
    case 'answered': return `${who} answered you; the caller waits`;
    case 'completed': return `The call went to ${who}`;
    case 'cancelled': return `The call was not handed to ${who}`;
    case 'failed': return `${who} did not take the call${reason ? `: ${reason}` : ''}`;
    default: return '';
  }
}

const CLOSED_BY = { client: 'by the other side', seat: 'by you', admin: 'by the gateway', timer: 'by a timer' };

function ended({ closeBy, reason, detail, duration }, call) {
  switch (true) {
    case reason === 'transferred': return 'You handed the call over';
    case reason === 'intercepted': return `The call was ${detail || 'taken over'}`;
    case Boolean(call?.mode) && closeBy === 'seat': return 'You have stopped listening';
  }
  const by = CLOSED_BY[closeBy] ?? '';
  const why = reason && reason !== 'normal' ? ` (${reason})` : '';
  return `Call ended ${by}${why}${duration > 0 ? ` after ${Math.round(duration)} s` : ''}`;
}
