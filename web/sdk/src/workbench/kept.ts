// What the page keeps in the browser. Where that keeps nothing (blocked storage) it lasts as long as the page.

const memory = new Map<string, string>();

/** Reads what is kept under a name; another value where there is none, or it can't be read. */
export function read<Value>(name: string, otherwise: Value): Value {
  try {
    return (JSON.parse(localStorage.getItem(name) ?? memory.get(name) ?? 'null') as Value | null) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function write(name: string, value: unknown): void {
  const text = JSON.stringify(value);
  memory.set(name, text);
  try {
    localStorage.setItem(name, text);
  } catch {
    // Blocked or full: memory has it.
  }
}
