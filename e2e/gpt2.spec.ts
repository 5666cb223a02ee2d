/**
 * The race against GPT-2: a tiny one with random weights from a hub on another origin, run by the real transformers.js
 * and ONNX Runtime. What it writes is compared with plain sums that keep no cache.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import { openTokenizer } from '../src/checkpoint/tokenizer.ts';
import { TinyGpt2 } from '../src/peers/testing/tiny-gpt2.ts';
import { axeInBothThemes, NOTHING } from './axe.ts';
import { type Hub, startHub } from './hub.ts';
import { sideways, toTheEnd } from './journey.ts';

const tokenizerFile = readFileSync(fileURLToPath(new URL('../public/models/stories/tokenizer.json', import.meta.url)));
const tokenizer = openTokenizer(JSON.parse(tokenizerFile.toString()));
const tiny = new TinyGpt2({ vocab: 4096, positions: 128, layers: 2, heads: 2, width: 64 });
const LENGTH = 12;

function writeGpt2(root: string): void {
  for (const [name, bytes] of tiny.files(tokenizerFile, 3)) {
    const path = join(root, 'Xenova/gpt2', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
}

let hub: Hub;
test.beforeEach(async () => {
  hub = await startHub(writeGpt2);
});
test.afterEach(async () => {
  await hub[Symbol.asyncDispose]();
});

/** The models run without WebGPU, which is the faster way on a software adapter. */
async function open(page: Page, link = ''): Promise<void> {
  const preferences = JSON.stringify({ hub: hub.endpoint });
  await page.addInitScript((text) => localStorage.setItem('unmask.preferences', text), preferences);
  await page.goto(`./?backend=fallback#/compare?v=1&against=gpt2&block=0&per=4${link}`);
  await expect(page.getByRole('heading', { name: 'Compare' })).toBeVisible();
}

const lane = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const panel = (page: Page) => page.getByRole('region', { name: 'GPT-2 from the hub' });
const race = (page: Page) => page.getByRole('button', { name: 'Race', exact: true }).last();
const results = (page: Page) => page.locator('.compare-table tbody tr');

