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

/** What a tab knows of its calls, but for what no snapshot tells. */
function known(calls) {
  return calls.all.map((c) => ({
    sessionId: c.sessionId, accepted: c.accepted, mode: c.mode, muted: c.muted, held: c.held, secure: c.secure,
    answered: c.status === 'inProgress', group: c.group, path: c.path,
    incoming: c.incoming, number: c.number, name: c.name, type: c.type, answeredAt: c.answeredAt,
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
      const answeredAt = gateway.answeredAt && '2026-11-22T11:59:00.000Z';
      client.tell('event', { ...gateway, at: new Date(at += 1000).toISOString(), ...answeredAt && { answeredAt } });
      const late = newClient();
      const lateCalls = new Calls(late);
      late.tell('login', login);
      late.tell('event', JSON.parse(JSON.stringify(picture.snapshot(() => true))));
      if (gateway.event !== 'snapshot') { // its times are no times
        assert.deepEqual(known(lateCalls), known(calls), `after ${JSON.stringify(gateway)}`);
        compared++;
      }
    }
  });
}

test('the conversations tell enough', () => assert.ok(compared > 60, `${compared} events`));

test('a tab that comes late knows whom a supervised session is with, and after it was taken over', () => {
  const client = newClient();
  const picture = new Picture(client);
  const at = '2026-11-22T12:00:00Z';
  const tell = (event, more) => client.tell('event', { seq: 1, event, at, sessionId: 's1', ...more });
  client.tell('login', login);
  tell('snapshot', { sessions: [] });
  tell('monitor', {
    type: 'phone', direction: 1, callerPhoneNumber: '+15550100', calleePhoneNumber: '+15550199', mode: 'monitor',
    answeredAt: '2026-11-22T11:58:00Z',
  });
  const late = () => {
    const other = newClient();
    const calls = new Calls(other);
    other.tell('event', JSON.parse(JSON.stringify(picture.snapshot(() => true))));
    const { mode, number, incoming, answeredAt } = calls.current;
    return [mode, number, incoming, answeredAt];
  };
  const noon = Date.parse('2026-11-22T12:00:00Z');
  assert.deepEqual(late(), ['monitor', '+15550199', false, noon - 120_000]);
  tell('userAccessed');
  assert.deepEqual(late(), [undefined, '+15550199', false, noon - 120_000]);
});
