/** What is around the places, on the page of its own and in the panel. */
export const frame = `
.page { min-height: 100vh; min-height: 100dvh; background: var(--ground); }
.top {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 8px 10px;
  padding: 10px 16px;
  background: var(--card);
  border-bottom: 1px solid var(--line);
}
.page > .top { position: sticky; top: 0; z-index: 2; min-height: 58px; }
main { padding: 16px; max-width: 1240px; margin: 0 auto; }
.brand {
  display: flex;
  align-items: center;
  gap: 10px;
  font-size: 16px;
  font-weight: 650;
  letter-spacing: -0.01em;
}
.logo { width: 30px; height: 30px; fill: none; stroke: #fff; stroke-width: 5; stroke-linecap: round; }
.logo rect { fill: #0f766e; stroke: none; }
.who { color: var(--soft); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; max-width: 180px; }

.places { display: flex; gap: 4px; flex: 1 0 100%; order: 9; }
.places button {
  flex: 1;
  border-color: transparent;
  background: none;
  color: var(--soft);
  gap: 6px;
  padding: 0 10px;
}
.places button:not([aria-current]):hover { background: var(--raised); border-color: transparent; }
.places button[aria-current="page"], .places button[aria-current="page"]:hover {
  border-color: transparent;
  background: var(--accent-soft);
  color: var(--accent);
}

.status { display: flex; align-items: center; gap: 8px; flex: 1 0 100%; order: 8; }
.status .field { flex: 0 1 170px; }
.status .dot {
  position: absolute;
  left: 12px;
  width: 9px;
  height: 9px;
  border-radius: 50%;
  background: var(--soft);
  pointer-events: none;
}
.status select { padding-left: 28px; font-weight: 550; background: var(--raised); border-color: transparent; }
.status[data-state="free"] .dot { background: var(--good); }
.status[data-state="busy"] .dot { background: var(--accent); }
.status:is([data-state="notReady"], [data-state="rest"], [data-state="arrange"]) .dot {
  background: var(--warn);
}
.status option, .status optgroup { background: var(--card); color: var(--ink); }
.now {
  display: flex;
  align-items: center;
  gap: 8px;
  flex: 1;
  min-height: 30px;
  min-width: 0;
  white-space: nowrap;
}
.now > :first-child { overflow: hidden; text-overflow: ellipsis; }
.now > :first-child:empty { display: none; }
.now button { margin-left: auto; }

/* Lines that come and go lie over what is there. */
.notices {
  position: fixed;
  left: 16px;
  right: 16px;
  bottom: 16px;
  z-index: 5;
  display: grid;
  justify-items: center;
  pointer-events: none;
}
.toast {
  display: flex;
  align-items: center;
  gap: 8px;
  max-width: 560px;
  padding: 6px 6px 6px 14px;
  border-radius: 12px;
  background: var(--card);
  border: 1px solid var(--line);
  border-left: 4px solid var(--accent);
  box-shadow: var(--lifted);
  overflow-wrap: anywhere;
  pointer-events: auto;
}
.toast[data-kind="bad"] { border-left-color: var(--bad); }
.banner {
  display: flex;
  align-items: center;
  gap: 10px;
  padding: 8px 12px;
  margin-bottom: 12px;
  border-radius: 12px;
  background: var(--warn-soft);
  color: var(--warn);
}
.banner span { flex: 1; }

.desk { display: grid; gap: 16px; }
.side { display: grid; gap: 16px; align-content: start; min-width: 0; }
.card-top {
  display: flex;
  align-items: center;
  gap: 8px;
  justify-content: space-between;
  min-height: 34px;
  margin-bottom: 8px;
}
.card-end {
  display: flex;
  align-items: center;
  gap: 8px;
  justify-content: space-between;
  margin-top: 8px;
  font-size: 13px;
}
summary { cursor: pointer; border-radius: 6px; list-style-position: inside; color: var(--soft); }
summary h2 { display: inline; }

@media (max-width: 480px) {
  .page .brand { font-size: 0; gap: 0; }
}
@media (min-width: 900px) {
  .page[data-docked] main { margin-right: 396px; }
  .page > .top { flex-wrap: nowrap; }
  .page .places { flex: none; order: 0; margin-left: 20px; }
  .page .status { flex: 0 1 392px; order: 0; min-width: 280px; flex-direction: row-reverse; }
  .page .status .field { flex: 0 0 164px; }
  .page .who { flex: none; }
  .page .now { justify-content: flex-end; }
  .page .now button { margin-left: 0; }
  .page .desk { grid-template-columns: 380px minmax(0, 1fr); align-items: start; }
  .page .main-card { min-height: 470px; padding: 20px; }
}
@media (min-width: 1660px) {
  .page[data-docked] main { margin-right: auto; }
}
@media (min-width: 900px) and (max-width: 1240px) {
  .page .who { max-width: 90px; }
  .page .places { margin-left: 8px; }
  .page .places button:not([aria-current]) span:not(.badge) { display: none; }
}
`;
