/** Log in, lists of calls and numbers, and the settings. */
export const pages = `
.login { max-width: 400px; margin: 7vh auto 0; padding: 24px; display: grid; gap: 14px; }
.login label { font-size: 13px; color: var(--soft); }
.login form button { margin-top: 12px; min-height: 42px; }
.notice-line {
  padding: 8px 12px;
  border-radius: var(--control);
  background: var(--warn-soft);
  color: var(--warn);
}
.notice-line[data-kind="bad"] { background: var(--bad-soft); color: var(--bad); }
.users { display: grid; gap: 8px; }
.users button { width: 100%; min-height: 60px; justify-content: flex-start; text-align: left; gap: 12px; }
.users button:hover:not(:disabled) { background: var(--accent-soft); border-color: var(--accent); }
.users strong { display: block; font-weight: 600; }
.users small { font-weight: 400; font-size: 13px; }

.numbers { display: grid; margin: 6px -8px -6px; }
.numbers .pick { padding: 0 8px; min-height: 34px; gap: 14px; white-space: normal; }
.numbers .pick:hover:not(:disabled) { background: var(--raised); border-color: transparent; }
.numbers strong {
  flex: 0 0 96px;
  color: var(--accent);
  font-weight: 600;
  font-variant-numeric: tabular-nums;
}
.numbers span { font-weight: 400; }

.history { max-width: 860px; }
.past { display: grid; }
.past li {
  display: flex;
  align-items: center;
  gap: 10px;
  padding: 7px 0;
  border-top: 1px solid var(--line);
  min-height: 52px;
}
.past li:first-child { border-top: 0; }
.way {
  display: grid;
  place-items: center;
  width: 30px;
  height: 30px;
  flex: none;
  border-radius: 50%;
  background: var(--raised);
  color: var(--soft);
}
.way .icon { width: 16px; height: 16px; }
[data-outcome="answered"] .way { color: var(--good); background: var(--good-soft); }
[data-outcome="missed"] .way { color: var(--bad); background: var(--bad-soft); }
[data-outcome="missed"] .name { color: var(--bad); }
.past .name, .past .soft { font-variant-numeric: tabular-nums; }
.past .soft { font-size: 13px; }
.times {
  display: grid;
  justify-items: end;
  min-width: 92px;
  font-size: 13px;
  white-space: pre;
  font-variant-numeric: tabular-nums;
}

.settings { columns: 340px; column-gap: 16px; margin-bottom: -16px; }
.settings > .card { break-inside: avoid; margin-bottom: 16px; }
.settings h2 { margin-bottom: 12px; }
.settings section > .soft { margin-bottom: 10px; }
.form {
  display: grid;
  grid-template-columns: minmax(96px, auto) minmax(0, 1fr);
  gap: 10px 14px;
  align-items: center;
}
.form > button { justify-self: start; }
.form .figure { min-width: 48px; text-align: right; }
.check { display: flex; gap: 10px; align-items: center; margin-bottom: 10px; cursor: pointer; }
.check input { flex: none; }
.keys { display: grid; gap: 6px; }
.keys div { display: flex; gap: 10px; align-items: center; }
.keys dt { flex: 0 0 96px; display: flex; gap: 4px; }
kbd {
  font: inherit;
  font-size: 12px;
  padding: 1px 7px;
  border-radius: 6px;
  border: 1px solid var(--line);
  border-bottom-width: 2px;
  background: var(--raised);
  white-space: nowrap;
}

.activity ol {
  margin-top: 10px;
  max-height: 200px;
  overflow-y: auto;
  font-size: 13px;
  scrollbar-width: thin;
  border-radius: 6px;
}
.activity li { display: flex; gap: 12px; padding: 4px 0; overflow-wrap: anywhere; }
.activity time { color: var(--soft); flex: none; }
.activity [data-bad] span { color: var(--bad); }
.figures dl {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(96px, 1fr));
  gap: 12px;
  margin-top: 12px;
}
.figures dt { font-size: 12px; color: var(--soft); }
.figures dd { font-size: 16px; font-variant-numeric: tabular-nums; }
`;
