/** A view that cannot be drawn: it says so in its own place, the rest of the page goes on, and there are two ways on. */
import { expect, type Page, test } from '@playwright/test';
import { axeFindings } from './axe.ts';
import { finished, masks, modelReady, open, remembered, sideways, slots, source } from './journey.ts';

/** Every view measures what it draws on; a browser that no longer can makes its drawing fail. */
async function breakMeasuring(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { ResizeObserver } = window;
    Object.assign(window, {
      mend: () => Object.assign(window, { ResizeObserver }),
      ResizeObserver: class {
        constructor() {
          throw new Error('No measuring today.');
        }
      },
    });
  });
}

const mend = (page: Page) => page.evaluate(() => (window as unknown as { mend(): void }).mend());
const stopped = (page: Page) => page.locator('main.stopped');

test('a view that fails leaves the others alone, can be tried again, or begun without what it drew', async ({
  page,
}) => {
  await open(page, { backend: 'fallback', link: 'length=8&steps=4' });
  await modelReady(page);
  await page.getByRole('button', { name: /^Generate/ }).click();
  await finished(page);
  await expect(masks(page)).toHaveCount(0);
  await remembered(page);

  await test.step('a part that cannot be fetched says so, and comes with the next load of the page', async () => {
    const dialog = page.getByRole('dialog');
    await page.route(/ModelsDialog-/, (route) => route.abort());
    await page.locator('.chip.model').click();
    await expect(dialog).toContainText('This part of the page could not be fetched.');
    await expect(masks(page)).toHaveCount(0);
    await page.unroute(/ModelsDialog-/);
    await dialog.getByRole('button', { name: 'Reload the page' }).click();
    await expect(dialog).toHaveCount(0);
    await page.locator('.chip.model').click();
    await expect(dialog).toContainText('Every model runs on this machine.');
    await page.keyboard.press('Escape');
    await expect(source(page)).toContainText('Your last run');
  });

  await breakMeasuring(page);
  await page.reload();
  await expect(stopped(page)).toContainText('No measuring today.');
  await expect(page.getByRole('alert')).toContainText('This part of the page has stopped.');
  await page.getByRole('link', { name: 'Train' }).click();
  await expect(page.getByRole('heading', { name: 'Train', level: 1 })).toBeVisible();
  await page.getByRole('link', { name: 'Generate', exact: true }).click();
  await expect(stopped(page)).toBeVisible();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(stopped(page)).toContainText('No measuring today.');

  await mend(page);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(stopped(page)).toHaveCount(0);
  await expect(source(page)).toContainText('Your last run');
  await expect(slots(page).first()).toBeVisible();

  await page.reload();
  await expect(stopped(page)).toBeVisible();
  await mend(page);
  await page.getByRole('button', { name: 'Set it aside' }).click();
  await expect(stopped(page)).toHaveCount(0);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save it as a file' }).click();
  expect((await download).suggestedFilename()).toBe('unmask-set-aside.json');
});

test('what stopped is in reach and in sight in both themes, on a phone too', async ({ page }) => {
  await page.route('**/models/**', () => undefined);
  await breakMeasuring(page);
  await page.goto('./');
  for (const [colorScheme, width] of [
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 740 });
    await expect(stopped(page)).toBeInViewport();
    await expect(page.getByRole('button', { name: 'Try again' })).toBeInViewport();
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/stopped-${colorScheme}-${width}.png` });
    expect(await axeFindings(page)).toEqual([]);
    await expect.poll(() => sideways(page)).toBeLessThanOrEqual(0);
  }
});
