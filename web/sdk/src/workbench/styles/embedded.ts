/**
 * Over a business's page. The element takes no room there, whatever the page's own style sheets say: what is important
 * in a shadow root wins over what is important around it.
 */
export const embedded = `
:host(:not([data-alone])) {
  all: initial !important;
  display: block !important;
  position: fixed !important;
  top: 0 !important;
  left: 0 !important;
  width: 0 !important;
  height: 0 !important;
  z-index: 2147483000 !important;
}
:host([hidden]) { display: none !important; }

.bar {
  position: fixed;
  top: 12px;
  right: 12px;
  z-index: 4;
  width: min(380px, calc(100vw - 24px));
  max-height: calc(100vh - 24px);
  overflow-y: auto;
  display: grid;
  border-radius: var(--radius);
}
#incoming > :last-child { margin-bottom: 12px; }
.page .bar { top: 70px; right: 16px; }
.bar-card { box-shadow: var(--lifted); padding: 14px; }
.bar-card .buttons:not(.handing) button { min-height: 54px; }
.embedded .notices { position: static; }
.embedded .panel .notices { position: absolute; left: 12px; right: 12px; bottom: 12px; }

.panel {
  position: fixed;
  z-index: 3;
  width: min(400px, calc(100vw - 24px));
  max-height: calc(100vh - 24px);
  display: flex;
  flex-direction: column;
  overflow: hidden;
  border-radius: 18px;
  border: 1px solid var(--line);
  background: var(--ground);
  box-shadow: var(--lifted);
}
.panel:focus-visible { outline: none; }
.panel[data-place="wall"] { width: min(1100px, calc(100vw - 24px)); }
.panel .top { padding: 10px 12px; }
.panel .who { color: var(--ink); font-weight: 600; max-width: 200px; }
.panel .body { flex: 1; overflow-y: auto; padding: 12px; scrollbar-width: thin; }
.panel .places button {
  flex-direction: column;
  gap: 2px;
  font-size: 11px;
  padding: 4px 2px;
  min-height: 46px;
  position: relative;
}
.panel .places .badge { position: absolute; top: 2px; left: calc(50% + 6px); }
.panel[data-place="out"] { min-height: 0; height: auto !important; }
.panel .desk, .panel .side { gap: 12px; }
.out { display: grid; gap: 8px; padding: 32px 16px; text-align: center; }

.float {
  position: fixed;
  z-index: 5;
  width: 52px;
  height: 52px;
  padding: 0;
  border-radius: 50%;
  border: 0;
  background: var(--accent);
  color: var(--accent-ink);
  box-shadow: var(--lifted);
  touch-action: none;
  user-select: none;
}
.float:hover:not(:disabled) { background: var(--accent); filter: brightness(1.08); }
.float .icon { width: 26px; height: 26px; }
.float[data-state="offline"] { background: var(--soft); color: var(--card); }
.float::after {
  content: "";
  position: absolute;
  right: 1px;
  bottom: 1px;
  width: 14px;
  height: 14px;
  border-radius: 50%;
  border: 2px solid var(--card);
  background: var(--soft);
}
.float[data-state="free"]::after { background: #16a34a; }
.float:is([data-state="rest"], [data-state="notReady"], [data-state="arrange"])::after {
  background: #d99413;
}
.float[data-state="busy"]::after { background: #c02626; }
.float:is([data-state="ringing"], [data-state="call"], [data-state="offline"])::after { display: none; }
.float[data-state="ringing"] { animation: ring 1.6s infinite; }
.float .badge { position: absolute; top: -2px; right: -2px; }
.float .badge:empty { min-width: 12px; height: 12px; padding: 0; top: 1px; right: 1px; }

@media (max-width: 480px) {
  .bar, .page .bar { left: 12px; right: 12px; width: auto; }
}
`;
