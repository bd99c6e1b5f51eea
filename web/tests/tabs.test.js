import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from './faketabs.js';

/** A browser with so many tabs, the first of which owns the login. */
async function browserWith(count) {
  const browser = new Browser();
  const tabs = [];
  for (let i = 0; i < count; i++) {
    tabs.push(await browser.open());
    await tabs[i].login;
  }
  return { browser, gateway: browser.gateway, tabs };
}

const owners = (tabs) => tabs.map((t) => t.tabs.owns);
const seqs = (tab) => tab.events.map((e) => e.seq);
const upTo = (n, from = 1) => Array.from({ length: n - from + 1 }, (_, i) => from + i);
const states = (tabs) => tabs.map((t) => t.client.state);

test('the first tab owns the login, the others see its events, each once', async () => {
  const { browser, gateway, tabs } = await browserWith(3);
  assert.deepEqual(owners(tabs), [true, false, false]);
  gateway.emit('callIn', { sessionId: 's1' });
  gateway.emit('sessionEnded', { sessionId: 's1' });
  await browser.rest();
  for (const tab of tabs) {
    assert.deepEqual(tab.heard(), ['1 snapshot', '2 callIn', '3 sessionEnded']);
  }
  assert.deepEqual(gateway.logins, [{ token: 'token of t1' }], 'the tokens of the others stay unused');
  assert.equal(gateway.sockets, 1);
});

test('two tabs that open at the same instant', async () => {
  const browser = new Browser();
  const tabs = await Promise.all([browser.open(), browser.open(), browser.open()]);
  await Promise.all(tabs.map((t) => t.login));
  assert.deepEqual(owners(tabs), [true, false, false]);
  assert.equal(browser.gateway.logins.length, 1);
  assert.deepEqual(tabs.map((t) => t.heard()), [['1 snapshot'], ['1 snapshot'], ['1 snapshot']]);
});

test('commands of a mirror go by the owner, with their replies, refusals and outcomes', async () => {
  const { browser, gateway, tabs: [owner, mirror, other] } = await browserWith(3);
  const reply = mirror.client.command('mute', { sessionId: 's1', muted: true });
  await browser.rest();
  assert.deepEqual(await reply, { sessionId: 's1', muted: true });
  assert.deepEqual(gateway.commands.at(-1), { type: 'mute', sessionId: 's1', muted: true });
  const done = { type: 'mute', members: { sessionId: 's1', muted: true }, data: { sessionId: 's1', muted: true } };
  assert.deepEqual([owner, mirror, other].map((t) => t.done), [[done], [done], [done]], 'all tabs know, each once');
  const refused = assert.rejects(mirror.client.command('refuse'), { code: 'wrongState', message: 'not now' });
  await browser.rest();
  await refused;
  const own = mirror.client.command('stats');
  await browser.rest();
  assert.deepEqual(await own, { sent: 7 }, 'what the gateway does not know is the owner\'s own doing');
  for (const type of ['offer', 'candidate']) {
    const unfit = assert.rejects(mirror.client.command(type), { code: 'wrongState' });
    await browser.rest();
    await unfit;
    assert.ok(!owner.asked.includes(type));
  }
});

test('what the owner does is known to the mirrors', async () => {
  const { browser, tabs: [owner, mirror] } = await browserWith(2);
  owner.client.command('swap', { sessionId: 's1' });
  owner.client.command('sessions');
  await browser.rest();
  assert.deepEqual(mirror.done.map((d) => d.type), ['swap']);
  owner.tabs.tell('note', { text: 'no microphone', kind: 'bad' });
  await browser.rest();
  assert.deepEqual(mirror.note, [{ text: 'no microphone', kind: 'bad' }]);
  assert.deepEqual(owner.note, []);
});

test('a mirror hears how the owner is connected', async () => {
  const { browser, gateway, tabs: [owner, mirror] } = await browserWith(2);
  assert.deepEqual(mirror.owner, [{ connection: 'open' }]);
  gateway.end(1006);
  await browser.rest();
  owner.tabs.show();
  owner.tabs.show();
  await browser.rest();
  assert.deepEqual(mirror.owner.slice(1), [{ connection: 'reconnecting' }]);
  const offline = assert.rejects(mirror.client.command('hangup'), { code: 'offline' });
  await browser.rest();
  await offline;
  assert.equal(mirror.client.state, 'open', 'it goes on with the owner');
});

