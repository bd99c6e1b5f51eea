// One seat at work: the client, its calls, and its sound, put together. It knows nothing of the page's looks.
import { Calls, isAtMobile } from './calls.js';
import { Live } from './live.js';
import { Mic } from './mic.js';
import { Peer } from './peer.js';
import { Client, socketURL } from './protocol.js';
import { Quality } from './quality.js';
import { Sound } from './sound.js';
import { fetchToken } from './token.js';

/** In the tab's own storage, so that loading the page anew does not end a call. */
const KEPT = 'seatbridge.login';

/** Says that a seat's sound is the page's: another device has its own. */
export function soundsHere(seat) { return ['staffSeat', 'miniProgramSeat'].includes(seat.device); }

/**
 * Phone dispatches `change` whenever its state does, `event` with each event of the gateway, `quality` when a call's
 * level or causes are others (see Quality), `log` with detail {text, kind} for people, and `over` with detail why when
 * the login has ended.
 */
export class Phone extends EventTarget {
  #options;
  #mic = null;
  #micID = ''; // the chosen one
  #peer = null;
  #loginID = null;
  #ears = 0;
  #takingOver = false;
  #quality = new Quality({ measure: () => this.#measure() });
  sound = new Sound();
  client = new Client({ open: () => new WebSocket(socketURL(this.#options.gateway ?? location)) });
  calls;
  live = new Live({ getToken: (user, password) => fetchToken(user, password, 'operations') });
  /** While logged in. @type {any} */
  seat = null;
  /** Of the seat, as in the event statusChanged. @type {any} */
  status = null;
  groups = []; // as they were told last
  ringtone = true; // it rings here while a call does

  /** options: processing and loopback, see Mic and Peer; gateway: its URL, where the page is not its own. */
  constructor(options) {
    super();
    this.#options = options;
    // First, so that whoever listens still finds the call that an event ends.
    this.client.addEventListener('event', ({ detail }) => {
      this.dispatchEvent(new CustomEvent('event', { detail }));
    });
    this.calls = new Calls(this.client);
    this.calls.addEventListener('change', () => this.#follow());
    this.live.addEventListener('change', () => this.#changed());
    this.client.addEventListener('login', ({ detail }) => this.#loggedIn(detail));
    this.client.addEventListener('state', ({ detail }) => this.#connectionChanged(detail));
    for (const name of ['snapshot', 'statusChanged']) {
      this.client.addEventListener(name, ({ detail }) => this.#statusChanged(detail));
    }
    this.client.addEventListener('media', ({ detail }) => this.#mediaEvent(detail));
    this.#quality.addEventListener('look', () => this.#changed());
    this.#quality.addEventListener('change', ({ detail }) => {
      this.dispatchEvent(new CustomEvent('quality', { detail }));
    });
  }

  /** connection: closed, connecting, open, reconnecting; media: off, connecting, connected, lost. */
  get connection() { return this.client.state; }
  get media() { return this.#peer?.state ?? 'off'; }
  /** How good the current call is, as Quality has it; null while none sounds here. */
  get quality() { return this.#quality.now; }
  get micProblem() { return this.#mic?.problem ?? ''; }

  /** Logs in; the password may be left out in the demo. */
  async login(user, password) {
    const token = await fetchToken(user, password);
    await this.loginBy(token);
  }

  async loginBy(token) { await this.client.login(token); }

  /** Takes up the login of the page's life before, of a certain user where one is given; false where there is none. */
  async resume(user) {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
    if (!kept || (user && kept.user !== user)) {
      return false;
    }
    await this.client.resume(kept);
    return true;
  }

  async logout() { await this.client.command('logout'); }

  /** Logs out and ends all at once, also where the gateway is out of reach. */
  close() {
    this.logout().catch(() => {}); // not connected: the gateway will notice
    this.client.close();
  }

  /** Takes another microphone, or the browser's choice by an empty id. */
  async useMic(deviceId) {
    this.#micID = deviceId;
    await this.#mic?.use(deviceId);
  }

  /** Asks for a status; the reason is a rest's. */
  setStatus(status, reason) { return this.client.command('setStatus', { status, reason }); }

  /** Ends the after-call work: the seat is what was asked for, or free where that is after-call work itself. */
  endWrapUp() {
    const { wanted, reason } = this.status;
    return this.setStatus(wanted === 'arrange' ? 'free' : wanted, reason);
  }

  /** Asks which groups there are, and who is free in them. */
  async getGroups() {
    this.groups = (await this.client.command('groups')).groups;
    return this.groups;
  }

  groupName(id) { return this.groups.find((g) => g.skillGroupId === id)?.name ?? ''; }

  /** Calls a number or an extension, or a seat by {user}. */
  async call(to) {
    const session = await this.client.command('call', target(to));
    this.calls.placed(session);
    return session;
  }

  async accept(sessionId = this.calls.ringing[0]?.sessionId) {
    this.#peer?.setSending(true); // so that the first word is not lost
    try {
      await this.client.command('accept', { sessionId });
    } finally {
      this.#follow();
    }
  }

  hangup(sessionId = (this.calls.current ?? this.calls.ringing[0])?.sessionId) {
    return this.client.command('hangup', { sessionId });
  }

  digits(digits, sessionId = this.calls.current?.sessionId) {
    return this.client.command('digits', { sessionId, digits });
  }

  async mute(on = true, sessionId = this.calls.current?.sessionId) {
    const { muted } = await this.client.command(on ? 'mute' : 'unmute', { sessionId });
    this.calls.update(sessionId, { muted });
  }

  /** Puts the other side on hold; unhold takes it back. */
  hold(sessionId = this.calls.current?.sessionId) { return this.client.command('hold', { sessionId }); }

  unhold(sessionId = this.calls.current?.sessionId) { return this.client.command('unhold', { sessionId }); }

  /** Keeps the digits that the customer presses from everybody, the seat too. */
  secureDigits(secure = true, sessionId = this.calls.current?.sessionId) {
    return this.client.command('secureDigits', { sessionId, secure });
  }

  /** Hands the call to a number or an extension, or to a seat by {user}, at once. */
  async transfer(to, sessionId = this.calls.current?.sessionId) {
    await this.client.command('transfer', { sessionId, ...target(to) });
    this.calls.update(sessionId, { consult: false });
  }

  /** Asks whom the call may be handed to first. */
  async consult(to, sessionId = this.calls.current?.sessionId) {
    await this.client.command('consult', { sessionId, ...target(to) });
    this.calls.update(sessionId, { consult: true });
  }

  async complete(sessionId = this.calls.current?.sessionId) {
    await this.client.command('completeTransfer', { sessionId });
    this.calls.update(sessionId, { consult: false });
  }

  cancelTransfer(sessionId = this.calls.current?.sessionId) {
    return this.client.command('cancelTransfer', { sessionId });
  }

  /** Goes from the consulted to the other side, or back. */
  async swap(sessionId = this.calls.current?.sessionId) {
    await this.client.command('swap', { sessionId });
    this.calls.update(sessionId, { swapped: !this.calls.get(sessionId)?.swapped });
  }

  /** Listens to a session of others, and only listens again after whisper or barge. */
  async monitor(sessionId) {
    const known = this.live.get(sessionId);
    const again = this.calls.get(sessionId)?.mode;
    await this.client.command('monitor', { sessionId });
    if (!again) {
      this.calls.supervised(sessionId, known);
    }
  }

  whisper(sessionId = this.#supervised) { return this.client.command('whisper', { sessionId }); }

  barge(sessionId = this.#supervised) { return this.client.command('barge', { sessionId }); }

  /** Takes the agent's place. The gateway waits for our voice: it is sent from now on. */
  async intercept(sessionId = this.#supervised) {
    this.#takingOver = true;
    this.#follow();
    try {
      await this.client.command('intercept', { sessionId });
      this.calls.update(sessionId, { mode: undefined });
    } finally {
      this.#takingOver = false;
      this.#follow();
    }
  }

  stopMonitor(sessionId = this.#supervised) { return this.client.command('leave', { sessionId }); }

  get #supervised() { return this.calls.all.find((c) => c.mode)?.sessionId; }

  levels() { return this.sound.levels(); }

  async stats() { return (await this.#peer?.stats()) ?? null; }

  /** What Quality looks at. A party of whom nothing comes on purpose is not lost. */
  async #measure() {
    const { current } = this.calls;
    const isLost = current?.silent && !['held', 'muted'].includes(current.silentWhy);
    const isOurs = current?.silentUser === this.seat?.user;
    return {
      stats: await this.stats().catch(() => null), // the connection is just being closed
      pathLost: this.media === 'lost',
      speaking: this.calls.voiced && !current?.muted,
      farLost: isLost && !isOurs,
      ownLost: isLost && isOurs,
    };
  }

  async #loggedIn({ login, seat, media }) {
    this.seat = seat;
    sessionStorage.setItem(KEPT, JSON.stringify({ ...this.client.resumable, user: seat.user }));
    const first = login !== this.#loginID;
    this.#loginID = login;
    this.#ears = media.ears;
    this.getGroups().catch(() => {}); // for their names; asked again where they are needed
    if (!first) {
      this.#peer?.check(false);
    } else if (this.#peer) {
      this.#peer.check(true);
    } else if (soundsHere(seat)) {
      await this.#startMedia();
    }
    this.#changed();
  }

  #statusChanged({ status, since, until, wanted, reason, device, useMobile }) {
    this.status = { status, since, until, wanted, reason, device, useMobile };
    if (this.seat && this.seat.device !== device) {
      this.seat = { ...this.seat, device };
      this.#followDevice();
    }
    this.#changed();
  }

  /** Has sound here, or not any more, as the seat's device has become another. */
  #followDevice() {
    if (!soundsHere(this.seat)) {
      this.#stopMedia();
    } else if (!this.#mic) {
      this.#startMedia();
    }
  }

  async #startMedia() {
    const mic = new Mic({ processing: this.#options.processing });
    this.#mic = mic;
    await mic.use(this.#micID);
    await this.sound.open();
    if (mic !== this.#mic) {
      return; // the login has ended meanwhile
    }
    mic.addEventListener('change', () => this.#micChanged());
    this.#peer = new Peer({
      signal: {
        offer: async (sdp) => (await this.client.command('offer', { sdp })).sdp,
        candidate: (candidate) => this.client.command('candidate', { candidate }),
      },
      sound: this.sound,
      loopback: this.#options.loopback,
    });
    this.#peer.addEventListener('state', ({ detail }) => {
      this.#log(MEDIA[detail] ?? '', detail === 'lost' ? 'bad' : '');
      this.#changed();
    });
    this.#micChanged();
    this.#follow();
    this.#peer.start(this.#ears, mic.track);
  }

  #micChanged() {
    this.sound.setMic(this.#mic.track);
    this.#peer?.setMic(this.#mic.track);
    if (this.#mic.problem) {
      this.#log(this.#mic.problem, 'bad');
    }
    this.#follow();
  }

  /** Does what the calls ask for: sends the voice, or silence, or nothing; rings. */
  #follow() {
    const { current, ringing } = this.calls;
    this.#mic?.setMuted(current?.muted ?? false);
    this.#peer?.setSending(this.calls.voiced || this.#takingOver);
    const sounds = this.#peer && current?.status === 'inProgress' && !isAtMobile(current);
    this.#quality.follow(sounds ? current.sessionId : undefined);
    this.sound.setPlaces(current?.mode ? SUPERVISOR : SEAT);
    const rings = ringing.some((c) => !isAtMobile(c));
    this.sound.ring(this.ringtone && rings && !current && this.#mic !== null);
    this.#changed();
  }

  #connectionChanged({ state, why }) {
    if (state === 'reconnecting') {
      this.#log('The gateway is out of reach; trying again.', 'bad');
    }
    if (state === 'closed') {
      this.#end(why);
    }
    this.#changed();
  }

  /** The gateway tells what our connection has come to at its end. */
  #mediaEvent({ state, reason }) {
    if (state === 'closed' && this.#peer) {
      this.#log(`The gateway closed the media connection${reason ? `: ${reason}` : ''}.`, 'bad');
      this.#peer.check(true);
    }
  }

  #stopMedia() {
    this.#quality.follow(undefined);
    this.#peer?.close();
    this.#mic?.close();
    this.sound.close();
    this.#peer = this.#mic = null;
  }

  #end(why) {
    sessionStorage.removeItem(KEPT);
    this.#stopMedia();
    this.#loginID = null;
    this.seat = this.status = null;
    this.live.close();
    this.calls.clear();
    this.dispatchEvent(new CustomEvent('over', { detail: why }));
  }

  #log(text, kind) {
    if (text) {
      this.dispatchEvent(new CustomEvent('log', { detail: { text, kind } }));
    }
  }

  #changed() { this.dispatchEvent(new Event('change')); }
}

/** Where the ears are heard, -1 left to 1 right. A supervisor has the customer left and the seats right. */
const SEAT = [0, -0.6, 0.6];
const SUPERVISOR = [-1, 1, 1];

const MEDIA = { connected: 'Media is connected.', lost: 'Media was lost; trying to get it back.' };

/** What a command says of its target: a number or an extension as text, or {user}. */
function target(to) { return typeof to === 'string' ? { to } : to; }
