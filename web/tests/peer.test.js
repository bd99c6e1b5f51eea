import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Peer } from '../phone/peer.js';

/** FakeConnection is as much of an RTCPeerConnection as Peer uses; the test says when it is connected. */
class FakeConnection {
  static all = [];
  connectionState = 'new';
  iceConnectionState = 'new';
  transceivers = [];
  restarts = 0;
  reports = new Map();

  constructor() { FakeConnection.all.push(this); }

  addTransceiver(kind, { direction }) {
    const transceiver = { kind, direction, sender: { track: null, async replaceTrack(t) { this.track = t; } } };
    this.transceivers.push(transceiver);
    return transceiver;
  }

  getTransceivers() { return this.transceivers; }

  async createOffer({ iceRestart }) {
    this.restarts += iceRestart ? 1 : 0;
    const candidates = ['192.0.2.1', '127.0.0.1'].map((ip) => `a=candidate:1 1 udp 1 ${ip} 5 typ host\r\n`);
    return { type: 'offer', sdp: `v=0\r\n${candidates.join('')}` };
  }

  async setLocalDescription(d) { this.localDescription = d; }
  async setRemoteDescription(d) { this.remoteDescription = d; }
  async getStats() { return this.reports; }
  close() { this.closed = true; }

  /** Says what became of the path. */
  become(state) {
    this.connectionState = this.iceConnectionState = state;
    this.onconnectionstatechange();
  }
}

/** A Peer with three ears that was started, and what surrounds it. */
function start(t, options = {}) {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  globalThis.RTCPeerConnection = FakeConnection;
  FakeConnection.all = [];
  const offers = [];
  const ears = [];
  const candidates = [];
  const peer = new Peer({
    signal: {
      offer: async (sdp) => {
        offers.push(sdp);
        if (options.refuse?.(offers.length)) throw new Error('refused');
        return 'answer';
      },
      candidate: async (text) => { candidates.push(text); },
    },
    sound: { setEar: (i, track) => { ears[i] = track; } },
    loopback: options.loopback ?? false,
  });
  const states = [];
  peer.addEventListener('state', ({ detail }) => states.push(detail));
  peer.start(3, 'the microphone');
  t.after(() => {
    peer.close();
    mock.timers.reset();
  });
  return { peer, offers, ears, candidates, states, last: () => FakeConnection.all.at(-1) };
}

/** Lets time pass, and everything run that waits for a promise only. */
async function pass(ms) {
  for (let left = ms; left >= 0; left -= 10) {
    for (let i = 0; i < 20; i++) await null;
    mock.timers.tick(10);
  }
}

test('connects with all ears, and sends the microphone only when told to', async (t) => {
  const { peer, offers, ears, states, last } = start(t);
  await pass(20);
  assert.deepEqual(last().transceivers.map((x) => x.direction), ['sendrecv', 'recvonly', 'recvonly']);
  assert.match(offers[0], /192\.0\.2\.1/);
  assert.deepEqual(last().remoteDescription, { type: 'answer', sdp: 'answer' });
  last().ontrack({ transceiver: last().transceivers[1], track: 'an ear' });
  assert.equal(ears[1], 'an ear');
  last().become('connected');
  await pass(50);
  assert.deepEqual(states, ['connecting', 'connected']);
  const { sender } = last().transceivers[0];
  assert.equal(sender.track, null);
  peer.setSending(true);
  assert.equal(sender.track, 'the microphone');
  peer.setMic('another');
  assert.equal(sender.track, 'another');
  peer.setSending(false);
  assert.equal(sender.track, null);
});

test('tells loopback candidates only, if it is to', async (t) => {
  const { offers, candidates, last } = start(t, { loopback: true });
  await pass(20);
  assert.doesNotMatch(offers[0], /192\.0\.2\.1/);
  assert.match(offers[0], /127\.0\.0\.1/);
  for (const candidate of ['candidate:1 1 udp 1 192.0.2.1 5 typ host', 'candidate:1 1 udp 1 127.0.0.1 5 typ host']) {
    last().onicecandidate({ candidate: { candidate } });
  }
  last().onicecandidate({ candidate: null });
  assert.deepEqual(candidates, ['candidate:1 1 udp 1 127.0.0.1 5 typ host', '']);
});

test('tries again when the offer is not taken', async (t) => {
  const { offers, states, last } = start(t, { refuse: (n) => n < 3 });
  await pass(2_000);
  assert.equal(offers.length, 3);
  last().become('connected');
  await pass(50);
  assert.equal(states.at(-1), 'connected');
});

test('restarts ICE when the path fails, and begins anew when that does not help', async (t) => {
  const { states, last } = start(t);
  await pass(20);
  const first = last();
  first.become('connected');
  await pass(50);
  first.become('failed');
  await pass(20);
  assert.deepEqual([first.restarts, states.at(-1), FakeConnection.all.length], [1, 'lost', 1]);
  await pass(14_000); // two attempts of six seconds, with pauses
  assert.equal(first.restarts, 2);
  assert.ok(first.closed);
  assert.notEqual(last(), first);
  last().become('connected');
  await pass(50);
  assert.equal(states.at(-1), 'connected');
});

test('begins anew when the gateway has forgotten the connection', async (t) => {
  const { peer, last } = start(t);
  await pass(20);
  const first = last();
  first.become('connected');
  await pass(50);
  peer.check(false);
  await pass(20);
  assert.equal(last(), first, 'nothing was wrong');
  peer.check(true);
  await pass(20);
  assert.ok(first.closed);
  assert.equal(first.restarts, 0);
});

test('notices a path without an answer before the browser does', async (t) => {
  const { states, last } = start(t);
  await pass(20);
  last().become('connected');
  await pass(50);
  const pair = { id: 'pair', type: 'candidate-pair', responsesReceived: 1, packetsReceived: 0 };
  last().reports = new Map([['t', { type: 'transport', selectedCandidatePairId: 'pair' }], ['pair', pair]]);
  for (let i = 0; i < 10; i++) {
    await pass(1_000);
    pair.responsesReceived++;
  }
  assert.equal(last().restarts, 0, 'answers come');
  await pass(6_000);
  assert.equal(last().restarts, 1);
  assert.deepEqual(states.slice(-2), ['lost', 'connected']);
  await pass(10_000);
  assert.equal(FakeConnection.all.length, 2, 'what does not help is not done for ever');
});

test('an end is an end', async (t) => {
  const { peer, states, last } = start(t);
  await pass(20);
  peer.close();
  await pass(20_000);
  assert.ok(last().closed);
  assert.equal(FakeConnection.all.length, 1);
  assert.equal(states.at(-1), 'off');
});
