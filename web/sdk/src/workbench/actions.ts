// Which buttons a call has, by its state and by what the page lets stay.
import { isUnderWay } from '../../../phone/calls.js';
import type { IconName } from './icons';
import type { Kept } from './told';
import type { CallWords } from './words/call';

/** What a button is called in overrideButtonConfig. The first six are the reference's; selfService has no button. */
export const BUTTON_TYPES = [
  'transferSeat', 'transferSkillGroup', 'holdToggle', 'forwardOut', 'showKeyboard', 'selfService',
  'muteToggle', 'secureDigits', 'recordingToggle',
] as const;

export type ButtonType = typeof BUTTON_TYPES[number];

/** What a button does. */
export type Action =
  'answer' | 'reject' | 'mute' | 'hold' | 'keypad' | 'transfer' | 'secure' | 'recording' |
  'complete' | 'swap' | 'cancel-transfer' | 'hangup';

export interface CallButton {
  do: Action;
  text: keyof CallWords;
  icon: IconName;
  /** What it switches is on. */
  pressed?: boolean;
  /** What it opens is open. */
  expanded?: boolean;
  disabled: boolean;
  kind?: 'good' | 'bad' | 'main';
}

/** What the buttons go by besides the call. */
export interface Around {
  online: boolean;
  sheet: string;
  stays: (type: ButtonType) => boolean;
}

/** The buttons while one talks. They stay in their places while a call goes on: what can't be now is disabled. */
export function talkButtons(call: Kept, { online, sheet, stays }: Around): CallButton[] {
  if (call.mode) { // a supervisor's
    return call.mode === 'monitor' || !stays('muteToggle') ? [] : [mute(call, online)];
  }
  const talks = call.status === 'inProgress';
  const handing = isUnderWay(call.transfer);
  const all: [boolean, CallButton][] = [
    [stays('muteToggle'), mute(call, online)],
    [stays('holdToggle'), {
      do: 'hold', text: call.held ? 'resume' : 'hold', icon: call.held ? 'play' : 'pause', pressed: call.held,
      disabled: !online || !talks || handing,
    }],
    [stays('showKeyboard'), {
      do: 'keypad', text: 'keypad', icon: 'keypad', expanded: sheet === 'keypad', disabled: !online,
    }],
    [mayTransfer(stays), {
      do: 'transfer', text: 'transfer', icon: 'transfer', expanded: sheet === 'transfer',
      disabled: !online || !talks || handing,
    }],
    [stays('secureDigits'), {
      do: 'secure', text: 'secure', icon: 'lock', pressed: call.secure, disabled: !online || !talks,
    }],
    [stays('recordingToggle') && ['on', 'paused'].includes(call.recording), {
      do: 'recording', text: call.recording === 'paused' ? 'goOn' : 'pause',
      icon: call.recording === 'paused' ? 'record' : 'pauseRecord', pressed: call.recording === 'paused',
      disabled: !online,
    }],
  ];
  return all.filter(([there]) => there).map(([, button]) => button);
}

function mute(call: Kept, online: boolean): CallButton {
  return {
    do: 'mute', text: call.muted ? 'unmute' : 'mute', icon: call.muted ? 'micOff' : 'mic', pressed: call.muted,
    disabled: !online,
  };
}

export function mayTransfer(stays: Around['stays']): boolean {
  return stays('transferSeat') || stays('transferSkillGroup') || stays('forwardOut');
}

/** Those while the call is being handed over; none while it is not. */
export function handingButtons(call: Kept, { online }: Around): CallButton[] {
  if (call.mode || call.status !== 'inProgress' || !isUnderWay(call.transfer)) {
    return [];
  }
  const disabled = !online;
  const cancel: CallButton = { do: 'cancel-transfer', text: 'cancel', icon: 'close', disabled };
  if (!call.consult) {
    return [cancel];
  }
  return [
    { do: 'complete', text: 'complete', icon: 'check', kind: 'main', disabled },
    { do: 'swap', text: 'swap', icon: 'swap', disabled: disabled || call.transfer !== 'answered' },
    cancel,
  ];
}

/** Those of a call that rings here. */
export function ringingButtons(online: boolean): CallButton[] {
  return [
    { do: 'answer', text: 'answer', icon: 'phone', kind: 'good', disabled: !online },
    { do: 'reject', text: 'reject', icon: 'phone', kind: 'bad', disabled: !online },
  ];
}

/** The one that ends it. */
export function endButton(call: Kept, { online }: Around): CallButton {
  return { do: 'hangup', text: call.mode ? 'stop' : 'hangup', icon: 'phone', kind: 'bad', disabled: !online };
}
