// How good a call is, and why not better: estimated from what the browser measures between the page and the gateway, and
// from what the gateway tells of the sound that it has, or has not, from the others.
import { mosOfHeard } from './mos.js';

/** Milliseconds between two looks; what is judged are the latest looks together: 6 s. */
const EVERY = 2_000;
const LOOKS = 4;

/** Packets that must have been due, before a part of them says something: in silence, or on hold, there are few. */
const ENOUGH = 50;

/** Below this nothing comes from a microphone, not even its noise: half of what 16 bits can tell. */
const DIGITAL_SILENCE = 1.5e-5;

/** What makes a call worse: it is on from the first value, and off again below the second. Delay and jitter in ms. */
const LIMITS = {
  loss: [0.03, 0.015],
  'loss outwards': [0.03, 0.015],
  jitter: [30, 20],
  delay: [250, 200],
};

/** So many looks in a row must say the same of those, before it counts. */
const SURE = 2;

/** A call whose score is below the first is poor, until it is above the second. */
const POOR = [3.1, 3.4];

/**
 * Says what looks, oldest first, come to: parts of packets lost, milliseconds, and whether the microphone is silent. A
 * look is {stats, pathLost, speaking, farLost, ownLost}: stats are Peer's, or null.
 */
export function figures(looks) {
  const [from, to] = [looks[0].stats, looks.at(-1).stats];
  const lost = to.lost + to.discarded - from.lost - from.discarded;
  return {
    loss: part(lost, to.received + to.lost - from.received - from.lost),
    'loss outwards': part(to.lostOutwards - from.lostOutwards, to.sent - from.sent),
    jitter: to.jitter,
    delay: to.roundTrip / 2 + to.buffer + 20, // a packet has 20 ms
    silent: looks.length === LOOKS && looks.every((l) => l.speaking) && loudness(from, to) < DIGITAL_SILENCE,
  };
}

function part(of, all) { return all < ENOUGH ? 0 : Math.min(1, Math.max(0, of / all)); }

/** The microphone's root mean square, of a full scale of 1; 0 where there is none. Another one counts anew. */
function loudness(from, to) {
  const seconds = to.microphone.seconds - from.microphone.seconds;
  if (seconds < 0) {
    return Infinity;
  }
  return seconds > 0 ? Math.sqrt(Math.max(0, to.microphone.energy - from.microphone.energy) / seconds) : 0;
}

/**
 * Quality looks after one call at a time. It dispatches `look` whenever `now` is new. A call begins as a good one.
 */
export class Quality extends EventTarget {
  #measure;
  #clock;
  #timer = null;
  #looks = [];
  #counts = new Map(); // by cause: looks in a row that say other than what counts
  /** {sessionId, level: good, fair or poor, score, causes} of the call; null while there is none. @type {any} */
  now = null;

  /** measure resolves with a look; clock has setTimeout and clearTimeout, for tests. */
  constructor({ measure, clock = globalThis }) {
    super();
    this.#measure = measure;
    this.#clock = clock;
  }

  /** Looks after this call from now on; after none where there is no id. */
  follow(sessionId) {
    if (sessionId === this.now?.sessionId) {
      return;
    }
    this.#clock.clearTimeout(this.#timer);
    this.#looks = [];
    this.#counts.clear();
    this.now = sessionId ? { sessionId, level: 'good', score: mosOfHeard({}), causes: [] } : null;
    if (sessionId) {
      this.#look(sessionId);
    }
  }

  async #look(sessionId) {
    const look = await this.#measure();
    if (sessionId !== this.now?.sessionId) {
      return;
    }
    this.#timer = this.#clock.setTimeout(() => this.#look(sessionId), EVERY);
    this.#take(look);
  }

  #take(look) {
    this.now = { ...this.now, ...this.#judge(look) };
    this.dispatchEvent(new Event('look'));
  }

  #judge(look) {
    const gone = [
      look.pathLost && 'no sound from the gateway',
      look.ownLost && 'no sound at the gateway',
      look.farLost && 'far side',
    ].filter(Boolean);
    this.#remember(look);
    if (gone.length > 0) {
      return { level: 'poor', score: 1, causes: gone };
    }
    if (this.#looks.length === 0) {
      return this.now; // there is no connection yet
    }
    const measured = figures(this.#looks);
    const loss = 100 * Math.max(measured.loss, measured['loss outwards']);
    const score = mosOfHeard({ loss, delay: measured.delay });
    const causes = Object.keys(LIMITS).filter((cause) => this.#isCause(cause, measured[cause]));
    if (measured.silent) {
      causes.push('silent microphone');
    }
    return { level: this.#level(score, causes), score, causes };
  }

  /** Keeps the latest looks; those of another connection, which counts anew, are of no use. */
  #remember(look) {
    const last = this.#looks.at(-1)?.stats;
    if (!look.stats || (last && (look.stats.received < last.received || look.stats.sent < last.sent))) {
      this.#looks = [];
    }
    if (look.stats) {
      this.#looks = [...this.#looks, look].slice(-LOOKS);
    }
  }

  /** Says whether a cause counts, once enough looks have said the same. */
  #isCause(cause, value) {
    const is = this.now.causes.includes(cause);
    const [on, off] = LIMITS[cause];
    const other = is ? value < off : value >= on;
    const looks = other ? (this.#counts.get(cause) ?? 0) + 1 : 0;
    this.#counts.set(cause, looks % SURE);
    return looks === SURE ? !is : is;
  }

  #level(score, causes) {
    if (causes.includes('silent microphone') || (causes.length > 0 && score < POOR[this.now.level === 'poor' ? 1 : 0])) {
      return 'poor';
    }
    return causes.length > 0 ? 'fair' : 'good';
  }
}

/** News knows what people were told of a call's quality last, whichever tab has the sound. */
export class News {
  #told = null;

  /** Says that people are to be told of a quality, and takes them for told. Of a new call they know that it is good. */
  take(quality) {
    const told = this.#told?.sessionId === quality.sessionId ? this.#told : { level: 'good', causes: [] };
    this.#told = quality;
    return isOther(quality, told);
  }
}

/** Says that a quality is another for people: its score alone may vary. */
function isOther(a, b) { return a.level !== b.level || a.causes.join() !== b.causes.join(); }
