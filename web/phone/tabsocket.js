// A mirror's way to the hub of the tabs that share a login (tabs.js).

/** Close code of a socket that was lost: its client opens another. */
export const LOST = 1006;

/** TabSocket looks like a WebSocket. Until it is let in it opens anew for each hub that comes. */
export class TabSocket {
  /** For clients: what they do is told to them by the hub. */
  isMirror = true;
  onopen = null;
  onmessage = null;
  onclose = null;
  #tab;
  #post;
  #id = newID();
  #hub = null;
  #in = false;

  /** tab: what the page calls itself; post: puts a message into the channel. */
  constructor(tab, post) {
    this.#tab = tab;
    this.#post = post;
  }

  send(data) { this.#post({ kind: 'say', hub: this.#hub, from: this.#id, tab: this.#tab, data }); }

  close() {
    if (this.#hub) {
      this.#post({ kind: 'leave', hub: this.#hub, from: this.#id });
    }
    this.#hub = null;
    this.#in = false;
  }

  /** Takes a message of a hub's. */
  take({ kind, hub, to, data, code }) {
    if (kind === 'hub' && hub !== this.#hub) {
      this.#found(hub);
    } else if (hub !== this.#hub || (to === undefined ? !this.#in : to !== this.#id)) {
      // It is for others.
    } else if (kind === 'tell') {
      this.#in = true; // the first that is for us is the reply to the login
      this.onmessage?.({ data });
    } else if (kind === 'end') {
      this.onclose?.({ code });
    }
  }

  #found(hub) {
    if (this.#in) {
      this.onclose?.({ code: LOST }); // this hub knows nothing of us: the next socket begins with it
      return;
    }
    this.#hub = hub;
    this.onopen?.();
  }
}

/** An id that no other page makes up. Not randomUUID: that is for HTTPS and localhost alone. */
export function newID() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
}
