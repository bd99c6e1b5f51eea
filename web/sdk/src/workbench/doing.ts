// What the buttons of calls do.
import type { Action, ButtonType } from './actions';
import type { Model } from './model';
import type { Kept } from './told';

/** Does what a button of a call says. */
export function perform(model: Model, action: Action, call: Kept): void {
  if (action === 'keypad' || action === 'transfer') {
    model.open(model.sheet === action ? '' : action);
  } else {
    void model.attempt(() => command(model, action, call));
  }
}

async function command(model: Model, action: Action, call: Kept): Promise<unknown> {
  const about = { sessionId: call.sessionId as string };
  const { call: api } = model;
  switch (action) {
    case 'answer':
      await api.accept(about);
      model.go('phone');
      return model.focus('.call'); // the notice that had it is gone
    case 'mute': return call.muted ? api.unmuteMic(about) : api.muteMic(about);
    case 'hold': return call.held ? api.unHold(about) : api.hold(about);
    case 'secure': return api.secureDigits({ ...about, secure: !call.secure });
    case 'recording': return call.recording === 'paused' ? api.resumeRecording(about) : api.pauseRecording(about);
    case 'complete': return api.completeTransfer(about);
    case 'swap': return api.swap(about);
    case 'cancel-transfer': return api.cancelTransfer(about);
    default: return call.mode ? api.stopMonitor(about) : api.hungUp(about);
  }
}

/** Hands the current call to somebody, or asks there first. A group can't be asked. */
export function handOver(model: Model, to: { userId?: string; skillGroupId?: string; phoneNumber?: string }): void {
  const { current } = model.phone.calls;
  if (current) {
    const options = { ...to, sessionId: current.sessionId };
    void model.attempt(() => (model.askFirst && !to.skillGroupId ? model.call.consult(options) :
      model.call.transfer(options)));
  }
}

/** Says which buttons the page lets stay. */
export function staying(model: Model): (type: ButtonType) => boolean {
  const { kept } = model.looks;
  return (type) => kept === null || kept.has(type);
}
