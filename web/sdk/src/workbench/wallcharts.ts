// The pictures of what is received: a small line in a row, and charts with axes. Each has a text that says the same.
import { type TemplateResult, html, svg } from 'lit-html';
import { gradeOf } from '../../../phone/mos.js';
import type { Point } from './walldata';
import type { WallWords } from './wallwords';

export type Figure = 'mos' | 'loss' | 'jitter';

/** Where a chart's line is drawn: times and values at the edges, and the box in pixels. */
export interface Frame {
  from: number; to: number; min: number; max: number; left: number; top: number; width: number; height: number;
}

/** The path of a figure over time, with gaps where there is none. A point between gaps is a short dash. */
export function path(points: readonly Point[], figure: Figure, f: Frame): string {
  let pen = 'M';
  let d = '';
  for (const [i, p] of points.entries()) {
    const value = p[figure];
    if (value === null || p.at < f.from) {
      pen = 'M';
      continue;
    }
    const x = f.left + ((p.at - f.from) / (f.to - f.from)) * f.width;
    const y = f.top + f.height - ((Math.min(Math.max(value, f.min), f.max) - f.min) / (f.max - f.min)) * f.height;
    d += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    if (pen === 'M' && (points[i + 1]?.[figure] ?? null) === null) {
      d += 'h1';
    }
    pen = 'L';
  }
  return d;
}

/** The score now; null where nothing comes, or came. */
export function scoreNow(points: readonly Point[]): number | null { return points.at(-1)?.mos ?? null; }

/** A round number that is not less, for the end of an axis. */
export function roundUp(value: number): number {
  const steps = [1, 2, 5];
  for (let ten = 1; ; ten *= 10) {
    const step = steps.find((s) => s * ten >= value);
    if (step) {
      return step * ten;
    }
  }
}

const MINUTE = 60_000;
const SPARK = { min: 1, max: 4.5, left: 1, top: 2, width: 54, height: 16 };
const drawn = new WeakMap<readonly Point[], string>(); // a row is drawn more often than it gets points

function sparkPath(points: readonly Point[]): string {
  let d = drawn.get(points);
  if (d === undefined) {
    const to = points.at(-1)?.at ?? 0;
    d = path(points, 'mos', { ...SPARK, from: to - 2 * MINUTE, to });
    drawn.set(points, d);
  }
  return d;
}

/** The score now, and its last two minutes. */
export function spark(points: readonly Point[], w: WallWords): TemplateResult {
  const now = scoreNow(points);
  const scores = points.map((p) => p.mos).filter((m) => m !== null);
  const label = now === null ? w.noSound : w.score(now.toFixed(1), Math.min(...scores).toFixed(1));
  return html`<span class="quality ${gradeOf(now)}" role="img" aria-label=${label} title=${label}>
    <b>${now === null ? '–' : now.toFixed(1)}</b>
    <svg viewBox="0 0 56 20" width="56" height="20" aria-hidden="true">
      ${svg`<path d=${sparkPath(points)} />`}</svg></span>`;
}

/** The sides of a chart, in the colours and dashes of their lines. */
export interface Lines { customer: readonly Point[]; agent: readonly Point[] }

const SIZE = { width: 204, height: 168 };
const BOX = { left: 26, top: 10, width: 168, height: 132 };

/** A figure of both sides over the last five minutes. */
export function chart(figure: Figure, lines: Lines, now: number, w: WallWords): TemplateResult {
  const title = { mos: w.quality, loss: w.loss, jitter: w.jitter }[figure];
  const values = [...lines.customer, ...lines.agent].map((p) => p[figure] ?? 0);
  const [min, max] = figure === 'mos' ? [1, 4.5] : [0, roundUp(Math.max(figure === 'loss' ? 5 : 20, ...values))];
  const frame = { ...BOX, min, max, from: now - 5 * MINUTE, to: now };
  const ticks = figure === 'mos' ? [1, 2, 3, 4] : [0, max / 2, max];
  const y = (v: number) => BOX.top + BOX.height - ((v - min) / (max - min)) * BOX.height;
  const x = (minutes: number) => BOX.left + BOX.width * (1 - minutes / 5);
  return html`<figure>
    <figcaption>${title}</figcaption>
    <svg viewBox="0 0 ${SIZE.width} ${SIZE.height}" preserveAspectRatio="xMinYMin meet" role="img"
        aria-label=${labelOf(figure, title, lines, w)}>
      ${ticks.map((t) => svg`<line class="gridline" x1=${BOX.left} x2=${BOX.left + BOX.width} y1=${y(t)} y2=${y(t)} />
        <text class="y" x=${BOX.left - 5} y=${y(t) + 3.5}>${t}</text>`)}
      ${[5, 4, 3, 2, 1, 0].map((m) => svg`<line class="tick" x1=${x(m)} x2=${x(m)} y1=${BOX.top + BOX.height}
          y2=${BOX.top + BOX.height + 3} />
        <text class="x" x=${x(m)} y=${SIZE.height - 9}>${m === 5 ? w.minutes(5) : m === 0 ? w.now : `−${m}`}</text>`)}
      ${svg`<path class="agent" d=${path(lines.agent, figure, frame)} />
        <path class="customer" d=${path(lines.customer, figure, frame)} />`}
    </svg>
  </figure>`;
}

function labelOf(figure: Figure, title: string, lines: Lines, w: WallWords): string {
  const say = (name: string, points: readonly Point[]) => {
    const known = points.map((p) => p[figure]).filter((v) => v !== null);
    const now = points.at(-1)?.[figure] ?? null;
    if (now === null || known.length === 0) {
      return `${name}: ${w.noSound}`;
    }
    return figure === 'mos'
      ? `${name}: ${w.score(now.toFixed(1), Math.min(...known).toFixed(1))}`
      : w.chart(name, now.toFixed(1), Math.max(...known).toFixed(1));
  };
  return `${title}. ${say(w.customer, lines.customer)}. ${say(w.agent, lines.agent)}.`;
}
