// Small helpers that everything seen is made with.

export const $ = (id) => document.getElementById(id);

/** Makes an element; children are nodes or texts. */
export function element(name, members = {}, ...children) {
  const e = Object.assign(document.createElement(name), members);
  e.append(...children);
  return e;
}

/** Only what is new is set: a screen reader would say it again. */
export function setText(where, text) {
  const e = typeof where === 'string' ? $(where) : where;
  if (e.textContent !== text) {
    e.textContent = text;
  }
}

/** Minutes and seconds since a time in milliseconds; empty for none. */
export function since(time) { return time ? minutes(Date.now() - time) : ''; }

/** Minutes and seconds until a time as the gateway writes it; empty for none. */
export function left(time) { return time ? minutes(Date.parse(time) - Date.now()) : ''; }

function minutes(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
