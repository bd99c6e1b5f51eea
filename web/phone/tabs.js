// The tabs of one browser that share a user's login. A lock (navigator.locks) says which of them owns it: that one has
// the gateway's socket and the sound, and is the hub of the others, the mirrors, whose clients speak the same protocol
// to it over a BroadcastChannel. When the lock comes free the tab that has waited longest takes the login over where it
// stands.
//
// Messages of the channel, all with kind, and hub: the id of a tab's time as the hub.
//   who                     where is the hub? (without hub)
//   hub                     it is this
//   say   from, tab, data   a mirror's message of the protocol, as text; from names its socket, tab its page
//   leave from              a mirror's socket is closed
//   tell  to, data          a message for one socket, or, without to, for all that are let in
//   end   to, code          the same, of a close code of docs/protocol.md
import { Hub } from './hub.js';
import { Picture } from './picture.js';
import { TabSocket } from './tabsocket.js';

/** Milliseconds. */
const WAIT = { beat: 3_000, farewell: 1_000 };

/** Questions in a row that an owner leaves open before it counts as hung, and loses the login. */
const HUNG_AFTER = 3;

/** Tabs is a tab's part in a shared login, from `join` to `leave`. It dispatches `owner` when `owns` has changed. */
export class Tabs extends EventTarget {
  #options;
  #locks;
  #clock;
  #channel;
  #picture;
  #hub = null; // while we own
  #socket = null; // the latest, of a mirror
  #missed = 0; // questions without an answer
  #timer = null;
  #joining = null;
  #queued = null; // AbortController of the wait for the lock
  #release = null; // gives the lock back
  #parting = false;
  #left = false;
  #gone = false; // the channel is closed
  #stop = new AbortController(); // of listeners

  /**
   * - name: of the lock and the channel, one for each gateway and user; tab: what the page calls itself;
   * - client: a Client whose `open` asks ours; run and shown: see Hub.
   *
   * locks, newChannel and clock are given by tests.
   */
  constructor({ locks = navigator.locks, newChannel = (n) => new BroadcastChannel(n), clock = realClock, ...options }) {
    super();
    this.#options = options;
    this.#locks = locks;
    this.#clock = clock;
    const { signal } = this.#stop;
    this.#picture = new Picture(options.client, signal);
    this.#channel = newChannel(options.name);
    this.#channel.onmessage = ({ data }) => this.#take(data);
    options.client.addEventListener('event', ({ detail }) => this.#hub?.happened(detail), { signal });
    options.client.addEventListener('done', ({ detail }) => this.#hub?.done(detail), { signal });
    globalThis.addEventListener?.('pagehide', () => this.#socket?.close(), { signal });
  }

  get name() { return this.#options.name; }

  /** Says that the login is this tab's. */
  get owns() { return this.#hub !== null && !this.#left; }

  /** Resolves once it is known whether this tab owns the login, or mirrors another. */
  join() {
    this.#joining ??= this.#ask({ ifAvailable: true }).then((got) => {
      if (!got && !this.#left) {
        this.#queue();
        this.#listen();
      }
    });
    return this.#joining;
  }

  /** A socket to the hub, like a WebSocket; null where this tab is the hub. */
  open() {
    if (this.owns) {
      return null;
    }
    this.#socket = new TabSocket(this.#options.tab, (message) => this.#post(message));
    this.#post({ kind: 'who' });
    return this.#socket;
  }

  /** Tells the mirrors something, by an event of their clients. */
  tell(name, detail) { this.#hub?.tellTabs(name, detail); }

  /** Tells the mirrors what there is to see of this tab, where that has changed. */
  show() { this.#hub?.show(); }

  /** Begins to leave, without ending the login for others; resolves with whether there are any. */
  async part() {
    this.#parting = true;
    this.#hub?.part();
    if (!this.owns) {
      return true;
    }
    const { pending } = await this.#locks.query();
    return pending.some(({ name }) => name === this.name);
  }

  /** Leaves. Where the login has ended, why tells the mirrors, who are to know it before one of them has the lock. */
  leave(why) {
    if (this.#left) {
      return;
    }
    this.#left = true;
    this.#stop.abort();
    this.#queued?.abort();
    this.#hush();
    if (this.#parting || !this.#hub?.end(why)) {
      this.#depart();
    } else {
      this.#timer = this.#clock.setTimeout(() => this.#depart(), WAIT.farewell);
    }
  }

  #depart() {
    this.#hush();
    this.#channel.close();
    this.#gone = true;
    this.#release?.();
  }

  /** Asks for the lock; resolves with whether it was got. It is kept until release, or until another tab steals it. */
  #ask(options) {
    return new Promise((resolve) => {
      let held = false;
      this.#locks.request(this.name, options, (lock) => {
        held = lock !== null && !this.#left;
        resolve(held);
        return held ? this.#own() : undefined;
      }).catch(() => {
        resolve(false);
        if (held) {
          this.#lose();
        }
      });
    });
  }

  /** Waits for the owner's end. */
  #queue() {
    this.#queued = new AbortController();
    this.#ask({ signal: this.#queued.signal });
  }

