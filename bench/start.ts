/**
 * The first minute of builds beside each other: `npm run bench:start -- [DIR …] [--rounds N] [--json FILE]`. Each DIR is a
 * checkout with a `dist/` (this one, unless told). Of every load, in milliseconds from the request:
 *
 *     content   the first word of a run stands on the sheet
 *     ready     the shipped model can write
 *     token     from pressing Generate to the first word that this model has written
 *
 * With WebGPU (in software, unless UNMASK_BROWSER has a card) and without; cold (an empty browser) and warm (the same
 * browser once more, after the page has been kept for use without a network). Builds take turns within each round, so
 * that what else the machine does meets all of them. Medians are told, and the least, which suffers least from others.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { findBrowser } from '../e2e/browser.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    /** `webgpu`, `plain` or both. */
    with: { type: 'string', default: 'webgpu,plain' },
    json: { type: 'string' },
  },
});

const FLAGS: Readonly<Record<string, readonly string[]>> = {
  webgpu: [
    '--enable-unsafe-webgpu',
    ...(process.env['UNMASK_BROWSER'] ? [] : ['--use-webgpu-adapter=swiftshader']),
    '--enable-dawn-features=allow_unsafe_apis,disable_workgroup_init',
  ],
  plain: ['--disable-gpu'],
};
const MARKS = ['content', 'ready', 'token'] as const;
type Marks = Record<(typeof MARKS)[number], number>;
interface Row extends Marks {
  readonly build: string;
  readonly how: string;
  readonly cache: 'cold' | 'warm';
}

const MOST = 120_000;

/** Runs in the page from its first moment: looks at every frame for what a person would see. */
function watch(): void {
  const marks: Record<string, number> = {};
  (globalThis as unknown as { marks: typeof marks }).marks = marks;
  let pressed: number | undefined;
  addEventListener(
    'keydown',
    ({ key, ctrlKey }) => {
      if (key === 'Enter' && ctrlKey) pressed ??= performance.now();
    },
    true,
  );
  const seen = (selector: string) => document.querySelector(selector) !== null;
  const look = () => {
    if (seen('[data-slot]')) marks['content'] ??= performance.now();
    if (seen('.chip.model.ready')) marks['ready'] ??= performance.now();
    const place = Number(document.querySelector('[role=slider][aria-valuenow]')?.getAttribute('aria-valuenow'));
    if (pressed !== undefined && seen('.source[data-source=live]') && place > 0)
      marks['token'] ??= performance.now() - pressed;
    if (marks['token'] === undefined) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function load(page: Page, address: string): Promise<Marks> {
  const marked = (name: string) =>
    page.waitForFunction((mark) => (globalThis as unknown as { marks: Record<string, number> }).marks[mark], name, {
      timeout: MOST,
    });
  await page.goto(address, { timeout: MOST });
  await marked('ready');
  await page.keyboard.press('Control+Enter');
  await marked('token');
  return page.evaluate(() => (globalThis as unknown as { marks: Marks }).marks);
}

/** Until the service worker has the page, so that the next load is what a second visit is. */
const kept = (page: Page) =>
  page.evaluate(() =>
    Promise.race([
      navigator.serviceWorker?.ready.then(() => true),
      new Promise((late) => setTimeout(() => late(false), 20_000)),
    ]),
  );

async function visitTwice(browser: Browser, build: Build, how: string): Promise<Row[]> {
  const context: BrowserContext = await browser.newContext();
  try {
    // What tsx puts around the functions of a program is not there in a page.
    await context.addInitScript('globalThis.__name = (made) => made;');
    await context.addInitScript(watch);
    const rows: Row[] = [];
    for (const cache of ['cold', 'warm'] as const) {
      const page = await context.newPage();
      const marks = await load(page, build.address);
      rows.push({ build: build.name, how, cache, ...marks });
      if (cache === 'cold') await kept(page);
      await page.close();
    }
    return rows;
  } finally {
    await context.close();
  }
}

interface Build {
  readonly name: string;
  readonly address: string;
  readonly server: ChildProcess;
}

/** The build of a checkout as its own `vite preview` serves it, with the headers of its time. */
async function serve(folder: string): Promise<Build> {
  const root = resolve(folder);
  if (!existsSync(join(root, 'dist/index.html'))) throw new Error(`${folder} has no dist/. Run npm run build there.`);
  const port = await freePort();
  const vite = [root, resolve('.')].map((each) => join(each, 'node_modules/vite/bin/vite.js')).find(existsSync);
  if (!vite) throw new Error('There is no vite. Run npm ci.');
  const server = spawn(
    process.execPath,
    [vite, 'preview', '--host', '127.0.0.1', '--port', String(port), '--strictPort'],
    {
      cwd: root,
      stdio: 'ignore',
    },
  );
  const address = `http://127.0.0.1:${port}/`;
  for (let tries = 0; ; tries++) {
    const there = await fetch(address).then(
      ({ ok }) => ok,
      () => false,
    );
    if (there) return { name: basename(root), address, server };
    if (tries > 300) throw new Error(`${folder} is not served.`);
    await new Promise((next) => setTimeout(next, 100));
  }
}

function freePort(): Promise<number> {
  return new Promise((found, fail) => {
    const probe = createServer().once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => found(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

const median = (list: readonly number[]) => {
  const sorted = list.toSorted((a, b) => a - b);
  const [low = 0, high = 0] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return (low + high) / 2;
};
const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;

const builds: Build[] = [];
const rows: Row[] = [];
try {
  for (const folder of positionals.length > 0 ? positionals : ['.']) builds.push(await serve(folder));
  for (const how of values.with.split(',')) {
    const flags = FLAGS[how];
    if (!flags) throw new Error(`--with takes ${Object.keys(FLAGS).join(',')}, not ${how}.`);
    const browser = await chromium.launch({ ...(await findBrowser()), args: ['--no-sandbox', ...flags] });
    try {
      for (let round = 0; round < Number(values.rounds); round++) {
        for (const build of round % 2 === 0 ? builds : builds.toReversed()) {
          for (const row of await visitTwice(browser, build, how)) {
            rows.push(row);
            const marks = MARKS.map((mark) => `${mark} ${seconds(row[mark])}`).join(', ');
            console.log(`${row.build}, ${how}, ${row.cache}: ${marks}`);
          }
        }
      }
    } finally {
      await browser.close();
    }
  }
} finally {
  for (const { server } of builds) server.kill();
}

console.log('\n| build | with | cache | content | ready | first own word |\n|---|---|---|---|---|---|');
const kinds = new Map(rows.map((row) => [`${row.how} ${row.cache} ${row.build}`, row]));
for (const { build, how, cache } of kinds.values()) {
  const same = rows.filter((row) => row.build === build && row.how === how && row.cache === cache);
  const cells = MARKS.map((mark) => {
    const times = same.map((row) => row[mark]);
    return `${seconds(median(times))} (${seconds(Math.min(...times))})`;
  });
  console.log(`| ${build} | ${how} | ${cache} | ${cells.join(' | ')} |`);
}
if (values.json) await writeFile(values.json, `${JSON.stringify({ date: new Date(), rows }, undefined, 1)}\n`);
