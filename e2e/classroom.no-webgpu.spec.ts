/** The lesson in other people's pages: a course that speaks SCORM 1.2, a frame without storage, a frame without an origin. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';
import { unzipSync } from 'fflate';
import { open } from './journey.ts';

const runtime = new URL('../node_modules/scorm-again/dist/scorm12.min.js', import.meta.url);

/** A small server of these files. */
async function serve(files: Readonly<Record<string, string | Uint8Array>>): Promise<{ server: Server; at: string }> {
  const server = createServer(({ url }, response) => {
    const name = (url ?? '/').slice(1).split('?')[0] ?? '';
    const file = files[name];
    const type = name.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.writeHead(file === undefined ? 404 : 200, { 'Content-Type': `${type}; charset=utf-8` }).end(file);
  });
  await new Promise<void>((ready) => server.listen(0, 'localhost', ready));
  return { server, at: `http://localhost:${(server.address() as AddressInfo).port}` };
}

test('a lesson saved for a course is played there without storage, and reports that it is done', async ({
  page,
  baseURL,
}) => {
  await open(page, { withoutModel: true, link: 'length=8&steps=4&seed=5' });
  await page.getByRole('button', { name: 'More links' }).click();
  await page.getByRole('button', { name: 'For a class' }).click();
  const dialog = page.getByRole('dialog', { name: 'For a class' });
  await dialog.getByText('For a course (SCORM 1.2)').click();
  await dialog.getByLabel('Title in the course').fill('First steps');
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save the zip' }).click(),
  ]);
  const zip = unzipSync(readFileSync(await saved.path()));
  const sco = Object.fromEntries(Object.entries(zip).map(([name, bytes]) => [`sco/${name}`, bytes]));
  const { server, at } = await serve({
    ...sco,
    'scorm12.js': readFileSync(runtime),
    'course.html': `<!doctype html><title>Course</title><script src="scorm12.js"></script>
      <script>window.API = new Scorm12API({ autocommit: false });</script>
      <iframe src="sco/index.html" width="1000" height="800"></iframe>`,
    'sandbox.html': `<!doctype html><title>Sandbox</title>
      <iframe sandbox="allow-scripts" src="${baseURL}?embed#/generate" width="800" height="600"></iframe>`,
  });
  try {
    const context = page.context();
    await context.unrouteAll();
    await context.addInitScript(() => {
      const refuse = () => {
        throw new DOMException('Storage is forbidden here.', 'SecurityError');
      };
      for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches'])
        Object.defineProperty(globalThis, name, { get: refuse, configurable: true });
      Object.defineProperty(navigator, 'storage', { get: () => undefined, configurable: true });
    });
    const course = await context.newPage();
    await course.goto(`${at}/course.html`);
    const played = course.frameLocator('iframe');
    const lesson = played.frameLocator('#lesson');
    const status = () =>
      course.evaluate(() =>
        (globalThis as unknown as { API: { LMSGetValue(name: string): string } }).API.LMSGetValue(
          'cmi.core.lesson_status',
        ),
      );
    await expect(played.getByRole('status')).toHaveText('This lesson tells your course when it is done.');
    expect(await status()).toBe('incomplete');
    // Nothing of the whole page's header, and the model is not fetched before it is asked for.
    await expect(lesson.getByRole('link', { name: 'Open the whole page' })).toBeVisible();
    await expect(lesson.locator('.header')).toHaveCount(0);
    // No strip at the right for a scroll bar that does not come: nothing would paint it.
    expect(await lesson.locator('body').evaluate((body) => innerWidth - body.getBoundingClientRect().right)).toBe(0);
    await lesson.getByRole('button', { name: /^Generate/ }).click();
    await expect(played.getByRole('status')).toHaveText('Your course has it: this lesson is done.');
    expect(await status()).toBe('completed');

    await course.goto(`${at}/sandbox.html`);
    const boxed = course.frameLocator('iframe');
    await expect(boxed.getByText(/sandboxed without an origin/)).toBeVisible();
    await expect(boxed.locator('code')).toContainText('allow-same-origin');
  } finally {
    server.close();
  }
});

test.describe('in German, whose hints are long', () => {
  test.use({ locale: 'de-DE', viewport: { width: 800, height: 600 } });

  test('an embedded sheet that is being written fits its frame of 800 by 600', async ({ page }) => {
    await page.goto('./?embed#/generate?v=1&seed=7');
    await page.getByRole('button', { name: /^Schreiben/ }).click();
    await expect.poll(() => page.locator('.canvas [data-slot]').count()).toBe(68);
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(600);
  });
});
