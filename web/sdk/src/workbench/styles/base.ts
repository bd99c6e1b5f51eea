const light = `
  color-scheme: light;
  --ink: #1b2430;
  --soft: #5d6b7a;
  --ground: #f3f5f7;
  --card: #ffffff;
  --raised: #f3f5f7;
  --line: #dfe4e9;
  --accent: #0f766e;
  --accent-ink: #ffffff;
  --accent-soft: #dcf0ed;
  --good: #15803d;
  --good-soft: #def3e4;
  --warn: #92600a;
  --warn-soft: #fbefd5;
  --bad: #c02626;
  --bad-soft: #fbe6e6;
  --shadow: 0 1px 2px rgb(16 24 40 / 5%), 0 4px 16px rgb(16 24 40 / 5%);
  --lifted: 0 2px 6px rgb(16 24 40 / 10%), 0 12px 40px rgb(16 24 40 / 18%);
`;

const dark = `
  color-scheme: dark;
  --ink: #e4eaf0;
  --soft: #98a5b3;
  --ground: #11161b;
  --card: #1a2128;
  --raised: #232c35;
  --line: #2d3842;
  --accent: #2dd4bf;
  --accent-ink: #06201d;
  --accent-soft: #15393a;
  --good: #4ade80;
  --good-soft: #15362a;
  --warn: #f4bb50;
  --warn-soft: #3a2f17;
  --bad: #f87171;
  --bad-soft: #412125;
  --shadow: 0 1px 2px rgb(0 0 0 / 30%);
  --lifted: 0 2px 6px rgb(0 0 0 / 40%), 0 12px 40px rgb(0 0 0 / 55%);
`;

/**
 * Colours, sizes and what all parts share. They stand at .root, within: nothing that a page says of our element, or of
 * all elements, gets there.
 */
