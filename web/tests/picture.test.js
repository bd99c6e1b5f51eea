// A picture's snapshot must tell a tab what the events have told the others: played with all golden conversations.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Calls, isUnderWay } from '../phone/calls.js';
import { Picture } from '../phone/picture.js';

const folder = new URL('../../api/testdata/protocol/', import.meta.url);
const login = { login: 'L', seat: { user: 'alice', device: 'staffSeat' } };

function newClient() {
  const client = new EventTarget();
  client.tell = (name, detail) => client.dispatchEvent(new CustomEvent(name, { detail }));
  return client;
}

/** What a tab knows of its calls, but for what no snapshot tells; of one that it has supervised the list tells more. */
function known(calls, supervised) {
  return calls.all.map((c) => ({
    sessionId: c.sessionId, accepted: c.accepted, mode: c.mode, muted: c.muted, held: c.held, secure: c.secure,
    answered: c.status === 'inProgress', group: c.group, path: c.path,
    ...!supervised.has(c.sessionId) && {
      incoming: c.incoming, number: c.number, name: c.name, type: c.type, answeredAt: c.answeredAt,
    },
    ...isUnderWay(c.transfer) && {
      transfer: c.transfer, transferTo: c.transferTo, consult: c.consult ?? false, swapped: c.swapped ?? false,
    },
  }));
}

let compared = 0;
for (const name of readdirSync(folder)) {
  test(`${name}: a tab that comes late knows what the others know`, () => {
    const client = newClient();
    const picture = new Picture(client);
    const calls = new Calls(client);
    client.tell('login', login);
    let at = Date.parse('2026-11-22T12:00:00Z');
    const { steps } = JSON.parse(readFileSync(new URL(name, folder)));
    const commands = new Map();
    const supervised = new Set();
    client.tell('event', { seq: 1, event: 'snapshot', at: new Date(at).toISOString(), sessions: [], status: 'free' });
    for (const { page, gateway } of steps) {
      if (page?.id) {
        commands.set(page.id, page);
      }
      if (gateway?.ok && commands.has(gateway.reply)) {
        const { type, id, ...members } = commands.get(gateway.reply);
        client.tell('done', { type, members, data: gateway.data });
      }
      if (!gateway?.event) {
        continue;
      }
      client.tell('event', { ...gateway, at: new Date(at += 1000).toISOString() });
      calls.all.filter((c) => c.mode).forEach((c) => supervised.add(c.sessionId));
      const late = newClient();
      const lateCalls = new Calls(late);
      late.tell('login', login);
      late.tell('event', JSON.parse(JSON.stringify(picture.snapshot(() => true))));
      if (gateway.event !== 'snapshot') { // its times are no times
        assert.deepEqual(known(lateCalls, supervised), known(calls, supervised), `after ${JSON.stringify(gateway)}`);
        compared++;
      }
    }
  });
}

test('the conversations tell enough', () => assert.ok(compared > 60, `${compared} events`));