test('a tab that comes in mid-call is told of it as it is now', async () => {
  const { browser, gateway, tabs: [owner] } = await browserWith(1);
  gateway.emit('callIn', { sessionId: 's1', type: 'phone', callerPhoneNumber: '+1', timeout: 20 });
  gateway.emit('userAccessed', { sessionId: 's1', tab: owner.id });
  gateway.emit('callOuted', { sessionId: 's2', type: 'internal', peerUserId: 'bob', tab: 'gone' });
  gateway.emit('calloutAccepted', { sessionId: 's2' });
  for (const [event, members] of Object.entries({
    held: { held: true, userId: 'alice' }, muted: { muted: true }, secureDigits: { secure: true },
    recording: { state: 'on' }, transfer: { state: 'started', to: '1002', userId: 'bob' },
  })) {
    gateway.emit(event, { sessionId: 's1', ...members });
  }
  gateway.emit('callIn', { sessionId: 's3' });
  gateway.emit('sessionEnded', { sessionId: 's3' });
  gateway.emit('statusChanged', { status: 'busy', device: 'staffExtensionSeat' });
  await browser.rest();
  owner.client.command('consult', { sessionId: 's1' });
  owner.client.command('swap', { sessionId: 's1' });
  await browser.rest();
  const mirror = await browser.open();
  const { seat } = await mirror.login;
  assert.equal(seat.device, 'staffExtensionSeat');
  const [{ at, seq, event, status, sessions }] = mirror.events;
  assert.deepEqual([seq, event, status], [gateway.seq, 'snapshot', 'busy']);
  assert.ok(Date.parse(at));
  const answeredAt = '2026-11-22T12:00:00.000Z';
  assert.deepEqual(JSON.parse(JSON.stringify(sessions)), [
    {
      direction: 0, startedAt: answeredAt, muted: true, sessionId: 's1', type: 'phone', callerPhoneNumber: '+1',
      incoming: true, accepted: true, status: 'inProgress', answeredAt, held: true, secure: true, recording: 'on',
      transfer: { consult: true, swapped: true, state: 'started', to: '1002', userId: 'bob' }, tab: 't1',
    },
    {
      direction: 2, startedAt: answeredAt, muted: false, sessionId: 's2', type: 'internal', peerUserId: 'bob',
      incoming: false, accepted: true, status: 'inProgress', answeredAt,
    },
  ]);
  gateway.emit('sessionEnded', { sessionId: 's1' });
  await browser.rest();
  assert.deepEqual(seqs(mirror), [seq, seq + 1]);
});

for (const how of ['crash', 'hand over']) {
  test(`${how}: the next tab owns, the others follow, nothing is lost or told twice`, async () => {
    const { browser, gateway, tabs: [first, second, third] } = await browserWith(3);
    gateway.emit('callIn', { sessionId: 's1' });
    await browser.rest();
    const underWay = assert.rejects(second.client.command('hold'), { code: 'offline' });
    if (how === 'crash') {
      browser.crash(first);
    } else {
      assert.equal(await first.tabs.part(), true, 'the login goes on elsewhere');
      first.client.close();
    }
    gateway.recent.push({ seq: ++gateway.seq, event: 'userAccessed', sessionId: 's1' }); // while nobody is connected
    await browser.rest();
    await browser.clock.pass(250);
    await browser.rest();
    gateway.emit('muted', { sessionId: 's1' });
    await browser.rest();
    await underWay;
    assert.deepEqual(owners([second, third]), [true, false]);
    assert.deepEqual(states([second, third]), ['open', 'open']);
    assert.deepEqual(gateway.logins.at(-1), { token: 'R', resume: { login: 'L', seq: 2 } });
    assert.deepEqual([seqs(second), seqs(third)], [upTo(4), upTo(4)]);
    assert.equal(second.states.includes('closed'), false);
    assert.equal(gateway.commands.some((c) => c.type === 'logout'), false);
    const reply = third.client.command('unmute', { sessionId: 's1' });
    await browser.rest();
    assert.deepEqual(await reply, { sessionId: 's1' });
  });
}

test('a tab that heard more than the next owner has heard is told nothing twice', async () => {
  const { browser, gateway, tabs: [first, second, third] } = await browserWith(3);
  const take = second.channel.onmessage;
  second.channel.onmessage = null; // what is on its way to it comes too late
  gateway.emit('callIn', { sessionId: 's1' });
  await browser.rest();
  second.channel.onmessage = take;
  browser.crash(first);
  await browser.rest();
  await browser.clock.pass(250);
  await browser.rest();
  gateway.emit('userAccessed', { sessionId: 's1' });
  await browser.rest();
  assert.deepEqual([seqs(second), seqs(third)], [upTo(3), upTo(3)]);
});

test('a mirror that was away for long gets a snapshot', async () => {
  const { browser, gateway, tabs: [first, second, third] } = await browserWith(3);
  const take = third.channel.onmessage;
  third.channel.onmessage = null;
  for (let i = 0; i < 300; i++) {
    gateway.emit('digit', { sessionId: 's1' });
  }
  await browser.rest();
  third.channel.onmessage = take;
  browser.crash(first);
  await browser.rest();
  await browser.clock.pass(250);
  await browser.rest();
  assert.deepEqual(owners([second, third]), [true, false]);
  assert.deepEqual(third.heard(), ['1 snapshot', '301 snapshot']);
});

