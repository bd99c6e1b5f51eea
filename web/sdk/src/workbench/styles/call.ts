/** The call, the keypad, the dialer, who rings, and whom a call goes to. */
export const call = `
.call { display: grid; gap: 10px; }
.call:focus-visible { outline: none; }
.peer { display: flex; align-items: center; gap: 12px; min-width: 0; }
.peer .avatar { width: 48px; height: 48px; font-size: 18px; }
.peer .name { font-size: 17px; }
.peer .soft { font-variant-numeric: tabular-nums; }
.peer .timer { font-size: 20px; font-weight: 600; min-width: 62px; text-align: right; }
.state {
  justify-content: space-between;
  min-height: 42px;
  color: var(--accent);
  font-weight: 550;
  line-height: 1.4;
}
.state small { font-weight: 400; }
.state [data-trouble] { color: var(--bad); }
.pills { display: flex; flex: none; gap: 8px; align-items: center; }
.pill[data-state="on"]::before { animation: breathe 2s infinite; }
@keyframes breathe { 50% { opacity: 0.3; } }
.quality {
  display: inline-flex;
  align-items: flex-end;
  gap: 2px;
  height: 16px;
  padding: 0 2px;
  color: var(--good);
}
.quality i { width: 4px; border-radius: 1px; background: currentcolor; height: 6px; }
.quality i:nth-child(2) { height: 11px; }
.quality i:nth-child(3) { height: 16px; }
.quality[data-level="fair"] { color: var(--warn); }
.quality[data-level="fair"] i:nth-child(3) { opacity: 0.25; }
.quality[data-level="poor"] { color: var(--bad); }
.quality[data-level="poor"] i:not(:first-child) { opacity: 0.25; }

.buttons { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 8px; }
.buttons button {
  flex-direction: column;
  gap: 4px;
  min-height: 62px;
  padding: 6px 2px;
  font-size: 12px;
  font-weight: 500;
  background: var(--raised);
  border-color: transparent;
}
.buttons button:hover:not(:disabled) { border-color: var(--line); filter: brightness(0.97); }
.buttons button span { max-width: 100%; overflow: hidden; text-overflow: ellipsis; }
.buttons button[aria-pressed="true"] { background: var(--warn-soft); color: var(--warn); }
.buttons button[aria-expanded="true"] { background: var(--accent-soft); color: var(--accent); }
.buttons button.main { background: var(--accent); color: var(--accent-ink); }
.buttons.two { grid-template-columns: 1fr 1fr; }
.buttons.two button, .handing button {
  flex-direction: row;
  min-height: 42px;
  font-size: 14px;
  font-weight: 550;
  gap: 8px;
}
.handing { grid-template-columns: 1.3fr 1fr 1fr; }
.handing button { font-size: 13px; gap: 6px; }
.buttons.two .good { background: #15803d; }
.buttons.two .bad { background: #c02626; }
.buttons.two button:hover:not(:disabled) { filter: brightness(1.08); }
.end { display: grid; }
[data-do="keypad"] .icon { stroke-width: 2.6; }
:is([data-do="hangup"], [data-do="reject"]) .icon { transform: rotate(135deg); }
.end button { min-height: 44px; font-size: 15px; }

.ringing {
  display: grid;
  gap: 12px;
  padding: 14px;
  border-radius: var(--radius);
  background: var(--card);
  border: 1px solid var(--accent);
  box-shadow: var(--lifted);
}
.ringing + .ringing { margin-top: 8px; }
.ringing .avatar { background: var(--accent); color: var(--accent-ink); animation: ring 1.6s infinite; }
.ringing .origin { color: var(--accent); font-weight: 500; }
@keyframes ring {
  0%, 100% { box-shadow: 0 0 0 0 var(--accent-soft);
  } 50% { box-shadow: 0 0 0 8px var(--accent-soft);
  };
}

.dialer { display: grid; gap: 14px; }
.dialer .row > button { min-height: 46px; padding: 0 18px; }
.dialer input { min-height: 46px; font-size: 18px; font-variant-numeric: tabular-nums; }
.dialer input::placeholder { font-size: 15px; }
.dialer input:not(:placeholder-shown) { padding-right: 40px; }
.keypad { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px; }
.keypad button {
  flex-direction: column;
  gap: 0;
  min-height: 56px;
  font-size: 20px;
  font-weight: 500;
  line-height: 1.2;
  background: var(--raised);
  border-color: transparent;
}
.keypad button:hover { border-color: var(--line); }
.keypad button:active { background: var(--accent-soft); color: var(--accent); }
.keypad small { font-size: 10px; letter-spacing: 0.12em; min-height: 12px; line-height: 12px; }
.redial { margin: -6px 0; display: grid; }
.redial button { min-width: 0; min-height: 34px; font-size: 13px; justify-content: flex-start; padding: 0 12px; color: var(--soft); }
.redial span { overflow: hidden; text-overflow: ellipsis; font-variant-numeric: tabular-nums; }

.sheet { display: grid; gap: 10px; padding-top: 12px; border-top: 1px solid var(--line); min-width: 0; }
.sheet-top { display: flex; align-items: center; justify-content: space-between; gap: 8px; min-height: 34px; }
.sheet .keypad button { min-height: 48px; }
.sent {
  flex: 1;
  min-width: 0;
  font-size: 17px;
  letter-spacing: 0.12em;
  font-variant-numeric: tabular-nums;
  white-space: pre;
  overflow: hidden;
  direction: rtl;
  text-align: left;
  unicode-bidi: plaintext;
}
.groups {
  display: grid;
  gap: 4px;
  max-height: 260px;
  overflow-y: auto;
  padding: 2px;
  margin: 0 -2px;
  scrollbar-width: thin;
}
.groups .pick { justify-content: space-between; min-height: 36px; padding: 0 8px; }
.groups .pick strong { overflow: hidden; text-overflow: ellipsis; }
.groups .pick:hover:not(:disabled) { background: var(--accent-soft); border-color: transparent; }
.groups .member { justify-content: flex-start; padding-left: 16px; }
.groups .avatar { width: 26px; height: 26px; font-size: 12px; }
.groups small { font-variant-numeric: tabular-nums; font-weight: 400; }
`;
