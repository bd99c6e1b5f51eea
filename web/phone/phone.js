// One seat at work: the client, its calls, and its sound, put together. It knows nothing of the page's looks.
import { Calls, isAtMobile } from './calls.js';
import { Live } from './live.js';
import { Client, ProtocolError, socketURL } from './protocol.js';
import { News, Quality } from './quality.js';
import { Tabs } from './tabs.js';
import { newID } from './tabsocket.js';
import { fetchToken } from './token.js';
import { Voice } from './voice.js';

/** In the tab's own storage, so that loading the page anew does not end a call. */
const KEPT = 'seatbridge.login';

/** Does something with that storage; null where the browser has none for the page, or it is full. */
function kept(run) {
  try {
    return run(sessionStorage);
  } catch {
    return null;
  }
}

/** Says that a seat's sound is the page's: another device has its own. */
export function soundsHere(seat) { return ['staffSeat', 'miniProgramSeat'].includes(seat.device); }

/**
 * Phone dispatches `change` whenever its state does, `event` with each event of the gateway, `quality` when a call's
 * level or causes are others (see Quality), `log` with detail {text, kind} for people, and `over` with detail why when
 * the login has ended.
 *
 * Where tabs share a login, one of them owns it and has the sound; the others see the same and command it (tabs.js).
 */
export class Phone extends EventTarget {
  #options;
  #voice;
  #loginID = null;
  #ears = 0;
  #takingOver = false;
  #quality = new Quality({ measure: () => this.#measure() });
  #news = new News();
  #tabs = null; // while a login is shared
  #told = {}; // by the tab that owns it: see #shown
  /** What the gateway's events call this page. */
  tab = newID();
  client;
  calls;
  live = new Live(() => this.client.command('wall'));
  /** While logged in. @type {any} */
  seat = null;
  /** Of the seat, as in the event statusChanged. @type {any} */
  status = null;
  groups = []; // as they were told last
  #ringtone = true;

