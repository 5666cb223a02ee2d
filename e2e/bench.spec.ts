/** The bench in the page: it starts, says what it does, and stops. What it measures is tested in src/bench. */
import { expect, test } from '@playwright/test';
import { axeFindings } from './axe.ts';

test('the bench measures in a worker of its own until it is stopped', async ({ page }) => {
  await page.route('**/models/**', () => undefined);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto('./#/bench');
  const start = page.getByRole('button', { name: 'Run the bench' });
  await expect(start).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);
  // The peers are tens of megabytes; only a run may fetch them.
  expect(asked.filter((url) => /onnxruntime|ort-wasm|tfjs/.test(url))).toEqual([]);

  await start.click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  await expect(page.getByText('Comparing the answers of Unmask in f32')).toBeVisible();
  await expect(page.getByText(/SwiftShader/i)).toBeVisible();
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText('Stopped.')).toBeVisible();
  await expect(start).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);
});

test('on a phone the bench fits the page', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 760 });
  await page.route('**/models/**', () => undefined);
  await page.goto('./#/bench');
  await expect(page.getByRole('button', { name: 'Run the bench' })).toBeVisible();
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
});
