// tccc.Call: each function is a command of the gateway's, or a few.
import type { AgentStatus, Call, CallResponse } from '../tccc';
import type { Mapper } from './mapping';
import { Options } from './options';
import { SDKError, answer } from './result';
import { soundsHere, type Phone } from '../../phone/phone.js';

/** What the functions need of the SDK. */
export interface Desk {
  /** The phone, once the SDK is ready; before that it throws an SDKError. */
  readonly phone: Phone;
  readonly status: AgentStatus;
  readonly mapper: Mapper;
  /** Tells what the page's own doing has come to. */
  tell(told: ReturnType<Mapper['take']>): void;
}

type Do<Data> = (options: Options, sessionId: string) => Promise<Data | void>;

export function newCall(desk: Desk): Call {
  /** A function that is about a session. */
  const about = <Data extends object = {}>(name: string, run: Do<Data>) => (given: unknown) => answer<Data>(() => {
    void desk.phone; // not before the SDK is ready
    const options = new Options(`Call.${name}`, given);
    return run(options, options.text('sessionId'));
  });
  /** One that is a command of the protocol, with the session alone. */
  const command = (name: string, type: string) => about(name, async (_, sessionId) => {
    await desk.phone.client.command(type, { sessionId });
  });

  return {
    startOutboundCall: (given) => answer(() => startOutboundCall(desk, new Options('Call.startOutboundCall', given))),
    startInternalCall: (given) => answer(() => startInternalCall(desk, new Options('Call.startInternalCall', given))),
    accept: about('accept', async (_, sessionId) => {
      await wantSound(desk.phone);
      await desk.phone.accept(sessionId);
    }),
    hungUp: command('hungUp', 'hangup'),
    deleteCall: about('deleteCall', async (_, sessionId) => deleteCall(desk, sessionId)),
    muteMic: command('muteMic', 'mute'),
    unmuteMic: command('unmuteMic', 'unmute'),
    isMicMuted: about('isMicMuted', async (_, sessionId) => {
      const { muted } = await desk.phone.client.command('muted', { sessionId });
      return { isMicMuted: muted, muted };
    }),
    transfer: about('transfer', (options, sessionId) => transfer(desk, options, sessionId)),
    hold: command('hold', 'hold'),
    unHold: command('unHold', 'unhold'),
    monitor: about('monitor', async (options, sessionId) => {
      if (options.flag('textOnly')) {
        throw new SDKError('notServed', 'Call.monitor: the gateway does not turn speech into text');
      }
      await desk.phone.monitor(sessionId);
    }),
    intercept: about('intercept', async (_, sessionId) => {
      await wantSound(desk.phone);
      await desk.phone.intercept(sessionId);
    }),
    sendDigits: about('sendDigits', async (options, sessionId) => {
      await desk.phone.digits(options.text('dtmfText'), sessionId);
    }),
    whisper: command('whisper', 'whisper'),
    barge: command('barge', 'barge'),
    stopMonitor: command('stopMonitor', 'leave'),
    consult: about('consult', (options, sessionId) => desk.phone.consult(whom(options, 'Call.consult'), sessionId)),
    completeTransfer: about('completeTransfer', (_, sessionId) => desk.phone.complete(sessionId)),
    cancelTransfer: command('cancelTransfer', 'cancelTransfer'),
    swap: about('swap', (_, sessionId) => desk.phone.swap(sessionId)),
    secureDigits: about('secureDigits', async (options, sessionId) => {
      await desk.phone.secureDigits(options.flag('secure') ?? true, sessionId);
    }),
    pauseRecording: command('pauseRecording', 'pauseRecording'),
    resumeRecording: command('resumeRecording', 'resumeRecording'),
    getStatistics: () => answer(async () => {
      const stats = await desk.phone.stats();
      if (!stats) {
        throw new SDKError('unavailable', 'Call.getStatistics: there is no sound here');
      }
      const { received, lost, discarded, jitter, buffer, sent, lostOutwards, roundTrip } = stats;
      const { level, score, causes } = desk.phone.quality ?? {};
      return {
        received, lost, discarded, jitter, buffer, sent, lostOutwards, roundTrip, ...level && { level, score, causes },
      };
    }),
  };
}

async function startOutboundCall(desk: Desk, options: Options): Promise<CallResponse> {
  const to = options.text('phoneNumber');
  options.oneOf('phoneEncodeType', ['number']);
  const remark = options.optionalText('phoneDesc');
  return place(desk, {
    to,
    phoneDesc: remark,
    uui: options.optionalText('uui'),
    skillGroupId: options.optionalText('skillGroupId'),
    callerId: options.optionalText('callerPhoneNumber'),
    servingNumberGroupIds: options.texts('servingNumberGroupIds'),
  }, remark);
}

async function startInternalCall(desk: Desk, options: Options): Promise<CallResponse> {
  return place(desk, { user: options.text('calleeUserId'), useMobile: options.flag('useMobile') });
}

async function place(desk: Desk, members: object, remark?: string): Promise<CallResponse> {
  await wantSound(desk.phone);
  const session = await desk.phone.call(members);
  const { sessionId, callerPhoneNumber, calleePhoneNumber, protectedCallee, calleeLocation, serverType } = session;
  return {
    sessionId, callerPhoneNumber, serverType, calleePhoneNumber: protectedCallee ?? calleePhoneNumber,
    ...calleeLocation && { calleeLocation },
    ...remark && { remark },
  };
}

async function transfer(desk: Desk, options: Options, sessionId: string): Promise<void> {
  const skillGroupId = options.optionalText('skillGroupId');
  await desk.phone.transfer(whom(options, 'Call.transfer', skillGroupId), sessionId);
}

/** The one to whom a call goes. */
function whom(options: Options, name: string, skillGroupId?: string): object {
  const user = options.optionalText('userId');
  const to = options.optionalText('phoneNumber');
  if ([user, to, skillGroupId].filter(Boolean).length !== 1) {
    const ways = name === 'Call.transfer' ? '"skillGroupId", "userId" and "phoneNumber"' : '"userId" and "phoneNumber"';
    throw new SDKError('badRequest', `${name}: say to whom, by one of ${ways}`);
  }
  return { user, to, skillGroupId };
}

async function deleteCall(desk: Desk, sessionId: string): Promise<void> {
  switch (desk.mapper.state(sessionId)) {
    case 'live':
      throw new SDKError('wrongState', 'Call.deleteCall: the session goes on; hang it up first');
    case 'unknown':
      throw new SDKError('notFound', 'Call.deleteCall: no such session');
    default:
      desk.tell(desk.mapper.complete(sessionId));
  }
}

/** Whoever speaks here needs a microphone, and leave to sound. */
async function wantSound(phone: Phone): Promise<void> {
  if (!phone.seat || !soundsHere(phone.seat)) {
    return;
  }
  await phone.sound.wake(); // the click that the page calls us by may have given leave just now
  if (phone.micProblem) {
    throw new SDKError('unavailable', phone.micProblem);
  }
}