export const base = `
:host { display: block; }
.root {
  all: initial;
  display: block;
  ${light}
  --radius: 14px;
  --control: 10px;
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "PingFang SC",
    "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
  color: var(--ink);
  -webkit-text-size-adjust: 100%;
}
@media (prefers-color-scheme: dark) {
  .root { ${dark} }
  :host([data-theme="light"]) .root { ${light} }
}
:host([data-theme="dark"]) .root { ${dark} }

*, ::before, ::after { box-sizing: border-box; }
[hidden] { display: none !important; }
h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1 { font-size: 20px; line-height: 1.3; letter-spacing: -0.01em; }
h2 { font-size: 13px; font-weight: 600; color: var(--soft); }
.soft, small { color: var(--soft); }
.gap { flex: 1; }
.timer, .figure, time { font-variant-numeric: tabular-nums; }

button, input, select {
  font: inherit;
  color: inherit;
  margin: 0;
  min-height: 38px;
  border: 1px solid var(--line);
  border-radius: var(--control);
  background: var(--card);
  padding: 0 12px;
}
button {
  cursor: pointer;
  font-weight: 550;
  display: inline-flex;
  align-items: center;
  justify-content: center;
  gap: 8px;
  white-space: nowrap;
  transition: background-color 0.12s, border-color 0.12s, color 0.12s;
  -webkit-tap-highlight-color: transparent;
}
button:hover:not(:disabled) { background: var(--raised); border-color: var(--soft); }
button:disabled { cursor: default; color: var(--soft); opacity: 0.55; }
input, select { width: 100%; min-width: 0; }
input::placeholder { color: var(--soft); opacity: 1; }
input[type="search"] { appearance: none; }
input[type="range"] { padding: 0; border: 0; accent-color: var(--accent); background: none; }
input[type="checkbox"], input[type="radio"] {
  width: 18px;
  min-height: 18px;
  height: 18px;
  accent-color: var(--accent);
}
select { padding-right: 4px; cursor: pointer; text-overflow: ellipsis; }
:focus { outline: none; }
:focus-visible, .segments input:focus-visible + span {
  outline: 2px solid var(--accent);
  outline-offset: 2px;
}

.main { background: var(--accent); border-color: var(--accent); color: var(--accent-ink); }
.main:hover:not(:disabled) {
  background: var(--accent);
  border-color: var(--accent);
  filter: brightness(1.08);
}
.good { background: #15803d; border-color: #15803d; color: #fff; }
.good:hover:not(:disabled) { background: #166f36; border-color: #166f36; }
.bad { background: #c02626; border-color: #c02626; color: #fff; }
.bad:hover:not(:disabled) { background: #a81f1f; border-color: #a81f1f; }
button:is(.good, .bad):disabled { color: #fff; }
button.main:disabled { color: var(--accent-ink); }
.quiet { border-color: transparent; background: none; }
.quiet:hover:not(:disabled) { border-color: transparent; background: var(--raised); }
.small { min-height: 30px; padding: 0 10px; font-size: 13px; border-radius: 8px; }
.icon-only { padding: 0; width: 34px; min-height: 34px; flex: none; color: var(--soft); }
button[aria-pressed="true"] { background: var(--warn-soft); border-color: transparent; color: var(--warn); }
button[aria-expanded="true"]:not(.float) {
  background: var(--accent-soft);
  border-color: transparent;
  color: var(--accent);
}

.icon {
  width: 20px;
  height: 20px;
  flex: none;
  fill: none;
  stroke: currentcolor;
  stroke-width: 1.7;
  stroke-linecap: round;
  stroke-linejoin: round;
}
.card {
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: var(--radius);
  box-shadow: var(--shadow);
  padding: 16px;
  min-width: 0;
}
:is(.call, .dialer, .past, .groups, .numbers, .sheet, .side, .desk, .ringing) {
  grid-template-columns: minmax(0, 1fr);
}
.row { display: flex; gap: 8px; align-items: center; }
.stack { display: grid; gap: 6px; }
.field { position: relative; display: flex; align-items: center; flex: 1; min-width: 0; }
.field > .icon { position: absolute; left: 10px; width: 18px; color: var(--soft); pointer-events: none; }
.field > .icon + input { padding-left: 36px; }
.field > .icon-only { position: absolute; right: 2px; }
.avatar {
  flex: none;
  width: 40px;
  height: 40px;
  display: grid;
  place-items: center;
  border-radius: 50%;
  background: var(--accent-soft);
  color: var(--accent);
  font-weight: 600;
}
.names { min-width: 0; flex: 1; }
.names p { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.name { font-weight: 600; }
.pill {
  display: inline-flex;
  align-items: center;
  gap: 6px;
  min-height: 24px;
  padding: 0 10px;
  border-radius: 99px;
  font-size: 12px;
  font-weight: 550;
  white-space: nowrap;
  color: var(--soft);
  background: var(--raised);
}
.pill::before { content: ""; width: 7px; height: 7px; border-radius: 50%; background: currentcolor; }
.pill:is([data-state="open"], [data-state="connected"]) { color: var(--good); background: var(--good-soft); }
.pill:is([data-state="connecting"], [data-state="reconnecting"], [data-state="paused"]) {
  color: var(--warn);
  background: var(--warn-soft);
}
.pill:is([data-state="lost"], [data-state="failed"], [data-state="on"]) {
  color: var(--bad);
  background: var(--bad-soft);
}
.badge {
  min-width: 18px;
  height: 18px;
  padding: 0 5px;
  border-radius: 9px;
  background: #c02626;
  color: #fff;
  font-size: 11px;
  font-weight: 700;
  line-height: 18px;
  text-align: center;
}
.segments { display: inline-flex; padding: 3px; border-radius: var(--control); background: var(--raised); }
.segments label { border-radius: 8px; cursor: pointer; }
.segments input { position: absolute; opacity: 0; width: 1px; min-height: 1px; height: 1px; }
.segments span {
  display: block;
  padding: 4px 12px;
  border-radius: 8px;
  font-size: 13px;
  font-weight: 550;
  color: var(--soft);
}
.segments input:checked + span { background: var(--card); color: var(--ink); box-shadow: var(--shadow); }
.meters {
  display: grid;
  grid-template-columns: auto 1fr;
  gap: 6px 10px;
  align-items: center;
  min-width: 0;
  flex: 1;
}
.meter-name { font-size: 12px; color: var(--soft); }
.meter { display: block; height: 6px; border-radius: 99px; background: var(--raised); overflow: hidden; }
.meter i {
  display: block;
  height: 100%;
  border-radius: 99px;
  background: var(--accent);
  transform-origin: left;
  transform: scaleX(0);
}
.pick {
  width: 100%;
  justify-content: flex-start;
  text-align: left;
  border-color: transparent;
  background: none;
  font-weight: 500;
}
.none { padding: 8px 0; }

@media (forced-colors: active) {
  .meter { border: 1px solid; }
  .meter i, .pill::before, .dot { background: CanvasText; forced-color-adjust: none; }
}
@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after { animation: none !important; transition: none !important; }
}
`;
