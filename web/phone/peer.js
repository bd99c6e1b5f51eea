// The one peer connection of a login: made once, kept for all its calls, and brought back when its path is lost.
import { isLoopback, onlyLoopback } from './sdp.js';
import { pause } from './sound.js';

/** Milliseconds. */
const WAIT = { connect: 6_000, watch: 1_000, retryFirst: 500, retryMost: 5_000 };

/** Looks at the path without an answer to any check, before it counts as dead. Checks go out about once a second. */
const DEAD_AFTER = 4;

/**
 * Peer dispatches `state`, detail: connecting, connected or lost.
 *
 * - signal: {offer(sdp) resolves with the answer's sdp, candidate(text)};
 * - sound: takes the tracks that arrive, by setEar(index, track);
 * - loopback: for tests, no address but loopback's is told to the gateway.
 */
export class Peer extends EventTarget {
  #signal;
  #sound;
  #loopback;
  #ears = 0;
  #pc = null;
  #sender = null;
  #mic = null;
  #sending = false;
  #state = 'off';
  #connecting = false;
  #anew = false; // the gateway knows nothing of the connection that we have
  #closed = false;
  #watch = null;
  #buffer = { delay: 0, emitted: 0, mean: 0 };
  #path = { answers: 0, packets: 0, silent: 0 };
  #restarts = 0; // of a path that stayed dead, in a row

  constructor({ signal, sound, loopback }) {
    super();
    this.#signal = signal;
    this.#sound = sound;
    this.#loopback = loopback;
  }

  get state() { return this.#state; }

  /** Connects with so many ears; the mic is a track, or null where there is none. */
  start(ears, mic) {
    this.#ears = ears;
    this.#mic = mic;
    this.#watch ??= setInterval(() => this.#look(), WAIT.watch);
    this.#connect(true);
  }

  /** Sees to it that the connection is there, after the socket was away: anew where the gateway has forgotten it. */
  check(anew) {
    if (anew || this.#state !== 'connected') {
      this.#connect(anew);
    }
  }

  /** Sends the microphone or nothing at all. */
  setSending(on) {
    if (on !== this.#sending) {
      this.#sending = on;
      this.#sender?.replaceTrack(on ? this.#mic : null).catch(() => {}); // fails only once the connection is closed
    }
  }

  /** Takes another microphone, or null for none. */
  setMic(track) {
    this.#mic = track;
    if (this.#sending) {
      this.#sender?.replaceTrack(track).catch(() => {}); // as above
    }
  }

  close() {
    this.#closed = true;
    clearInterval(this.#watch);
    this.#pc?.close();
    this.#pc = null;
    this.#change('off');
  }

  /**
   * Figures of the first ear and of the path, or null: packets, milliseconds. Discarded came too late, and lostOutwards
   * the gateway misses of what was sent; of the microphone, the sum of its squares over the seconds that it was sent.
   */
  async stats() {
    const reports = this.#pc ? [...(await this.#pc.getStats()).values()] : [];
    const pair = selectedPair(reports);
    if (!pair) {
      return null;
    }
    const received = reports.find((r) => r.type === 'inbound-rtp' && r.mid === '0');
    const sent = reports.find((r) => r.type === 'outbound-rtp');
    const told = reports.find((r) => r.type === 'remote-inbound-rtp');
    const source = reports.find((r) => r.type === 'media-source');
    return {
      received: received?.packetsReceived ?? 0,
      lost: received?.packetsLost ?? 0,
      discarded: received?.packetsDiscarded ?? 0,
      jitter: (received?.jitter ?? 0) * 1000,
      buffer: this.#bufferDelay(received ?? {}),
      sent: sent?.packetsSent ?? 0,
      lostOutwards: told?.packetsLost ?? 0,
      microphone: { energy: source?.totalAudioEnergy ?? 0, seconds: source?.totalSamplesDuration ?? 0 },
      roundTrip: (pair.currentRoundTripTime ?? 0) * 1000,
    };
  }

  /** The jitter buffer's delay since it was last asked for: the browser counts from the beginning. */
  #bufferDelay({ jitterBufferDelay: delay = 0, jitterBufferEmittedCount: emitted = 0 }) {
    const last = this.#buffer;
    if (emitted !== last.emitted) {
      const fresh = emitted > last.emitted ? last : { delay: 0, emitted: 0 }; // another connection counts anew
      this.#buffer = { delay, emitted, mean: ((delay - fresh.delay) / (emitted - fresh.emitted)) * 1000 };
    }
    return this.#buffer.mean;
  }

  /** Tries until it is connected: an ICE restart where there is something to restart, else a new connection. */
  async #connect(anew) {
    this.#anew ||= anew;
    if (this.#connecting || this.#closed) {
      return;
    }
    this.#connecting = true;
    this.#change(this.#state === 'off' ? 'connecting' : 'lost');
    for (let attempt = 0; !this.#closed; attempt++) {
      try {
        if (this.#anew || attempt >= 2) {
          this.#anew = false;
          await this.#build();
        } else {
          await this.#negotiate(this.#pc, { iceRestart: true });
        }
        if (await this.#connected()) {
          break;
        }
      } catch {
        // The socket is away, or the gateway did not take the offer: the next attempt may.
      }
      await pause(Math.min(WAIT.retryFirst * 2 ** attempt, WAIT.retryMost));
    }
    this.#connecting = false;
    this.#path.silent = 0;
    if (!this.#closed) {
      this.#change('connected');
    }
  }

