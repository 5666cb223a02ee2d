/** Journeys through the Train view: a tiny fresh model learns, the page is reloaded, the run goes on, and its model writes. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';

/** Forty short texts, so that the split has some for both sides. */
const TEXT = Array.from({ length: 40 }, (_, i) => {
  const [who, what, where] = [
    ['cat', 'dog', 'owl'][i % 3],
    ['ran', 'sat', 'sang', 'slept'][i % 4],
    ['hill', 'river'][i % 2],
  ];
  return `The ${who} ${what} by the ${where}. It was day ${i}, and the ${who} was glad.`;
}).join('\n\n');

async function open(page: Page): Promise<void> {
  await page.goto('./?backend=fallback#/train');
  await expect(page.getByRole('heading', { name: 'Train', level: 1 })).toBeVisible({ timeout: 60_000 });
}

/** A fresh model of characters on a pasted text, small enough for any machine. */
async function setUp(page: Page, steps: number): Promise<void> {
  await page.getByRole('button', { name: 'Paste' }).click();
  await page.getByRole('textbox', { name: 'Text to learn from' }).fill(TEXT);
  await page.getByRole('button', { name: 'Fresh' }).click();
  await page.getByRole('combobox', { name: 'Tokens' }).selectOption('characters');
  await page.getByRole('spinbutton', { name: 'Steps', exact: true }).fill(String(steps));
  await page.getByRole('spinbutton', { name: 'Batch', exact: true }).fill('2');
  await page.getByRole('spinbutton', { name: 'Length', exact: true }).fill('32');
  await page.getByText('All settings').click();
  for (const [name, value] of [
    ['Held-out share', '0.2'],
    ['Measure every', '4'],
    ['Rows to measure on', '4'],
    ['Write every', '4'],
    ['Save every', '4'],
  ] as const) {
    await page.getByRole('spinbutton', { name, exact: true }).fill(value);
  }
}

const state = (page: Page) => page.locator('.train-state');

test('a fresh model trains, survives a reload in the middle, goes on as if nothing had been, and writes', async ({
  page,
}) => {
  test.setTimeout(400_000);
  await open(page);
  await setUp(page, 16);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByText(/^Learns from|Learns from \d/)).toBeVisible({ timeout: 90_000 });
  await expect(page.getByText(/^Row 1: \d+ of 32 tokens masked$/)).toBeVisible();
  await expect(state(page)).toHaveText(/^Step ([4-9]|1\d) of 16$/, { timeout: 120_000 });

  await page.reload();
  await expect(page.getByText(/trained-1 is not finished: step (\d+) of 16 is saved/)).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(state(page)).toHaveText('Finished after 16 steps.', { timeout: 180_000 });
  const curve = await lossTable(page);
  expect(curve.map(([step]) => step)).toEqual(['0', '4', '8', '12', '16']);

  // Its second run is never interrupted, and has the same losses.
  await page.getByRole('button', { name: 'Set up another run' }).click();
  await setUp(page, 16);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(state(page)).toHaveText('Finished after 16 steps.', { timeout: 180_000 });
  await expect(page.getByRole('heading', { name: 'trained-2' })).toBeVisible();
  expect(await lossTable(page)).toEqual(curve);

  for (const name of ['trained-1', 'trained-2']) {
    await page.getByRole('checkbox', { name: `Compare held-out losses: ${name}` }).check();
  }
  await expect(page.getByRole('group', { name: /^Compare held-out losses/ })).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  }

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as folder (zip): trained-2' }).click();
  expect((await download).suggestedFilename()).toBe('trained-2.zip');
  await page.getByRole('button', { name: 'Delete: trained-1' }).click();
  await page.getByRole('button', { name: 'Really delete?: trained-1' }).click();
  await expect(page.getByRole('checkbox', { name: /^Compare held-out losses/ })).toHaveCount(1);
  const zip = page.locator('input[type=file][accept*=zip]');
  await zip.setInputFiles(await (await download).path());
  await expect(page.getByRole('checkbox', { name: /^Compare held-out losses/ })).toHaveCount(2);

  await page.getByRole('button', { name: 'Use in Generate' }).click();
  await expect(page.locator('.chip.model')).toContainText('trained-2', { timeout: 60_000 });
  await expect(page.locator('.chip.model')).toContainText('parameters', { timeout: 60_000 });
  await page.getByRole('button', { name: /^Generate/ }).click();
  await expect(page.locator('.source')).toHaveText('Live on WebAssembly', { timeout: 60_000 });
  await expect(page.getByRole('button', { name: /^Generate/ })).toBeVisible({ timeout: 120_000 });
  expect((await page.locator('.canvas').innerText()).length).toBeGreaterThan(20);
});

