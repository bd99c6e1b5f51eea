// tccc.UI: what the page wants to be seen, and the element that it is seen in.
import type { Button, UI, UserSettings } from '../tccc';
import { BUTTON_TYPES } from './workbench/actions';

/** The element's id, by which pages remove the SDK. */
const ROOT = 'tcccSdkDomRoot';

/** Looks is what may be seen; it dispatches `change`. The workbench inside the element follows it. */
export class Looks extends EventTarget {
  readonly root = document.createElement('t3c-sdk');
  shown = { all: true, floatButton: true, workbench: false, notificationBar: true };
  settings: Required<UserSettings> = { disableRingtone: false, disableNotification: false };
  /** Which of the call bar's buttons stay, by their types; null where all do. */
  kept: ReadonlySet<string> | null = null;
  #observer?: MutationObserver;

  /** Takes the place of an SDK that the page has loaded before, which then ends; removed is called when it does. */
  constructor(removed: () => void) {
    super();
    document.getElementById(ROOT)?.remove();
    this.root.id = ROOT;
    if (document.body) {
      this.#append(removed);
    } else {
      document.addEventListener('DOMContentLoaded', () => this.#append(removed), { once: true });
    }
  }

  /** Asks the page which buttons stay. What it answers may be anything: all stay where it is no list. */
  override(choose: unknown): void {
    if (typeof choose !== 'function') {
      console.warn(`tccc.overrideButtonConfig takes a function, not ${typeof choose}`);
      return;
    }
    this.kept = null;
    try {
      const chosen = choose({ active: BUTTON_TYPES.map((type) => ({ type })) });
      const list = (chosen as { active?: unknown } | null)?.active ?? chosen;
      this.kept = Array.isArray(list) ? new Set(list.map((b) => String((b as Button | null)?.type ?? b))) : null;
    } catch (error) {
      reportError(error);
    }
    this.dispatchEvent(new Event('change'));
  }

  #append(removed: () => void): void {
    document.body.append(this.root);
    this.#observer = new MutationObserver(() => {
      if (!this.root.isConnected) {
        this.#observer?.disconnect();
        removed();
      }
    });
    this.#observer.observe(document.documentElement, { childList: true, subtree: true });
  }

  show(part: keyof Looks['shown'], on: boolean): void {
    this.shown = { ...this.shown, [part]: on };
    this.root.hidden = !this.shown.all;
    this.dispatchEvent(new Event('change'));
  }

  /** Takes what is a setting and leaves the rest. */
  update(settings: UserSettings): void {
    const { disableRingtone, disableNotification } = this.settings;
    const flag = (given: unknown, now: boolean) => typeof given === 'boolean' ? given : now;
    this.settings = {
      disableRingtone: flag(settings.disableRingtone, disableRingtone),
      disableNotification: flag(settings.disableNotification, disableNotification),
    };
    this.dispatchEvent(new Event('change'));
  }
}

export function newUI(looks: Looks): UI {
  return {
    hide: () => looks.show('all', false),
    show: () => looks.show('all', true),
    showfloatButton: () => looks.show('floatButton', true),
    hidefloatButton: () => looks.show('floatButton', false),
    showWorkbench: () => looks.show('workbench', true),
    hideWorkbench: () => looks.show('workbench', false),
    showNotificationBar: () => looks.show('notificationBar', true),
    hideNotificationBar: () => looks.show('notificationBar', false),
    updateUserCustomSettings: (settings) => looks.update(settings ?? {}),
  };
}
