// How good a call sounds, estimated from its network's figures by the E-model (ITU-T G.107), simplified: all that is
// not known here, such as levels and echo, has the model's default value.

/** R of a call without impairments, with the defaults of G.107 table 3. */
const BEST = 93.2;

/**
 * What a codec costs, ie, and how well it stands lost packets, bpl (ITU-T G.113 appendix I; G.711 with concealment, as
 * browsers and phones have it). Opus is not in G.113: it is taken to lose nothing, and to conceal no worse than G.711.
 */
const G711 = { ie: 0, bpl: 25.1 };
const CODECS = { pcmu: G711, pcma: G711, opus: G711, g729: { ie: 11, bpl: 19 } };

/** Milliseconds of packets of 20 ms, and of the shortest jitter buffer. */
const PACKET = 20;
const BUFFER = 40;

/**
 * The mean opinion score, 1 (bad) to 4.5 (G.711's best is 4.4), of what is received with so much loss, in percent, and
 * jitter and one-way delay of the network, in milliseconds. Unknown codecs are taken for G.711.
 */
export function mos({ loss, jitter = 0, delay = 0, codec }) {
  // A jitter buffer takes twice the jitter, where that is more than it has anyway.
  return mosOfHeard({ loss, codec, delay: delay + PACKET + Math.max(BUFFER, 2 * jitter) });
}

/** The same where the delay is known from mouth to ear, with packets and buffers. */
export function mosOfHeard({ loss = 0, delay = 0, codec = '' }) {
  const { ie, bpl } = CODECS[codec.toLowerCase()] ?? G711;
  const lost = Math.min(Math.max(loss, 0), 100);
  const equipment = ie + ((95 - ie) * lost) / (lost + bpl); // G.107 (7-29), loss at random
  return scoreOf(BEST - delayImpairment(delay) - equipment);
}

/** What one-way delay from mouth to ear costs, G.107 (7-27): nothing up to 100 ms. */
function delayImpairment(ms) {
  if (ms <= 100) {
    return 0;
  }
  const x = Math.log2(ms / 100);
  return 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2);
}

/** The score of a rating R, G.107 annex B. */
function scoreOf(r) {
  if (r <= 0) {
    return 1;
  }
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}

/** What a score means to those who talk: good, fair, poor, or none where there is no score. */
export function gradeOf(score) {
  if (score === null || score === undefined) {
    return 'none';
  }
  return score >= 4 ? 'good' : score >= 3.1 ? 'fair' : 'poor';
}
