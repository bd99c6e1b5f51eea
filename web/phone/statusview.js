// The seat's status and the groups, as they are seen.
import { $, element, setText, left } from './dom.js';
import { meanwhile } from './words.js';

/** Shows what the seat is asked to be, and what it is where that is something else and its calls do not show it. */
export function showStatus({ status, connection }) {
  const select = $('status');
  select.disabled = connection !== 'open' || !status;
  if (!status) {
    return;
  }
  const value = status.wanted === 'rest' && status.reason ? `rest:${status.reason}` : status.wanted;
  if (![...select.options].some((o) => o.value === value)) { // a reason that was given elsewhere
    select.querySelector('optgroup').append(element('option', { value }, status.reason));
  }
  if (select.value !== value) {
    select.value = value;
  }
  select.dataset.state = status.wanted;
  const word = meanwhile(status);
  $('status-now').hidden = word === '';
  setText('status-word', word);
  $('wrap-up-done').hidden = status.until === undefined;
  $('wrap-up-done').disabled = connection !== 'open';
}

/** The status that is chosen, and its reason. */
export function chosenStatus() {
  const [status, reason] = $('status').value.split(/:(.*)/);
  return [status, reason];
}

/** Shows how long the after-call work still takes. */
export function showTimeLeft(status) { setText('status-left', left(status?.until)); }

/** Shows whom a call can be handed to: groups, and their members who are free. A group can't be asked first. */
export function showGroups(groups, askFirst) {
  $('transfer-groups').replaceChildren(...groups.map(({ skillGroupId, name, free, waiting }) => {
    const detail = [`${free.length} free`, waiting > 0 && `${waiting} waiting`].filter(Boolean).join(', ');
    const all = element('button', { type: 'button', disabled: askFirst }, name, element('small', {}, detail));
    all.dataset.group = skillGroupId;
    const members = free.map((m) => {
      const one = element('button', { type: 'button', className: 'quiet' }, m.name || m.userId);
      one.dataset.user = m.userId;
      return one;
    });
    return element('li', {}, all, ...members);
  }));
}
