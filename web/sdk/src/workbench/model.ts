// What the workbench shows, and what its buttons do.
import type { Call } from '../../tccc';
import { isUnderWay } from '../../../phone/calls.js';
import type { Phone } from '../../../phone/phone.js';
import type { Looks } from '../ui';
import { Floating } from './floating';
import { Notifier } from './notifier';
import { Preferences } from './preferences';
import { Story } from './story';
import { complaint } from './told';
import { WallState } from './wallstate';
import { type Language, type Words, languageOf, wordsOf } from './words';

/** A part of the workbench that one goes to. */
export type Place = 'phone' | 'wall' | 'history' | 'settings';

/** What is open over the call's buttons. */
export type Sheet = '' | 'keypad' | 'transfer';

/** A line for the agent, until it is taken away or another takes its place. */
export interface Notice { text: string; bad: boolean }

/** What a log-in may choose from in the demo. */
export interface Offer { demo: boolean; users?: any[]; numbers?: { number: string; label: string }[] }

/** Milliseconds from one look at who is free to the next, while one chooses. */
const GROUPS_EVERY = 3_000;

/** Milliseconds after a call in which one click does not dial: it may be the second of two on what has gone. */
const QUIET = 600;

/** Model dispatches `change` whenever what is shown may be another. Levels and clocks have their own pace. */
export class Model extends EventTarget {
  place: Place = 'phone';
  notice: Notice | null = null;
  /** Why nobody is logged in, where somebody was to be. */
  out = '';
  offer: Offer | null = null;
  number = ''; // to dial
  sent = ''; // digits, in this call
  sheet: Sheet = '';
  askFirst = false;
  search = ''; // whom to transfer to
  filter: 'all' | 'missed' = 'all'; // of the history
  microphones: MediaDeviceInfo[] = [];
  speakers: MediaDeviceInfo[] = [];
  readonly wall = new WallState();
  readonly preferences: Preferences;
  readonly story: Story;
  readonly floating: Floating;
  readonly #notifier = new Notifier();
  readonly #stop = new AbortController();
  #session = ''; // of the call that is shown
  #calls = 0; // how many there are
  #quiet = 0; // until when
  #obeyed = { microphone: '', speaker: '' };
  #groups?: ReturnType<typeof setInterval>;

