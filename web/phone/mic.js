// The microphone: asked for once, looked for again when it is pulled out.

/** Mic dispatches `change` when its track is another or none. */
export class Mic extends EventTarget {
  #constraints;
  #closed = false;
  #turn = 0; // of who asked last
  track = null;
  /** Why there is none, for people; empty where there is one. */
  problem = '';

  /** processing: echo cancellation, noise suppression and gain control; tests with tones go without. */
  constructor({ processing }) {
    super();
    this.#constraints = {
      echoCancellation: processing, noiseSuppression: processing, autoGainControl: processing, channelCount: 1,
    };
    this.onDeviceChange = () => { if (!this.track) this.open(); };
    navigator.mediaDevices?.addEventListener('devicechange', this.onDeviceChange);
  }

  /** Of those who ask at the same time the last one gets its microphone; the others' are let go. */
  async open() {
    const turn = ++this.#turn;
    let track = null;
    let problem = '';
    try {
      [track] = (await navigator.mediaDevices.getUserMedia({ audio: this.#constraints })).getAudioTracks();
    } catch (error) {
      problem = reason(error);
    }
    if (this.#closed || turn !== this.#turn) {
      track?.stop();
      return;
    }
    const old = this.track;
    this.track = track;
    this.problem = problem;
    track?.addEventListener('ended', () => { if (track === this.track) this.open(); });
    this.dispatchEvent(new Event('change'));
    old?.stop();
  }

  /** Takes another microphone; where that is not there, or the id is empty, the browser's choice. */
  async use(deviceId) {
    this.#constraints = { ...this.#constraints, deviceId: { ideal: deviceId } };
    await this.open();
  }

  /** Silence instead of the voice; what is sent goes on, so that nobody takes us for lost. */
  setMuted(muted) {
    if (this.track) {
      this.track.enabled = !muted;
    }
  }

  close() {
    this.#closed = true;
    navigator.mediaDevices?.removeEventListener('devicechange', this.onDeviceChange);
    this.track?.stop();
    this.track = null;
  }
}

function reason({ name }) {
  switch (name) {
    case 'NotAllowedError':
      return 'The microphone is blocked: allow it in the address bar.';
    case 'NotFoundError':
      return 'No microphone was found.';
    case 'TypeError':
      return 'The microphone needs HTTPS or localhost.';
    default:
      return 'The microphone does not work: another program may have it.';
  }
}
