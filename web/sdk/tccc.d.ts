// Types of the global `tccc`. What is marked "ours" is beyond the reference of the SDK that pages were written for.

/** A seat's status; `offline` is ours. */
export type AgentStatus = 'free' | 'busy' | 'arrange' | 'notReady' | 'rest' | 'offline';

/** Where a seat takes its calls. */
export type ServerType = 'staffSeat' | 'staffPhoneSeat' | 'miniProgramSeat' | 'staffExtensionSeat';

/** What a promise resolves with: its fields are both in `data` and beside it. */
export type Success<Data = {}> = { status: 'success'; errorMsg?: undefined; data: Data } & Data;

/** What a promise rejects with. */
export interface Failure extends Error {
  status: 'error';
  /** A sentence for people. */
  errorMsg: string;
  /** For programs, as in docs/protocol.md; ours. */
  code: string;
}

/** The reference's name for either. */
export type CommonSDKResponse<Data = {}> = Success<Data>;

/** What a listener gets: the event's fields are both beside `data` and in it. */
export type Payload<Fields> = Fields & { data: Fields };

export interface SessionOptions { sessionId: string }

export interface OutboundCallOptions {
  phoneNumber: string;
  /** What the number is called; shown instead of it. */
  phoneDesc?: string;
  /** Goes into the call's record. */
  uui?: string;
  skillGroupId?: string;
  /** The number to show. */
  callerPhoneNumber?: string;
  /** Names of number groups, to show one of their numbers. */
  servingNumberGroupIds?: string[];
  phoneEncodeType?: 'number';
}

export interface CallResponse {
  sessionId: string;
  calleePhoneNumber: string;
  callerPhoneNumber: string;
  calleeLocation?: string;
  serverType: ServerType;
  remark?: string;
}

export interface TransferOptions extends SessionOptions {
  skillGroupId?: string;
  userId?: string;
  /** A number or an extension; ours. */
  phoneNumber?: string;
}

export interface ConsultOptions extends SessionOptions {
  userId?: string;
  phoneNumber?: string;
}

/** Why a call is not good. */
export type QualityCause =
  /** Packets are lost on the way here, or on the way to the gateway. */
  'loss' | 'loss outwards' |
  /** They come unevenly, or late. */
  'jitter' | 'delay' |
  /** Nothing at all comes from the microphone: it may be off at the headset. */
  'silent microphone' |
  /** The way between page and gateway is broken, or none of our sound has arrived there for 3 s. */
  'no sound from the gateway' | 'no sound at the gateway' |
  /** The gateway gets no sound from the other side. */
  'far side';

/** How good a call is; ours. */
export interface Quality {
  /** Poor: below about 3.1, or somebody is not heard at all; fair: there are causes. */
  level: 'good' | 'fair' | 'poor';
  /** The mean opinion score, 1 to 4.5, estimated by the E-model (ITU-T G.107) for the way between page and gateway. */
  score: number;
  causes: QualityCause[];
}

/** What is heard of the gateway, and the way to it: packets, milliseconds; in a call how good that is. */
export interface Statistics extends Partial<Quality> {
  received: number;
  lost: number;
  /** That came too late to be heard. */
  discarded: number;
  jitter: number;
  buffer: number;
  sent: number;
  /** Of those sent, as the gateway reports. */
  lostOutwards: number;
  roundTrip: number;
}

type Answer<Data = {}> = Promise<Success<Data>>;

