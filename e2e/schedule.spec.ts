/** Journeys through the Schedule view: the sentence, the curves, a curve drawn by keyboard, the link, and the live model. */
import { expect, type Page, test } from '@playwright/test';
import { axeInBothThemes, NOTHING } from './axe.ts';
import { sideways } from './journey.ts';

const heading = (page: Page) => page.getByRole('heading', { name: 'Schedules', level: 1 });
const part = (page: Page, name: string) => page.getByRole('region', { name });
const hidden = (page: Page) => part(page, 'Hide a sentence').locator('.slot.mask');
const slider = (page: Page) => part(page, 'Hide a sentence').getByRole('slider', { name: 'Time t' });

async function open(page: Page, { link = '', withoutModel = false, backend = '' } = {}): Promise<void> {
  if (withoutModel) await page.route('**/models/**', () => undefined);
  await page.goto(`./${backend && `?backend=${backend}`}#/schedule${link && `?v=1&${link}`}`);
  await expect(heading(page)).toBeVisible();
}

test('the slider hides and uncovers the sentence one token after the other, before any model is there', async ({
  page,
}) => {
  await open(page, { withoutModel: true });
  await slider(page).focus();
  await page.keyboard.press('Home');
  await expect(hidden(page)).toHaveCount(0);
  let before = 0;
  for (let i = 0; i < 10; i++) {
    for (let step = 0; step < 10; step++) await page.keyboard.press('ArrowRight');
    const now = await hidden(page).count();
    expect(now).toBeGreaterThanOrEqual(before);
    before = now;
  }
  await expect(hidden(page)).toHaveCount(40);
  await expect(page.locator('[data-rate="actual"]')).toHaveText('100%');
  // Another schedule at the same time, another rate; the same seed, so the tokens that stay were last before too.
  await page.keyboard.press('Home');
  for (let step = 0; step < 5; step++) await page.keyboard.press('PageUp');
  await expect(page.locator('[data-rate="expected"]')).toHaveText('50%');
  const linear = await hidden(page).count();
  await page.getByRole('button', { name: /^Cosine, p/ }).click();
  await expect(page.locator('[data-rate="expected"]')).toHaveText('71%');
  await expect.poll(() => hidden(page).count()).toBeGreaterThan(linear);
  await part(page, 'Hide a sentence').getByText('As a table').click();
  await expect(part(page, 'Hide a sentence').getByRole('rowheader')).toHaveCount(40);
});

test('another seed is another draw, and the address brings all of it back', async ({ page }) => {
  await open(page, { withoutModel: true, link: 'schedule=square-root&seed=7&t=0.25&curves=weight' });
  await expect(page.locator('[data-rate="expected"]')).toHaveText('50%');
  await expect(page.getByRole('button', { name: 'Loss weight' })).toHaveAttribute('aria-pressed', 'true');
  const drawn = () => part(page, 'Hide a sentence').locator('.words').innerHTML();
  const first = await drawn();
  await page.getByRole('button', { name: 'Roll a new seed' }).click();
  await expect.poll(drawn).not.toBe(first);
  const second = await drawn();
  await expect(page).not.toHaveURL(/seed=7&/);
  await page.reload();
  await expect.poll(drawn).toBe(second);
  await expect(page.getByRole('slider', { name: 'Loss weight of all schedules over time' })).toHaveAttribute(
    'aria-valuenow',
    '0.25',
  );
});

test('a curve drawn with the keyboard is the schedule here and in Generate, can be undone, and travels in the link', async ({
  page,
}) => {
  await open(page, { withoutModel: true });
  const points = part(page, 'Draw your own').getByRole('slider');
  await expect(points).toHaveCount(2);
  await points.first().focus();
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('ArrowRight');
  await expect(points.first()).toHaveAttribute('aria-valuetext', 't = 0.26, mask rate 30%');
  await expect(page.getByRole('button', { name: /^Drawn, p/ })).toHaveAttribute('aria-pressed', 'true');
  // A point cannot be pushed below the one before it, nor past its neighbour.
  await points.last().focus();
  for (let i = 0; i < 8; i++) await page.keyboard.press('Shift+ArrowDown');
  await expect(points.last()).toHaveAttribute('aria-valuetext', 't = 0.75, mask rate 30%');
  // Presses that changed nothing need no undoing.
  await page.keyboard.press('Control+z');
  await expect(points.last()).toHaveAttribute('aria-valuetext', 't = 0.75, mask rate 40%');
  for (let i = 0; i < 2; i++) await page.keyboard.press('Control+z');
  await expect(points.last()).toHaveAttribute('aria-valuetext', 't = 0.75, mask rate 60%');
  await page.getByRole('button', { name: 'Add a point' }).click();
  await expect(points).toHaveCount(3);
  await points.nth(1).focus();
  await page.keyboard.press('Delete');
  await expect(points).toHaveCount(2);
  await expect(page).toHaveURL(/schedule=drawn&curve=260-300_750-600/);
  const address = page.url();
  await page.goto('about:blank');
  await page.goto(address);
  await expect(points.first()).toHaveAttribute('aria-valuetext', 't = 0.26, mask rate 30%');
  await page.getByRole('navigation').getByRole('link', { name: 'Generate' }).click();
  await expect(page.getByRole('combobox', { name: 'Schedule' })).toHaveValue('drawn');
});

