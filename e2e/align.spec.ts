/** Why preferences are noisy, live on the shipped model; a choice by keyboard; and a taste that is learnt to its end. */
import { readFileSync } from 'node:fs';
import { expect, type Locator, test } from '@playwright/test';
import { axeFindings } from './axe.ts';
import { modelReady } from './journey.ts';

test('the spread of a score stands beside its exact variance, and two continuations are chosen from by keyboard', async ({
  page,
}) => {
  test.slow();
  await page.goto('./?backend=fallback#/align');
  await modelReady(page);
  // Four tokens each: fifteen sets of masks.
  await page.getByRole('textbox', { name: 'Chosen' }).fill(' ate an apple.');
  await page.getByRole('textbox', { name: 'Rejected' }).fill(' was very sad.');
  await page.getByRole('button', { name: 'Ask the model' }).click();
  const more = page.getByRole('region', { name: 'More draws scatter less' });
  await expect(more.getByRole('row')).toHaveCount(5);
  await expect(more).toContainText('8 × 1, shared');
  await expect(page.getByRole('region', { name: /same masks/ })).toContainText('4 × 1, apart');
  expect(await axeFindings(page)).toEqual([]);

  await page.getByRole('button', { name: 'Your own choices' }).click();
  await expect(page.getByRole('button', { name: 'Learn this taste' })).toBeDisabled();
  await page.getByRole('button', { name: 'Write two continuations' }).click();
  await expect(page.locator('.align-offer button')).toHaveCount(2);
  await page.keyboard.press('2');
  await expect(page.getByText('1 choices')).toBeVisible();
  await page.reload();
  await expect(page.getByText('1 choices')).toBeVisible();
});

test('on a phone it fits the page', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 760 });
  await page.route('**/models/**', () => undefined);
  await page.goto('./#/align');
  await expect(page.getByRole('button', { name: 'Ask the model' })).toBeVisible();
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
});

test('a taste is learnt from a file of pairs to its end: margin, accuracy, KL, texts before and after, and its score', async ({
  page,
}) => {
  test.slow();
  await page.goto('./?backend=fallback#/align');
  await modelReady(page);
  const taste = page.getByRole('region', { name: 'Teach it your taste' });
  await taste.getByRole('button', { name: 'Pairs from a file' }).click();
  const learn = taste.getByRole('button', { name: 'Learn this taste' });
  await expect(learn).toBeDisabled();
  const file = (text: string) => ({ name: 'taste.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(text) });
  await taste.locator('input[type="file"]').setInputFiles(file('{"prompt": "Once", "chosen": "a"}\n'));
  await taste.getByRole('spinbutton', { name: 'Steps' }).fill('2');
  await taste.getByRole('button', { name: 'An adapter (LoRA)' }).click();
  await learn.click();
  await expect(page.getByRole('alert')).toContainText('no pairs of a chosen and a rejected answer');

  await taste.locator('input[type="file"]').setInputFiles(file(SOME_PAIRS));
  await learn.click();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(taste.getByRole('progressbar', { name: 'Progress of the run' })).toBeVisible();
  const rows = taste.getByRole('row');
  // Before, in the middle and at the end.
  await expect(rows).toHaveCount(4, { timeout: 12 * 60_000 });
  await expect(rows.nth(1)).toContainText('50%');
  const [, accuracy, margin, divergence] = await numbersOf(rows.nth(3));
  expect(accuracy).toBeGreaterThanOrEqual(75);
  expect(margin).toBeGreaterThan(0);
  expect(divergence).toBeGreaterThan(0);
  const nelbos = await Promise.all([1, 3].map(async (row) => (await numbersOf(rows.nth(row)))[4] as number));
  expect(nelbos[1]).toBeLessThan(1.05 * (nelbos[0] as number));
  await expect(taste.getByRole('figure').filter({ hasText: 'Before' })).toBeVisible();
  await expect(taste.getByRole('figure').filter({ hasText: 'After' })).toBeVisible();
  await expect(taste.getByText('The run is kept as stories-taste:')).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);

  // The same pair scored by what has learnt, the model as it was being the reference.
  await page.getByRole('button', { name: 'What learnt your taste, beside the model' }).click();
  await page.getByRole('textbox', { name: 'Chosen' }).fill(' and was happy.');
  await page.getByRole('textbox', { name: 'Rejected' }).fill(' and was sad.');
  await page.getByRole('button', { name: 'Ask the model' }).click();
  await expect(page.getByRole('region', { name: 'More draws scatter less' }).getByRole('row')).toHaveCount(5);
  await expect(page.getByRole('region', { name: /same masks/ }).getByRole('row')).toHaveCount(3);
});

/** Eight of the stories that the page brings. */
const SOME_PAIRS = (() => {
  const seen = new Map<string, number>();
  const lines = readFileSync(new URL('../public/data/pairs.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  return lines
    .filter((line) => {
      const { group } = JSON.parse(line) as { readonly group: string };
      const count = seen.get(group) ?? 0;
      if (count === 1 || seen.size === 8) return false;
      seen.set(group, count + 1);
      return true;
    })
    .join('\n');
})();

/** The numbers of a row, its heading first; per cent as they stand. */
async function numbersOf(row: Locator): Promise<number[]> {
  const cells = await row.locator('th, td').allTextContents();
  return cells.map((text) => Number.parseFloat(text.replace('−', '-')));
}
