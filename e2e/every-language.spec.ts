/** Every view in every language, on a phone: what a translation leaves out, or what its longer words push over the edge, is seen here. */
import { readdirSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { sideways } from './journey.ts';

const LANGUAGES = readdirSync('src/app/messages/text', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const VIEWS = ['generate', 'learn', 'schedule', 'train', 'compare', 'hood', 'bench', 'evaluate', 'align', 'access'];

/** What a text looks like that is missing, or whose place was never filled. */
const HOLES = /\bundefined\b|\[object |\bNaN\b|\{[a-z][a-zA-Z]*\}/;

for (const language of LANGUAGES) {
  test(`every view in ${language} on a phone: whole, no wider than the screen, and without an error`, async ({
    page,
  }) => {
    // What ships with the page is enough, and nothing competes for the processor.
    await page.route('**/models/**', () => undefined);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ reducedMotion: 'reduce' });
    let title = '';
    for (const view of VIEWS) {
      await page.goto(`./#/${view}?lang=${language}`);
      await expect(page.locator('html')).toHaveAttribute('lang', language);
      // The view of before is on the page until this one is drawn.
      await expect.poll(() => page.title(), view).not.toBe(title);
      title = await page.title();
      await expect(page.locator('main h1, main h2').first()).toBeAttached();
      await expect(page.locator('main[aria-busy="true"]')).toHaveCount(0);
      await expect.poll(() => sideways(page), view).toBeLessThanOrEqual(0);
      const text = await page.locator('body').innerText();
      expect(HOLES.exec(text)?.[0], view).toBeUndefined();
      const nameless = await page
        .locator('main :is(button, a[href])')
        .evaluateAll((all) =>
          all
            .filter((one) => !(one.getAttribute('aria-label') ?? one.textContent ?? '').trim())
            .map((one) => one.outerHTML.slice(0, 100)),
        );
      expect(nameless, view).toEqual([]);
    }
    expect(errors).toEqual([]);
  });
}
