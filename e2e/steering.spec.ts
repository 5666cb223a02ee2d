/** Steering: branches, two of them side by side, brushes, spans, undo, files, and explanations, with the shipped model. */
import { expect, type Locator, type Page, test } from '@playwright/test';
import { axeInBothThemes, NOTHING } from './axe.ts';
import {
  finished,
  masks,
  modelReady,
  open,
  openRun,
  pauseAt,
  saveRun,
  slots,
  somethingElse,
  source,
  takeAway,
  textOf,
  timeLine,
} from './journey.ts';

const LINK = 'length=24&steps=12&seed=5';
const branches = (page: Page) => page.getByRole('list', { name: 'Branches' }).getByRole('button');
const branch = (page: Page, name: string) => branches(page).filter({ hasText: new RegExp(`^${name}`) });
const status = (page: Page) => page.locator('.difference p');

/** A run on the processor: the fastest way that every machine has. */
async function write(page: Page): Promise<void> {
  await open(page, { backend: 'fallback', link: LINK });
  await modelReady(page);
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(source(page)).toContainText('Live on');
  await finished(page);
}

async function drag(page: Page, from: Locator, to: Locator): Promise<void> {
  const [a, b] = [await from.boundingBox(), await to.boundingBox()];
  if (!a || !b) throw new Error('a slot is not on screen');
  await page.mouse.move(a.x + a.width / 2, a.y + a.height / 2);
  await page.mouse.down();
  await page.mouse.move(b.x + b.width / 2, b.y + b.height / 2, { steps: 3 });
  await page.mouse.up();
}

async function expectNoFindings(page: Page): Promise<void> {
  expect(await axeInBothThemes(page)).toEqual(NOTHING);
}

test('branch, compare, paint masks, undo, delete, save, reload', async ({ page }) => {
  await write(page);
  const first = await textOf(page);

  await test.step('a branch from step 5 keeps the steps before it and the text it left', async () => {
    await pauseAt(page, 5);
    const early = await textOf(page);
    await page.getByRole('button', { name: 'Branch here' }).click();
    await finished(page);
    await expect(branch(page, 'B')).toHaveAttribute('aria-current', 'true');
    await expect(branch(page, 'B')).toContainText('from A, step 5');
    await expect(masks(page)).toHaveCount(0);
    expect(await textOf(page)).not.toBe(first);
    await pauseAt(page, 5);
    await expect.poll(() => textOf(page)).toBe(early);
    await page.keyboard.press('End');
  });

  await test.step('the two stand side by side; as many slots are marked on both sides as the sentence says', async () => {
    await page.keyboard.press('c');
    await expect(status(page)).toContainText('They share the first 5 steps');
    const marked = page.locator('#text [data-differs]');
    await expect(status(page)).toContainText(/\d+ of 28 tokens written in both differ/);
    const count = Number(/(\d+) of 28 tokens/.exec(await status(page).innerText())?.[1]);
    expect(count).toBeGreaterThan(0);
    await expect(marked).toHaveCount(count);
    await expect(page.locator('.sheet.other [data-differs]')).toHaveCount(count);
    await page.locator('.difference').getByRole('button', { name: 'Swap' }).click();
    await expect(branch(page, 'A')).toHaveAttribute('aria-current', 'true');
    await expect(status(page)).toContainText(`${count} of 28 tokens`);
    await pauseAt(page, 4);
    await expect(marked).toHaveCount(0);
    await page.keyboard.press('End');
    await page.locator('.difference').getByRole('button', { name: 'Close' }).click();
    await expect(page.locator('.sheet.other')).toHaveCount(0);
    await expect.poll(() => textOf(page)).toBe(first);
  });

  await test.step('a stroke that rubs out is written anew, again on demand; the rest stays; each is one undo', async () => {
    await page.keyboard.press('m');
    await drag(page, slots(page).nth(6), slots(page).nth(10));
    await finished(page);
    await page.keyboard.press('Escape');
    await expect(masks(page)).toHaveCount(0);
    const others = async () => (await slots(page).allTextContents()).filter((_, slot) => slot < 6 || slot > 10);
    const kept = await others();
    await somethingElse(page).click();
    await finished(page);
    await expect(masks(page)).toHaveCount(0);
    await expect.poll(others).toEqual(kept);
    await page.keyboard.press('ControlOrMeta+z');
    await page.keyboard.press('ControlOrMeta+z');
    await page.keyboard.press('End');
    await expect.poll(() => textOf(page)).toBe(first);
  });

  await test.step('a span is kept by keyboard alone, in grid as in prose', async () => {
    await page.getByRole('button', { name: 'Grid' }).click();
    await slots(page).nth(12).focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await expect(page.getByRole('heading', { name: 'Slots 13 to 15' })).toBeVisible();
    await page.keyboard.press('k');
    await expect(page.locator('.canvas .pinned')).toHaveCount(3);
    await page.getByRole('button', { name: 'Prose' }).click();
    await page.keyboard.press('ControlOrMeta+z');
    await expect(page.locator('.canvas .pinned')).toHaveCount(0);
  });

  await test.step('a change in the past is a branch; deleted, undo brings it back; it has a name', async () => {
    await pauseAt(page, 7);
    await page.locator('.canvas .slot:not(.mask):not(.given)').first().click();
    await page.keyboard.press('k');
    await expect(branches(page)).toHaveCount(3);
    await page.getByRole('button', { name: 'Delete this branch' }).click();
    await expect(branches(page)).toHaveCount(2);
    await page.keyboard.press('ControlOrMeta+z');
    await expect(branches(page)).toHaveCount(3);
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByLabel('Name of the branch').fill('with a kept word');
    await page.keyboard.press('Enter');
    await expect(branch(page, 'with a kept word')).toHaveAttribute('aria-current', 'true');
  });

  const path = await saveRun(page);

  await test.step('after a reload the branches are there, and so is undo', async () => {
    await page.reload();
    await expect(source(page)).toContainText('Your last run');
    await expect(branches(page)).toHaveCount(3);
    await expect(branch(page, 'with a kept word')).toHaveAttribute('aria-current', 'true');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(branch(page, 'C')).toHaveAttribute('aria-current', 'true');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(branches(page)).toHaveCount(2);
    await branch(page, 'A').click();
    await page.getByRole('slider', { name: 'Time line' }).focus();
    await page.keyboard.press('End');
    await expect.poll(() => textOf(page)).toBe(first);
  });

  await test.step('the saved file brings the branches to an empty page', async () => {
    await page.evaluate(() => indexedDB.deleteDatabase('unmask'));
    await page.goto('about:blank');
    await open(page, { withoutModel: true });
    await takeAway(page);
    await openRun(page, path);
    await expect(source(page)).toContainText('Opened from a file');
    await expect(branches(page)).toHaveCount(3);
    await branch(page, 'A').click();
    await timeLine(page).focus();
    await page.keyboard.press('End');
    await expect.poll(() => textOf(page)).toBe(first);
  });
});

