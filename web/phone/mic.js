// The microphone: asked for once, looked for again when it is pulled out.

/** Mic dispatches `change` when its track is another or none. */
export class Mic extends EventTarget {
  #constraints;
  #closed = false;
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

  async open() {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: this.#constraints });
      [this.track] = stream.getAudioTracks();
      this.problem = '';
    } catch (error) {
      this.track = null;
      this.problem = reason(error);
    }
    if (this.#closed) {
      this.track?.stop();
      return;
    }
    this.track?.addEventListener('ended', () => this.open());
    this.dispatchEvent(new Event('change'));
  }

  /** Takes another microphone; where that is not there, or the id is empty, the browser's choice. */
  async use(deviceId) {
    const old = this.track;
    this.#constraints = { ...this.#constraints, deviceId: { ideal: deviceId } };
    await this.open();
    old?.stop();
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
