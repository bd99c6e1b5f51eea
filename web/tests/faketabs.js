// A browser's locks and channels, and a gateway, for tabs under test.
import { Client } from '../phone/protocol.js';
import { Tabs } from '../phone/tabs.js';
import { FakeClock, settled } from './fake.js';

/** The part of navigator.locks that tabs use: one exclusive lock, for one after the other. */
class FakeLocks {
  held = null; // {end}
  queue = [];

  async request(name, { ifAvailable, steal, signal }, run) {
    if (steal) {
      const old = this.held;
      this.held = null;
      old?.end(new DOMException('stolen', 'AbortError'));
      return this.#grant(run);
    }
    if (!this.held && this.queue.length === 0) {
      return this.#grant(run);
    }
    if (ifAvailable) {
      return run(null);
    }
    return new Promise((resolve, reject) => {
      const waits = { name, go: () => this.#grant(run).then(resolve, reject), drop: () => this.#drop(waits) };
      signal?.addEventListener('abort', () => {
        if (this.#drop(waits)) {
          reject(signal.reason);
        }
      });
      this.queue.push(waits);
    });
  }

  async query() { return { held: [], pending: this.queue.map(({ name }) => ({ name })) }; }

  /** The holder's page is gone, without a word. */
  free() {
    this.held = null;
    this.queue.shift()?.go();
  }

  #drop(waits) {
    const before = this.queue.length;
    this.queue = this.queue.filter((w) => w !== waits);
    return this.queue.length < before;
  }

  #grant(run) {
    return new Promise((resolve, reject) => {
      const held = { end: reject };
      this.held = held;
      Promise.resolve().then(() => run({})).then((value) => {
        if (this.held === held) {
          this.free();
        }
        resolve(value);
      });
    });
  }
}

/** Channels of one name; what is posted comes later, as a copy, in order. */
class FakeChannels {
  all = new Set();

  open = () => {
    const channel = {
      onmessage: null,
      postMessage: (message) => {
        const others = [...this.all].filter((c) => c !== channel);
        const data = structuredClone(message);
        setImmediate(() => others.forEach((c) => this.all.has(c) && c.onmessage?.({ data })));
      },
      close: () => this.all.delete(channel),
    };
    this.all.add(channel);
    return channel;
  };
}

/** A gateway with one login, that remembers commands and answers each with its own members. */
class FakeGateway {
  seq = 0;
  recent = [];
  socket = null;
  logins = []; // messages
  commands = [];
  sockets = 0;
  ended = 0;

  open = () => {
    this.sockets++;
    const socket = { send: (text) => setImmediate(() => this.#take(socket, JSON.parse(text))), close: () => {} };
    setImmediate(() => socket.onopen?.());
    return socket;
  };

  emit(event, members = {}) {
    const message = { seq: ++this.seq, event, at: '2026-11-22T12:00:00.000Z', ...members };
    this.recent.push(message);
    this.#say(this.socket, message);
  }

  /** Closes the socket. */
  end(code) {
    this.ended = code;
    const { socket } = this;
    this.socket = null;
    setImmediate(() => socket?.onclose?.({ code }));
  }

  /** The socket's far end is gone, and hears no more. */
  cut() {
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket = null;
  }

  #say(socket, message) { setImmediate(() => socket?.onmessage?.({ data: JSON.stringify(message) })); }

  #take(socket, { id, type, ...members }) {
    if (type === 'login') {
      this.#logIn(socket, members);
      return;
    }
    this.commands.push({ type, ...members });
    if (type === 'refuse') {
      this.#say(socket, { reply: id, ok: false, error: { code: 'wrongState', message: 'not now' } });
      return;
    }
    this.#say(socket, { reply: id, ok: true, data: members });
    if (type === 'logout') {
      this.end(1000);
    }
  }

  #logIn(socket, members) {
    this.logins.push(members);
    const { resume } = members;
    const resumed = resume?.seq !== undefined && this.seq > 0;
    const old = this.socket;
    setImmediate(() => old?.onclose?.({ code: 4009 }));
    this.socket = socket;
    this.#say(socket, {
      reply: 'login', ok: true, data: {
        login: 'L', resumed, seq: this.seq, seat: { user: 'alice', role: 3, device: 'staffSeat' },
        media: { ears: 3, iceServers: [] }, ...!resume && { resumeToken: 'R' },
      },
    });
    if (resumed) {
      this.recent.filter((e) => e.seq > resume.seq).forEach((e) => this.#say(socket, e));
    } else {
      this.emit('snapshot', { sessions: [], status: 'free', device: 'staffSeat' });
    }
  }
}

/** One browser with tabs of one user, and the gateway. */
export class Browser {
  clock = new FakeClock();
  locks = new FakeLocks();
  channels = new FakeChannels();
  gateway = new FakeGateway();
  tabs = 0;

  /** Opens a tab that logs in, as a Phone does. */
  async open() {
    const { clock, locks } = this;
    const tab = { id: `t${++this.tabs}`, events: [], done: [], owner: [], note: [], states: [], asked: [] };
    tab.client = new Client({
      open: () => tab.tabs.open() ?? (tab.isDead ? { send() {}, close() {} } : this.gateway.open()),
      isShared: () => true, clock, random: () => 1,
    });
    tab.channel = this.channels.open();
    tab.tabs = new Tabs({
      name: 'gateway alice', tab: tab.id, client: tab.client, locks, newChannel: () => tab.channel, clock,
      shown: () => ({ connection: tab.client.state }),
      run: (type, members) => {
        tab.asked.push(type);
        return type === 'stats' ? { sent: 7 } : tab.client.command(type, members);
      },
    });
    for (const kind of ['done', 'owner', 'note']) {
      tab.client.addEventListener(kind, ({ detail }) => tab[kind].push(detail));
    }
    tab.client.addEventListener('event', ({ detail }) => tab.events.push(detail));
    tab.client.addEventListener('state', ({ detail: { state, why } }) => {
      tab.states.push(why ?? state);
      if (state === 'closed') {
        tab.tabs.leave(why);
      }
    });
    tab.heard = () => tab.events.map((e) => `${e.seq} ${e.event}`);
    await tab.tabs.join();
    tab.login = tab.client.login(`token of ${tab.id}`);
    tab.login.catch(() => {});
    await this.rest();
    return tab;
  }

  /** The tab is gone, as by a crash: nothing of it runs any more. */
  crash(tab) {
    tab.isDead = true;
    tab.channel.close();
    if (tab.tabs.owns) {
      this.gateway.cut();
      this.locks.free();
    }
  }

  /** The tab hangs: nothing reaches it, and it keeps what it has. */
  freeze(tab) {
    tab.take = tab.channel.onmessage;
    tab.channel.onmessage = null;
  }

  /** Lets messages come and go until there are none. */
  async rest() {
    for (let i = 0; i < 40; i++) {
      await settled();
    }
  }
}
