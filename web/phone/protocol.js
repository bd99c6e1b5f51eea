// The gateway's protocol (docs/protocol.md): one WebSocket, commands with replies, numbered events, and a login that
// survives the loss of its socket. Nothing here knows the page or its sound.

/** Why a command was not carried out: a code for programs and a sentence for people. */
export class ProtocolError extends Error {
  constructor(code, message) {
    super(message);
    this.name = 'ProtocolError';
    this.code = code;
  }
}

/** Another socket resumed the login. */
const REPLACED = 4009;

/** Close codes after which there is nothing to come back to, and what they mean. */
const FINAL = new Map([[1000, 'loggedOut'], [4001, 'refused'], [REPLACED, 'replaced'], [4010, 'kickedOut']]);

/** What tabs of a shared login tell each other. */
const BETWEEN_TABS = ['done', 'owner', 'note'];

/** Close code of our own for a gateway that does not answer. */
const SILENT = 4000;

/** Milliseconds. */
const WAIT = { silence: 15_000, pong: 5_000, login: 10_000, retryFirst: 250, retryMost: 5_000 };

/**
 * Client keeps one login. It dispatches
 * - `state`, detail {state, why}: connecting, open, reconnecting, or closed with why: loggedOut, refused, unreachable,
 *   replaced, kickedOut;
 * - `login`, detail the reply's data, each time a socket was opened and let in;
 * - every event of the gateway under its own name, detail the message; and `event` for all of them;
 * - `done`, detail {type, members, data}, for each command that was carried out, also by other tabs of a shared login,
 *   and what those tell each other besides (tabs.js): `owner` and `note`.
 */
export class Client extends EventTarget {
  #open;
  #clock;
  #random;
  #isShared;
  #socket = null;
  #state = 'closed';
  #login = null; // {login, resumeToken, seq}; seq is undefined where no event is known
  #firstToken = null;
  #waiting = null; // for the reply to the login: {resolve, reject}
  #pending = new Map(); // commands without a reply, by id
  #lastID = 0;
  #failures = 0; // to connect, in a row
  #heard = 0; // when something last came
  #timers = { retry: null, watch: null, login: null };

  /**
   * open makes a WebSocket, or what looks like one; isShared says whether another tab may take the login over, and open
   * then lead there. clock has setTimeout, clearTimeout and now, and random is like Math.random: for tests.
   */
  constructor({ open, isShared = () => false, clock = realClock, random = Math.random }) {
    super();
    this.#open = open;
    this.#clock = clock;
    this.#random = random;
    this.#isShared = isShared;
  }