export interface Call {
  startOutboundCall(options: OutboundCallOptions): Answer<CallResponse>;
  accept(options: SessionOptions): Answer;
  hungUp(options: SessionOptions): Answer;
  /** Forgets a session that has ended, so that `sessionCompleted` is told. */
  deleteCall(options: SessionOptions): Answer;
  muteMic(options: SessionOptions): Answer;
  unmuteMic(options: SessionOptions): Answer;
  isMicMuted(options: SessionOptions): Answer<{ isMicMuted: boolean; muted: boolean }>;
  startInternalCall(options: { calleeUserId: string; useMobile?: boolean }): Answer<CallResponse>;
  transfer(options: TransferOptions): Answer;
  hold(options: SessionOptions): Answer;
  unHold(options: SessionOptions): Answer;
  monitor(options: SessionOptions & { textOnly?: boolean }): Answer;
  intercept(options: SessionOptions): Answer;
  sendDigits(options: SessionOptions & { dtmfText: string }): Answer;
  /** Ours, as all below: speak to the agent alone, to both, and leave a session that one supervises. */
  whisper(options: SessionOptions): Answer;
  barge(options: SessionOptions): Answer;
  stopMonitor(options: SessionOptions): Answer;
  /** Asks somebody first; then completeTransfer, cancelTransfer or swap. */
  consult(options: ConsultOptions): Answer;
  completeTransfer(options: SessionOptions): Answer;
  cancelTransfer(options: SessionOptions): Answer;
  swap(options: SessionOptions): Answer;
  /** While `secure` is true, nobody gets the digits that the customer presses. */
  secureDigits(options: SessionOptions & { secure: boolean }): Answer;
  pauseRecording(options: SessionOptions): Answer;
  resumeRecording(options: SessionOptions): Answer;
  getStatistics(): Answer<Statistics>;
}

export interface Chat {
  accept(options: SessionOptions): Answer;
  end(options: SessionOptions): Answer;
  transfer(options: TransferOptions): Answer;
}

export interface Video {
  accept(options: SessionOptions): Answer;
  end(options: SessionOptions): Answer;
  muteMic(options: SessionOptions): Answer;
  unmuteMic(options: SessionOptions): Answer;
  muteVideo(options: SessionOptions): Answer;
  unmuteVideo(options: SessionOptions): Answer;
  transfer(options: TransferOptions): Answer;
}

export interface Agent {
  online(): void;
  offline(): void;
  setStatus(options: {
    status: 'free' | 'rest' | 'arrange' | 'notReady' | 'stopNotReady';
    restReason?: string;
  }): Answer;
  getStatus(): AgentStatus;
}

export interface Devices {
  isBrowserSupported(): boolean;
  getMicrophones(): Promise<MediaDeviceInfo[]>;
  getSpeakers(): Promise<MediaDeviceInfo[]>;
  /** Ours: takes another one; an empty id leaves it to the browser. */
  setMicrophone(options: { deviceId: string }): Answer;
  setSpeaker(options: { deviceId: string }): Answer;
}

export interface UserSettings {
  disableRingtone?: boolean;
  disableNotification?: boolean;
}

export interface UI {
  hide(): void;
  show(): void;
  showfloatButton(): void;
  hidefloatButton(): void;
  showWorkbench(): void;
  hideWorkbench(): void;
  showNotificationBar(): void;
  hideNotificationBar(): void;
  updateUserCustomSettings(settings: UserSettings): void;
}

export interface CallIn {
  sessionId: string;
  type: 'phone' | 'internal';
  /** Seconds; 0 is for ever. */
  timeout: number;
  serverType: ServerType;
  callerPhoneNumber?: string;
  calleePhoneNumber?: string;
  /** A city or a country; where the gateway knows it. */
  callerLocation?: string;
  remark?: string;
  ivrPath?: { key: string; label: string }[];
  protectedCaller?: string;
  protectedCallee?: string;
  skillGroupId?: string;
  /** The agent who calls, of an internal session. */
  peerUserId?: string;
}

/** One of the parties of a session, and what it hears; ours. */
export interface Hearing {
  id: string;
  role: 'customer' | 'agent' | 'consulted' | 'supervisor';
  userId?: string;
  mode?: 'monitor' | 'whisper' | 'barge';
  /** The ids of the parties that it hears. */
  hears: string[];
  /** What it hears in place of anybody. */
  sound?: string;
}

