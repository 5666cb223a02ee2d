/** The language of the page: from the browser, by hand in the middle of a run, and from a link, which wins. */
import { expect, type Page, test } from '@playwright/test';

test.use({ locale: 'zh-TW' });

const html = (page: Page) => page.locator('html');
const place = async (page: Page) =>
  Number(await page.locator('[role=slider][aria-valuenow]').getAttribute('aria-valuenow'));

test.beforeEach(async ({ page }) => {
  // The recorded run is enough.
  await page.route('**/models/**', () => undefined);
});

test('the page opens in the language of the browser, and goes on with its run in another', async ({ page }) => {
  await page.goto('./');
  await expect(html(page)).toHaveAttribute('lang', 'zh-Hant');
  await expect(page.getByRole('link', { name: '排程' })).toBeVisible();

  // What the model writes stays English, and says so; what the page says of a slot is in its language.
  const written = page.getByRole('listbox', { name: '詞元畫布' }).getByRole('option').filter({ hasText: 'morning' });
  await expect(written).toHaveAttribute('lang', 'en');
  await written.focus();
  await expect(written).toHaveAttribute('lang', 'zh-Hant');
  await expect(written).toHaveAttribute('aria-label', /^位置 2：morning，提示/);

  await expect.poll(() => place(page)).toBeGreaterThan(2);
  const before = await place(page);
  await page.getByRole('button', { name: '語言' }).click();
  await page.getByRole('button', { name: 'English' }).click();
  await expect(html(page)).toHaveAttribute('lang', 'en');
  await expect(page.getByRole('listbox', { name: 'Token canvas' })).toBeVisible();
  // It plays on from where it was, to its end.
  expect(await place(page)).toBeGreaterThanOrEqual(before);
  const end = Number(await page.locator('[role=slider][aria-valuenow]').getAttribute('aria-valuemax'));
  await expect.poll(() => place(page)).toBe(end);

  // The choice is remembered.
  await page.reload();
  await expect(html(page)).toHaveAttribute('lang', 'en');
});

test('the language of a link wins, and what is wrong with the link is said in it', async ({ page }) => {
  await page.goto('./#/generate?v=1&lang=zh-Hans&seed=7&temperature=99');
  await expect(html(page)).toHaveAttribute('lang', 'zh-Hans');
  await expect(page.getByText('temperature 应为 0 到 2 的数，实际是“99”。')).toBeVisible();
  await expect(page.getByRole('button', { name: /^生成/ })).toBeVisible();
});
