// What the buttons of calls do.
import type { Action, ButtonType } from './actions';
import type { Model } from './model';
import type { Kept } from './told';

/** Does what a button of a call says. */
export function perform(model: Model, action: Action, call: Kept): void {
  const about = { sessionId: call.sessionId as string };
  const { call: api } = model;
  switch (action) {
    case 'keypad':
    case 'transfer':
      model.open(model.sheet === action ? '' : action);
      return;
    case 'answer': void model.attempt(async () => {
      await api.accept(about);
      model.go('phone');
      model.focus('.call'); // the notice that had it is gone
    }); return;
    case 'reject':
    case 'hangup': void model.attempt(() => (call.mode ? api.stopMonitor(about) : api.hungUp(about))); return;
    case 'mute': void model.attempt(() => (call.muted ? api.unmuteMic(about) : api.muteMic(about))); return;
    case 'hold': void model.attempt(() => (call.held ? api.unHold(about) : api.hold(about))); return;
    case 'secure': void model.attempt(() => api.secureDigits({ ...about, secure: !call.secure })); return;
    case 'recording': void model.attempt(() =>
      (call.recording === 'paused' ? api.resumeRecording(about) : api.pauseRecording(about))); return;
    case 'complete': void model.attempt(() => api.completeTransfer(about)); return;
    case 'swap': void model.attempt(() => api.swap(about)); return;
    case 'cancel-transfer': void model.attempt(() => api.cancelTransfer(about));
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
