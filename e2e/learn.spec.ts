/** Journeys through the Learn view: a chapter by keyboard alone, with predictions that the model answers; and all others. */
import { expect, type Locator, type Page, test } from '@playwright/test';
import { axeFindings } from './axe.ts';
import { painted, sideways } from './journey.ts';

const sheet = (page: Page) => page.locator('.learn-sheet');
const told = (page: Page) => page.locator('.learn-told');
const title = (page: Page, name: string) => page.getByRole('heading', { level: 2, name });

async function open(page: Page, place: string): Promise<void> {
  await page.goto(`./?backend=fallback#/learn?${place}`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
}

/** The model is here and has done what the page asks of it at once. */
async function settled(page: Page): Promise<void> {
  // Of texts that are edited the token that begins them is not shown.
  await expect(sheet(page).locator('.slot:visible, textarea').first()).toBeVisible();
  await expect(sheet(page)).toHaveAttribute('aria-busy', 'false');
}

/** Presses Tab until the focus is there. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let pressed = 0; pressed < 40; pressed++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('Tab does not get there');
}

async function press(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeEnabled();
  await tabTo(page, target);
  await page.keyboard.press('Enter');
}

const next = (page: Page) => press(page, page.getByRole('link', { name: /^Next/ }));

test('a chapter by keyboard alone: predictions, and what the model really says', async ({ page }) => {
  await open(page, 'chapter=1');
  await settled(page);
  // A marked word points at what it names.
  await tabTo(page, page.getByRole('button', { name: 'hatched block' }));
  await expect(sheet(page).locator('.slot.mask[data-picked]')).toHaveCount(1);
  await next(page);

  await expect(title(page, 'What will it say?')).toBeFocused();
  const options = page.getByRole('radio');
  await expect(options).toHaveCount(4);
  await expect(sheet(page).locator('.slot.mask')).toHaveCount(1);
  await tabTo(page, options.first());
  await page.keyboard.press('ArrowDown');
  const guess = await page.locator('.learn-option', { has: page.locator('input:checked') }).innerText();
  await press(page, page.getByRole('button', { name: 'Let the model answer' }));
  await expect(told(page)).toBeVisible();
  // Whatever the model says, the sentence, the canvas and the verdict agree.
  await painted(page);
  const word = await sheet(page).locator('.slot.now').innerText();
  await expect(told(page)).toContainText(`“${word}”`);
  await expect(told(page)).toContainText(word === guess.trim() ? 'You were right.' : 'Not this time.');
  await expect(page.getByRole('status').filter({ hasText: `“${word}”` })).toHaveCount(1);
  await next(page);

  await expect(page.locator('.learn-bars .word').first()).toHaveText(word);
  await next(page);

  // Another word to the right of the gap, another answer; and back again, which says what it changed.
  await press(page, page.getByRole('button', { name: 'Show me without guessing' }));
  await expect(told(page)).toBeVisible();
  await expect(told(page).getByText(/^(You were right|Not this time)/)).toHaveCount(0);
  await painted(page);
  const other = await sheet(page).locator('.slot.now').innerText();
  expect(other).not.toBe(word);
  await press(page, page.getByRole('button', { name: '… to drive it' }));
  await expect(page.getByText('Changed: another text').first()).toBeVisible();
  await expect(sheet(page).locator('.slot.now')).toHaveText(word);
  await press(page, page.getByRole('button', { name: 'Undo' }));
  await expect(sheet(page).locator('.slot.now')).toHaveText(other);
  await next(page);

  // Hiding a word on the canvas.
  const bars = page.locator('.learn-bars li');
  await expect(bars).toHaveCount(1);
  await tabTo(page, sheet(page).getByRole('option').first());
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(bars).toHaveCount(2);
  await next(page);

  await expect(title(page, 'How BERT learnt')).toBeFocused();
  await expect(page.getByText('arXiv 1810.04805')).toBeVisible();
  await next(page);
  await expect(page).toHaveURL(/chapter=2$/);
  await expect(title(page, 'Fifteen per cent')).toBeVisible();
  // The place is remembered.
  await page.goto('about:blank');
  await page.goto('./?backend=fallback#/learn');
  await expect(title(page, 'Fifteen per cent')).toBeVisible();
});

test('every chapter opens, fits a phone, and axe finds nothing in both themes', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, 'chapter=2');
  for (const place of ['2', '3', '4&beat=2', '5', '6', '7', '8', '9']) {
    await page.evaluate((query) => {
      location.hash = `#/learn?chapter=${query}`;
    }, place);
    await expect(page.getByRole('navigation', { name: 'Chapters' }).locator('[aria-current]')).toContainText(
      place.slice(0, 1),
    );
    await settled(page);
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 360],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      expect(await axeFindings(page), place).toEqual([]);
      await expect.poll(() => sideways(page), place).toBeLessThanOrEqual(0);
    }
  }
});

test('the time hides and uncovers the story, and a curve that stays high hides more', async ({ page }) => {
  await open(page, 'chapter=3&beat=2');
  await settled(page);
  await expect(sheet(page).locator('.slot.mask')).toHaveCount(0);
  await page.getByRole('radio', { name: 'Clearly less than half' }).check();
  await page.getByRole('button', { name: 'Let the model answer' }).click();
  await expect(told(page)).toContainText('Not this time.');
  await painted(page);
  const hidden = await sheet(page).locator('.slot.mask').count();
  await expect(told(page)).toContainText(new RegExp(`\\b${hidden} of `));
  await page.getByRole('combobox', { name: 'Schedule' }).selectOption('square');
  await expect.poll(() => sheet(page).locator('.slot.mask').count()).toBeLessThan(hidden);
  await expect(page.getByText('Changed: Schedule: Cosine → Square').first()).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(sheet(page).locator('.slot.mask')).toHaveCount(hidden);
});

test('blocks: the last one is read alone, which the chapter asks before it shows', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, 'chapter=8&beat=2');
  await settled(page);
  // Four blocks of eight gaps.
  await expect(sheet(page).locator('[data-edge]')).toHaveCount(4);
  await page.getByRole('radio', { name: 'About the block itself' }).check();
  await page.getByRole('button', { name: 'Let the model answer' }).click();
  await expect(told(page)).toContainText('You were right.');
  await expect(told(page)).toContainText(/\d+ rows, with a block of 8 and a text of \d+ tokens/);
  await expect(sheet(page).locator('.slot.mask')).toHaveCount(0);
});

test('edits: recorded runs need no model, are asked about before they are shown, and lead to a text of one’s own', async ({
  page,
}) => {
  await page.route('**/models/**', () => undefined);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, 'chapter=9');
  await settled(page);
  await page.getByRole('radio', { name: 'An insertion' }).check();
  await page.getByRole('button', { name: 'Let the model answer' }).click();
  await page.getByText(/^Edits so far: \d+/).click();
  // The latest stands first.
  const last = await page.locator('.edit-log li').first().innerText();
  await expect(told(page)).toContainText(last.includes('came in') ? 'You were right.' : 'Not this time.');
  await expect(told(page)).toContainText(/At step \d+/);

  await page.getByRole('link', { name: /^Next/ }).click();
  await expect(title(page, 'Sure ones, or by chance')).toBeVisible();
  await settled(page);
  await page.getByRole('button', { name: 'Show me without guessing' }).click();
  await expect(told(page)).toContainText(/\d+ of \d+ tokens stand as they were typed, after \d+ edits/);
  const steps = page.getByText(/^step \d+ \/ \d+$/);
  const leaps = await steps.innerText();
  await page.getByRole('button', { name: 'Sure ones only' }).click();
  await expect(steps).not.toHaveText(leaps);
  await page.getByRole('button', { name: 'By leaps' }).click();
  await expect(steps).toHaveText(leaps);
  await page.getByRole('link', { name: /^Next/ }).click();
  await expect(page.getByRole('link', { name: 'Repair a text of your own in Generate' })).toHaveAttribute(
    'href',
    /mode=edit.*model=stories-edit|model=stories-edit.*mode=edit/,
  );
});
