// The workbench as a page of its own, where one logs in.
import type { AgentStatus } from '../../tccc';
import { Phone } from '../../../phone/phone.js';
import { type Desk, newCall } from '../call';
import { Mapper, type Message } from '../mapping';
import { Looks } from '../ui';
import { Bench } from './bench';
import { hooks } from './hooks';
import { Model } from './model';
import { newShellTick, shellView } from './shell';

const query = new URLSearchParams(location.search);
const phone = new Phone({
  processing: query.get('processing') !== 'off', loopback: query.has('loopback'), shared: true,
});
const mapper = new Mapper();
phone.client.addEventListener('event', (e) => { mapper.take((e as CustomEvent<Message>).detail); });
const desk: Desk = {
  phone, mapper,
  get status(): AgentStatus { return phone.status?.status ?? 'offline'; },
  tell() {}, // there is no page around that listens
};
const looks = new Looks(() => {});
const model = new Model(phone, newCall(desk), looks, true);
new Bench(looks.root, model, shellView, newShellTick());
Object.assign(window, { seatbridge: hooks(phone, model, looks.root.shadowRoot!) });
window.addEventListener('online', () => phone.client.wake());
phone.addEventListener('over', (e) => {
  const why = (e as CustomEvent<string>).detail;
  model.leave(model.words.desk.over[why] ?? '');
  void offerLogin(); // what there is to choose from may have changed
});
// The title says who rings, for those who look at another tab.
phone.addEventListener('change', () => {
  const [call] = phone.calls.ringing;
  document.title = call ? `☎ ${call.name || call.number} – Seatbridge` : 'Seatbridge';
});

/** Asks how one can log in. */
async function offerLogin(): Promise<void> {
  const response = await fetch('/api/v1/demo').catch(() => null);
  if (response?.ok) {
    model.offer = await response.json();
    model.changed();
  }
}

void offerLogin();
phone.resume().catch(() => {}); // what is wrong is told by over
