// The sound of a seat, while it sounds in this tab: its microphone, its connection, and what is heard.
import { Mic } from './mic.js';
import { Peer } from './peer.js';
import { Sound } from './sound.js';
import { hasWebRTC } from './support.js';

/** Voice dispatches `change` whenever its state does, and `log` with detail {text, kind} for people. */
export class Voice extends EventTarget {
  #client;
  #options;
  #mic = null;
  #peer = null;
  #sending = false;
  #unsupported = ''; // why the browser cannot be the seat's device
  sound = new Sound();
  /** The microphone that was chosen; empty where the browser chooses. */
  micID = '';

  /** options: processing and loopback, see Mic and Peer. */
  constructor(client, options) {
    super();
    this.#client = client;
    this.#options = options;
    this.sound.addEventListener('change', () => this.#changed());
  }

  /** Says that it was started. */
  get isOn() { return this.#mic !== null; }

  /** off, connecting, connected or lost. */
  get state() { return this.#peer?.state ?? 'off'; }

  /** Why the seat cannot speak or hear here, for people; empty where it can. */
  get problem() { return this.#unsupported || this.#mic?.problem || this.sound.problem; }

  /** Takes the microphone, and connects with so many ears. */
  async start(ears) {
    if (!hasWebRTC()) {
      this.#unsupported = UNSUPPORTED;
      this.#log(UNSUPPORTED, 'bad');
      return;
    }
    const mic = new Mic({ processing: this.#options.processing });
    this.#mic = mic;
    await mic.use(this.micID);
    if (mic !== this.#mic) {
      return; // it was stopped meanwhile
    }
    await this.sound.open();
    if (mic !== this.#mic) {
      return; // as above
    }
    this.#log(this.sound.problem, 'bad');
    mic.addEventListener('change', () => this.#micChanged());
    this.#peer = new Peer({
      signal: {
        offer: async (sdp) => (await this.#client.command('offer', { sdp })).sdp,
        candidate: (candidate) => this.#client.command('candidate', { candidate }),
      },
      sound: this.sound,
      loopback: this.#options.loopback,
    });
    this.#peer.addEventListener('state', ({ detail }) => {
      this.#log(MEDIA[detail] ?? '', detail === 'lost' ? 'bad' : '');
      if (detail === 'lost') {
        this.#client.wake(); // the network may be gone, and the socket with it
      }
      this.#changed();
    });
    this.#peer.setSending(this.#sending);
    this.#micChanged();
    this.#peer.start(ears, mic.track);
  }

  stop() {
    this.#peer?.close();
    this.#mic?.close();
    this.sound.close();
    this.#peer = this.#mic = null;
    this.#unsupported = '';
    this.#changed();
  }

  /** Sees to it that the connection is there, see Peer. */
  check(anew) { this.#peer?.check(anew); }

  /** The gateway has closed the connection, for a reason. */
  closed(reason) {
    if (this.#peer) {
      this.#log(`The gateway closed the media connection${reason ? `: ${reason}` : ''}.`, 'bad');
      this.#peer.check(true);
    }
  }

  /** Sends the microphone, or nothing at all. */
  send(on) {
    this.#sending = on;
    this.#peer?.setSending(on);
  }

  /** Sends silence in place of the voice. */
  mute(muted) { this.#mic?.setMuted(muted); }

  /** Takes another microphone, or the browser's choice by an empty id. */
  async useMic(deviceId) {
    this.micID = deviceId;
    await this.#mic?.use(deviceId);
  }

  /** See Peer; null where there is no connection. */
  async stats() { return (await this.#peer?.stats()) ?? null; }

  #micChanged() {
    this.sound.setMic(this.#mic.track);
    this.#peer.setMic(this.#mic.track);
    this.#log(this.#mic.problem, 'bad');
    this.#changed();
  }

  #log(text, kind) {
    if (text) {
      this.dispatchEvent(new CustomEvent('log', { detail: { text, kind } }));
    }
  }

  #changed() { this.dispatchEvent(new Event('change')); }
}

const UNSUPPORTED = 'This browser cannot make calls: it has no WebRTC.';

const MEDIA = { connected: 'Media is connected.', lost: 'Media was lost; trying to get it back.' };
