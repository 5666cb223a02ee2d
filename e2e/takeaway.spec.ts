/** What a run is taken away as: a page, a GIF, pictures, data; each opened by something that is not this program's own. */
import { readFileSync } from 'node:fs';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { axeFindings } from './axe.ts';
import { open, openRun, pauseAt, pressOnce, saveRun, source, takeAway, textOf } from './journey.ts';

test.beforeEach(async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
});

/** Presses a button of the dialog that saves something; returns where the file lies. */
async function saved(page: Page, name: RegExp | string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('dialog').getByRole('button', { name }).click(),
  ]);
  return download.path();
}

/** A page read from a file, in a browser that has no network and may ask for nothing; says what went wrong in it. */
async function fromFile(
  browser: Browser,
  path: string,
  options: { readonly dark?: boolean; readonly width?: number } = {},
) {
  const context = await browser.newContext({
    offline: true,
    reducedMotion: 'reduce',
    colorScheme: options.dark ? 'dark' : 'light',
    viewport: { width: options.width ?? 1100, height: 800 },
  });
  const trouble: string[] = [];
  await context.route('**', (route) => {
    if (route.request().url().startsWith('file:')) return route.continue();
    trouble.push(route.request().url());
    return route.abort();
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => trouble.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && trouble.push(message.text()));
  page.on('dialog', (dialog) => {
    trouble.push(dialog.message());
    void dialog.dismiss();
  });
  // Downloads have no ending of their own, by which a browser would know what they are.
  await page.goto(`file://${path}`);
  await expect(page.locator('[data-slot]').first()).toBeVisible();
  return { page, trouble };
}

/** What every slot shows. */
const looks = (page: Page) =>
  page
    .locator('[data-slot]')
    .evaluateAll((slots) =>
      slots.map(
        (slot) =>
          `${slot.textContent}|${[...slot.classList].sort().join(' ')}|${(slot as HTMLElement).dataset['room'] ?? ''}`,
      ),
    );

test('the saved page replays the run from a file without any network, as the page itself shows it', async ({
  page,
  browser,
}, info) => {
  await open(page, { withoutModel: true });
  await takeAway(page, 'Page');
  const save = page.getByRole('dialog').getByRole('button', { name: /^Save the page \d+ kB/ });
  await expect(save).toBeEnabled();
  expect(await axeFindings(page, { within: 'dialog' })).toEqual([]);
  const file = info.outputPath('run.html');
  const [download] = await Promise.all([page.waitForEvent('download'), save.click()]);
  await download.saveAs(file);
  await page.keyboard.press('Escape');

  const replay = await fromFile(browser, file);
  const alone = replay.page;
  await expect(alone.locator('#step')).toHaveText('step 36 / 36');
  for (const step of [0, 1, 20, 36]) {
    await pauseAt(page, step);
    await textOf(page);
    await alone.locator('#seek').fill(String(step));
    await expect.poll(() => looks(alone), `step ${step}`).toEqual(await looks(page));
  }
  expect(await textOf(alone)).toBe(await textOf(page));

  await test.step('by keyboard: tokens, their alternatives, steps, play', async () => {
    await alone.locator('#canvas [tabindex="0"]').focus();
    // Past what was given.
    for (let i = 0; i < 12; i++) await alone.keyboard.press('ArrowRight');
    await expect(alone.locator('#canvas :focus')).toHaveAttribute(
      'aria-label',
      /^Slot 13: .*, written at step \d+, \d+%/,
    );
    await expect(alone.locator('#inspector .alternative')).toHaveCount(5);
    await expect(alone.locator('#inspector .chosen')).toHaveCount(1);
    await alone.keyboard.press(',');
    await expect(alone.locator('#step')).toHaveText('step 35 / 36');
    // One step is played to its end before anybody has looked at the button; thirty are not.
    await alone.keyboard.press('Space');
    await expect(alone.locator('#step')).toHaveText('step 36 / 36');
    await expect(alone.getByRole('button', { name: 'Play' })).toBeVisible();
    for (let i = 0; i < 30; i++) await alone.keyboard.press(',');
    await expect(alone.locator('#step')).toHaveText('step 6 / 36');
    await alone.keyboard.press('Space');
    await expect(alone.getByRole('button', { name: 'Pause' })).toBeVisible();
    await alone.keyboard.press('Space');
    await expect(alone.getByRole('button', { name: 'Play' })).toBeVisible();
  });
  await alone.getByText('Settings of this run').click();
  await expect(alone.locator('details')).toContainText('Surest first');
  expect(await axeFindings(alone)).toEqual([]);
  const dark = await fromFile(browser, file, { dark: true, width: 360 });
  expect(await axeFindings(dark.page)).toEqual([]);
  expect(await dark.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  expect([...replay.trouble, ...dark.trouble]).toEqual([]);

  await test.step('and it is a saved run, which opens again when it is dropped', async () => {
    await takeAway(page);
    const transfer = await page.evaluateHandle(
      (html) => {
        const data = new DataTransfer();
        data.items.add(new File([html], 'run.html', { type: 'text/html' }));
        return data;
      },
      readFileSync(file, 'utf8'),
    );
    await page.locator('.takeaway-open').dispatchEvent('drop', { dataTransfer: transfer });
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(source(page)).toContainText('Opened from a file');
  });
});

test('data goes out and comes back; what is no run is refused in words, and hostile words stay words', async ({
  page,
  browser,
}, info) => {
  await open(page, { withoutModel: true });
  const text = await textOf(page);
  const path = await saveRun(page);
  await takeAway(page);
  await openRun(page, { name: 'cat.json', mimeType: 'application/json', buffer: Buffer.from('{"a":1}') });
  await expect(page.getByRole('alert')).toContainText('cat.json This is not a trace.');
  await openRun(page, path);
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(source(page)).toContainText('Opened from a file');
  await expect.poll(() => textOf(page)).toBe(text);
  expect(readFileSync(await saveRun(page), 'utf8')).toBe(readFileSync(path, 'utf8'));

  const hostile = JSON.parse(readFileSync(path, 'utf8'));
  const evil = ' </script><img src=x onerror=alert(1)><script>alert(2)</script>';
  for (const id of Object.keys(hostile.pieces)) hostile.pieces[id] = evil;
  hostile.branches[0].settings.prompt = evil;
  hostile.branches[0].name = evil.slice(0, 60);
  // A branch that left after nine steps and wrote no more.
  hostile.branches.push({ id: 1, name: 'B', parent: 0, step: 9, settings: {}, edits: [], steps: [] });
  hostile.next = 2;
  await takeAway(page);
  await openRun(page, {
    name: 'evil.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(hostile)),
  });
  await takeAway(page, 'Page');
  await page.getByRole('dialog').getByRole('button', { name: 'All 2 branches' }).click();
  const file = info.outputPath('evil.html');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: /^Save the page \d+ kB/ }).click(),
  ]);
  await download.saveAs(file);
  const replay = await fromFile(browser, file);
  await expect(replay.page.locator('#canvas')).toContainText('<img src=x onerror=alert(1)>');
  await expect(replay.page.locator('h1')).toContainText('</script>');
  expect(await replay.page.locator('img').count()).toBe(0);
  await replay.page.getByRole('combobox', { name: 'Branch' }).selectOption('B');
  await expect(replay.page.locator('#step')).toHaveText('step 9 / 9');
  expect(replay.trouble).toEqual([]);
});