/** The table twin of the loss plot. */
async function lossTable(page: Page): Promise<string[][]> {
  const rows = page.getByRole('region', { name: 'Loss at each measurement' }).locator('tbody tr');
  if (!(await rows.first().isVisible())) await page.locator('.train-loss .figure-table > summary').click();
  return rows.evaluateAll((all) =>
    all.map((row) => [...row.querySelectorAll('th, td')].map((cell) => cell.textContent)),
  );
}

test('while a run goes on its model writes in Generate; then it is paused, and goes on again', async ({ page }) => {
  test.setTimeout(300_000);
  await open(page);
  await setUp(page, 5000);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(state(page)).toHaveText(/^Step \d+ of 5,000$/, { timeout: 90_000 });
  await page.getByRole('button', { name: 'Use in Generate' }).click();
  await expect(page.locator('.chip.model')).toContainText('trained-1', { timeout: 60_000 });
  await expect(page.locator('.chip.model')).toContainText('parameters', { timeout: 60_000 });
  await page.getByRole('button', { name: /^Generate/ }).click();
  await expect(page.locator('.source')).toHaveText('Live on WebAssembly', { timeout: 60_000 });
  await expect(page.getByRole('button', { name: /^Generate/ })).toBeVisible({ timeout: 120_000 });

  await page.getByRole('link', { name: 'Train' }).click();
  const before = await state(page).textContent();
  await expect(state(page)).not.toHaveText(before ?? '', { timeout: 60_000 });
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(state(page)).toHaveText(/^Paused at step \d+ of 5,000$/, { timeout: 60_000 });
  const paused = Number(/\d+/.exec((await state(page).textContent()) ?? '')?.[0]);
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect
    .poll(async () => Number(/^Step (\d+)/.exec((await state(page).textContent()) ?? '')?.[1]), { timeout: 60_000 })
    .toBeGreaterThan(paused);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(state(page)).toHaveText(/^Stopped at step \d+\.$/, { timeout: 60_000 });
  await page.reload();
  await expect(page.getByRole('checkbox', { name: 'Compare held-out losses: trained-1' })).toBeVisible();
  await expect(page.getByText(/is not finished/)).toHaveCount(0);
});

test('what cannot be learnt from is said in a sentence', async ({ page }) => {
  test.setTimeout(120_000);
  await open(page);
  await page.getByRole('button', { name: 'File' }).click();
  const train = page.getByRole('button', { name: 'Train', exact: true });
  await expect(train).toBeDisabled();
  for (const [name, bytes, says] of [
    ['empty.txt', Buffer.alloc(0), 'empty.txt is empty.'],
    ['picture.txt', Buffer.from([0, 1, 2, 3, 0, 0, 9, 9]), 'picture.txt is not a text'],
    ['old.txt', Buffer.from('Fa\xe7ade and na\xefve, said in one old encoding.', 'latin1'), 'old.txt is not UTF-8'],
  ] as const) {
    await page.locator('.train-data input[type=file]').setInputFiles({ name, mimeType: 'text/plain', buffer: bytes });
    await train.click();
    await expect(page.getByRole('alert')).toContainText(says, { timeout: 30_000 });
  }
});

for (const width of [360, 1280]) {
  test(`nothing scrolls sideways at ${width} pixels, and axe finds nothing`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await open(page);
    await page.getByText('All settings').click();
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    ).toBeLessThanOrEqual(0);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    }
  });
}
