// The notice of calls that ring here.
import { type TemplateResult, html, nothing } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { soundsHere } from '../../../phone/phone.js';
import { ringingButtons } from './actions';
import { avatar, callButton, origin } from './bits';
import { perform } from './doing';
import type { Model } from './model';
import type { Kept } from './told';

export function incomingView(model: Model): TemplateResult {
  return html`<div id="incoming" aria-live="assertive">${repeat(model.phone.calls.ringing as Kept[],
    (c) => c.sessionId, (c) => notice(model, c))}</div>`;
}

function notice(model: Model, call: Kept): TemplateResult {
  const { call: words } = model.words;
  const who = call.name || call.number || words.somebody;
  const [answer, reject] = ringingButtons(model.online);
  const from = origin(model, call);
  return html`<div class="ringing" role="group" tabindex="0" aria-label="${words.incoming}: ${who}"
    data-session=${call.sessionId} @keydown=${(e: KeyboardEvent) => {
      if (e.key === 'Enter' && e.target === e.currentTarget) {
        perform(model, 'answer', call);
      }
    }}>
    <div class="peer">
      ${avatar(call)}
      <div class="names">
        <p class="name">${who}</p>
        <p class="soft">${detail(model, call)}</p>
        ${from ? html`<p class="origin">${from}</p>` : nothing}
      </div>
    </div>
    <div class="buttons two">
      ${callButton(model, answer!, call, words.answerWho(who))}${callButton(model, reject!, call, words.rejectWho(who))}
    </div>
  </div>`;
}

/** The number where there is a name, what was called, and the device where it is not this browser. */
function detail(model: Model, call: Kept): string {
  const { call: words, desk } = model.words;
  const { seat } = model.phone;
  const called = call.type === 'internal' ? words.callsYou : words.calls(call.ours);
  const number = call.name && call.type !== 'internal' ? call.number : '';
  const by = call.type !== 'internal' && call.peer && words.by(call.peer);
  return [number, by || called, !soundsHere(seat) && words.callsDevice(desk.devices[seat.device] ?? seat.device)]
    .filter(Boolean).join(' · ');
}
