// One load of the SDK, from the script's first line until its element is removed.
import type { AgentStatus, Call, EventMap, TCCC } from '../tccc';
import { newAgent } from './agent';
import { newCall } from './call';
import { newDevices } from './devices';
import { EVENTS, Emitter } from './emitter';
import { Mapper, type Done, type Message, type Told } from './mapping';
import { SDKError } from './result';
import { Looks, newUI } from './ui';
import { newChat, newVideo } from './unserved';
import { Bench } from './workbench/bench';
import { Model } from './workbench/model';
import { newShellTick, shellView } from './workbench/shell';
import { Phone } from '../../phone/phone.js';

/** Milliseconds that ready waits for sound, once logged in. */
const WAIT_FOR_SOUND = 5_000;

/** What the script was served with, or what its tag says. */
export interface Start {
  gateway: URL;
  token?: string;
  user?: string; // whose token it is
  problem?: string; // why there is none
  processing: boolean; // see Mic
  loopback: boolean; // see Peer
  shared: boolean; // with the other tabs of this origin
}

/** What is wrong with a login that came to nothing, or has ended. */
const OVER: Record<string, string> = {
  refused: 'the login was refused: its token is used up or too old, or the gateway was out of reach for too long',
  unreachable: 'the gateway cannot be reached',
};

export class SDK {
  readonly mapper = new Mapper();
  readonly looks = new Looks(() => this.close());
  readonly #emitter = new Emitter();
  readonly #phone: Phone;
  readonly #call: Call;
  readonly #model: Model;
  readonly #bench: Bench;
  #state: 'starting' | 'ready' | 'over' = 'starting';
  #resuming = false;
  #held: Told[] = []; // what came before ready
  #connection = '';
  readonly #stop = new AbortController(); // of listeners outside

  constructor(start: Start) {
    const { processing, loopback, gateway, shared } = start;
    this.#phone = new Phone({ processing, loopback, gateway, shared });
    this.#listen();
    this.#call = newCall(this);
    this.#model = new Model(this.#phone, this.#call, this.looks, false);
    this.#bench = new Bench(this.looks.root, this.#model, shellView, newShellTick());
    // Not before an SDK that was loaded earlier has noticed its end.
    queueMicrotask(() => { this.#begin(start); });
  }

  /** The phone, for functions that need one that works. */
  get phone(): Phone {
    switch (this.#state) {
      case 'starting':
        throw new SDKError('notReady', 'The SDK is not ready yet: wait for tccc.events.ready.');
      case 'over':
        throw new SDKError('offline', 'Nobody is logged in any more: load the SDK again with a new SdkURL.');
    }
    return this.#phone;
  }

  /** The seat's status; offline where nobody is logged in. */
  get status(): AgentStatus { return this.#phone.status?.status ?? 'offline'; }

  /** The global that pages use. */
  api(): TCCC {
    return {
      events: Object.freeze(Object.fromEntries(EVENTS.map((e) => [e, e]))) as TCCC['events'],
      on: (event, callback) => this.#emitter.on(event, callback),
      off: (event, callback) => this.#emitter.off(event, callback),
      Call: this.#call,
      Chat: newChat(),
      Video: newVideo(),
      Agent: newAgent(this),
      Devices: newDevices(this),
      UI: newUI(this.looks),
      overrideButtonConfig: (choose) => this.looks.override(choose),
    };
  }

  /** Tells events, or keeps them until the SDK is ready. */
  tell(told: Told[]): void {
    if (this.#state === 'starting') {
      this.#held.push(...told);
      return;
    }
    told.forEach(({ event, fields }) => this.#emitter.emit(event, fields));
  }

  /** Ends everything, without a word to the page. */
  close(): void {
    this.#state = 'over';
    this.#emitter.clear();
    this.#stop.abort();
    this.#bench.close();
    this.#phone.close();
    this.looks.root.remove();
  }

  #listen(): void {
    const phone = this.#phone;
    // After the phone's own listeners, so that pages find it up to date.
    phone.client.addEventListener('event', (e) => this.tell(this.mapper.take((e as CustomEvent<Message>).detail)));
    phone.client.addEventListener('done', (e) => this.mapper.done((e as CustomEvent<Done>).detail));
    phone.client.addEventListener('login', () => { setTimeout(() => this.#ready(), WAIT_FOR_SOUND); }, { once: true });
    phone.addEventListener('change', () => this.#changed());
    phone.addEventListener('over', (e) => this.#over((e as CustomEvent<string>).detail));
    phone.addEventListener('log', (e) => {
      const { text, kind } = (e as CustomEvent<{ text: string; kind: string }>).detail;
      if (kind === 'bad') {
        this.tell([{ event: 'problem', fields: { message: text } }]);
      }
    });
    phone.addEventListener('quality', (e) => {
      this.tell([{ event: 'qualityChanged', fields: (e as CustomEvent<EventMap['qualityChanged']>).detail }]);
    });
    window.addEventListener('online', () => phone.client.wake(), { signal: this.#stop.signal });
  }

  async #begin({ token, user, problem }: Start): Promise<void> {
    if (this.#isOver()) {
      return; // removed at once
    }
    if (!token) {
      this.#fail(problem ?? 'the script has no ticket: its URL comes from CreateSDKLoginToken');
      return;
    }
    try {
      if (await this.#resume(user) || this.#isOver()) {
        return;
      }
      await this.#phone.loginBy(token, user);
    } catch (error) {
      this.#fail((error as Error).message);
    }
  }

  /** Takes up the login of the page's life before, with its calls; false where there is none, or none any more. */
  async #resume(user?: string): Promise<boolean> {
    this.#resuming = true;
    try {
      return user !== undefined && await this.#phone.resume(user);
    } catch {
      return false; // the token opens another
    } finally {
      this.#resuming = false;
    }
  }

  #changed(): void {
    const { connection, media, status, soundsHere } = this.#phone;
    if (connection === 'open' && status && (media === 'connected' || !soundsHere)) {
      this.#ready();
    }
    const now = `${connection} ${media}`;
    if (now !== this.#connection) {
      this.#connection = now;
      if (this.#state === 'starting') {
        return; // on the way to ready
      }
      this.tell([{ event: 'connectionChanged', fields: { connection, media } } as Told]);
    }
  }

  #ready(): void {
    if (this.#state === 'starting') {
      this.#state = 'ready';
      this.#emitter.emit('ready', { tabUUID: this.#phone.tab });
      this.tell(this.#held.splice(0));
    }
  }

  #over(why: string): void {
    if (this.#resuming || this.#isOver()) {
      return;
    }
    if (why === 'kickedOut' || why === 'replaced') {
      this.#emitter.emit('kickedOut', {});
      this.#state = 'over';
      this.#model.leave(this.#model.words.desk.over[why]!);
    } else {
      this.#fail(OVER[why] ?? 'the login has ended');
    }
  }

  /** Asked anew each time: it may have ended meanwhile. */
  #isOver(): boolean { return this.#state === 'over'; }

  #fail(message: string): void {
    if (!this.#isOver()) {
      this.#state = 'over';
      this.#emitter.emit('tokenExpired', { message });
      this.#model.leave(message);
    }
  }
}