test('a GIF is made, and can be cancelled; pictures are saved as they are shown', async ({ page }) => {
  await open(page, { withoutModel: true });
  await pauseAt(page, 20);
  await takeAway(page, 'Animation');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Width' }).selectOption('640');
  await expect(dialog).toContainText(/37 pictures, \d+\.\d s, 640 × \d+ pixels/);
  const make = dialog.getByRole('button', { name: 'Make the GIF' });
  await expect(make).toContainText(/about \d+ kB/);

  const cancelled = pressOnce(page, /./, 'Cancel');
  await make.click();
  await cancelled;
  await expect(make).toBeVisible();
  await expect(dialog.getByRole('progressbar')).toHaveCount(0);

  await make.click();
  const [gif, height] = [
    readFileSync(await saved(page, /^Save the GIF \d+ kB/)),
    Number(/640 × (\d+)/.exec((await dialog.textContent()) ?? '')?.[1]),
  ];
  // The browser's own decoder, which has nothing to do with the encoder.
  const decoded = await page.evaluate(async (base64) => {
    const data = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
    const decoder = new ImageDecoder({ data, type: 'image/gif' });
    await decoder.tracks.ready;
    const count = decoder.tracks.selectedTrack?.frameCount ?? 0;
    const canvas = new OffscreenCanvas(1, 1);
    const frames: { at: number[]; ink: number; milliseconds: number }[] = [];
    for (const frameIndex of [0, count - 1]) {
      const { image } = await decoder.decode({ frameIndex });
      [canvas.width, canvas.height] = [image.displayWidth, image.displayHeight];
      const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
      context.drawImage(image, 0, 0);
      const { data: pixels } = context.getImageData(0, 0, canvas.width, canvas.height);
      let ink = 0;
      // Of the sheet alone, without the time line.
      for (let i = 0; i < pixels.length * 0.7; i += 4) if ((pixels[i] as number) < 120) ink++;
      frames.push({ at: [...pixels.slice(0, 3)], ink, milliseconds: (image.duration ?? 0) / 1000 });
    }
    return { count, size: [canvas.width, canvas.height], frames };
  }, gif.toString('base64'));
  expect(decoded.count).toBe(37);
  expect(decoded.size).toEqual([640, height]);
  const [first, last] = decoded.frames;
  // The paper, exactly; and words where masks were.
  expect([first?.at, last?.at]).toEqual([
    [0xfb, 0xfa, 0xf6],
    [0xfb, 0xfa, 0xf6],
  ]);
  expect(last?.ink).toBeGreaterThan(2 * (first?.ink ?? 0));
  expect([first?.milliseconds, last?.milliseconds]).toEqual([700, 3000]);

  await dialog.getByText('Picture', { exact: true }).click();
  await expect(dialog).toContainText('step 20 / 36');
  const svg = readFileSync(await saved(page, /^SVG \d+ kB/), 'utf8');
  const read = await page.evaluate((text) => {
    const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
    const words = [...parsed.querySelectorAll('text')].map((one) => one.textContent);
    return { broken: parsed.querySelectorAll('parsererror, foreignObject, script').length, words };
  }, svg);
  const shown = await page.locator('.canvas .slot:not(.mask)').allTextContents();
  expect(read.broken).toBe(0);
  expect(read.words.slice(0, shown.length)).toEqual(shown);
  expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/);
  const png = readFileSync(await saved(page, /^PNG \d+ kB/));
  const [width = 0, tall = 0] = /width="(\d+)" height="(\d+)"/.exec(svg)?.slice(1).map(Number) ?? [];
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * width, 2 * tall]);

  await dialog.getByText('Code', { exact: true }).click();
  await expect(dialog.getByRole('region', { name: 'TypeScript' })).toContainText('seed: 36');
  await dialog.getByRole('button', { name: 'Command line' }).click();
  await expect(dialog.getByRole('region', { name: 'Command line' })).toContainText("npm run generate -- --link 'http");
});