/** Each event's fields, by its name. */
export interface EventMap {
  ready: { tabUUID: string };
  tokenExpired: { message: string };
  callIn: CallIn;
  userAccessed: { sessionId: string; tabUUID?: string };
  autoTransfer: { sessionId: string };
  sessionEnded: {
    sessionId: string;
    type: 'phone' | 'internal';
    closeBy: 'client' | 'seat' | 'admin' | 'timer';
    /** Seconds since the answer. */
    duration: number;
    mainReason?: string;
    subReason?: string;
  };
  sessionCompleted: { sessionId: string };
  callOuted: {
    sessionId: string;
    callerPhoneNumber: string;
    calleePhoneNumber: string;
    serverType: ServerType;
    calleeLocation?: string;
    tabUUID?: string;
    peerUserId?: string;
    skillGroupId?: string;
    protectedCallee?: string;
  };
  calloutAccepted: { sessionId: string };
  transfer: { sessionId: string; skillGroupId?: string; userId?: string };
  statusChanged: { status: AgentStatus; restReason?: string };
  kickedOut: {};
  asr: { sessionId: string; result: unknown; flow: 'IN' | 'OUT' };
  // Ours, as all below.
  ringing: { sessionId: string };
  earlyMedia: { sessionId: string };
  muted: { sessionId: string; muted: boolean };
  /** The seat, where userId is its own, or another party holds the call. */
  held: { sessionId: string; held: boolean; userId?: string };
  digit: { sessionId: string; digit?: string; secure?: boolean };
  secureDigits: { sessionId: string; secure: boolean };
  recording: { sessionId: string; state: 'on' | 'paused' | 'failed' };
  /** How far a transfer or consultation is. */
  transferChanged: {
    sessionId: string;
    state: 'started' | 'ringing' | 'answered' | 'completed' | 'cancelled' | 'failed';
    to?: string;
    userId?: string;
    reason?: string;
  };
  monitor: { sessionId: string; mode: 'monitor' | 'whisper' | 'barge' };
  /** Who hears whom, of a session that the seat supervises. */
  hearing: { sessionId: string; parties: Hearing[] };
  /** Of the seat whose sound it is, where it is a seat's. */
  mediaLost: { sessionId: string; reason?: string; userId?: string };
  mediaBack: { sessionId: string; userId?: string };
  /** The call's quality has another level, or other causes. Each call begins as a good one. */
  qualityChanged: { sessionId: string } & Quality;
  /** What the connections to the gateway have come to. */
  connectionChanged: {
    connection: 'closed' | 'connecting' | 'open' | 'reconnecting';
    media: 'off' | 'connecting' | 'connected' | 'lost';
  };
  /** Something that the agent should know, such as a blocked microphone. */
  problem: { message: string };
}

export type EventName = keyof EventMap;
export type Listener<Name extends EventName> = (payload: Payload<EventMap[Name]>) => void;

/**
 * A button of the call bar: `transferSeat`, `transferSkillGroup`, `holdToggle`, `forwardOut`, `showKeyboard`,
 * `selfService`; ours: `muteToggle`, `secureDigits`, `recordingToggle`.
 */
export interface Button { type: string; [member: string]: unknown }

export interface TCCC {
  readonly events: { readonly [Name in EventName]: Name };
  on<Name extends EventName>(event: Name, callback: Listener<Name>): void;
  off<Name extends EventName>(event: Name, callback: Listener<Name>): void;
  readonly Call: Call;
  readonly Chat: Chat;
  readonly Video: Video;
  readonly Agent: Agent;
  readonly Devices: Devices;
  readonly UI: UI;
  /** Says which buttons of the call bar stay: by a list of them, at once and once. */
  overrideButtonConfig(choose: (buttons: { active: Button[] }) => unknown): void;
}

declare global {
  interface Window { tccc: TCCC }
  const tccc: TCCC;
}