test('download from the hub, race to the end on the measured clock, again without the hub, delete', async ({
  page,
}) => {
  const outside: string[] = [];
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && !['127.0.0.1', 'localhost'].includes(hostname)) outside.push(request.url());
  });
  await open(page, `&length=${LENGTH}&temperature=0`);

  await test.step('nothing is asked of the hub before a button is pressed', async () => {
    await expect(panel(page)).toContainText('GPT-2 is not in this browser yet');
    await expect(race(page)).toBeDisabled();
    expect(hub.requests).toEqual([]);
  });

  await test.step('the hub says how large it is; the download can be cancelled and goes on', async () => {
    await page.getByRole('button', { name: 'Ask the hub' }).click();
    const download = page.getByRole('button', { name: /^Download [\d.]+ MB$/ });
    await expect(download).toBeVisible();
    hub.pause = 100;
    hub.room = 600_000;
    await download.click();
    await expect(panel(page).getByText(/MB of .* MB/)).toBeVisible();
    await expect(panel(page).getByText(/MB\/s/)).toBeVisible();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect(panel(page)).toContainText(/MB of [\d.]+ MB of Xenova\/gpt2 are here/);
    hub.pause = 0;
    hub.room = Number.POSITIVE_INFINITY;
    await page.getByRole('button', { name: 'Go on' }).click();
    await expect(panel(page)).toContainText('is in this browser');
  });

  await test.step('the race: GPT-2 first, then the masked model', async () => {
    await race(page).click();
    await expect(results(page)).toHaveCount(2);
    await expect(results(page).nth(0)).toContainText('append, GPT-2');
    await expect(results(page).nth(0).getByRole('cell').nth(1)).toHaveText(String(LENGTH));
    await expect(results(page).nth(1).getByRole('cell').nth(1)).toHaveText(String(LENGTH / 4));
    await expect(page.getByText('differ in their training data, size and tokenizer')).toBeVisible();
  });

  await test.step('the end of the time line is the sum of the times of the tokens', async () => {
    await toTheEnd(page);
    const shown = Number(await page.locator('.replay-clock').getAttribute('data-at'));
    await page.getByText('As a table').click();
    const steps = await page.locator('.figure-table tbody tr').evaluateAll((rows) =>
      rows.map((row) => ({
        side: row.querySelector('th')?.textContent?.split(',')[0] ?? '',
        milliseconds: Number(row.querySelectorAll('td')[1]?.textContent),
      })),
    );
    expect(steps.filter(({ side }) => side === 'append: left to right')).toHaveLength(LENGTH);
    expect(steps.every(({ milliseconds }) => milliseconds > 0)).toBe(true);
    const sum = (side: string) =>
      steps.filter((one) => one.side === side).reduce((all, { milliseconds }) => all + milliseconds, 0);
    expect(shown).toBeCloseTo(Math.max(sum('append: left to right'), sum('set: anywhere')), 1);
    await expect(lane(page, 'append: left to right')).toContainText(/\d characters\/s/);
  });

  await test.step('what it wrote is what plain sums over the whole text write', async () => {
    const prompt = tokenizer.encode('Once upon a time');
    const words = [...prompt, ...tiny.greedy(prompt, LENGTH)].map((id) => tokenizer.piece(id)).join('');
    const shown = (await lane(page, 'append: left to right').locator('.mini').textContent()) ?? '';
    expect(shown.replace(/\s/g, '')).toBe(words.replace(/\s/g, ''));
  });

  await test.step('a second visit without the hub races as well, and a seed gives one text', async () => {
    await page.goto('about:blank');
    hub.mute = true;
    hub.requests.length = 0;
    const texts: (string | null)[] = [];
    for (let visit = 0; visit < 2; visit++) {
      await page.goto('about:blank');
      await open(page, `&length=${LENGTH}&seed=5&top-k=50&top-p=0.95&temperature=0.8`);
      await expect(panel(page)).toContainText('is in this browser');
      await race(page).click();
      await expect(results(page)).toHaveCount(2);
      await toTheEnd(page);
      texts.push(await lane(page, 'append: left to right').locator('.mini').textContent());
    }
    expect(texts[0]).toBe(texts[1]);
    expect(hub.requests).toEqual([]);
    expect(outside).toEqual([]);
  });

  await test.step('deleting frees it', async () => {
    await panel(page).getByRole('button', { name: 'Delete', exact: true }).click();
    await panel(page)
      .getByRole('button', { name: /^Delete .* MB\?$/ })
      .click();
    await expect(panel(page)).toContainText('GPT-2 is not in this browser yet');
  });
});

test('Barry’s settings are those of his comparison, and are in the address', async ({ page }) => {
  await page.route('**/models/**', () => undefined);
  await open(page);
  await page.getByRole('button', { name: 'Barry’s settings' }).click();
  await expect(page).toHaveURL(/per=26/);
  for (const part of ['length=256', 'sampler=iterative-refinement', 'top-k=50', 'top-p=0.95', 'temperature=0.8'])
    await expect(page).toHaveURL(new RegExp(part));
  await expect(page.getByText('about 26 tokens a pass')).toBeVisible();
});

test('a hub that cannot be reached is told, and nothing else breaks', async ({ page }) => {
  await page.route('**/models/stories/**', () => undefined);
  await open(page);
  hub.mute = true;
  await page.getByRole('button', { name: 'Ask the hub' }).click();
  await expect(panel(page).getByRole('alert')).toContainText(/forbids this page|cannot be reached/);
  await expect(page.getByRole('button', { name: 'Ask the hub' })).toBeEnabled();
});

test('axe finds nothing in either theme, and nothing scrolls sideways', async ({ page }) => {
  await page.route('**/models/stories/**', () => undefined);
  await open(page);
  await page.getByRole('button', { name: 'Ask the hub' }).click();
  await expect(page.getByRole('button', { name: /^Download/ })).toBeVisible();
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 900 });
    expect(await axeInBothThemes(page), `${width} pixels`).toEqual(NOTHING);
    await expect.poll(() => sideways(page)).toBeLessThanOrEqual(0);
  }
});
