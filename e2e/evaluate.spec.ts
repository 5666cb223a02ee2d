/** A model is asked little tasks of ours: values beside what guessing scores, their items, and what a reload leaves. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { axeFindings } from './axe.ts';
import { modelReady } from './journey.ts';

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
  await page.getByRole('spinbutton', { name: 'Items of each task' }).fill('6');
  await page.getByRole('button', { name: 'Evaluate', exact: true }).click();
  await expect(page.getByText(/[1-9]\d* of 12 items/)).toBeVisible();
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText(/of 12 items have been asked/)).toBeVisible();
  await page.reload();
  await modelReady(page);
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.getByText(/of 12 items have been asked/)).toHaveCount(0);
  await expect(page.getByRole('row', { name: /LAMBADA perplexity/ })).toContainText('6 of 20');
});

test('on a phone it fits the page', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 760 });
  await page.route('**/models/**', () => undefined);
  await page.goto('./#/evaluate');
  await expect(page.getByRole('button', { name: 'Evaluate', exact: true })).toBeVisible();
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
});