  /**
   * options: processing and loopback, see Mic and Peer; gateway: its URL, where the page is not its own; shared: tabs
   * of this origin share a user's login. Where the browser has no locks (without HTTPS) they do not.
   */
  constructor(options) {
    super();
    this.#options = options;
    this.client = new Client({ open: () => this.#open(), isShared: () => this.#tabs !== null });
    this.#voice = new Voice(this.client, options);
    this.#voice.addEventListener('change', () => this.#follow());
    this.#voice.addEventListener('log', ({ detail }) => this.#log(detail.text, detail.kind));
    // First, so that whoever listens still finds the call that an event ends.
    this.client.addEventListener('event', ({ detail }) => {
      this.dispatchEvent(new CustomEvent('event', { detail }));
    });
    this.calls = new Calls(this.client);
    this.calls.addEventListener('change', () => this.#follow());
    this.live.addEventListener('change', () => this.#changed());
    this.client.addEventListener('owner', ({ detail }) => this.#hear(detail));
    this.client.addEventListener('note', ({ detail }) => this.#log(detail.text, detail.kind));
    this.client.addEventListener('login', ({ detail }) => this.#loggedIn(detail));
    this.client.addEventListener('state', ({ detail }) => this.#connectionChanged(detail));
    for (const name of ['snapshot', 'statusChanged']) {
      this.client.addEventListener(name, ({ detail }) => this.#statusChanged(detail));
    }
    this.client.addEventListener('media', ({ detail }) => this.#mediaEvent(detail));
    this.#quality.addEventListener('look', () => {
      this.#changed();
      this.#tellQuality(this.#quality.now);
    });
  }

  /** connection: closed, connecting, open, reconnecting; media: off, connecting, connected, lost. */
  get connection() {
    const { state } = this.client;
    return this.owns || state !== 'open' ? state : this.#told.connection ?? state;
  }

  get media() { return this.owns ? this.#voice.state : this.#told.media ?? 'off'; }
  /** How good the current call is, as Quality has it; null while none sounds in this browser. */
  get quality() { return this.owns ? this.#quality.now : this.#told.quality ?? null; }
  /** It rings here while a call does. */
  get ringtone() { return this.#ringtone; }
  set ringtone(on) {
    if (on !== this.#ringtone) {
      this.#ringtone = on;
      this.#follow();
    }
  }

  get micProblem() { return this.owns ? this.#voice.problem : this.#told.micProblem ?? ''; }

  /** What is heard here. */
  get sound() { return this.#voice.sound; }

  /** Says that the login, and its sound, are this tab's; false where another tab has them. */
  get owns() { return this.#tabs?.owns ?? true; }

  /** Says that the seat sounds in this tab. */
  get soundsHere() { return this.owns && this.seat !== null && soundsHere(this.seat); }

  /** Logs in; the password may be left out in the demo. */
  async login(user, password) {
    const token = await fetchToken(user, password);
    await this.loginBy(token, user);
  }

  /** Logs in by a token; of which user it is has to be known where tabs are to share the login. */
  async loginBy(token, user) {
    await this.#join(user);
    await this.client.login(token);
  }

  /** Takes up the login of the page's life before, of a certain user where one is given; false where there is none. */
  async resume(user) {
    const login = JSON.parse(kept((s) => s.getItem(KEPT)) ?? 'null');
    if (!login || (user && login.user !== user)) {
      return false;
    }
    await this.#join(login.user);
    await this.client.resume(login);
    return true;
  }

  async logout() { await this.client.command('logout'); }

  /** Ends all here, also where the gateway is out of reach. It logs out, unless the login goes on in another tab. */
  async close() {
    kept((s) => s.removeItem(KEPT)); // at once: what the page loads next has a login of its own
    if (!(await this.#tabs?.part().catch(() => false))) {
      this.logout().catch(() => {}); // not connected: the gateway will notice
    }
    this.client.close();
  }

  /** Takes another microphone, or the browser's choice by an empty id. */
  async useMic(deviceId) {
    this.#voice.micID = deviceId;
    await this.#do('useMic', { deviceId });
  }

  /** Sounds at another loudspeaker; the browser's choice where the id is empty. */
  async useSpeaker(deviceId) { await this.#do('useSpeaker', { deviceId }); }

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
  call(to) { return this.client.command('call', { tab: this.tab, ...target(to) }); }

  accept(sessionId = this.calls.ringing[0]?.sessionId) { return this.#do('accept', { sessionId, tab: this.tab }); }

  hangup(sessionId = (this.calls.current ?? this.calls.ringing[0])?.sessionId) {
    return this.client.command('hangup', { sessionId });
  }

  digits(digits, sessionId = this.calls.current?.sessionId) {
    return this.client.command('digits', { sessionId, digits });
  }

  mute(on = true, sessionId = this.calls.current?.sessionId) {
    return this.client.command(on ? 'mute' : 'unmute', { sessionId });
  }

  /** Puts the other side on hold; unhold takes it back. */
  hold(sessionId = this.calls.current?.sessionId) { return this.client.command('hold', { sessionId }); }

  unhold(sessionId = this.calls.current?.sessionId) { return this.client.command('unhold', { sessionId }); }

  /** Keeps the digits that the customer presses from everybody, the seat too. */
  secureDigits(secure = true, sessionId = this.calls.current?.sessionId) {
    return this.client.command('secureDigits', { sessionId, secure });
  }

  /** Hands the call to a number or an extension, or to a seat by {user}, at once. */
  transfer(to, sessionId = this.calls.current?.sessionId) {
    return this.client.command('transfer', { sessionId, ...target(to) });
  }

  /** Asks whom the call may be handed to first. */
  consult(to, sessionId = this.calls.current?.sessionId) {
    return this.client.command('consult', { sessionId, ...target(to) });
  }

  complete(sessionId = this.calls.current?.sessionId) { return this.client.command('completeTransfer', { sessionId }); }

  cancelTransfer(sessionId = this.calls.current?.sessionId) {
    return this.client.command('cancelTransfer', { sessionId });
  }

  /** Goes from the consulted to the other side, or back. */
  swap(sessionId = this.calls.current?.sessionId) { return this.client.command('swap', { sessionId }); }

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

  /** Takes the agent's place. */
  intercept(sessionId = this.#supervised) { return this.#do('intercept', { sessionId, tab: this.tab }); }

  stopMonitor(sessionId = this.#supervised) { return this.client.command('leave', { sessionId }); }

  get #supervised() { return this.calls.all.find((c) => c.mode)?.sessionId; }

  levels() { return this.sound.levels(); }

  /** Figures of the connection, see Peer; null where the seat does not sound in this browser. */
  stats() { return this.#do('stats', {}); }

  /** A socket for the client: the gateway's, or one to the tab that has it. */
  #open() { return this.#tabs?.open() ?? new WebSocket(socketURL(this.#options.gateway ?? location)); }

  /** Shares the user's login with the other tabs, where that is wanted. */
  async #join(user) {
    if (!this.#options.shared || !user || !navigator.locks) {
      return;
    }
    const name = `${socketURL(this.#options.gateway ?? location)} ${user}`;
    if (this.#tabs?.name !== name) {
      this.#tabs?.leave();
      this.#tabs = new Tabs({
        name, tab: this.tab, client: this.client, run: (type, members) => this.#serve(type, members),
        shown: () => this.#shown,
      });
      this.#tabs.addEventListener('owner', () => this.#ownerChanged());
    }
    const tabs = this.#tabs;
    await tabs.join();
    if (tabs !== this.#tabs) {
      throw new ProtocolError('offline', 'the login was ended');
    }
  }

  /** What other tabs see of this one, which owns the login. */
  get #shown() {
    const { connection, media, micProblem, quality } = this;
    return { connection, media, micProblem, quality, micID: this.#voice.micID, speakerID: this.sound.speaker };
  }

  /** What the owner's tab shows; its devices are kept for when this one owns. */
  #hear(told) {
    this.#told = told;
    this.#voice.micID = told.micID;
    this.sound.setSpeaker(told.speakerID).catch(() => {}); // there is no sound here yet
    this.#changed();
    this.#tellQuality(told.quality);
  }

  #tellQuality(detail) {
    if (detail && this.#news.take(detail)) {
      this.dispatchEvent(new CustomEvent('quality', { detail }));
    }
  }

  /** Where the sound has gone it is ended here; where it has come the login that follows begins it. */
  #ownerChanged() {
    this.#told = {};
    if (!this.owns) {
      this.#voice.stop();
    }
    this.#changed();
  }

  /** Has something done where the sound is. */
  #do(type, members) { return this.owns ? this.#serve(type, members) : this.client.command(type, members); }

  /** Does what a tab asks for, here where the socket and the sound are. */
  async #serve(type, members) {
    switch (type) {
      case 'accept':
        this.#voice.send(true); // so that the first word is not lost
        return this.client.command(type, members).finally(() => this.#follow());
      case 'intercept': // the gateway waits for our voice
        this.#takingOver = true;
        this.#follow();
        return this.client.command(type, members).finally(() => {
          this.#takingOver = false;
          this.#follow();
        });
      case 'useMic':
        return this.#voice.useMic(members.deviceId);
      case 'useSpeaker':
        return this.sound.setSpeaker(members.deviceId);
      case 'stats':
        return this.#voice.stats();
      default:
        return this.client.command(type, members);
    }
  }

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
    kept((s) => s.setItem(KEPT, JSON.stringify({ ...this.client.resumable, user: seat.user })));
    const first = login !== this.#loginID;
    this.#loginID = login;
    this.#ears = media.ears;
    this.getGroups().catch(() => {}); // for their names; asked again where they are needed
    if (this.#voice.isOn) {
      this.#voice.check(first);
    } else {
      await this.#followDevice();
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

  /** Has sound here, or not any more, as the seat's device and the tab that owns the login are. */
  async #followDevice() {
    if (!this.soundsHere) {
      this.#voice.stop();
    } else if (!this.#voice.isOn) {
      await this.#voice.start(this.#ears);
    }
  }

  /** Does what the calls ask for: sends the voice, or silence, or nothing; rings. */
  #follow() {
    const { current, ringing } = this.calls;
    this.#voice.mute(current?.muted ?? false);
    this.#voice.send(this.calls.voiced || this.#takingOver);
    const sounds = this.#voice.isOn && current?.status === 'inProgress' && !isAtMobile(current);
    this.#quality.follow(sounds ? current.sessionId : undefined);
    this.sound.setPlaces(current?.mode ? SUPERVISOR : SEAT);
    const rings = ringing.some((c) => !isAtMobile(c));
    this.sound.ring(this.ringtone && rings && !current && this.#voice.isOn);
    this.#changed();
  }

  #connectionChanged({ state, why }) {
    if (state === 'reconnecting' && this.owns) {
      this.#log('The gateway is out of reach; trying again.', 'bad');
    }
    if (state === 'closed') {
      this.#end(why);
    }
    this.#changed();
  }

  /** The gateway tells what our connection has come to at its end. */
  #mediaEvent({ state, reason }) {
    if (state === 'closed') {
      this.#voice.closed(reason);
    }
  }

  #end(why) {
    kept((s) => s.removeItem(KEPT));
    this.#tabs?.leave(why);
    this.#tabs = null;
    this.#told = {};
    this.#voice.stop();
    this.#loginID = null;
    this.seat = this.status = null;
    this.live.close();
    this.calls.clear();
    this.dispatchEvent(new CustomEvent('over', { detail: why }));
  }

  #log(text, kind) {
    if (text) {
      this.#tabs?.tell('note', { text, kind });
      this.dispatchEvent(new CustomEvent('log', { detail: { text, kind } }));
    }
  }

  #changed() {
    this.#tabs?.show();
    this.dispatchEvent(new Event('change'));
  }
}

/** Where the ears are heard, -1 left to 1 right. A supervisor has the customer left and the seats right. */
const SEAT = [0, -0.6, 0.6];
const SUPERVISOR = [-1, 1, 1];

/** What a command says of its target: a number or an extension as text, or {user}. */
function target(to) { return typeof to === 'string' ? { to } : to; }
