// The keyboard, where the focus is in the workbench, or the workbench is the whole page.
import type { Action } from './actions';
import { talkButtons } from './actions';
import { perform, staying } from './doing';
import type { Model } from './model';

/** With Alt, by the key's place on the keyboard: with Alt its letter is another on some. */
const SHORTCUTS: Record<string, Action> = {
  KeyA: 'answer', KeyX: 'hangup', KeyM: 'mute', KeyH: 'hold', KeyT: 'transfer', KeyK: 'keypad',
};

export function listenToKeys(model: Model, target: EventTarget, signal: AbortSignal): void {
  target.addEventListener('keydown', (e) => {
    if (pressed(model, e as KeyboardEvent)) {
      e.preventDefault();
      e.stopPropagation();
    }
  }, { signal });
  // What is typed here is no shortcut of the page around.
  for (const type of model.alone ? [] : ['keydown', 'keyup', 'keypress']) {
    target.addEventListener(type, (e) => { if (typing(e)) e.stopPropagation(); }, { signal });
  }
}

function typing(e: Event): boolean { return (e.composedPath()[0] as Element).matches?.('input, select') ?? false; }

/** Says that the key was for us. */
function pressed(model: Model, e: KeyboardEvent): boolean {
  if (!model.phone.seat || e.defaultPrevented || e.ctrlKey || e.metaKey) {
    return false;
  }
  if (e.key === 'Escape') {
    return escape(model);
  }
  if (e.altKey) {
    return shortcut(model, SHORTCUTS[e.code]);
  }
  if (!typing(e) && /^[0-9*#]$/.test(e.key) && model.place === 'phone') {
    model.press(e.key);
    return true;
  }
  return false;
}

function escape(model: Model): boolean {
  if (model.sheet) {
    model.shut();
    return true;
  }
  if (model.notice) {
    model.say('');
    return true;
  }
  if (!model.alone && model.looks.shown.workbench) {
    model.looks.show('workbench', false);
    model.focus('[data-do="float"]');
    return true;
  }
  return false;
}

function shortcut(model: Model, action: Action | undefined): boolean {
  const { current, ringing } = model.phone.calls;
  if (action === 'answer' || (action === 'hangup' && !current)) {
    return doIt(model, action === 'answer' ? 'answer' : 'reject', ringing[0]);
  }
  if (action === 'hangup') {
    return doIt(model, action, current);
  }
  const around = { online: model.online, sheet: model.sheet, stays: staying(model) };
  const possible = current && talkButtons(current, around).some((b) => b.do === action && !b.disabled);
  return possible ? doIt(model, action!, current) : false;
}

function doIt(model: Model, action: Action, call: unknown): boolean {
  if (call) {
    perform(model, action, call);
  }
  return Boolean(call);
}
