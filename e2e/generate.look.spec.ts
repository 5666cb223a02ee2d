/** The page for everybody: axe in both themes, and the small screens. */
import { expect, test } from '@playwright/test';
import { axeInBothThemes, NOTHING } from './axe.ts';
import { open, pauseAt, sideways, slots } from './journey.ts';

test('axe finds nothing in either theme, and nothing scrolls sideways at any width', async ({ page }) => {
  /** In both themes; without motion, because a fade is a moment of low contrast and what stays is what is measured. */
  async function expectNoFindings(): Promise<void> {
    expect(await axeInBothThemes(page)).toEqual(NOTHING);
  }
  async function expectToFit(): Promise<void> {
    for (const width of [360, 390, 768, 1024, 1440]) {
      await page.setViewportSize({ width, height: 800 });
      await expect.poll(() => sideways(page), `${width} pixels`).toBeLessThanOrEqual(0);
    }
  }
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, { withoutModel: true });
  await pauseAt(page, 9);
  await expectNoFindings();
  await expectToFit();
  await page.getByText('More settings').click();
  await slots(page).nth(20).click();
  await page.getByRole('button', { name: 'Grid' }).click();
  await expectNoFindings();
  await expectToFit();
  await page.keyboard.press('?');
  await expectNoFindings();
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoFindings();
});

test('on a phone the canvas and Generate come first, settings open in a sheet, a token from the bottom', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, { withoutModel: true });
  await expect(page.getByRole('button', { name: /^Generate/ })).toBeInViewport();
  await page.getByRole('button', { name: 'Settings' }).click();
  const sheet = page.getByRole('dialog', { name: 'Settings' });
  await expect(sheet.getByRole('spinbutton', { name: 'Length' })).toBeVisible();
  await sheet.getByRole('button', { name: 'Close' }).click();
  await slots(page).nth(9).click();
  const drawer = page.getByRole('complementary', { name: 'About a token' });
  await expect(drawer.getByRole('heading', { name: 'Slot 10' })).toBeVisible();
  await expect(slots(page).nth(9)).toBeInViewport();
  await drawer.getByRole('button', { name: 'Close' }).click();
  await expect(drawer).toHaveCount(0);
});

test('the theme is remembered and there before the first paint', async ({ page }) => {
  await open(page, { withoutModel: true });
  await page.getByRole('button', { name: 'Theme: as the system' }).click();
  await page.getByRole('button', { name: 'Theme: light' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.reload({ waitUntil: 'commit' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});