  /** The lock is ours; what is returned holds it. */
  #own() {
    this.#hush();
    this.#socket = null;
    this.#hub = new Hub({
      ...this.#options, picture: this.#picture, post: (message) => this.#post(message),
    });
    this.dispatchEvent(new Event('owner'));
    this.#options.client.reopen();
    return new Promise((release) => { this.#release = release; });
  }

  /** Another tab took us for hung. */
  #lose() {
    this.#hub = this.#release = null;
    if (this.#left) {
      return;
    }
    this.#queue();
    this.#listen();
    this.dispatchEvent(new Event('owner'));
    this.#options.client.reopen();
  }

  /** Asks again and again whether the hub is there; one that does not answer is hung, since its lock is not free. */
  #listen() {
    this.#missed = 0;
    this.#timer = this.#clock.setTimeout(() => this.#beat(), WAIT.beat);
  }

  #beat() {
    this.#timer = this.#clock.setTimeout(() => this.#beat(), WAIT.beat);
    if (++this.#missed < HUNG_AFTER || !this.#picture.complete) { // who was never let in can't take the login over
      this.#post({ kind: 'who' });
      return;
    }
    this.#missed = 0;
    this.#queued.abort();
    this.#ask({ steal: true });
  }

  /** A command of a mirror's may end after all else. */
  #post(message) {
    if (!this.#gone) {
      this.#channel.postMessage(message);
    }
  }

  #hush() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #take(message) {
    if (!isMessage(message)) {
      return;
    }
    if (this.#hub) {
      this.#hub.take(message);
      if (this.#left && this.#hub.isAlone) {
        this.#depart();
      }
    } else if (KINDS[message.kind].ofHub) {
      this.#missed = 0;
      this.#socket?.take(message);
    }
  }
}

/** The kinds of messages, with those of their members that are texts. */
const KINDS = {
  who: { texts: [] },
  say: { texts: ['hub', 'from', 'tab', 'data'] },
  leave: { texts: ['hub', 'from'] },
  hub: { texts: ['hub'], ofHub: true },
  tell: { texts: ['hub', 'data'], ofHub: true },
  end: { texts: ['hub'], ofHub: true },
};

/** Says that it looks like one: any script of the origin may use the channel. */
function isMessage(message) {
  const kind = Object.hasOwn(KINDS, message?.kind) ? KINDS[message.kind] : null;
  return kind !== null && kind.texts.every((member) => typeof message[member] === 'string') &&
    (message.kind !== 'end' || Number.isInteger(message.code)) && ['string', 'undefined'].includes(typeof message.to);
}

const realClock = {
  setTimeout: (run, after) => setTimeout(run, after),
  clearTimeout: (timer) => clearTimeout(timer),
};
