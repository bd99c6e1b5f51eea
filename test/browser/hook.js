// Runs in every page before its own scripts: the microphone becomes a tone of this page's own, and all that arrives on
// the page's peer connections is recorded at 8 kHz, by receive track and altogether, whatever the page does with it.
(() => {
  const tone = __TONE__;
  const amplitude = __AMPLITUDE__;
  const rate = 8000;

  const microphones = []; // the tracks that stand for them
  const media = navigator.mediaDevices;
  const capture = media.getUserMedia.bind(media);
  media.getUserMedia = async (constraints) => {
    const real = await capture(constraints); // asks for the permission, as the page would
    if (!constraints.audio) return real;
    real.getAudioTracks().forEach((t) => t.stop());
    const context = new AudioContext({ sampleRate: 48000 });
    const oscillator = new OscillatorNode(context, { frequency: tone || 440 });
    const gain = new GainNode(context, { gain: tone ? amplitude : 0 });
    const destination = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    oscillator.connect(gain).connect(destination);
    oscillator.start();
    await context.resume();
    microphones.push(destination.stream.getAudioTracks()[0]);
    return destination.stream;
  };

  const worklet = `registerProcessor('recorder', class extends AudioWorkletProcessor {
    constructor() { super(); this.block = new Int16Array(400); this.length = 0; }
    process([channels]) {
      for (let i = 0; i < 128; i++) {
        const v = channels.length ? channels[0][i] : 0;
        this.block[this.length++] = Math.max(-32768, Math.min(32767, Math.round(v * 32768)));
        if (this.length < this.block.length) continue;
        this.port.postMessage(this.block.slice());
        this.length = 0;
      }
      return true;
    }
  });`;

  const recordings = new Map(); // 'all' or a mid => {node, blocks, samples}
  const kept = []; // what must not be collected
  let context;
  const ready = (async () => {
    if (!media) return;
    context = new AudioContext({ sampleRate: rate });
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([worklet], { type: 'text/javascript' })));
    await context.resume();
  })();

  function recording(name) {
    let r = recordings.get(name);
    if (r) return r;
    const node = new AudioWorkletNode(context, 'recorder', { channelCount: 1, channelCountMode: 'explicit' });
    r = { node, blocks: [], samples: 0 };
    node.port.onmessage = ({ data }) => { r.blocks.push(data); r.samples += data.length; };
    node.connect(new GainNode(context, { gain: 0 })).connect(context.destination);
    recordings.set(name, r);
    return r;
  }

  async function listen({ track, transceiver }) {
    if (track.kind !== 'audio') return;
    await ready;
    const stream = new MediaStream([track]);
    const element = new Audio(); // Chromium decodes a remote track only if some element plays it
    element.muted = true;
    element.srcObject = stream;
    element.play().catch((e) => console.error('harness: ', e));
    const source = context.createMediaStreamSource(stream);
    source.connect(recording('all').node);
    source.connect(recording(transceiver.mid).node);
    kept.push(element, source);
  }

  const Native = window.RTCPeerConnection;
  const connections = [];
  window.RTCPeerConnection = class RTCPeerConnection extends Native {
    constructor(...a) {
      super(...a);
      connections.push(this);
      this.addEventListener('track', listen);
    }
  };

  const encode = (samples) => {
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    let text = '';
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return btoa(text);
  };

  window.peers = {
    epoch: `${Date.now()}-${Math.random()}`, // changes when the page is loaded anew
    connections,
    // heard returns what came after the first `from` samples of a recording.
    heard(name, from, epoch) {
      const r = recordings.get(name);
      if (epoch !== window.peers.epoch) from = 0;
      const out = new Int16Array(Math.max(0, (r?.samples ?? 0) - from));
      let at = -from;
      for (const b of r?.blocks ?? []) {
        if (at + b.length > 0) out.set(at < 0 ? b.subarray(-at) : b, Math.max(0, at));
        at += b.length;
      }
      return { epoch: window.peers.epoch, pcm: encode(out) };
    },
    // forget drops what was recorded so far.
    forget() {
      for (const r of recordings.values()) Object.assign(r, { blocks: [], samples: 0 });
      window.peers.epoch = `${Date.now()}-${Math.random()}`;
    },
    // talk has every connection send the microphone from now on, also while the page means to be silent.
    async talk() {
      for (const { sender } of connections.flatMap((c) => c.getTransceivers())) {
        const replaceTrack = sender.replaceTrack.bind(sender);
        sender.replaceTrack = (track) => replaceTrack(track ?? microphones.at(-1));
        if (!sender.track) await sender.replaceTrack(null);
      }
    },
    // stats returns the members of all connections' reports of one type.
    async stats(type) {
      const all = [];
      for (const c of connections) {
        if (c.signalingState === 'closed') continue;
        for (const s of (await c.getStats()).values()) if (s.type === type) all.push(s);
      }
      return all;
    },
  };
})();
