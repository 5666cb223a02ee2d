/** Without WebGPU the same page writes with the same model, and says so. */
import { expect, test } from '@playwright/test';
import { finished, masks, modelReady, open, slots, source } from './journey.ts';

test('writes 64 tokens through the fallback and says what runs', async ({ page }) => {
  await open(page, { link: 'length=64&steps=8' });
  await modelReady(page);
  await expect(page.locator('.device-notice')).toContainText('There is no WebGPU here');
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(source(page)).toContainText('Live on');
  await finished(page);
  await expect(masks(page)).toHaveCount(0);
  expect(await page.locator('.canvas .slot:not(.given)').count()).toBe(64);
});

test('fills in masks between given words and leaves those alone', async ({ page }) => {
  await open(page, { link: 'mode=fill&prompt=Once+upon+a+time+there+was+a[MASK][MASK].&steps=2&temperature=0' });
  await modelReady(page);
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(source(page)).toContainText('Live on');
  await finished(page);
  await expect(masks(page)).toHaveCount(0);
  await expect(slots(page).first()).toHaveText('Once');
  await expect(slots(page).last()).toHaveText('.');
});

test('files that cannot be fetched give a sentence and a button that tries again', async ({ page }) => {
  await page.route('**/models/**', (route) => route.abort());
  await open(page);
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('could not be');
  await expect(page.locator('.chip.model, .quiet.model')).toContainText('did not load');
  await page.unroute('**/models/**');
  await alert.getByRole('button', { name: 'Try again' }).click();
  await modelReady(page);
  await expect(alert).toHaveCount(0);
});
