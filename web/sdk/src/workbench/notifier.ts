// The system's notifications of calls that ring while the page is not in front.

/** Says what may be: the browser has none, did not ask yet, or the user said so. */
export function permission(): NotificationPermission | 'unsupported' {
  return 'Notification' in window && isSecureContext ? Notification.permission : 'unsupported';
}

/** Asks the user; only a click may. */
export async function askPermission(): Promise<void> {
  if (permission() === 'default') {
    await Notification.requestPermission();
  }
}

/** Notifier shows one for each call, and takes it away when the call does not ring any more. */
export class Notifier {
  readonly #shown = new Map<string, Notification | null>(); // null: there was no need

  /** calls are those that ring; text is what is said of one. */
  follow<Call extends { sessionId: string }>(calls: readonly Call[], on: boolean,
    text: (call: Call) => { title: string; body: string }): void {
    for (const [id, notification] of this.#shown) {
      if (!calls.some((c) => c.sessionId === id)) {
        notification?.close();
        this.#shown.delete(id);
      }
    }
    for (const call of calls.filter((c) => !this.#shown.has(c.sessionId))) {
      const wanted = on && permission() === 'granted' && !(document.hasFocus() && !document.hidden);
      this.#shown.set(call.sessionId, wanted ? show(call.sessionId, text(call)) : null);
    }
  }

  close(): void { this.follow([], false, () => ({ title: '', body: '' })); }
}

function show(id: string, { title, body }: { title: string; body: string }): Notification | null {
  try {
    const notification = new Notification(title, { body, tag: id, requireInteraction: true });
    notification.onclick = () => { window.focus(); notification.close(); };
    return notification;
  } catch {
    return null; // some mobile browsers have them for workers alone
  }
}
