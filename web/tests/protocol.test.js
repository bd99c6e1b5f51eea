import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, socketURL } from '../phone/protocol.js';
import { FakeClock, Sockets, settled } from './fake.js';

/** A Client that is logged in, as seen from outside. */
async function loggedIn(options = {}) {
  const sockets = new Sockets();
  const clock = new FakeClock();
  const client = new Client({ open: sockets.open, clock, random: () => 1, ...options });
  const states = [];
  client.addEventListener('state', ({ detail }) => states.push(detail.why ?? detail.state));
  const login = client.login('T');
  sockets.last.onopen();
  assert.deepEqual(sockets.next(), { type: 'login', token: 'T' });
  sockets.say({ reply: 'login', ok: true, data: { login: 'L', resumeToken: 'R', resumed: false, seq: 0 } });
  sockets.say({ seq: 1, event: 'snapshot', sessions: [] });
  await login;
  return { sockets, clock, client, states };
}

function letIn(sockets, resumed = true) {
  sockets.last.onopen();
  const message = sockets.next();
  sockets.say({ reply: 'login', ok: true, data: { login: 'L', resumed, seq: message.resume.seq } });
  return message;
}

test('comes back with pauses that grow to five seconds', async () => {
  const { sockets, clock, client, states } = await loggedIn();
  sockets.last.onclose({ code: 1006 });
  for (const pause of [250, 500, 1000, 2000, 4000, 5000, 5000]) {
    const before = sockets.all.length;
    await clock.pass(pause - 1);
    assert.equal(sockets.all.length, before, `opened before ${pause} ms`);
    await clock.pass(1);
    assert.equal(sockets.all.length, before + 1, `not opened after ${pause} ms`);
    sockets.last.onclose({ code: 1006 });
  }
  client.wake();
  assert.deepEqual(letIn(sockets), { type: 'login', token: 'R', resume: { login: 'L', seq: 1 } });
  assert.deepEqual(states, ['connecting', 'open', 'reconnecting', 'open']);
  sockets.last.onclose({ code: 1001 });
  const before = sockets.all.length;
  await clock.pass(250);
  assert.equal(sockets.all.length, before + 1, 'the pauses begin anew');
});

test('takes its time after a flood', async () => {
  const { sockets, clock } = await loggedIn();
  sockets.last.onclose({ code: 4029 });
  await clock.pass(3999);
  assert.equal(sockets.all.length, 1);
  await clock.pass(1);
  assert.equal(sockets.all.length, 2);
});

test('commands fail while the socket is lost, and those under way too', async () => {
  const { sockets, client } = await loggedIn();
  const underWay = client.command('sessions');
  sockets.last.onclose({ code: 1006 });
  await assert.rejects(underWay, { code: 'offline' });
  await assert.rejects(client.command('sessions'), { code: 'offline' });
});

test('a gateway that says nothing is asked, and left when it does not answer', async () => {
  const { sockets, clock, states } = await loggedIn();
  await clock.pass(15_000);
  const ping = sockets.next();
  assert.equal(ping.type, 'ping');
  sockets.say({ reply: ping.id, ok: true, data: {} });
  await settled();
  await clock.pass(15_000);
  assert.equal(sockets.next().type, 'ping');
  const first = sockets.last;
  await clock.pass(5_000);
  assert.ok(first.closed);
  assert.equal(states.at(-1), 'reconnecting');
});

test('after a change of the network the gateway is asked at once', async () => {
  const { sockets, clock, client, states } = await loggedIn();
  client.wake();
  assert.equal(sockets.next().type, 'ping');
  await clock.pass(5_000);
  assert.equal(states.at(-1), 'reconnecting');
});

test('a gateway that is heard of is not asked', async () => {
  const { sockets, clock } = await loggedIn();
  await clock.pass(10_000);
  sockets.say({ seq: 2, event: 'ringing', sessionId: 's' });
  await clock.pass(10_000);
  assert.equal(sockets.next(), undefined);
});

