// Plays the conversations of docs/protocol.md with the page's Client; the gateway's part is played by this test.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Calls } from '../phone/calls.js';
import { Client, ProtocolError } from '../phone/protocol.js';
import { FakeClock, Sockets, settled } from './fake.js';

const folder = new URL('../../api/testdata/protocol/', import.meta.url);
// A Client always logs in first, so that it cannot play login-missing.json.
const files = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'login-missing.json');

assert.ok(files.length > 10, 'the golden messages are there');

for (const name of files) {
  const golden = JSON.parse(readFileSync(new URL(name, folder)));
  test(`${name}: ${golden.about}`, () => new Conversation().play(golden));
}

const loginData = {
  login: '<login>', resumeToken: '<resumeToken>', resumed: false, seq: 0, serverTime: '<time>',
  seat: { user: 'alice', name: 'Alice', role: 3, device: 'staffSeat', extension: '1001' },
  media: { ears: 3, iceServers: [] },
};

/** Conversation has the Client under test, and what it told the page. */
class Conversation {
  clock = new FakeClock();
  sockets = new Sockets();
  events = [];
  closed = null; // why
  commands = new Map(); // by id: what came of it
  client = this.#newClient();

  #newClient() {
    const client = new Client({ open: this.sockets.open, clock: this.clock, random: () => 1 });
    client.addEventListener('event', ({ detail }) => this.events.push(detail));
    client.addEventListener('login', ({ detail }) => this.#settle('login', detail));
    client.addEventListener('state', ({ detail }) => { this.closed = detail.state === 'closed' ? detail.why : null; });
    this.calls = new Calls(client);
    return client;
  }

  async play({ loggedIn, steps }) {
    if (loggedIn) {
      this.#logIn();
      this.sockets.say({ reply: 'login', ok: true, data: loginData });
      this.sockets.say({ seq: 1, event: 'snapshot', at: '<time>', sessions: [] });
      this.events.length = 0;
      await settled();
    }
    for (const [i, step] of steps.entries()) {
      await this.#play(step).catch((error) => {
        error.message = `step ${i}, ${JSON.stringify(step)}: ${error.message}`;
        throw error;
      });
    }
  }

  #logIn() {
    this.client.login('<token>').catch((error) => this.#settle('login', error));
    this.sockets.last.onopen();
    assert.deepEqual(this.sockets.next(), { type: 'login', token: '<token>' });
  }

  #settle(id, value) { this.commands.set(id, value); }

  async #play({ page, gateway, lost, reloaded, closed }) {
    if (page) {
      this.#pageSends(page);
    } else if (gateway) {
      await this.#gatewaySends(gateway);
    } else if (lost) {
      this.sockets.last.onclose({ code: 1006 });
      await this.clock.pass(250);
      this.sockets.last.onopen();
    } else if (reloaded) {
      const kept = this.client.resumable;
      this.client = this.#newClient();
      this.client.resume(kept).catch((error) => this.#settle('login', error));
      this.sockets.last.onopen();
    } else if (closed) {
      this.sockets.last.onclose({ code: closed });
      assert.equal(this.closed, { 1000: 'loggedOut', 4001: 'refused', 4010: 'kickedOut' }[closed]);
      assert.equal(this.clock.waiting, 0, 'nothing is left to do');
    }
  }

  #pageSends(message) {
    const { type, id, token, ...members } = message;
    if (type === 'login') {
      if (!message.resume) {
        this.#logIn();
        return;
      }
    } else {
      this.client.command(type, members).then((data) => this.#settle(id, data), (error) => this.#settle(id, error));
      message = { ...message, id: this.sockets.last.sent[0].id }; // the ids are the page's choice
      this.commands.delete(id);
      this.renamed = { golden: id, own: message.id };
    }
    assert.deepEqual(this.sockets.next(), message);
  }

  async #gatewaySends(message) {
    if (message.event) {
      this.sockets.say(message);
      assert.deepEqual(this.events.shift(), message);
      return;
    }
    const id = message.reply;
    this.sockets.say(this.renamed?.golden === id ? { ...message, reply: this.renamed.own } : message);
    await settled();
    if (id === '' || (id !== 'login' && !this.commands.has(id))) {
      return; // a reply to what the Client never sends
    }
    const value = this.commands.get(id);
    if (message.ok) {
      assert.deepEqual(value, message.data);
    } else {
      assert.ok(value instanceof ProtocolError);
      assert.deepEqual({ code: value.code, message: value.message }, message.error);
    }
  }
}
