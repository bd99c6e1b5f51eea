// The workbench as a page of its own, where one logs in.
import type { AgentStatus } from '../../tccc';
import { Phone } from '../../../phone/phone.js';
import { type Desk, newCall } from '../call';
import { Mapper, type Message } from '../mapping';
import { Looks } from '../ui';
import { Bench } from './bench';
import { hooks } from './hooks';
import { Model } from './model';
import { shellTick, shellView } from './shell';

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
new Bench(looks.root, model, shellView, shellTick);
Object.assign(window, { seatbridge: hooks(phone, model) });
// Where the browser wants a click before it sounds, any will do.
document.addEventListener('pointerdown', () => phone.sound.resume());
window.addEventListener('online', () => phone.client.wake());
phone.resume().catch((error: Error) => model.say(error.message, true));