test('a file of the first format, without branches, opens', async ({ page }) => {
  await open(page, { withoutModel: true });
  await takeAway(page);
  await openRun(page, 'src/diffusion/testing/trace-v1.json');
  await expect(source(page)).toContainText('Opened from a file');
  await expect(slots(page)).toHaveCount(8);
  await expect(timeLine(page)).toHaveAttribute('aria-valuenow', '3');
});

test('another text beside this one, of another length, is compared by what they have in common', async ({ page }) => {
  await write(page);
  await page.getByRole('spinbutton', { name: 'Length' }).fill('16');
  await page.getByRole('button', { name: 'Another beside' }).click();
  await finished(page);
  await expect(slots(page)).toHaveCount(20);
  await expect(status(page)).toContainText(/\d+ tokens? in common, in the same order; \d+ only in B, \d+ only in A/);
});

test('an order drawn on the canvas is the order the next run writes in', async ({ page }) => {
  await write(page);
  await page.getByRole('button', { name: 'Order', exact: true }).click();
  await drag(page, slots(page).nth(12), slots(page).nth(9));
  await expect(page.getByLabel('Drawn order', { exact: true })).toHaveValue('8-5');
  await expect(page).toHaveURL(/sampler=order.*pattern=drawn.*order=8-5/);
  await page.keyboard.press('Escape');
  await page.getByRole('spinbutton', { name: 'Steps' }).fill('24');
  await page.getByText('More settings').click();
  await page.getByRole('spinbutton', { name: 'Block' }).fill('0');
  await page.getByRole('button', { name: /^Generate/ }).click();
  await finished(page);
  await pauseAt(page, 2);
  const written = page.locator('.canvas .slot:not(.mask):not(.given)');
  expect(await written.evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.slot))).toEqual(['11', '12']);
});

test('a finger paints masks; with the pointer in hand it scrolls', async ({ page }) => {
  await open(page, { withoutModel: true });
  await timeLine(page).focus();
  await page.keyboard.press('End');
  const touch = await page.context().newCDPSession(page);
  const stroke = async (from: Locator, to: Locator) => {
    const [a, b] = [await from.boundingBox(), await to.boundingBox()];
    if (!a || !b) throw new Error('a slot is not on screen');
    const at = (box: typeof a) => [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }];
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(a) });
    await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(b) });
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  };
  await stroke(slots(page).nth(6), slots(page).nth(9));
  await expect(page.locator('.canvas [data-picked]')).toHaveCount(0);
  await page.getByRole('button', { name: 'Rub out' }).click();
  await stroke(slots(page).nth(6), slots(page).nth(9));
  await expect(page.locator('.canvas .mask.again')).toHaveCount(4);
  // Rubbed out of a finished text, they wait for the model; here it never comes.
  await page.getByRole('button', { name: /^Waiting for the model/ }).click();
  await page.getByRole('button', { name: 'Put down' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(masks(page)).toHaveCount(0);
});

test('an explanation unfolds beside its control, by keyboard', async ({ page }) => {
  await open(page, { withoutModel: true });
  await page.getByRole('button', { name: 'About Temperature' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('.explain')).toContainText('before a token is drawn');
  await expect(page.locator('.explain').getByRole('img')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.locator('.explain')).toHaveCount(0);
});

test('axe finds nothing while steering, in either theme', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await write(page);
  await pauseAt(page, 6);
  await page.keyboard.press('b');
  await finished(page);
  await page.keyboard.press('c');
  await page.getByRole('button', { name: 'About Order' }).click();
  await expect(page.locator('.explain').getByRole('img')).toBeVisible();
  await expectNoFindings(page);
  await page.keyboard.press('c');
  await page.getByRole('button', { name: 'Order', exact: true }).click();
  await drag(page, slots(page).nth(6), slots(page).nth(9));
  await expectNoFindings(page);
  await page.keyboard.press('Escape');
  await slots(page).nth(6).click();
  await page.keyboard.press('Shift+ArrowRight');
  await expectNoFindings(page);
});
