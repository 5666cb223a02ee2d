/** The steps that journeys through the Generate view share. */
import { expect, type Locator, type Page } from '@playwright/test';

interface Opening {
  /** The settings of the link, without `v=1&`. */
  readonly link?: string;
  readonly backend?: 'webgpu' | 'fallback';
  /** Keeps the model's files from ever arriving, for journeys that need only the recorded run. */
  readonly withoutModel?: boolean;
}

export async function open(page: Page, { link, backend, withoutModel = false }: Opening = {}): Promise<void> {
  if (withoutModel) await page.route('**/models/**', () => undefined);
  const query = backend ? `?backend=${backend}` : '';
  await page.goto(`./${query}${link === undefined ? '' : `#/generate?v=1&${link}`}`);
  // Where a question is awaited, nothing stands on the sheet before it is answered.
  if (!link?.includes('mode=chat')) await expect(slots(page).first()).toBeVisible();
}

export const slots = (page: Page) => page.getByRole('listbox', { name: 'Token canvas' }).getByRole('option');
export const masks = (page: Page) => page.locator('.canvas .mask');
export const timeLine = (page: Page) => page.getByRole('slider', { name: 'Time line' });
/** Writes what was rubbed out last once more; beside a token, a button of that name is for this one alone. */
export const somethingElse = (page: Page) =>
  page.getByRole('region', { name: 'Generate' }).getByRole('button', { name: 'Something else' });
export const source = (page: Page) => page.locator('.source');

/** Waits until what is due has been painted: a canvas is drawn in the frame after everything else that the page says. */
export async function painted(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/**
 * The text on the canvas, slot by slot with a space between, a box for each mask, once what is due has been painted. Of a
 * whole paragraph the browser leaves out the spaces at which its lines happen to break.
 */
export async function textOf(page: Page): Promise<string> {
  await painted(page);
  const texts = await page
    .locator('[data-slot]')
    .evaluateAll((all) => all.map((slot) => (slot.classList.contains('mask') ? '▢' : slot.textContent)));
  return texts.join(' ');
}

export async function modelReady(page: Page): Promise<void> {
  await expect(page.locator('.chip.model')).toContainText('parameters');
}

/** Shows the recorded run, paused at a step. */
export async function pauseAt(page: Page, step: number): Promise<void> {
  await timeLine(page).focus();
  await page.keyboard.press('Home');
  for (let made = 0; made < step; made++) await page.keyboard.press('ArrowRight');
  await expect(timeLine(page)).toHaveAttribute('aria-valuenow', String(step));
  await painted(page);
}

/** Waits until the run is over and has been played to its end. */
export async function finished(page: Page): Promise<void> {
  await expect(page.getByRole('button', { name: /^Generate/ })).toBeVisible({ timeout: 5 * 60_000 });
  await timeLine(page).focus();
  await page.keyboard.press('End');
  await painted(page);
}

/**
 * Presses a button in the frame in which `text` can be read on the page and the button is there. What it is to stop may be
 * over before whoever drives the browser, on a busy machine, has looked a second time.
 */
export const pressOnce = (page: Page, text: RegExp, button: string) =>
  page.evaluate(
    ([source, name]) =>
      new Promise<void>((pressed, failed) => {
        const begun = performance.now();
        const look = () => {
          const there = [...document.querySelectorAll('button')].find((one) => one.textContent === name);
          if (there && new RegExp(source).test(document.body.innerText)) {
            there.click();
            pressed();
          } else if (performance.now() - begun > 120_000) failed(new Error(`${name} is not there`));
          else requestAnimationFrame(look);
        };
        look();
      }),
    [text.source, button] as const,
  );

/** Waits until the run on screen, the first that is written here, would be there after a reload. */
export const remembered = (page: Page) =>
  expect
    .poll(() =>
      page.evaluate(async () => {
        if (!(await indexedDB.databases()).some(({ name }) => name === 'unmask')) return 0;
        return new Promise((resolve) => {
          const opening = indexedDB.open('unmask');
          opening.onsuccess = () => {
            const counting = opening.result.transaction('runs').objectStore('runs').count('last');
            counting.onsuccess = () => resolve(counting.result);
            opening.result.close();
          };
        });
      }),
    )
    .toBe(1);

/** Moves the clock of a race to its very end, once the whole race is over: a row of its table stands as soon as that run ended. */
export async function toTheEnd(page: Page): Promise<void> {
  const clock = page.getByRole('slider', { name: 'Elapsed time' });
  await expect(page.locator('.compare-go .busy')).toHaveCount(0);
  await expect(clock).toBeEnabled();
  await clock.press('End');
  for (const name of ['append: left to right', 'set: anywhere'])
    await expect(page.getByRole('region', { name, exact: true })).toContainText('finished');
}

/**
 * Pixels by which the page is wider than the window; at most 0 where nothing scrolls sideways. Figures are drawn for a new
 * width in the frame after, so that who has just resized the window polls it.
 */
export const sideways = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Saves the run on screen as data; returns where the file lies. */
export async function saveRun(page: Page): Promise<string> {
  await takeAway(page, 'Data and text');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save the run' }).click(),
  ]);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  return download.path();
}

/** Opens the dialog that a run is taken away with, at one of its kinds. */
export async function takeAway(page: Page, kind?: string): Promise<void> {
  await page.getByRole('button', { name: 'Export' }).click();
  if (kind) await page.getByRole('dialog').getByText(kind, { exact: true }).click();
}

/** Chooses a saved run in the dialog, which closes when it can be opened. */
export async function openRun(page: Page, file: Parameters<Locator['setInputFiles']>[0]): Promise<void> {
  await page.getByRole('dialog').locator('input[type=file]').setInputFiles(file);
}
