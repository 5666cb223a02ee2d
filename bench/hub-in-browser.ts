/**
 * The whole way of a large model in the built page, in headless Chromium: looked up on a hub of ours, downloaded into the
 * browser's storage, loaded onto the card, and asked for a few tokens. Prints what the page says before the download, what
 * it then wrote, how long each took, and the most JavaScript memory (heap and array buffers of the page and all its workers
 * together, sampled). After `npm run build`:
 *
 *     node --import tsx --import ./src/node/raw-hooks.mjs bench/hub-in-browser.ts --model DIR [--length 2] [--limit MB]
 *
 * More memory than the limit (300 MB) is a failure. The card's own memory is not counted; in software it is Chromium's GPU process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type CDPSession, chromium, type Page } from 'playwright';
import { preview } from 'vite';
import { findBrowser } from '../e2e/browser.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'public/models/stories' },
    length: { type: 'string', default: '2' },
    limit: { type: 'string', default: '300' },
  },
});

const say = (words: string) => process.stdout.write(`${words}\n`);
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(0)} s`;

/** The classroom's server as a process of its own. */
async function serve(): Promise<{ readonly hub: ChildProcess; readonly endpoint: string; readonly id: string }> {
  const program = ['--import', 'tsx', '--import', './src/node/raw-hooks.mjs', 'src/cli/serve-models.ts'];
  const hub = spawn(process.execPath, [...program, values.model, '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const listed = once(createInterface(hub.stderr as NodeJS.ReadableStream), 'line');
  const [address] = (await once(createInterface(hub.stdout as NodeJS.ReadableStream), 'line')) as [string];
  const [line] = (await listed) as [string];
  return { hub, endpoint: address.replace('127.0.0.1', 'localhost'), id: line.split(' ')[0] as string };
}

interface HeapUsage {
  readonly usedSize: number;
  readonly backingStorageSize: number;
}

/** Samples the JavaScript memory of the page and its workers, in bytes, until it is stopped. */
class Meter {
  /** Of all together. */
  most = 0;
  /** Of one of them. */
  mostOfOne = 0;
  readonly #session: CDPSession;
  readonly #workers = new Set<string>();
  /** Answers of workers that are waited for, by the number of the question. */
  readonly #waiting = new Map<number, (usage: HeapUsage | undefined) => void>();
  #asked = 0;
  #stopped = false;

  private constructor(session: CDPSession) {
    this.#session = session;
    session.on('Target.attachedToTarget', ({ sessionId }) => this.#workers.add(sessionId));
    session.on('Target.detachedFromTarget', ({ sessionId }) => this.#workers.delete(sessionId));
    session.on('Target.receivedMessageFromTarget', ({ message }) => {
      const { id, result } = JSON.parse(message) as { id: number; result?: HeapUsage };
      this.#waiting.get(id)?.(result);
      this.#waiting.delete(id);
    });
  }

  static async of(page: Page): Promise<Meter> {
    const session = await page.context().newCDPSession(page);
    const meter = new Meter(session);
    // Workers are asked by way of the page: sessions of their own are Playwright's.
    await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    void meter.#run();
    return meter;
  }

  stop(): void {
    this.#stopped = true;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const page = this.#session.send('Runtime.getHeapUsage') as Promise<unknown> as Promise<HeapUsage>;
      const all = await Promise.all([page, ...[...this.#workers].map((worker) => this.#ask(worker))]).catch(() => []);
      const bytes = all.map((usage) => (usage ? usage.usedSize + (usage.backingStorageSize ?? 0) : 0));
      this.mostOfOne = Math.max(this.mostOfOne, ...bytes);
      this.most = Math.max(
        this.most,
        bytes.reduce((sum, own) => sum + own, 0),
      );
      await new Promise((later) => setTimeout(later, 50));
    }
  }

  /** Undefined where a worker is busy for longer than a second, or gone. */
  #ask(sessionId: string): Promise<HeapUsage | undefined> {
    const id = ++this.#asked;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      setTimeout(resolve, 1000, undefined);
      const message = JSON.stringify({ id, method: 'Runtime.getHeapUsage' });
      this.#session.send('Target.sendMessageToTarget', { sessionId, message }).catch(() => resolve(undefined));
    });
  }
}

const { hub, endpoint, id } = await serve();
const site = await preview({ logLevel: 'error', preview: { host: '127.0.0.1', port: 0 } });
const profile = await mkdtemp(join(tmpdir(), 'unmask-browser-'));
// Not a private window: its storage would be memory.
const context = await chromium.launchPersistentContext(profile, {
  ...(await findBrowser()),
  serviceWorkers: 'block',
  args: [
    '--no-sandbox',
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
    '--enable-dawn-features=allow_unsafe_apis,disable_workgroup_init',
  ],
});
context.setDefaultTimeout(60 * 60_000);
try {
  const page = context.pages()[0] ?? (await context.newPage());
  await page.addInitScript((address) => {
    localStorage.setItem('unmask.preferences', JSON.stringify({ hub: address }));
  }, endpoint);
  const address = site.resolvedUrls?.local[0] as string;
  await page.goto(`${address}?backend=webgpu#/generate?v=1&length=${values.length}&steps=${values.length}`);
  const chip = page.locator('.chip.model');
  await chip.filter({ hasText: 'parameters' }).waitFor();
  const meter = await Meter.of(page);

  const dialog = page.getByRole('dialog', { name: 'Models' });
  await chip.click();
  await dialog.getByLabel('Another model by its id or address').fill(id);
  await dialog.getByRole('button', { name: 'Look up', exact: true }).click();
  const found = dialog.locator('.found');
  await dialog.getByRole('button', { name: 'Download', exact: true }).waitFor();
  say(`Before the download the page says:\n  ${(await found.innerText()).split(/\n+/).join('\n  ')}`);

  let began = performance.now();
  await dialog.getByRole('button', { name: 'Download', exact: true }).click();
  await chip.filter({ hasText: `${id}, ` }).waitFor();
  say(`Downloaded, checked and loaded after ${seconds(began)}; so far ${megabytes(meter.most)}.`);

  await page.keyboard.press('Escape');
  began = performance.now();
  await page.getByRole('button', { name: /^Generate/ }).click();
  await page.locator('.source').filter({ hasText: 'live' }).waitFor();
  while ((await page.locator('.canvas .mask').count()) > 0) await page.waitForTimeout(500);
  const tokens = await page.locator('[data-slot]').allTextContents();
  say(`It wrote, after ${seconds(began)}: ${JSON.stringify(tokens.slice(-Number(values.length)))}`);
  meter.stop();
  say(
    `JavaScript memory, most: ${megabytes(meter.most)} of the page and its workers, ${megabytes(meter.mostOfOne)} of one.`,
  );
  if (meter.most > Number(values.limit) * 1e6) process.exitCode = 1;
} finally {
  await context.close();
  await site.close();
  hub.kill();
  await rm(profile, { recursive: true, force: true });
}
