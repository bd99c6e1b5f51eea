// Times, names and levels as people read them.

/** Minutes and seconds, and hours where there are some. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** What has passed since a time in milliseconds; empty for none. */
export function since(time: number | null | undefined, now = Date.now()): string {
  return time ? clock(now - time) : '';
}

/** What is left until a time as the gateway writes it; empty for none. Begun seconds count. */
export function left(time: string | undefined, now = Date.now()): string {
  return time ? clock(Date.parse(time) - now + 999) : '';
}

/** What stands for a person or a number in a circle. */
export function initial({ name, number }: { name?: string; number?: string }): string {
  return name ? [...name][0]!.toUpperCase() : (number ?? '').replace(/\D/g, '').slice(-2);
}

/** When a call was: the time alone where it was today. */
export function when(at: number, language: string, now = new Date()): string {
  const then = new Date(at);
  const today = then.toDateString() === now.toDateString();
  const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  return then.toLocaleString(language, today ? time : { ...time, month: 'short', day: 'numeric' });
}

/** How much of a meter a level fills: 50 dB below full scale. */
export function part(rms: number): number {
  return Math.max(0, Math.min(1, 1 + (20 * Math.log10(rms || 1e-9)) / 50));
}
