// What has a pace of its own: clocks, levels and figures. They change elements themselves, so that nothing is drawn.
import { left, part, since } from './format';
import type { Model } from './model';

/** Ticks from one look at the figures to the next. */
const FIGURES_EVERY = 10;

/** Where the figures of the sound are, and their units. */
const UNITS: Record<string, string> = {
  received: '', sent: '', lost: '', jitter: ' ms', buffer: ' ms', roundTrip: ' ms',
};

export function newTick(): (model: Model, root: ShadowRoot) => void {
  let ticks = 0;
  return (model, root) => {
    clocks(root);
    levels(model, root);
    if (ticks++ % FIGURES_EVERY === 0) {
      void figures(model, root);
    }
  };
}

function clocks(root: ShadowRoot): void {
  for (const element of root.querySelectorAll<HTMLElement>('.timer')) {
    const { since: from, left: until } = element.dataset;
    const text = until ? left(until) : since(Number(from));
    if (element.textContent !== text) {
      element.textContent = text;
    }
  }
}

function levels(model: Model, root: ShadowRoot): void {
  const meters = root.querySelectorAll<HTMLElement>('[data-level].meter');
  if (meters.length === 0) {
    return;
  }
  const { mic, ears } = model.phone.levels();
  const { current } = model.phone.calls;
  const silent = current && (current.muted || current.mode === 'monitor');
  const now = { mic: silent ? 0 : mic.rms, ear: Math.max(0, ...ears.map((e: { rms: number }) => e.rms)) };
  for (const meter of meters) {
    const full = part(now[meter.dataset.level as 'mic' | 'ear']);
    (meter.firstElementChild as HTMLElement).style.transform = `scaleX(${full.toFixed(3)})`;
    const value = String(Math.round(full * 10) * 10);
    if (meter.ariaValueNow !== value) {
      meter.ariaValueNow = value;
    }
  }
}

async function figures(model: Model, root: ShadowRoot): Promise<void> {
  if (!root.querySelector('details.figures[open]')) {
    return;
  }
  const stats = await model.phone.stats().catch(() => null); // the tab that has the sound is away
  for (const [name, unit] of Object.entries(UNITS)) {
    const element = root.querySelector(`#stat-${name}`);
    const value = stats?.[name as keyof typeof stats] as number | undefined;
    if (element) {
      element.textContent = value === undefined ? '–' : `${unit ? value.toFixed(value < 10 ? 1 : 0) : value}${unit}`;
    }
  }
}
