// The part of the tab that owns a shared login (tabs.js): it is to the mirrors what the gateway is to it.
import { LOST, newID } from './tabsocket.js';

/** Close codes, by why the owner's login has ended. */
const CODES = { loggedOut: 1000, refused: 4001, kickedOut: 4010 };

/** Commands whose outcome all tabs need to know; of the others events tell what there is to tell. */
const TOLD = ['call', 'mute', 'unmute', 'transfer', 'consult', 'completeTransfer', 'swap', 'intercept'];

/** Hub is the owner's time as such. */
export class Hub {
  #id = newID();
  #options;
  #mirrors = new Map(); // sockets that are let in, each with its tab
  #waiting = new Map(); // those whose login waits, each with {tab, resume}
  #shown = ''; // what was shown last
  #parting = false;

  /**
   * - tab: what the page calls itself; client: the owner's Client; picture: its Picture;
   * - run(type, members): carries a mirror's command out; shown(): what mirrors see of the owner;
   * - post: puts a message into the channel.
   */
  constructor(options) {
    this.#options = options;
    this.#post({ kind: 'hub' });
  }

  get isAlone() { return this.#mirrors.size === 0; }

  /** Takes a mirror's message. */
  take({ kind, hub, from, tab, data }) {
    if (kind === 'who' && !this.#parting) {
      this.#post({ kind: 'hub' });
    } else if (hub !== this.#id) {
      // It is for a hub before us: its tab is about to find us.
    } else if (kind === 'leave') {
      this.#waiting.delete(from);
      this.#mirrors.delete(from);
    } else if (kind === 'say') {
      this.#said(from, tab, parse(data));
    }
  }

  /** An event of the gateway's. */
  happened(event) {
    this.#tell(event);
    this.#letIn();
  }

  /** A command was carried out. */
  done(detail) {
    if (TOLD.includes(detail.type)) {
      this.tellTabs('done', detail);
    }
  }

  tellTabs(name, detail) { this.#tell({ tabs: name, detail }); }

  show() {
    const now = JSON.stringify(this.#options.shown());
    if (now !== this.#shown) {
      this.#shown = now;
      this.tellTabs('owner', this.#options.shown());
    }
  }

  /** Lets nobody in any more. */
  part() { this.#parting = true; }

  /** Tells the mirrors that the login has ended; false where there are none. */
  end(why) {
    this.part();
    this.#post({ kind: 'end', code: CODES[why] ?? CODES.loggedOut });
    return !this.isAlone;
  }

  async #said(from, tab, message) {
    if (message.type === 'login') {
      this.#waiting.set(from, { tab, resume: message.resume });
      this.#letIn();
    } else if (this.#mirrors.has(from)) {
      this.#tell(await this.#answer(message), from);
    } else {
      this.#post({ kind: 'end', code: LOST, to: from });
    }
  }

  /** Answers the logins that wait, as the gateway does, once it has answered ours. */
  #letIn() {
    const { picture, client, shown } = this.#options;
    if (!picture.complete || this.#parting) {
      return;
    }
    for (const [from, { tab, resume }] of this.#waiting) {
      this.#mirrors.set(from, tab);
      const missed = picture.since(resume);
      this.#tell({ reply: 'login', ok: true, data: { ...picture.login(missed), ...client.resumable } }, from);
      this.#tell({ tabs: 'owner', detail: shown() }, from);
      for (const event of missed ?? [picture.snapshot((of) => this.#isThere(of))]) {
        this.#tell(event, from);
      }
    }
    this.#waiting.clear();
  }

  #isThere(tab) { return tab !== undefined && [this.#options.tab, ...this.#mirrors.values()].includes(tab); }

  async #answer({ id, type, ...members }) {
    try {
      return { reply: id, ok: true, data: await this.#do(type, members) };
    } catch ({ code, message }) {
      return { reply: id, ok: false, error: { code: typeof code === 'string' ? code : 'internal', message } };
    }
  }

  #do(type, members) {
    switch (type) {
      case 'ping':
        return {}; // the hub is there; how the gateway is, is told by what the owner shows
      case 'offer':
      case 'candidate':
        throw Object.assign(new Error('the sound is in another tab'), { code: 'wrongState' });
      default:
        return this.#options.run(type, members);
    }
  }

  #tell(message, to) {
    if (!this.isAlone) {
      this.#post({ kind: 'tell', to, data: JSON.stringify(message) });
    }
  }

  #post(message) { this.#options.post({ hub: this.#id, ...message }); }
}

/** A mirror's message; what is none is a command that is not known. */
function parse(data) {
  try {
    return Object(JSON.parse(data));
  } catch {
    return {};
  }
}
