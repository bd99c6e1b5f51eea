/** The supervisors' wall. --wall-around is the height of what is above and below it. */
export const wall = `
[hidden] { display: none !important; }
.wall {
  container-type: inline-size; height: calc(100dvh - var(--wall-around, 72px)); min-height: 520px; font-size: 13px;
}
.wall .floor {
  display: grid; gap: 12px; height: 100%; box-sizing: border-box; padding: 12px;
  grid-template: "bar bar" auto "queues queues" auto "sessions seats" minmax(0, 1fr) / minmax(0, 1fr) 268px;
}
.wall .floor.detailed {
  grid-template: "bar bar" auto "queues queues" auto "sessions seats" minmax(0, 1fr) "details seats" 262px
    / minmax(0, 1fr) 268px;
}
.wall h2, .wall h3, .wall p, .wall ul, .wall figure { margin: 0; padding: 0; }
.wall ul { list-style: none; }
.wall h2 { font-size: 13px; font-weight: 600; }
.wall h3 { font-size: 11px; font-weight: 600; color: var(--soft); }
.wall small { font-size: 11px; color: var(--soft); }
.wall .soft { color: var(--soft); }
.wall b { font-weight: 600; }
.wall time, .wall .quality b, .wall .line b, .wall .count, .wall .total { font-variant-numeric: tabular-nums; }
.wall .empty { color: var(--soft); padding: 28px 16px; text-align: center; }
.wall :is(button, input, select) { font: inherit; color: inherit; }
.wall button { cursor: pointer; }
.wall :is(button, input, select, [tabindex]):focus-visible { outline: 2px solid var(--accent); outline-offset: -1px; }

.wall .bar { grid-area: bar; display: flex; gap: 8px; align-items: center; }
.wall :is(input[type=search], select) {
  height: 32px; box-sizing: border-box; padding: 0 10px; background: var(--card); border: 1px solid var(--line);
  border-radius: 8px;
}
.wall input[type=search] { width: 264px; }
.wall .total { color: var(--soft); margin-inline-start: 8px; white-space: nowrap; }
.wall .problem {
  color: var(--bad); margin-inline-start: auto; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
}

.wall .queues { grid-area: queues; display: flex; gap: 8px; overflow-x: auto; min-height: 78px; }
.wall .queues .empty { padding: 0; align-self: center; }
.wall .queues li { flex: none; }
.wall .queue {
  display: flex; flex-direction: column; gap: 3px; width: 268px; height: 78px; box-sizing: border-box;
  padding: 9px 12px;
  text-align: start; background: var(--card); border: 1px solid var(--line); border-radius: var(--radius);
}
.wall .queue:hover { border-color: var(--soft); }
.wall .queue[aria-pressed=true] { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.wall .queue .head { display: flex; justify-content: space-between; gap: 8px; }
.wall .queue .head b { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.wall .queue .line { display: flex; gap: 10px; white-space: nowrap; overflow: hidden; }
.wall .queue .members { font-size: 11px; }
.wall .queue.warn .waiting { color: var(--warn); }
.wall .queue.bad :is(.waiting, .longest) { color: var(--bad); }

.wall .badge {
  --tint: var(--soft); display: inline-block; padding: 1px 8px; border-radius: 99px; font-size: 11px; line-height: 17px;
  white-space: nowrap; color: var(--tint); background: color-mix(in srgb, var(--tint) 13%, transparent);
}
.wall .badge.inProgress { --tint: var(--ink); padding: 0; background: none; font-size: inherit; }
.wall .queue .badge:not(.off) { --tint: var(--good); }
.wall .badge:is(.waiting, .ringing, .held, .consult, .warn) { --tint: var(--warn); }
.wall .badge.off { --tint: var(--soft); }
.wall .status { --tint: var(--soft); color: var(--tint); }
.wall .status.free { --tint: var(--good); }
.wall .status.busy { --tint: var(--accent); }
.wall .status:is(.arrange, .rest) { --tint: var(--warn); }
.wall .status.notReady { --tint: var(--bad); }

.wall :is(.sessions, .seats, .details) {
  background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); overflow: hidden;
}
.wall .sessions { grid-area: sessions; overflow: auto; overflow-anchor: none; scrollbar-gutter: stable; }
.wall .row {
  display: grid; align-items: center; gap: 10px; padding: 0 12px; height: 44px; box-sizing: border-box;
  scroll-margin-top: 32px;
  grid-template-columns: minmax(112px, 1.3fr) minmax(92px, 1fr) minmax(72px, .8fr) 92px 52px 92px 92px 164px;
  border-bottom: 1px solid var(--line); content-visibility: auto; contain-intrinsic-size: auto 44px; cursor: default;
}
.wall .row:not(.heads, [aria-selected=true]):hover { background: color-mix(in srgb, var(--ink) 3%, transparent); }
.wall .row[aria-selected=true] { background: color-mix(in srgb, var(--accent) 9%, transparent); }
.wall .row > * { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.wall .row > .do { overflow: visible; }
.wall .heads {
  position: sticky; top: 0; z-index: 1; height: 32px; background: var(--card); color: var(--soft); font-size: 11px;
  content-visibility: visible;
}
.wall .heads button { padding: 4px 0; border: 0; background: none; white-space: nowrap; }
.wall .heads button:hover { color: var(--ink); }
.wall .heads [aria-sort] button::after { content: " ↑"; color: var(--accent); }
.wall .heads [aria-sort=descending] button::after { content: " ↓"; }
.wall .two { display: flex; flex-direction: column; line-height: 17px; }
.wall .two > * { overflow: hidden; text-overflow: ellipsis; }
.wall .two b { font-weight: 500; }
.wall .row .two small { min-height: 16px; font-variant-numeric: tabular-nums; }
.wall small.supervised { color: var(--accent); }
.wall .row .time, .wall .heads .time { text-align: end; }
.wall .row .do { text-align: end; }
.wall .mine { color: var(--soft); }

.wall .quality { --tint: var(--soft); display: inline-flex; align-items: center; gap: 6px; }
.wall .quality b { color: var(--tint); min-width: 26px; }
.wall .quality.good { --tint: var(--good); }
.wall .quality.good b { color: var(--ink); font-weight: 400; }
.wall .quality.fair { --tint: var(--warn); }
.wall .quality.poor { --tint: var(--bad); }
.wall .quality path {
  fill: none; stroke: var(--tint); stroke-width: 1.5; stroke-linejoin: round; stroke-linecap: round;
}

.wall .actions { display: inline-flex; }
.wall .actions button {
  display: inline-flex; align-items: center; gap: 5px; height: 28px; padding: 0 9px; margin-inline-start: -1px;
  background: var(--card); border: 1px solid var(--line); white-space: nowrap; font-size: 12px;
}
.wall .actions button:first-child { border-start-start-radius: 7px; border-end-start-radius: 7px; }
.wall .actions button:last-child, .wall .actions:not(.active) [data-do=intercept] {
  border-start-end-radius: 7px; border-end-end-radius: 7px;
}
.wall .actions [data-do=stopMonitor][hidden] { display: inline-flex !important; visibility: hidden; }
.wall .actions button:hover { border-color: var(--soft); z-index: 1; }
.wall .actions button[aria-pressed=true] {
  background: var(--accent); border-color: var(--accent); color: var(--card);
}
.wall .actions [data-do=intercept] { color: var(--bad); }
.wall .actions button[aria-disabled=true] { opacity: .55; cursor: default; }
.wall .row .actions button { padding: 0 6px; }
.wall .row .actions span { display: none; }
.wall .icon {
  fill: none; stroke: currentColor; stroke-width: 1.4; stroke-linecap: round; stroke-linejoin: round; flex: none;
}

.wall .seats { grid-area: seats; display: flex; flex-direction: column; }
.wall .seats header { display: flex; justify-content: space-between; align-items: center; padding: 8px 8px 8px 12px; }
.wall .seats select { height: 26px; padding: 0 4px; font-size: 12px; }
.wall .count { color: var(--soft); font-weight: 400; margin-inline-start: 4px; }
.wall .seats ul {
  overflow-y: auto; display: grid; align-content: start; border-top: 1px solid var(--line); scrollbar-gutter: stable;
  grid-template-columns: repeat(auto-fill, minmax(224px, 1fr));
}
.wall .seat {
  --tint: var(--soft); display: grid; grid-template-columns: 8px minmax(0, 1fr) auto; gap: 9px; align-items: center;
  padding: 0 12px; height: 42px; box-sizing: border-box; border-bottom: 1px solid var(--line);
  content-visibility: auto; contain-intrinsic-size: auto 42px;
}
.wall .seat.free { --tint: var(--good); }
.wall .seat.busy { --tint: var(--accent); }
.wall .seat:is(.arrange, .rest) { --tint: var(--warn); }
.wall .seat.notReady { --tint: var(--bad); }
.wall .seat.offline { color: var(--soft); }
.wall .seat .dot { width: 8px; height: 8px; border-radius: 50%; background: var(--tint); }
.wall .seat.offline .dot { background: none; box-shadow: inset 0 0 0 1.5px var(--soft); }
.wall .seat :is(.name, .does) {
  display: flex; flex-direction: column; line-height: 17px; min-width: 0; white-space: nowrap;
}
.wall .seat .name > * { overflow: hidden; text-overflow: ellipsis; }
.wall .seat .name b { font-weight: 500; }
.wall .seat .does { text-align: end; font-size: 12px; }
.wall .what { font-size: 11px; color: var(--soft); }
.wall .link {
  max-width: 100%; padding: 0; border: 0; background: none; color: var(--accent); overflow: hidden;
  text-overflow: ellipsis;
  vertical-align: bottom;
}
.wall .link:hover { text-decoration: underline; }

.wall .details { grid-area: details; display: flex; flex-direction: column; }
.wall .details header {
  display: flex; align-items: center; gap: 10px; padding: 7px 8px 7px 12px; border-bottom: 1px solid var(--line);
}
.wall .details h2 { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.wall .details .actions, .wall .details .mine { margin-inline-start: auto; }
.wall .details .close {
  width: 28px; height: 28px; padding: 0; border: 0; border-radius: 7px; background: none; font-size: 18px;
}
.wall .details .close:hover { background: color-mix(in srgb, var(--ink) 7%, transparent); }
.wall .parts {
  display: grid; grid-template-columns: 196px minmax(0, 1fr) 124px; gap: 16px; padding: 10px 12px; min-height: 0;
  flex: 1;
}
.wall .parties { overflow-y: auto; }
.wall .parties li { padding: 5px 0; line-height: 17px; white-space: nowrap; }
.wall .parties li + li { border-top: 1px solid var(--line); }
.wall .parties li > span { display: block; overflow: hidden; text-overflow: ellipsis; }
.wall .parties .hears { font-size: 12px; color: var(--soft); }
.wall .parties b { font-weight: 500; }
.wall .charts { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 12px; align-content: start; }
.wall figcaption { font-size: 11px; font-weight: 600; color: var(--soft); }
.wall .charts svg { display: block; width: 100%; height: auto; max-height: 190px; }
.wall .charts text { fill: var(--soft); font-size: 10px; font-variant-numeric: tabular-nums; }
.wall .charts .y { text-anchor: end; }
.wall .charts .x { text-anchor: middle; }
.wall .charts line { stroke: var(--line); }
.wall .charts path { fill: none; stroke-width: 1.3; stroke-linejoin: round; stroke-linecap: round; }
.wall path.customer { stroke: var(--accent); }
.wall path.agent { stroke: var(--warn); stroke-dasharray: 4 2; }
.wall .levels { display: flex; flex-direction: column; gap: 9px; }
.wall .level { display: grid; gap: 4px; }
.wall .key { display: flex; align-items: center; gap: 7px; }
.wall .key::before { content: ""; width: 18px; border-top: 2px solid var(--accent); }
.wall .key.agent::before { border-top: 2px dashed var(--warn); }
.wall .meter {
  height: 8px; border-radius: 4px; overflow: hidden; background: color-mix(in srgb, var(--ink) 9%, transparent);
}
.wall .meter i {
  display: block; height: 100%; transform: scaleX(0); transform-origin: left; background: var(--good);
  transition: transform 90ms linear;
}
.wall .levels .soft { font-size: 11px; min-height: 32px; }

@container (min-width: 1480px) {
  .wall .floor, .wall .floor.detailed { grid-template-columns: minmax(0, 1fr) 300px; }
  .wall .row {
    grid-template-columns: minmax(120px, 1.3fr) minmax(100px, 1fr) minmax(80px, .8fr) 110px 56px 92px 92px 416px;
  }
  .wall .row .actions button { padding: 0 8px; }
  .wall .row .actions span { display: inline; }
  .wall .parts { grid-template-columns: 260px minmax(0, 1fr) 150px; }
}
@container (min-width: 1800px) {
  .wall .floor, .wall .floor.detailed { grid-template-columns: minmax(0, 1fr) 500px; }
}
@container (max-width: 900px) {
  .wall .floor, .wall .floor.detailed { grid-template-columns: minmax(0, 1fr) 220px; }
  .wall .parts { grid-template-columns: 180px minmax(0, 1fr) 110px; }
}
@media (prefers-reduced-motion: reduce) {
  .wall .meter i { transition: none; }
}
`;
