/** A model is asked little tasks of ours: values beside what guessing scores, their items, and what a reload leaves. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { serveHub } from '../src/checkpoint/testing/hub-server.ts';
import { axeFindings } from './axe.ts';
import { modelReady, pressOnce } from './journey.ts';

test('values open to their items, survive a reload, and go on from where they were paused', async ({ page }) => {
  test.slow();
  await page.goto('./?backend=fallback#/evaluate');
  await modelReady(page);
  await expect(page.getByRole('heading', { name: 'How good is this model?' })).toBeVisible();
  await page.getByRole('spinbutton', { name: 'Items of each task' }).fill('3');
  await page.getByRole('spinbutton', { name: 'Masks per answer' }).fill('8');
  await page.getByRole('button', { name: 'Evaluate', exact: true }).click();
  await expect(page.getByRole('progressbar', { name: 'Progress of the evaluation' })).toBeVisible();

  const row = page.getByRole('row', { name: /accuracy per character/ });
  await expect(row).toContainText('0.5');
  await expect(page.getByRole('progressbar', { name: 'Progress of the evaluation' })).toHaveCount(0);
  await expect(page.getByRole('row', { name: /LAMBADA perplexity/ })).toContainText('3 of 20');
  // The items of the first task are open; those of the other are a click away.
  await expect(page.getByText('She threw the ball to her dog')).toBeVisible();
  await row.getByRole('button').click();
  await expect(page.getByText('Lily was very hungry, so she')).toBeVisible();
  await expect(page.getByText(/likeliest/).first()).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save as JSON' }).click(),
  ]);
  const saved = JSON.parse(readFileSync(await download.path(), 'utf8'));
  expect(saved['n-samples'].lambada).toEqual({ original: 20, effective: 3 });
  expect(saved.samples.arc_easy).toHaveLength(3);

  await page.reload();
  await expect(page.getByRole('row', { name: /LAMBADA perplexity/ })).toContainText('3 of 20');
  await expect(page.getByRole('link', { name: 'Write with these settings' })).toHaveAttribute('href', /#\/generate/);

  // A longer one is paused and gone on with.
  await modelReady(page);
  await page.getByRole('spinbutton', { name: 'Items of each task' }).fill('12');
  const paused = pressOnce(page, /[1-9]\d* of 24 items/, 'Pause');
  await page.getByRole('button', { name: 'Evaluate', exact: true }).click();
  await paused;
  await expect(page.getByText(/of 24 items have been asked/)).toBeVisible();
  await page.reload();
  await modelReady(page);
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.getByText(/of 24 items have been asked/)).toHaveCount(0);
  await expect(page.getByRole('row', { name: /LAMBADA perplexity/ })).toContainText('12 of 20');

  // Beside the first one, item by item: the same model, so no difference.
  await page.getByRole('combobox', { name: 'Compare with' }).selectOption({ index: 1 });
  await expect(page.getByText('stories minus stories: 0 ± 0 over 3 items that both were asked.')).toBeVisible();
  await expect(page.locator('.evaluate-sides')).toHaveCount(3);
  await expect(page.getByText('stories was not asked this.')).toHaveCount(9);
});

test('rows come from a hub as Parquet: a subject of CMMLU, asked without the hub a second time; a hub that is gone is told', async ({
  page,
}) => {
  const hub = await startExams();
  await page.addInitScript(
    (address) => localStorage.setItem('unmask.preferences', JSON.stringify({ hub: address })),
    hub.endpoint,
  );
  await page.goto('./?backend=fallback#/evaluate');
  await modelReady(page);
  await page.getByRole('button', { name: 'The hub' }).click();
  const tasks = page.getByRole('group', { name: 'Tasks' });
  for (const name of [/^LAMBADA/, /^ARC easy/]) await tasks.getByRole('checkbox', { name }).uncheck();
  await tasks.getByRole('checkbox', { name: /^CMMLU/ }).check();
  await page.getByRole('combobox', { name: /CMMLU/ }).selectOption('agronomy');
  await page.getByRole('spinbutton', { name: 'Items of each task' }).fill('2');
  await page.getByRole('spinbutton', { name: 'Masks per answer' }).fill('1');
  const start = page.getByRole('button', { name: 'Evaluate', exact: true });
  await start.click();
  const value = page.getByRole('row', { name: /^CMMLU/ });
  await expect(value).toContainText('0.25');
  await expect(value).toContainText('2 of 5');
  await expect(page.getByText('agronomy 0？').first()).toBeVisible();
  expect(hub.requests.some(({ name }) => name === 'agronomy/test/0000.parquet')).toBe(true);

  // What came is kept.
  await hub.stop();
  await page.reload();
  await modelReady(page);
  await page.getByRole('spinbutton', { name: 'Items of each task' }).fill('1');
  await start.click();
  await expect(page.getByRole('row', { name: /^CMMLU/ })).toContainText('1 of 5');
  await page.getByRole('combobox', { name: /CMMLU/ }).selectOption('anatomy');
  await start.click();
  await expect(page.getByRole('alert')).toContainText('cannot be reached');
});

/** A hub on this machine with what it has converted of CMMLU: two subjects of five rows. */
async function startExams() {
  const subject = (name: string) => {
    const column = (title: string, data: readonly string[]) => ({
      name: title,
      data: [...data],
      type: 'STRING' as const,
    });
    const columnData = [
      column(
        'Question',
        ['0', '1', '2', '3', '4'].map((row) => `${name} ${row}？`),
      ),
      ...['A', 'B', 'C', 'D'].map((letter) => column(letter, Array(5).fill(letter.toLowerCase()))),
      column('Answer', ['A', 'B', 'C', 'D', 'A']),
    ];
    return new Uint8Array(parquetWriteBuffer({ columnData, codec: 'UNCOMPRESSED' }));
  };
  const files = new Map(['agronomy', 'anatomy'].map((name) => [`${name}/test/0000.parquet`, subject(name)]));
  const hub = await serveHub('lmlmcat/cmmlu', files, { oneHost: true });
  hub.branches.push('refs/convert/parquet');
  return hub;
}

test('on a phone it fits the page', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 760 });
  await page.route('**/models/**', () => undefined);
  await page.goto('./#/evaluate');
  await expect(page.getByRole('button', { name: 'Evaluate', exact: true })).toBeVisible();
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
});
