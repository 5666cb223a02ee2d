/** Why preferences are noisy, live on the shipped model, and a choice by keyboard. What is learnt from pairs is tested in src/training. */
import { expect, test } from '@playwright/test';
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
