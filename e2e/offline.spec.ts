/** The page on a static server under a sub-path, which then goes away; a new version; a pack carried to another browser. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type Locator, type Page, test } from '@playwright/test';

test.use({ serviceWorkers: 'allow' });

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const PATH = '/class/room 2/';
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

/** Files that another version of the page has instead. */
const newer = new Map<string, string>();
let server: Server;
let address: string;
let requests: string[] = [];

function start(port = 0): Promise<void> {
  server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname);
    requests.push(path);
    const name = path.startsWith(PATH) ? path.slice(PATH.length) || 'index.html' : undefined;
    try {
      if (name === undefined || name.includes('..')) throw new Error('elsewhere');
      const body = newer.get(name) ?? readFileSync(join(dist, name));
      response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((resolve) =>
    server.listen(port, '127.0.0.1', () => {
      address = `http://127.0.0.1:${(server.address() as AddressInfo).port}${encodeURI(PATH)}`;
      resolve();
    }),
  );
}

function stop(): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

test.beforeEach(async () => {
  newer.clear();
  requests = [];
  await start();
});
test.afterEach(async () => {
  if (server.listening) await stop();
});

/** Opens the page without WebGPU, which is quicker here, and waits until everything is kept. */
async function visit(page: Page): Promise<void> {
  await page.goto(`${address}?backend=fallback`);
  await expect
    .poll(() => page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active?.state))
    .toBe('activated');
}

async function openModels(page: Page) {
  await page.getByRole('button', { name: /Choose another model/ }).click();
  return page.getByRole('dialog', { name: 'Models' });
}

test('after one visit everything works without the server, in every view', async ({ page }) => {
  await visit(page);
  await expect((await openModels(page)).getByText('Works without a network')).toBeVisible();
  await stop();
  requests = [];

  await page.goto(`${address}?backend=fallback#/generate?v=1&seed=3&length=16&steps=4`);
  await page.reload();
  await page.getByRole('button', { name: 'Generate' }).click();
  await expect(page.getByText('step 4 / 4')).toBeVisible();
  for (const link of await page.getByRole('navigation', { name: 'Views' }).getByRole('link').all()) {
    await link.click();
    await expect(page.getByRole('main').getByRole('heading').first()).toBeVisible();
  }
  // What a model need not have is not there, as on the server.
  expect(await page.evaluate(async () => (await fetch('models/stories/tokenizer_config.json')).status)).toBe(404);
  expect(requests).toEqual([]);
});

test('a newer version waits, and begins when the person says so', async ({ page }) => {
  await visit(page);
  const old = readFileSync(join(dist, 'index.html'), 'utf8');
  const changed = old.replace('<head>', '<head><meta name="edition" content="2" />');
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  newer.set('index.html', changed);
  const worker = readFileSync(join(dist, 'sw.js'), 'utf8');
  expect(worker).toContain(hash(old));
  newer.set('sw.js', worker.replace(hash(old), hash(changed)));
  requests = [];

  await page.reload();
  const line = page.getByText('A newer version of this page is here.');
  await expect(line).toBeVisible();
  const edition = () => page.locator('meta[name="edition"]').count();
  expect(await edition()).toBe(0);
  // What both versions share is not fetched again.
  expect(requests.filter((path) => path.endsWith('model.safetensors'))).toEqual([]);

  await page.getByRole('button', { name: 'Use it now' }).click();
  await expect.poll(edition).toBe(1);
});

test('a pack made in one browser is opened in another', async ({ page, browser }) => {
  await page.goto(`${address}?backend=fallback`);
  const dialog = await openModels(page);
  await dialog.getByText('What it holds').click();
  await dialog.getByLabel('Lessons', { exact: true }).fill(`The first step ${address}#/generate?v=1&seed=7`);
  // The models that ship, and little beside them: about right before the pack is made, and as it is afterwards.
  const models = join(dist, 'models');
  const shipped = readdirSync(models, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('model.safetensors') || name.endsWith('tokenizer.json'))
    .reduce((sum, name) => sum + statSync(join(models, name)).size, 0);
  const save = dialog.getByRole('button', { name: /Save the pack, [\d.]+ MB/ });
  const sizeIn = async (words: Locator) => Number(/([\d.]+) MB/.exec((await words.textContent()) ?? '')?.[1]);
  expect(await sizeIn(dialog.locator('label', { hasText: 'The models of this page,' }))).toBeCloseTo(shipped / 1e6, 0);
  await dialog.getByRole('button', { name: /Make the pack/ }).click();
  const download = page.waitForEvent('download');
  const told = await sizeIn(save);
  expect(told).toBeGreaterThan(shipped / 1e6 - 0.1);
  expect(told).toBeLessThan(shipped / 1e6 + 1);
  await save.click();
  const file = await (await download).path();

  const other = await browser.newContext({ serviceWorkers: 'block' });
  const student = await other.newPage();
  await student.goto(`${address}?backend=fallback`);
  const theirs = await openModels(student);
  await theirs.getByLabel('Open a pack').setInputFiles(file);
  await expect(theirs.getByText('Now here: the models of this page.')).toBeVisible();
  await expect(theirs.getByRole('link', { name: 'The first step' })).toHaveAttribute('href', '#/generate?v=1&seed=7');
  // The page's models lie where the service worker looks for them.
  const kept = await student.evaluate(async () =>
    (await (await caches.open('unmask-files')).keys()).map(({ url }) => url),
  );
  expect(kept.filter((url) => url.includes('/models/stories/model.safetensors?sha256='))).toHaveLength(1);
  await student.getByLabel('Open a pack').setInputFiles(fileURLToPath(new URL('../package.json', import.meta.url)));
  await expect(theirs.getByRole('alert')).toContainText('This file is no classroom pack.');
  await other.close();
});
