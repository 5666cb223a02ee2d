import { expect, test } from '@playwright/test';

test('the page opens without an error and the browser offers WebGPU', async ({ page }) => {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));

  await page.goto('./');

  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  const description = await page.evaluate(async () => (await navigator.gpu.requestAdapter())?.info.vendor);
  expect(description).toBeTruthy();
  expect(errors).toEqual([]);
});
