// What the user may choose.
import { type TemplateResult, html, nothing } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { soundsHere } from '../../../phone/phone.js';
import { meter } from './bits';
import type { Model } from './model';
import { askPermission, permission } from './notifier';
import type { Choices } from './preferences';

export function settingsView(model: Model): TemplateResult {
  const { settings } = model.words;
  return html`<div class="settings" aria-label=${settings} role="region">
    ${sound(model)}${device(model)}${notifications(model)}${looks(model)}${keys(model)}
  </div>`;
}

/** A choice of one: options are values and texts. */
function choice(id: string, label: string, value: string, options: [string, string][], choose: (value: string) => void,
  disabled = false): TemplateResult {
  return html`<label class="setting" for=${id}>${label}</label>
    <select id=${id} ?disabled=${disabled} @change=${(e: Event) => choose((e.target as HTMLSelectElement).value)}>
      ${options.map(([v, text]) => html`<option value=${v} .selected=${live(v === value)}>${text}</option>`)}
    </select>`;
}

function sound(model: Model): TemplateResult {
  const { pages: words } = model.words;
  const { preferences, looks } = model;
  const { choices } = preferences;
  const devices = (list: MediaDeviceInfo[], chosen: string): [string, string][] => {
    const known = list.filter((d) => d.deviceId && d.deviceId !== 'default').map((d): [string, string] =>
      [d.deviceId, d.label || d.deviceId.slice(0, 8)]);
    const gone: [string, string][] = chosen && !known.some(([id]) => id === chosen) ? [[chosen, '–']] : [];
    return [['', words.byBrowser], ...known, ...gone];
  };
  const ring = (volume: number) => `${Math.round(volume * 100)} %`;
  return html`<section class="card" aria-labelledby="sound-title"><h2 id="sound-title">${words.soundTitle}</h2>
    ${soundsHere(model.phone.seat) ? nothing : html`<p class="soft">${words.soundElsewhere}</p>`}
    <div class="form">
      ${choice('microphone', words.microphone, choices.microphone, devices(model.microphones, choices.microphone),
        (microphone) => preferences.choose({ microphone }))}
      ${model.phone.soundsHere ? html`<span></span><div class="meters">${meter('mic', words.level)}</div>` : nothing}
      ${choice('speaker', words.speaker, choices.speaker, devices(model.speakers, choices.speaker),
        (speaker) => preferences.choose({ speaker }))}
      <span></span><button type="button" class="small" data-do="test-tone"
        @click=${() => model.attempt(() => model.phone.sound.tryRing(choices.ring || 0.5))}>${words.test}</button>
      <label class="setting" for="ring">${words.ring}</label>
      <div class="row"><input id="ring" type="range" min="0" max="1" step="0.1" .value=${live(String(choices.ring))}
        aria-valuetext=${choices.ring > 0 ? ring(choices.ring) : words.silent}
        @change=${(e: Event) => preferences.choose({ ring: Number((e.target as HTMLInputElement).value) })}>
        <output class="figure">${choices.ring > 0 ? ring(choices.ring) : words.silent}</output></div>
      ${looks.settings.disableRingtone ? html`<span></span><p class="soft">${words.ringPage}</p>` : nothing}
    </div></section>`;
}

/** Where the seat takes its calls. */
function device(model: Model): TemplateResult {
  const { pages: words, desk } = model.words;
  const { seat, status } = model.phone;
  const devices = ['staffSeat', ...seat.extension ? ['staffExtensionSeat'] : [], 'staffPhoneSeat'];
  const all = devices.includes(seat.device) ? devices : [...devices, seat.device];
  const uses = Object.entries(words.uses);
  return html`<section class="card" aria-labelledby="device-title"><h2 id="device-title">${words.deviceTitle}</h2>
    <div class="form">
      ${choice('device', words.device, seat.device, all.map((d) => [d, desk.devices[d] ?? d]),
        (d) => ask(model, 'device', { device: d }), !model.online)}
      ${choice('use-mobile', words.useMobile, String(status?.useMobile ?? 0), uses,
        (use) => ask(model, 'useMobile', { useMobile: Number(use) }), !model.online)}
    </div></section>`;
}

function ask(model: Model, type: string, members: object): void {
  void model.attempt(() => model.phone.client.command(type, members)).then(() => model.changed());
}

function notifications(model: Model): TemplateResult {
  const { pages: words } = model.words;
  const allowed = permission();
  const on = model.preferences.choices.notifications && allowed !== 'denied' && allowed !== 'unsupported';
  return html`<section class="card" aria-labelledby="notice-title"><h2 id="notice-title">${words.noticeTitle}</h2>
    <label class="check"><input type="checkbox" id="notifications" .checked=${live(on)}
      ?disabled=${allowed === 'denied' || allowed === 'unsupported'} @change=${(e: Event) => {
        model.preferences.choose({ notifications: (e.target as HTMLInputElement).checked });
        void askPermission().then(() => model.changed());
      }}><span>${words.notifications}</span></label>
    ${allowed === 'default' && on ? html`<button type="button" class="small" data-do="allow-notifications"
      @click=${() => askPermission().then(() => model.changed())}>${words.allow}</button>` : nothing}
    ${allowed === 'denied' ? html`<p class="soft">${words.denied}</p>` : nothing}
    ${model.looks.settings.disableNotification ? html`<p class="soft">${words.noticePage}</p>` : nothing}
  </section>`;
}

function looks(model: Model): TemplateResult {
  const { pages: words } = model.words;
  const { preferences } = model;
  const { language, theme } = preferences.choices;
  return html`<section class="card" aria-labelledby="looks-title"><h2 id="looks-title">${words.looksTitle}</h2>
    <div class="form">
      ${choice('language', words.language, language, [['auto', words.auto], ['en', 'English'], ['zh', '中文']],
        (v) => preferences.choose({ language: v as Choices['language'] }))}
      ${choice('theme', words.theme, theme, [['auto', words.system], ['light', words.light], ['dark', words.dark]],
        (v) => preferences.choose({ theme: v as Choices['theme'] }))}
    </div></section>`;
}

function keys(model: Model): TemplateResult {
  const { pages: words } = model.words;
  return html`<section class="card" aria-labelledby="keys-title"><h2 id="keys-title">${words.keysTitle}</h2>
    <dl class="keys">${words.keys.map(([key, what]) => html`<div><dt>${key.split(' ').map((k) =>
      html`<kbd>${k}</kbd>`)}</dt><dd>${what}</dd></div>`)}</dl></section>`;
}
