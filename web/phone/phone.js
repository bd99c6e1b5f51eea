// One seat at work: the client, its calls, and its sound, put together. It knows nothing of the page's looks.
import { Calls } from './calls.js';
import { Mic } from './mic.js';
import { Peer } from './peer.js';
import { Client, socketURL } from './protocol.js';
import { Sound } from './sound.js';

const KEPT = 'seatbridge.login'; // in the tab's own storage, so that loading the page anew does not end a call

/**
 * Phone dispatches `change` whenever its state does, `event` with each event of the gateway, `log` with detail
 * {text, kind} for people, and `over` with detail why when the login has ended.
 */
export class Phone extends EventTarget {
  #options;
  #mic = null;
  #peer = null;
  #loginID = null;
  sound = new Sound();
  client = new Client({ open: () => new WebSocket(socketURL(location)) });
  calls;
  seat = null; // while logged in

  /** options: processing and loopback, see Mic and Peer. */
  constructor(options) {
    super();
    this.#options = options;
    // First, so that whoever listens still finds the call that an event ends.
    this.client.addEventListener('event', ({ detail }) => {
      this.dispatchEvent(new CustomEvent('event', { detail }));
    });
    this.calls = new Calls(this.client);
    this.calls.addEventListener('change', () => this.#follow());
    this.client.addEventListener('login', ({ detail }) => this.#loggedIn(detail));
    this.client.addEventListener('state', ({ detail }) => this.#connectionChanged(detail));
    this.client.addEventListener('media', ({ detail }) => this.#mediaEvent(detail));
  }

  /** connection: closed, connecting, open, reconnecting; media: off, connecting, connected, lost. */
  get connection() { return this.client.state; }
  get media() { return this.#peer?.state ?? 'off'; }
  get micProblem() { return this.#mic?.problem ?? ''; }

  /** Logs in; the password may be left out in the demo. */
  async login(user, password) {
    const token = await fetchToken(user, password);
    await this.client.login(token);
  }

  /** Takes up the login of the page's life before; false where there is none. */
  async resume() {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
    if (!kept) {
      return false;
    }
    await this.client.resume(kept);
    return true;
  }

  async logout() { await this.client.command('logout'); }

  /** Calls a number or an extension, or a seat by {user}. */
  async call(to) {
    const session = await this.client.command('call', typeof to === 'string' ? { to } : to);
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

  async hold(on = true, sessionId = this.calls.current?.sessionId) {
    await this.client.command(on ? 'hold' : 'unhold', { sessionId });
    this.calls.update(sessionId, { holding: on });
  }

  levels() { return this.sound.levels(); }

  async stats() { return (await this.#peer?.stats()) ?? null; }

  async #loggedIn({ login, seat, media }) {
    this.seat = seat;
    sessionStorage.setItem(KEPT, JSON.stringify(this.client.resumable));
    const first = login !== this.#loginID;
    this.#loginID = login;
    if (!first) {
      this.#peer?.check(false);
    } else if (this.#peer) {
      this.#peer.check(true);
    } else if (seat.device === 'staffSeat') { // another device has its own sound
      await this.#startMedia(media.ears);
    }
    this.#changed();
  }

  async #startMedia(ears) {
    const mic = new Mic({ processing: this.#options.processing });
    this.#mic = mic;
    await mic.open();
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
    this.#peer.start(ears, mic.track);
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
    this.#peer?.setSending(Boolean(current));
    this.sound.ring(ringing.length > 0 && !current && this.#mic !== null);
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

  #end(why) {
    sessionStorage.removeItem(KEPT);
    this.#peer?.close();
    this.#mic?.close();
    this.sound.close();
    this.#peer = this.#mic = this.#loginID = null;
    this.seat = null;
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

const MEDIA = { connected: 'Media is connected.', lost: 'Media was lost; trying to get it back.' };

/** Gets a token for a login; the error has the gateway's sentence. */
async function fetchToken(user, password) {
  const response = await fetch('/api/v1/token', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user, password }),
  });
  const answer = await response.json();
  if (!response.ok) {
    throw new Error(answer.error.message);
  }
  return answer.token;
}
