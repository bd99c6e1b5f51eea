// What is heard and measured: the ears to the loudspeaker, levels of both directions, and the ring tone.

const SIZE = 2048; // samples that a level is measured over

/**
 * Sound is the page's audio graph. It is opened after the microphone: only then may a page sound without a click. It
 * dispatches `change` when the browser lets us sound, or not any more.
 */
export class Sound extends EventTarget {
  #context = null;
  #mic = null; // {source, analyser}
  #ears = []; // {track, source, analyser, element}
  #ring = null;
  #places = [0];
  #speaker = ''; // the chosen one
  #onDeviceChange = () => this.#followDevices();
  ringVolume = 1; // 0 is silent

  async open() {
    if (!this.#context) {
      this.#context = new AudioContext({ latencyHint: 'interactive' });
      this.#context.onstatechange = () => this.dispatchEvent(new Event('change'));
      navigator.mediaDevices?.addEventListener('devicechange', this.#onDeviceChange);
      await this.#useSpeaker(this.#speaker).catch(() => {}); // one that is gone: the browser's choice
    }
    await this.wake();
  }

  /** Says that the browser lets us sound. */
  get running() { return this.#context?.state === 'running'; }

  /** Why nothing is heard here, for people; empty where that is not so. */
  get problem() {
    return this.#context && !this.running ? 'The browser plays no sound until somebody clicks on the page.' : '';
  }

  resume() { return this.#context?.resume(); }

  /** The chosen loudspeaker; empty where the browser chooses. */
  get speaker() { return this.#speaker; }

  /** Waits for the permission to sound where it is on its way; without one there is none before a click. */
  async wake() {
    if (!this.running) {
      await Promise.race([this.resume(), pause(500)]);
    }
  }

  /** Sounds at another loudspeaker; the browser's choice where the id is empty. */
  async setSpeaker(deviceId) {
    this.#speaker = deviceId;
    await this.#useSpeaker(deviceId);
  }

  async #useSpeaker(deviceId) {
    if (this.#context && deviceId !== (this.#context.sinkId ?? '')) {
      if (!this.#context.setSinkId) {
        throw new Error('This browser has no choice of loudspeakers.');
      }
      await this.#context.setSinkId(deviceId);
    }
  }

  /** While the chosen loudspeaker is pulled out the browser chooses. */
  async #followDevices() {
    const isThere = (await navigator.mediaDevices.enumerateDevices()).some((d) => d.deviceId === this.#speaker);
    await this.#useSpeaker(isThere ? this.#speaker : '').catch(() => {}); // pulled out meanwhile: we are told again
  }

  /** Measures a microphone; null for none. */
  setMic(track) {
    this.#mic?.source.disconnect();
    this.#mic = track && this.#measure(track);
  }

  /** Says where each ear is heard, from -1 (left) to 1 (right); it glides there, so that nothing clicks. */
  setPlaces(places) {
    this.#places = places;
    this.#ears.forEach(({ panner }, i) => panner.pan.setTargetAtTime(this.#place(i), this.#context.currentTime, 0.02));
  }

  #place(index) { return this.#places[index % this.#places.length]; }

  /** Plays a receive track, at its place. */
  setEar(index, track) {
    const old = this.#ears[index];
    old?.source.disconnect();
    old?.panner.disconnect();
    const ear = this.#measure(track);
    ear.panner = new StereoPannerNode(this.#context, { pan: this.#place(index) });
    ear.source.connect(ear.panner).connect(this.#context.destination);
    // Chromium decodes a remote track only while some element plays it; muted will do.
    ear.element = old?.element ?? new Audio();
    ear.element.muted = true;
    ear.element.srcObject = new MediaStream([track]);
    ear.element.play().catch(() => {}); // a later click makes up for it
    this.#ears[index] = ear;
  }

  /** The analysers, for tests: {mic, ears}. */
  get analysers() {
    return { mic: this.#mic?.analyser ?? null, ears: this.#ears.map((e) => e.analyser) };
  }

  /** What is said and heard now: {mic, ears} of {rms, hz}, hz being the loudest frequency. */
  levels() {
    const { mic, ears } = this.analysers;
    return { mic: level(mic), ears: ears.map(level) };
  }

  /** Rings or stops ringing: two notes, once every three seconds. */
  ring(on) {
    if (!on || !this.#context) {
      this.#ring?.stop();
      this.#ring = null;
      return;
    }
    this.#ring ??= newRing(this.#context, this.ringVolume);
  }

  /** Sounds the ring once at a volume, so that one hears where and how loud it is; for a page without sound too. */
  async tryRing(volume) {
    const context = this.#context ?? new AudioContext();
    await context.resume();
    const node = newRing(context, volume);
    node.loop = false;
    node.onended = () => { if (context !== this.#context) context.close(); };
  }

  close() {
    this.ring(false);
    navigator.mediaDevices?.removeEventListener('devicechange', this.#onDeviceChange);
    this.#ears.forEach((e) => { e.element.srcObject = null; });
    this.#ears = [];
    this.#mic = null;
    if (this.#context) {
      this.#context.onstatechange = null;
      this.#context.close();
      this.#context = null;
    }
  }

  #measure(track) {
    const source = this.#context.createMediaStreamSource(new MediaStream([track]));
    const analyser = new AnalyserNode(this.#context, { fftSize: SIZE, smoothingTimeConstant: 0 });
    source.connect(analyser);
    return { source, analyser };
  }
}

function level(analyser) {
  if (!analyser) {
    return { rms: 0, hz: 0 };
  }
  const samples = new Float32Array(SIZE);
  analyser.getFloatTimeDomainData(samples);
  const rms = Math.sqrt(samples.reduce((sum, v) => sum + v * v, 0) / SIZE);
  return { rms, hz: rms > 1e-4 ? loudest(analyser) : 0 };
}

/** The loudest frequency, between the bins by a parabola through the three around it. */
function loudest(analyser) {
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  const top = bins.indexOf(Math.max(...bins));
  const [a, b, c] = [bins[top - 1], bins[top], bins[top + 1]];
  const shift = a === undefined || c === undefined ? 0 : (a - c) / (2 * (a - 2 * b + c));
  return ((top + shift) * analyser.context.sampleRate) / SIZE;
}

/** A soft ring, two notes of a fifth with a gap, made ahead as one loop. */
function newRing(context, volume) {
  const rate = context.sampleRate;
  const buffer = new AudioBuffer({ length: 3 * rate, sampleRate: rate });
  const samples = buffer.getChannelData(0);
  for (const [start, hz] of [[0, 587.33], [0.22, 880], [0.55, 587.33], [0.77, 880]]) {
    for (let i = 0; i < 0.6 * rate; i++) {
      const t = i / rate;
      const envelope = 0.12 * Math.min(1, t * 100) * Math.exp(-6 * t);
      samples[Math.floor(start * rate) + i] += envelope * Math.sin(2 * Math.PI * hz * t);
    }
  }
  const node = new AudioBufferSourceNode(context, { buffer, loop: true });
  node.connect(new GainNode(context, { gain: volume })).connect(context.destination);
  node.start();
  return node;
}

export function pause(ms) { return new Promise((resolve) => setTimeout(resolve, ms)); }
