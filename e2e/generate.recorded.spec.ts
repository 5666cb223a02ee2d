/** What works before any weight has arrived: the recorded run, its time line, its tokens, and the settings. */
import { expect, test } from '@playwright/test';
import { open, painted, pauseAt, slots, source, timeLine } from './journey.ts';

test('a recorded run plays at first paint, before the model is there, and says what it is', async ({ page }) => {
  await open(page, { withoutModel: true });
  await expect(source(page)).toContainText('Recorded run');
  await expect(timeLine(page)).not.toHaveAttribute('aria-valuenow', '0');
  await expect(page.locator('.chip.model')).not.toContainText('parameters');
});

test('the time line scrubs by key and by pointer, and the canvas follows', async ({ page }) => {
  await open(page, { withoutModel: true });
  await pauseAt(page, 3);
  const early = await page.locator('.canvas .mask').count();
  await page.keyboard.press('End');
  await expect(page.locator('.canvas .mask')).toHaveCount(0);
  const box = await timeLine(page).boundingBox();
  if (!box) throw new Error('no time line');
  await page.mouse.move(box.x + box.width * 0.9, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.25, box.y + 20, { steps: 4 });
  await page.mouse.up();
  await expect(page.locator('.canvas .mask').first()).toBeVisible();
  expect(await page.locator('.canvas .mask').count()).toBeLessThan(early);
  await timeLine(page).focus();
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  await expect(timeLine(page)).toHaveAttribute('aria-valuetext', /step \d+ of \d+, \d+% revealed/);
});

test('prose does not move while a finished run is scrubbed', async ({ page }) => {
  await open(page, { withoutModel: true });
  await page.evaluate(() => document.fonts.ready);
  const places = () =>
    page.$$eval('.canvas [data-slot]', (all) =>
      all.map((one) => `${Math.round(one.getBoundingClientRect().x)},${Math.round(one.getBoundingClientRect().y)}`),
    );
  await pauseAt(page, 0);
  const masked = await places();
  await page.keyboard.press('End');
  await expect(page.locator('.canvas .mask')).toHaveCount(0);
  expect(await places()).toEqual(masked);
});

test('everything about a token is reached with the keyboard alone', async ({ page }) => {
  await open(page, { withoutModel: true });
  await pauseAt(page, 6);
  await page.locator('.skip').focus();
  await page.keyboard.press('Enter');
  await expect(slots(page).first()).toBeFocused();
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  const slot = page.locator('.canvas :focus');
  await expect(slot).toHaveAttribute('aria-label', /^Slot \d+: /);
  await expect(slot).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(page.locator('.acts button').first()).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(slot).toBeFocused();
  // Masked or written, Delete leaves a mask, and undo takes that back.
  await page.keyboard.press('End');
  const changed = page.locator('.canvas .mask.again');
  for (let tries = 0; tries < 80 && (await changed.count()) === 0; tries++) {
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Delete');
    await painted(page);
  }
  await expect(changed).toHaveCount(1);
  await expect(source(page)).toContainText('changed by hand');
  await page.keyboard.press('ControlOrMeta+z');
  await expect(changed).toHaveCount(0);
  await page.keyboard.press('v');
  await expect(page.locator('.canvas.grid')).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('the grid keeps the selection and every cell in its place', async ({ page }) => {
  await open(page, { withoutModel: true });
  await pauseAt(page, 5);
  await slots(page).nth(12).click();
  await page.getByRole('button', { name: 'Grid' }).click();
  await expect(slots(page).nth(12)).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('heading', { name: 'Slot 13' })).toBeVisible();
  // What has the focus is scrolled to, so that it is given before anything is measured.
  await timeLine(page).focus();
  const before = await slots(page).nth(40).boundingBox();
  await page.keyboard.press('End');
  expect(await slots(page).nth(40).boundingBox()).toEqual(before);
});

test('settings go into the address, come back with a reload, and a link is followed', async ({ page }) => {
  await open(page, { withoutModel: true });
  await page.getByLabel('Text to go on from').fill('The old owl');
  await page.getByRole('combobox', { name: 'Order' }).selectOption('entropy');
  await expect(page).toHaveURL(/prompt=The%20old%20owl.*sampler=entropy/);
  await page.reload();
  await expect(page.getByLabel('Text to go on from')).toHaveValue('The old owl');
  await page.goto('./');
  await expect(page.getByRole('combobox', { name: 'Order' })).toHaveValue('entropy');
  await page.evaluate(() => {
    location.hash = '#/generate?v=1&length=20&seed=7';
  });
  await expect(page.getByRole('spinbutton', { name: 'Length' })).toHaveValue('20');
  await expect(source(page)).toContainText('Linked settings');
});

test('a link that cannot be read in part says so in a sentence and keeps the rest', async ({ page }) => {
  await open(page, { withoutModel: true, link: 'length=minus&temperature=0.3' });
  await expect(page.locator('.notice')).toContainText('length must be a whole number from 1 to 1024');
  await expect(page.getByRole('spinbutton', { name: 'Temperature' })).toHaveValue('0.3');
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.locator('.notice')).toHaveCount(0);
});

test('with reduced motion nothing plays by itself and nothing fades', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, { withoutModel: true });
  await expect(page.locator('.canvas .mask')).toHaveCount(0);
  const fades = await page
    .locator('.canvas .now')
    .first()
    .evaluate((one) => getComputedStyle(one).animationName);
  expect(fades).toBe('none');
});