  async #build() {
    this.#pc?.close();
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.#pc = pc;
    pc.ontrack = ({ transceiver, track }) => this.#sound.setEar(pc.getTransceivers().indexOf(transceiver), track);
    pc.onicecandidate = ({ candidate }) => this.#tell(candidate?.candidate ?? '');
    pc.onconnectionstatechange = () => {
      if (pc === this.#pc && ['disconnected', 'failed'].includes(pc.connectionState)) {
        this.#connect(false);
      }
    };
    this.#sender = pc.addTransceiver('audio', { direction: 'sendrecv' }).sender;
    for (let i = 1; i < this.#ears; i++) {
      pc.addTransceiver('audio', { direction: 'recvonly' });
    }
    await this.#sender.replaceTrack(this.#sending ? this.#mic : null);
    await this.#negotiate(pc, {});
  }

  async #negotiate(pc, options) {
    await pc.setLocalDescription(await pc.createOffer(options));
    const { sdp } = pc.localDescription;
    const answer = await this.#signal.offer(this.#loopback ? onlyLoopback(sdp) : sdp);
    await pc.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  #tell(candidate) {
    if (candidate === '' || !this.#loopback || isLoopback(candidate)) {
      this.#signal.candidate(candidate).catch(() => {}); // the gateway finds a way without it
    }
  }

  /** Waits for the connection to be there; false when it takes too long. */
  async #connected() {
    const until = Date.now() + WAIT.connect;
    while (!this.#closed && Date.now() < until) {
      const { connectionState, iceConnectionState } = this.#pc;
      if (connectionState === 'connected' && ['connected', 'completed'].includes(iceConnectionState)) {
        return true;
      }
      await pause(20);
    }
    return false;
  }

  /** Notices a path that is dead: Chromium itself takes five to seven seconds. */
  async #look() {
    if (this.#state !== 'connected' || this.#connecting) {
      return;
    }
    const pair = selectedPair([...(await this.#pc.getStats()).values()]);
    if (!pair) {
      return;
    }
    const { responsesReceived: answers, packetsReceived: packets = 0 } = pair;
    const moved = answers !== this.#path.answers || packets !== this.#path.packets;
    this.#path = { answers, packets, silent: moved ? 0 : this.#path.silent + 1 };
    if (moved) {
      this.#restarts = 0;
    } else if (this.#path.silent >= DEAD_AFTER) {
      this.#connect(this.#restarts++ >= 2); // the browser may call a path connected that is not
    }
  }

  #change(state) {
    if (state !== this.#state) {
      this.#state = state;
      this.dispatchEvent(new CustomEvent('state', { detail: state }));
    }
  }
}

function selectedPair(reports) {
  const transport = reports.find((r) => r.type === 'transport');
  return reports.find((r) => r.id === transport?.selectedCandidatePairId);
}