test('an event is taken once, and a gap leads to a resume', async () => {
  const { sockets, clock, client } = await loggedIn();
  const seen = [];
  client.addEventListener('event', ({ detail }) => seen.push(detail.seq));
  sockets.say({ seq: 2, event: 'ringing' });
  sockets.say({ seq: 2, event: 'ringing' });
  sockets.say({ seq: 4, event: 'ringing' });
  assert.deepEqual(seen, [2]);
  await clock.pass(250);
  assert.equal(letIn(sockets).resume.seq, 2);
  sockets.say({ seq: 3, event: 'ringing' });
  sockets.say({ seq: 4, event: 'ringing' });
  assert.deepEqual(seen, [2, 3, 4]);
});

test('a login that is over stays over', async () => {
  for (const [code, why] of [[4001, 'refused'], [4009, 'replaced'], [4010, 'kickedOut'], [1000, 'loggedOut']]) {
    const { sockets, clock, client, states } = await loggedIn();
    sockets.last.onclose({ code });
    await clock.pass(60_000);
    assert.equal(sockets.all.length, 1);
    assert.equal(states.at(-1), why);
    assert.equal(client.resumable, null);
  }
});

test('a gateway that cannot be reached refuses the first login', async () => {
  const sockets = new Sockets();
  const client = new Client({ open: sockets.open, clock: new FakeClock() });
  const login = client.login('T');
  await assert.rejects(client.login('T'), { code: 'wrongState' });
  sockets.last.onclose({ code: 1006 });
  await assert.rejects(login, { code: 'offline' });
  assert.equal(client.state, 'closed');
});

test('a gateway that opens but never answers the login is left', async () => {
  const { sockets, clock } = await loggedIn();
  sockets.last.onclose({ code: 1006 });
  await clock.pass(250);
  sockets.last.onopen();
  const silent = sockets.last;
  await clock.pass(10_000);
  assert.ok(silent.closed);
});

test('socketURL', () => {
  assert.equal(socketURL({ protocol: 'http:', host: 'localhost:8080' }), 'ws://localhost:8080/api/v1/ws');
  assert.equal(socketURL({ protocol: 'https:', host: 'a.example' }), 'wss://a.example/api/v1/ws');
});

test('a shared login goes on when another tab has taken it over', async () => {
  for (const [isShared, state] of [[true, 'reconnecting'], [false, 'replaced']]) {
    const { sockets, states } = await loggedIn({ isShared: () => isShared });
    sockets.last.onclose({ code: 4009 });
    assert.equal(states.at(-1), state);
  }
});

test('goes on by another socket at once, with its login', async () => {
  const { sockets, clock, client, states } = await loggedIn();
  const underWay = client.command('sessions');
  const first = sockets.last;
  client.reopen();
  await assert.rejects(underWay, { code: 'offline' });
  assert.ok(first.closed);
  assert.deepEqual(letIn(sockets), { type: 'login', token: 'R', resume: { login: 'L', seq: 1 } });
  assert.deepEqual(states, ['connecting', 'open', 'connecting', 'open']);
  client.close();
  client.reopen();
  assert.equal(sockets.all.length, 2, 'nobody is logged in');
  assert.equal(clock.waiting, 0);
});

test('tells what commands have come to, once', async () => {
  const { sockets, client } = await loggedIn();
  const done = [];
  client.addEventListener('done', ({ detail }) => done.push(detail));
  client.command('mute', { sessionId: 's1' });
  client.command('hold', { sessionId: 's1' }).catch(() => {});
  sockets.say({ reply: sockets.next().id, ok: true, data: { muted: true } });
  sockets.say({ reply: sockets.next().id, ok: false, error: { code: 'wrongState', message: 'no' } });
  sockets.say({ tabs: 'done', detail: { type: 'swap' } });
  sockets.say({ tabs: 'login', detail: {} });
  assert.deepEqual(done, [{ type: 'mute', members: { sessionId: 's1' }, data: { muted: true } }, { type: 'swap' }]);
  sockets.last.isMirror = true; // where the owner tells it
  client.command('mute', { sessionId: 's1' });
  sockets.say({ reply: sockets.next().id, ok: true, data: { muted: true } });
  assert.equal(done.length, 2);
});
