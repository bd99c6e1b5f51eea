// Drives one headless Chromium for the end-to-end tests: JSON lines on standard input are commands, those on standard
// output their answers and what the pages tell. The browser ends with standard input.
//
//   {"id": 1, "do": "open", "page": "p1", "url": "http://127.0.0.1:...", "init": "script"}
//   {"id": 1, "result": ...} or {"id": 1, "error": "..."}, and {"page": "p1", "console": "error: ..."}
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-renderer-backgrounding',
  '--disable-background-timer-throttling', '--disable-backgrounding-occluded-windows',
  '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true, args: flags,
});
const pages = new Map();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)));
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const commands = {
  async open({ page: name, url, init, beside, csp, timeout }) {
    // A context of its own: no page shares storage with another, but with one that it is opened beside.
    const context = beside ? pages.get(beside).context()
      : await browser.newContext({ bypassCSP: !csp, permissions: ['microphone'] });
    context.setDefaultTimeout(timeout);
    const page = await context.newPage();
    await page.addInitScript({ content: init });
    pages.set(name, page);
    page.on('console', (m) => tell({ page: name, console: `${m.type()}: ${m.text()}` }));
    page.on('pageerror', (e) => tell({ page: name, error: String(e.stack || e) }));
    page.on('crash', () => tell({ page: name, error: 'the page has crashed' }));
    await page.goto(url, { waitUntil: 'load' });
  },
  evaluate: ({ page, expression }) => pages.get(page).evaluate(expression),
  async waitFor({ page, expression, timeout }) {
    // Not by waitForFunction, which takes any promise for true. What is not there yet, such as a page that is being
    // loaded, may be on its way: only at the end of the time is an error an error.
    const patient = `(async () => Boolean(await (${expression})))().catch(() => false)`;
    const end = Date.now() + timeout;
    const look = () => Promise.race([pages.get(page).evaluate(patient).catch(() => false), pause(end - Date.now())]);
    while (!(await look())) {
      if (Date.now() >= end) {
        const value = await Promise.race([pages.get(page).evaluate(expression), pause(1000)]);
        throw new Error(`it did not come true in ${timeout} ms; it is ${JSON.stringify(value)}`);
      }
      await pause(50);
    }
  },
  click: ({ page, selector }) => pages.get(page).click(selector),
  fill: ({ page, selector, text }) => pages.get(page).fill(selector, text),
  select: ({ page, selector, value }) => pages.get(page).selectOption(selector, value).then(() => null),
  drag: async ({ page, selector, x, y }) => {
    const { mouse } = pages.get(page);
    await pages.get(page).hover(selector);
    await mouse.down();
    await mouse.move(x, y, { steps: 5 });
    await mouse.up();
  },
  reload: ({ page }) => pages.get(page).reload({ waitUntil: 'load' }).then(() => null),
  // The page's process ends at once.
  async crash({ page: name }) {
    const page = pages.get(name);
    const crashed = page.waitForEvent('crash');
    page.goto('chrome://crash').catch(() => {});
    await crashed;
  },
  screenshot: ({ page, path }) => pages.get(page).screenshot({ path }).then(() => null),
  press: ({ page, key }) => pages.get(page).keyboard.press(key),
  async look({ page, width, height, dark }) {
    await pages.get(page).setViewportSize({ width, height });
    await pages.get(page).emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
  },
  offline: ({ page, offline }) => pages.get(page).context().setOffline(offline),
  // What the page holds, once all that can be collected is.
  async memory({ page }) {
    const session = await pages.get(page).context().newCDPSession(pages.get(page));
    let bytes = Infinity;
    for (let i = 0; i < 4; i++) { // what finalizers let go is collected by the next one
      await session.send('HeapProfiler.collectGarbage');
      bytes = Math.min(bytes, (await session.send('Runtime.getHeapUsage')).usedSize);
      await pause(100);
    }
    const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters');
    await session.detach();
    return { bytes, nodes, listeners: jsEventListeners };
  },
  async close({ page }) {
    const context = pages.get(page)?.context();
    await pages.get(page)?.close();
    pages.delete(page);
    if (context?.pages().length === 0) {
      await context.close();
    }
  },
};

async function run(line) {
  const { id, do: name, ...parameters } = JSON.parse(line);
  try {
    tell({ id, result: (await commands[name](parameters)) ?? null });
  } catch (e) {
    tell({ id, error: String(e.message || e) });
  }
}

tell({ ready: browser.version() });
for await (const line of createInterface({ input: process.stdin })) run(line);
await browser.close();