test('a hung owner loses the login, and follows when it is back', async () => {
  const { browser, gateway, tabs: [first, second, third] } = await browserWith(3);
  browser.freeze(first);
  await browser.clock.pass(5_000);
  assert.deepEqual(owners([first, second, third]), [true, false, false]);
  await browser.clock.pass(5_000);
  await browser.rest();
  first.channel.onmessage = first.take;
  await browser.clock.pass(3_000);
  await browser.rest();
  gateway.emit('callIn', { sessionId: 's1' });
  await browser.rest();
  const all = [first, second, third];
  assert.equal(owners(all).filter(Boolean).length, 1);
  assert.equal(first.tabs.owns, false);
  assert.deepEqual(states(all), ['open', 'open', 'open']);
  assert.deepEqual(all.map(seqs), [upTo(2), upTo(2), upTo(2)]);
  await browser.clock.pass(60_000);
  await browser.rest();
  assert.equal(owners(all).filter(Boolean).length, 1);
  assert.deepEqual(states(all), ['open', 'open', 'open']);
});

test('an owner that answers is not hung', async () => {
  const { browser, tabs } = await browserWith(2);
  for (let i = 0; i < 60; i++) {
    await browser.clock.pass(1_000);
    await browser.rest();
  }
  assert.deepEqual(owners(tabs), [true, false]);
  assert.deepEqual(tabs[1].states, ['connecting', 'open']);
});

for (const [code, why] of [[4010, 'kickedOut'], [1000, 'loggedOut'], [4001, 'refused']]) {
  test(`${why} is for all tabs`, async () => {
    const { browser, gateway, tabs } = await browserWith(3);
    if (code === 4010) {
      gateway.emit('kickedOut');
    }
    gateway.end(code);
    await browser.rest();
    for (const tab of tabs) {
      assert.deepEqual([tab.client.state, tab.states.at(-1)], ['closed', why]);
      assert.equal(tab.heard().includes('2 kickedOut'), code === 4010);
    }
    assert.equal(gateway.logins.length, 1, 'nobody tries to take it over');
    assert.equal(browser.locks.held, null);
    assert.equal(browser.channels.all.size, 0);
    assert.equal(browser.clock.waiting, 0);
  });
}

test('a crashed mirror keeps nobody from leaving', async () => {
  const { browser, gateway, tabs: [owner, mirror] } = await browserWith(2);
  browser.crash(mirror);
  gateway.end(4010);
  await browser.rest();
  assert.equal(owner.client.state, 'closed');
  assert.notEqual(browser.locks.held, null);
  await browser.clock.pass(1_000);
  assert.equal(browser.locks.held === null || browser.locks.queue.length === 0, true);
});

test('a mirror logs out for all', async () => {
  const { browser, tabs } = await browserWith(2);
  const reply = tabs[1].client.command('logout');
  await browser.rest();
  await reply;
  assert.deepEqual(tabs.map((t) => t.states.at(-1)), ['loggedOut', 'loggedOut']);
});

test('the last tab has nobody to hand over to', async () => {
  const { browser, tabs: [owner, mirror] } = await browserWith(2);
  assert.equal(await mirror.tabs.part(), true, 'the owner is there');
  mirror.client.close();
  await browser.rest();
  assert.equal(owner.client.state, 'open');
  assert.equal(await owner.tabs.part(), false);
  owner.client.close();
  await browser.rest();
  assert.equal(browser.locks.held, null);
  assert.equal(browser.clock.waiting, 0);
});

test('a login that was refused leaves the next tab its own', async () => {
  const browser = new Browser();
  const { open } = browser.gateway;
  browser.gateway.open = () => {
    const socket = { send: () => setImmediate(() => socket.onclose({ code: 4001 })), close: () => {} };
    setImmediate(() => socket.onopen?.());
    browser.gateway.open = open;
    return socket;
  };
  const [first, second] = await Promise.all([browser.open(), browser.open()]);
  await assert.rejects(first.login);
  await second.login;
  assert.deepEqual(browser.gateway.logins, [{ token: 'token of t2' }]);
  assert.deepEqual(owners([first, second]), [false, true]);
});

test('what is no message of ours harms nobody', async () => {
  const { browser, gateway, tabs } = await browserWith(2);
  const stranger = browser.channels.open();
  for (const message of [
    null, 7, 'text', [], {}, { kind: 'constructor' }, { kind: 'say' }, { kind: 'tell', hub: 1, data: '{}' },
    { kind: 'end', hub: 'h', code: 'x' }, { kind: 'say', hub: 'h', from: 'f', tab: 't', data: 'no JSON' },
    { kind: 'tell', hub: 'h', to: {}, data: '{' },
  ]) {
    stranger.postMessage(message);
  }
  stranger.onmessage = ({ data }) => {
    if (data.kind === 'hub') {
      stranger.onmessage = null;
      for (const text of ['no JSON', 'null', '[]', '{"type":7}', '{"id":"1","type":"hangup"}']) {
        stranger.postMessage({ kind: 'say', hub: data.hub, from: 'f', tab: 't', data: text });
      }
    }
  };
  stranger.postMessage({ kind: 'who' });
  await browser.rest();
  gateway.emit('callIn', { sessionId: 's1' });
  await browser.rest();
  assert.deepEqual(tabs.map(seqs), [upTo(2), upTo(2)]);
  assert.deepEqual(gateway.commands, []);
});
