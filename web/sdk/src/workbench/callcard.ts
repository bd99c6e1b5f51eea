// The call that the seat is in.
import { type TemplateResult, html, nothing } from 'lit-html';
import { type Around, endButton, handingButtons, talkButtons } from './actions';
import { avatar, callButton, meter, origin } from './bits';
import { staying } from './doing';
import { keypadSheet } from './keypad';
import type { Model } from './model';
import { type Kept, callState } from './told';
import { transferSheet } from './transfer';

export function callCard(model: Model, call: Kept): TemplateResult {
  const { call: words } = model.words;
  const around: Around = { online: model.online, sheet: model.sheet, stays: staying(model) };
  const trouble = !model.online || (call.silent && !call.mode);
  const talk = talkButtons(call, around);
  const handing = handingButtons(call, around);
  return html`<section class="call" tabindex="-1" aria-label=${words.group} data-session=${call.sessionId}>
    <div class="peer">
      ${avatar(call)}
      <div class="names">
        <p class="name" id="peer-name">${call.name || call.number || words.somebody}</p>
        ${[line(model, call), origin(model, call)].filter(Boolean).map((text) => html`<p class="soft">${text}</p>`)}
      </div>
      <span class="timer" role="timer" aria-label=${words.duration} data-since=${call.answeredAt ?? nothing}></span>
    </div>
    <div class="row state">
      <p ?data-trouble=${trouble}><span id="call-state" role="status">${callState(call, model.phone.connection,
        model.words)}</span>${call.digits ? html`<br><small>${words.pressed(call.digits)}</small>` : nothing}</p>
      ${pills(model, call)}
    </div>
    ${model.phone.soundsHere && model.phone.media !== 'off' ? html`
      <div class="meters">${meter('mic', words.you)}${meter('ear', words.other)}</div>` : nothing}
    <div class="buttons" ?hidden=${talk.length === 0}>${talk.map((b) => callButton(model, b, call))}</div>
    <div class="end">${callButton(model, endButton(call, around), call)}</div>
    ${handing.length > 0 ? html`<div class="buttons handing" role="group" aria-label=${words.handing}>
      ${handing.map((b) => callButton(model, b, call))}</div>` : nothing}
    ${model.sheet === 'keypad' ? keypadSheet(model) : model.sheet === 'transfer' ? transferSheet(model) : nothing}
  </section>`;
}

/** What there is to say of the other side below its name. */
function line(model: Model, { name, number, remark, mode, with: other, peer, type }: Kept): string {
  const { call: words } = model.words;
  return [name && number, remark !== name && remark, mode && other && words.with(other),
    !mode && type !== 'internal' && peer && words.by(peer)].filter(Boolean).join(' · ');
}

/** How the sound is, where the phone says so. */
interface Quality { level: 'good' | 'fair' | 'poor'; causes?: string[] }

function pills(model: Model, call: Kept): unknown {
  const { call: words } = model.words;
  const states: Record<string, string> = { on: words.recording, paused: words.paused, failed: words.notRecorded };
  const recording = states[call.recording];
  const { quality } = model.phone as { quality?: Quality };
  return html`<p class="pills">
    ${recording ? html`<span class="pill" id="recording" role="status"
      data-state=${call.recording}>${recording}</span>` : nothing}
    ${quality ? html`<span class="quality" data-level=${quality.level} role="img"
      title=${[words.quality[quality.level], ...quality.causes ?? []].join(' · ')}
      aria-label=${words.quality[quality.level]}><i></i><i></i><i></i></span>` : nothing}
  </p>`;
}