  /**
   * call: what the buttons do, so that events tell of it what they tell of a page's own doing;
   * alone: the workbench is the whole page, and one logs in here.
   */
  constructor(readonly phone: Phone, readonly call: Call, readonly looks: Looks, readonly alone: boolean) {
    super();
    const { signal } = this.#stop;
    this.preferences = new Preferences(signal);
    this.floating = new Floating(this.preferences, signal);
    this.story = new Story(phone, () => this.words, signal);
    for (const source of [phone, looks, this.preferences, this.story]) {
      source.addEventListener('change', () => this.changed(), { signal });
    }
    this.preferences.addEventListener('change', () => this.#obey(), { signal });
    looks.addEventListener('change', () => this.#obey(), { signal });
    phone.addEventListener('change', () => this.#follow(), { signal });
    this.story.addEventListener('change', () => {
      if (this.place === 'history') {
        this.story.seen();
      }
    }, { signal });
    this.story.addEventListener('missed', (e) => this.say((e as CustomEvent<string>).detail, true), { signal });
    phone.client.addEventListener('login', () => { this.out = ''; }, { signal });
    navigator.mediaDevices?.addEventListener('devicechange', () => { void this.findDevices(); }, { signal });
    // Where the browser wants a click before it sounds, any will do.
    document.addEventListener('pointerdown', () => {
      if (!phone.sound.running) {
        void phone.sound.resume()?.then(() => this.changed());
      }
    }, { signal });
    this.#obey();
  }

  get language(): Language {
    const { language } = this.preferences.choices;
    return language === 'auto' ? languageOf(navigator.languages) : language;
  }

  get words(): Words { return wordsOf(this.language); }

  get online(): boolean { return this.phone.connection === 'open'; }

  go(place: Place): void {
    this.place = place;
    if (place === 'history') {
      this.story.seen();
    }
    if (place === 'settings') {
      void this.findDevices();
    }
    this.changed();
  }

  say(text: string, bad = false): void {
    this.notice = text ? { text, bad } : null;
    this.changed();
  }

  /** Nobody is logged in any more. */
  leave(why: string): void {
    this.out = why;
    this.place = 'phone';
    this.changed();
  }

  /** Does what the user asked for; what is wrong with it is said. */
  async attempt(action: () => unknown): Promise<void> {
    if (this.notice) {
      this.say('');
    }
    try {
      await action();
    } catch (error) {
      this.say(complaint(error as Error, this.words), true);
    }
  }

  /** Opens what is over the call's buttons, or closes it. */
  open(sheet: Sheet): void {
    this.sheet = sheet;
    clearInterval(this.#groups);
    if (sheet === 'transfer') {
      this.search = '';
      const look = () => { this.phone.getGroups().then(() => this.changed(), () => {}); };
      look();
      this.#groups = setInterval(look, GROUPS_EVERY);
    }
    this.changed();
  }

  /** Closes it, and gives the focus back to the button that opened it. */
  shut(): void {
    const opener = this.sheet;
    this.open('');
    this.focus(`[data-do="${opener}"]`);
  }

  /** Dials a number, or another seat by its user. */
  dial(to: { number?: string; user?: string }): Promise<void> {
    return this.attempt(async () => {
      await (to.user ? this.call.startInternalCall({ calleeUserId: to.user }) :
        this.call.startOutboundCall({ phoneNumber: to.number ?? '' }));
      this.number = '';
      this.go('phone');
    });
  }

  /** Dials by one click. */
  redial(to: { number?: string; user?: string }): void {
    if (Date.now() >= this.#quiet) {
      void this.dial(to);
    }
  }

  /** A digit of the keypad: into the call, or into the number. */
  press(digit: string): void {
    const { current } = this.phone.calls;
    if (!current || current.mode) {
      this.number += digit;
    } else {
      this.sent += digit;
      void this.attempt(() => this.call.sendDigits({ sessionId: current.sessionId, dtmfText: digit }));
    }
    this.changed();
  }

  async findDevices(): Promise<void> {
    const all = await navigator.mediaDevices?.enumerateDevices().catch(() => []) ?? [];
    this.microphones = all.filter((d) => d.kind === 'audioinput');
    this.speakers = all.filter((d) => d.kind === 'audiooutput');
    this.changed();
  }

  /** Puts the focus on what a selector finds, once that is drawn. */
  focus(selector: string): void { this.dispatchEvent(new CustomEvent('focus', { detail: selector })); }

  changed(): void { this.dispatchEvent(new Event('change')); }

  close(): void {
    this.#stop.abort();
    this.#notifier.close();
    clearInterval(this.#groups);
  }

  /** Does what was chosen. */
  #obey(): void {
    const { microphone, speaker, ring, theme } = this.preferences.choices;
    const { phone } = this;
    phone.ringtone = ring > 0 && !this.looks.settings.disableRingtone;
    phone.sound.ringVolume = ring;
    this.looks.root.toggleAttribute('data-alone', this.alone);
    for (const { dataset } of this.alone ? [this.looks.root, document.documentElement] : [this.looks.root]) {
      dataset.theme = theme;
    }
    const { microphone: oldMicrophone, speaker: oldSpeaker } = this.#obeyed;
    this.#obeyed = { microphone, speaker }; // only what is new: a page may have chosen another meanwhile
    if (!phone.owns) {
      return; // what is chosen in one tab is heard in all: the one that sounds obeys
    }
    if (microphone !== oldMicrophone) {
      void this.attempt(() => phone.useMic(microphone));
    }
    if (speaker !== oldSpeaker) {
      phone.sound.setSpeaker(speaker).catch((e: Error) => this.say(complaint(e, this.words), true));
    }
  }

  #follow(): void {
    const { current, ringing, all } = this.phone.calls;
    if (all.length < this.#calls) {
      this.#quiet = Date.now() + QUIET;
    }
    this.#calls = all.length;
    if (this.#session !== (current?.sessionId ?? '')) {
      this.#session = current?.sessionId ?? '';
      this.sent = '';
      this.open('');
    }
    if (this.sheet === 'transfer' && (current?.status !== 'inProgress' || isUnderWay(current.transfer))) {
      this.open('');
    }
    const { call: words } = this.words;
    const on = this.preferences.choices.notifications && !this.looks.settings.disableNotification;
    this.#notifier.follow(ringing, on, (c: any) => ({
      title: `${words.incoming}: ${c.name || c.number || words.somebody}`,
      body: [c.name && c.number, this.phone.groupName(c.group), c.path].filter(Boolean).join(' · '),
    }));
  }
}