  get state() { return this.#state; }

  /** What is needed to resume this login after the page was loaded anew, or null. */
  get resumable() {
    return this.#login && { login: this.#login.login, resumeToken: this.#login.resumeToken };
  }

  /** Logs in with a token from POST /api/v1/token; resolves with the reply's data. */
  login(token) {
    this.#firstToken = token;
    this.#login = null;
    return this.#begin();
  }

  /** Resumes a login of this page's life before; what it has to do with is told by a snapshot. */
  resume({ login, resumeToken }) {
    this.#login = { login, resumeToken, seq: undefined };
    return this.#begin();
  }

  /** Sends a command; resolves with the reply's data, or rejects with a ProtocolError. */
  command(type, members = {}) {
    if (this.#state !== 'open') {
      return Promise.reject(new ProtocolError('offline', 'the gateway is not connected'));
    }
    const id = String(++this.#lastID);
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, type, members });
      this.#send({ id, type, ...members });
    });
  }

  /** The network may have changed: finds out at once whether the gateway is there, instead of after the next pause. */
  wake() {
    if (this.#timers.retry !== null) {
      this.#stop('retry');
      this.#connect();
    } else if (this.#state === 'open') {
      this.#probe();
    }
  }

  /** Goes on by another socket, where a login is there or under way: open leads elsewhere now. */
  reopen() {
    if (this.#state !== 'closed') {
      this.#drop();
      this.#change('connecting');
      this.#connect();
    }
  }

  /** Ends the login here, without a word to the gateway. */
  close() {
    this.#drop();
    this.#login = null;
    this.#waiting?.reject(new ProtocolError('offline', 'the login was ended'));
    this.#waiting = null;
    this.#change('closed', 'loggedOut');
  }

  #begin() {
    if (this.#waiting) {
      return Promise.reject(new ProtocolError('wrongState', 'a login is under way'));
    }
    this.#drop();
    this.#failures = 0;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#change('connecting');
      this.#connect();
    });
  }

  #connect() {
    const socket = this.#open();
    this.#socket = socket;
    this.#start('login', WAIT.login, () => this.#lost(SILENT));
    socket.onopen = () => this.#send(this.#loginMessage());
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = ({ code }) => this.#lost(code);
  }

  #loginMessage() {
    if (!this.#login) {
      return { type: 'login', token: this.#firstToken };
    }
    const { login, resumeToken, seq } = this.#login;
    return { type: 'login', token: resumeToken, resume: seq === undefined ? { login } : { login, seq } };
  }

  #send(message) { this.#socket.send(JSON.stringify(message)); }

  #take(message) {
    this.#heard = this.#clock.now();
    if (message.event) {
      this.#takeEvent(message);
    } else if (message.reply === 'login') {
      this.#takeLogin(message);
    } else if (this.#pending.has(message.reply)) {
      this.#takeReply(message);
    } else if (BETWEEN_TABS.includes(message.tabs)) {
      this.dispatchEvent(new CustomEvent(message.tabs, { detail: message.detail }));
    }
  }

  #takeReply({ reply, ok, data, error }) {
    const { resolve, reject, type, members } = this.#pending.get(reply);
    this.#pending.delete(reply);
    if (!ok) {
      reject(new ProtocolError(error.code, error.message));
      return;
    }
    if (!this.#socket.isMirror) { // where it is, the owner's tab tells all
      this.dispatchEvent(new CustomEvent('done', { detail: { type, members, data } }));
    }
    resolve(data);
  }

  #takeLogin({ ok, data, error }) {
    this.#stop('login');
    const waiting = this.#waiting;
    this.#waiting = null;
    if (!ok) {
      waiting?.reject(new ProtocolError(error.code, error.message));
      return; // and the gateway closes the socket
    }
    this.#login = {
      login: data.login,
      resumeToken: data.resumeToken ?? this.#login.resumeToken,
      seq: data.resumed ? this.#login.seq : data.seq,
    };
    this.#firstToken = null;
    this.#failures = 0;
    this.#change('open');
    this.#watch();
    this.dispatchEvent(new CustomEvent('login', { detail: data }));
    waiting?.resolve(data);
  }

  #takeEvent(message) {
    const expected = this.#login.seq + 1;
    if (message.seq < expected) {
      return; // seen before
    }
    if (message.seq > expected && message.event !== 'snapshot') {
      this.#lost(SILENT); // something is missing: resuming brings it
      return;
    }
    this.#login.seq = message.seq;
    this.dispatchEvent(new CustomEvent('event', { detail: message }));
    this.dispatchEvent(new CustomEvent(message.event, { detail: message }));
  }

  /** Looks after a gateway that says nothing: a dead network does not close a socket for minutes. */
  #watch() {
    this.#start('watch', WAIT.silence, () => {
      if (this.#clock.now() - this.#heard < WAIT.silence) {
        this.#watch();
      } else {
        this.#probe();
      }
    });
  }

  async #probe() {
    this.#start('watch', WAIT.pong, () => this.#lost(SILENT));
    try {
      await this.command('ping');
      this.#watch();
    } catch {
      // The socket is gone, and #lost sees to it.
    }
  }

  /** The socket is gone: comes back, unless the gateway said that there is no way back. */
  #lost(code) {
    this.#drop();
    const goesOn = code === REPLACED && this.#isShared();
    const why = (goesOn ? null : FINAL.get(code)) ?? (this.#login ? null : 'unreachable');
    if (why) {
      this.#login = null;
      this.#waiting?.reject(new ProtocolError('offline', 'the gateway cannot be reached'));
      this.#waiting = null;
      this.#change('closed', why);
      return;
    }
    this.#change('reconnecting');
    if (code === 4029 || goesOn) { // we were too fast; or are about to be told that another tab has the login
      this.#failures = Math.max(this.#failures, 4);
    }
    const pause = Math.min(WAIT.retryFirst * 2 ** this.#failures++, WAIT.retryMost);
    this.#start('retry', pause * (0.5 + this.#random() / 2), () => this.#connect());
  }

  /** Forgets the socket and everything that waits for it. */
  #drop() {
    Object.keys(this.#timers).forEach((name) => this.#stop(name));
    if (this.#socket) {
      this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
      this.#socket.close();
      this.#socket = null;
    }
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    pending.forEach(({ reject }) => reject(new ProtocolError('offline', 'the connection was lost meanwhile')));
  }

  #change(state, why) {
    if (state !== this.#state || why) {
      this.#state = state;
      this.dispatchEvent(new CustomEvent('state', { detail: { state, why } }));
    }
  }

  #start(name, after, run) {
    this.#stop(name);
    this.#timers[name] = this.#clock.setTimeout(() => {
      this.#timers[name] = null;
      run();
    }, after);
  }

  #stop(name) {
    this.#clock.clearTimeout(this.#timers[name]);
    this.#timers[name] = null;
  }
}

const realClock = {
  setTimeout: (run, after) => setTimeout(run, after),
  clearTimeout: (timer) => clearTimeout(timer),
  now: () => Date.now(),
};

/** Where the WebSocket of a page at this location is. */
export function socketURL(location) {
  return `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/api/v1/ws`;
}