test('numbers can be typed, and what cannot be a schedule is refused in words', async ({ page }) => {
  await open(page, { withoutModel: true, link: 'schedule=drawn&curve=250-400_750-600' });
  const drawing = part(page, 'Draw your own');
  await drawing.getByText('The points as a table').click();
  await drawing.getByRole('textbox', { name: 'p of point 1' }).fill('0.9');
  await expect(drawing.getByText('Not used: the mask rate must never fall')).toBeVisible();
  await drawing.getByRole('textbox', { name: 'p of point 1' }).fill('0.55');
  await expect(page).toHaveURL(/curve=250-550_750-600/);
});

test('a stroke of the pointer becomes a curve that never falls', async ({ page }) => {
  await open(page, { withoutModel: true });
  const ground = part(page, 'Draw your own').locator('.pad-ground');
  await ground.scrollIntoViewIfNeeded();
  const box = await ground.boundingBox();
  if (!box) throw new Error('the sheet is not drawn');
  const at = (t: number, p: number) => [box.x + t * box.width, box.y + (1 - p) * box.height] as const;
  await page.mouse.move(...at(0.02, 0.1));
  await page.mouse.down();
  for (let i = 1; i <= 24; i++) await page.mouse.move(...at(0.02 + i * 0.04, 0.1 + 0.8 * Math.sin((i / 24) * 2) ** 2));
  await page.mouse.up();
  await expect(part(page, 'Draw your own').getByRole('slider')).toHaveCount(9);
  await expect(page).toHaveURL(/schedule=drawn&curve=(\d+-\d+_){8}\d+-\d+/);
});

test('the curves are read with arrow keys, the times point by point', async ({ page }) => {
  await open(page, { withoutModel: true });
  const plot = page.getByRole('slider', { name: 'Mask rate of all schedules over time' });
  await plot.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('PageUp');
  await expect(plot).toHaveAttribute('aria-valuetext', /^At t = 0\.10: .*Linear 10%/);
  const first = page.getByRole('img', { name: /^independent, batch 1: t = / }).first();
  await first.focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('.figure-readout').first()).toContainText('low-discrepancy, batch');
});

test('the live model: guesses, two cosines, and a measurement that can be stopped', async ({ page }) => {
  await open(page, { backend: 'fallback', link: 't=0.3' });
  await part(page, 'Hide a sentence')
    .getByRole('textbox', { name: 'Your sentence' })
    .fill('The cat sat on the mat and looked at the moon.');
  await expect(part(page, 'Hide a sentence').locator('.words .slot').last()).toHaveText('.');
  await page.getByRole('checkbox', { name: 'What would the model put there?' }).check();
  await expect(part(page, 'Hide a sentence').locator('.slot.now').first()).toBeVisible();
  await page.getByRole('button', { name: 'Write with both' }).click();
  await expect(page.getByRole('button', { name: 'Write with both' })).toBeVisible();
  const texts = part(page, 'Two cosines').locator('.words');
  await expect(texts).toHaveCount(2);
  await expect(part(page, 'Two cosines').locator('.slot.mask')).toHaveCount(0);
  await part(page, 'Two cosines').getByRole('slider', { name: 'Time, for both' }).focus();
  await page.keyboard.press('Home');
  for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowRight');
  // Half-way, sin(π/4) of 32 tokens are still masked, and 1 − cos(π/4) of them.
  await expect(texts.first().locator('.slot.mask')).toHaveCount(23);
  await expect(texts.last().locator('.slot.mask')).toHaveCount(10);
  const nelbo = part(page, 'One value, many variances');
  await nelbo.getByRole('button', { name: 'Measure on your sentence' }).click();
  await expect(nelbo.getByText('Measured here')).toBeVisible();
  await nelbo.getByRole('button', { name: 'Stop' }).click();
  await expect(nelbo.getByRole('button', { name: 'Show the numbers measured beforehand' })).toBeVisible();
});

test('axe finds nothing in either theme, and nothing scrolls sideways at any width', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, { withoutModel: true });
  await page.getByText('The points as a table').click();
  for (const width of [360, 390, 768, 1280]) {
    await page.setViewportSize({ width, height: 850 });
    await expect.poll(() => sideways(page), `${width} pixels`).toBeLessThanOrEqual(0);
    if (width !== 390 && width !== 1280) continue;
    expect(await axeInBothThemes(page), `${width} pixels`).toEqual(NOTHING);
  }
});
