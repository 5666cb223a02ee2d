/** Links: the same text at the same step in another browser, a lesson that hides and locks, and links that are wrong. */
import { type Browser, expect, type Page, test } from '@playwright/test';
import { axeFindings } from './axe.ts';
import { finished, modelReady, open, pauseAt, slots, source, textOf, timeLine } from './journey.ts';

/** What "Copy link" and its menu would put on the clipboard. */
async function copied(page: Page, press: () => Promise<void>): Promise<string> {
  await page.evaluate(() => {
    const holder = window as unknown as { copied: string };
    holder.copied = '';
    navigator.clipboard.writeText = async (text) => {
      holder.copied = text;
    };
  });
  await press();
  return page.evaluate(() => (window as unknown as { copied: string }).copied);
}

async function elsewhere(browser: Browser, link: string, backend = 'fallback'): Promise<Page> {
  const page = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage();
  await page.goto(link.replace('#', `?backend=${backend}#`));
  return page;
}

test('a branch with a word by hand, at a step: another browser shows the same', async ({ page, browser }) => {
  await open(page, { backend: 'fallback', link: 'length=12&steps=6&seed=5' });
  await modelReady(page);
  await page.keyboard.press('ControlOrMeta+Enter');
  await finished(page);
  await pauseAt(page, 2);
  await page.locator('.canvas .mask').first().click();
  await page.keyboard.press('1');
  await expect(source(page)).toContainText('changed by hand');
  await page.getByRole('button', { name: 'Go on', exact: true }).click();
  await finished(page);
  const end = await textOf(page);
  await pauseAt(page, 4);
  const text = await textOf(page);
  const link = await copied(page, () => page.getByRole('button', { name: 'Copy link' }).click());
  await expect(page.locator('.copy-link')).toContainText('Copied, at step 4');
  expect(link).toMatch(/#\/generate\?v=3&.*step=4&edits=2-/);

  const other = await elsewhere(browser, link);
  await expect(timeLine(other)).toHaveAttribute('aria-valuenow', '4');
  await expect(source(other)).toContainText('Live on');
  await expect.poll(() => textOf(other)).toBe(text);
  await expect(other.getByRole('button', { name: /^Generate/ })).toBeVisible();
  await timeLine(other).focus();
  await other.keyboard.press('End');
  await expect.poll(() => textOf(other)).toBe(end);
  await other.context().close();
});

test('a teacher makes a lesson; it hides, locks, speaks, runs by itself, and can be left', async ({
  page,
  browser,
}) => {
  await open(page, { withoutModel: true, link: 'length=8&steps=4&temperature=0.5' });
  await page.getByRole('button', { name: 'More links' }).click();
  await page.getByRole('button', { name: 'For a class' }).click();
  const dialog = page.getByRole('dialog', { name: 'For a class' });
  const rule = (group: string, how: string) =>
    dialog.getByRole('group', { name: group, exact: true }).getByRole('button', { name: how }).click();
  await rule('Order', 'Hidden');
  await rule('Model', 'Hidden');
  await rule('Changes by hand', 'Hidden');
  await rule('Chance', 'Locked');
  await dialog.getByRole('group', { name: 'Locked, but for:' }).getByLabel('Seed').check();
  await dialog.getByLabel('Text above the canvas').fill('Which word comes first?\n<b>Guess.</b>');
  await dialog.getByLabel('Language').selectOption('zh-Hans');
  await dialog.getByLabel('The run starts by itself').check();
  await expect(dialog.getByRole('img', { name: 'QR code of the link' })).toBeVisible();
  await expect(dialog.getByText(/^This address reaches only this machine/)).toBeVisible();
  const link = await copied(page, () => dialog.getByRole('button', { name: 'Copy' }).click());
  await expect(dialog.getByRole('link', { name: 'Try it' })).toHaveAttribute('href', link);
  expect(await axeFindings(page)).toEqual([]);

  const other = await elsewhere(browser, link);
  await expect(other.locator('html')).toHaveAttribute('lang', 'zh-Hans');
  await expect(other.locator('.lesson-text')).toHaveText('Which word comes first?\n<b>Guess.</b>');
  await expect(other.getByRole('combobox', { name: '顺序' })).toHaveCount(0);
  await expect(other.locator('.chip.model')).toHaveCount(0);
  await expect(other.locator('.brushes')).toHaveCount(0);
  const temperature = other.getByRole('spinbutton', { name: '温度' });
  await expect(temperature).toBeDisabled();
  await expect(temperature).toHaveValue('0.5');
  await expect(temperature).toHaveAccessibleDescription(/本课已设定/);
  await expect(other.getByRole('textbox', { name: '种子' })).toBeEnabled();
  expect(await axeFindings(other)).toEqual([]);
  await expect(other.locator('.source')).toHaveAttribute('data-source', 'live');
  // Through another view and a reload the lesson stays, until it is left.
  await other.goto(`${other.url().split('#')[0]}#/schedule`);
  await other.reload();
  await expect(other.locator('.lesson-text')).toBeVisible();
  await other.goto(`${other.url().split('#')[0]}#/generate`);
  await other.getByRole('button', { name: '退出课堂模式' }).click();
  await expect(other.locator('.lesson')).toHaveCount(0);
  await expect(other.getByRole('combobox', { name: '顺序' })).toBeVisible();
  await expect(temperature).toBeEnabled();
  await other.reload();
  await expect(slots(other).first()).toBeVisible();
  await expect(other.locator('.lesson')).toHaveCount(0);
  await other.context().close();
});

test('a link that is wrong in every part is answered in sentences, and the rest is used', async ({ page }) => {
  await open(page, {
    withoutModel: true,
    link: 'seed=7&model=../../x&steps=none&edits=1-2-3&hide=chance.colour&lang=tlh&<script>=1',
  });
  const notice = page.locator('.notice');
  await expect(notice).toContainText('"../../x" is not the name of a model');
  await expect(notice).toContainText('steps must be');
  await expect(notice).toContainText('not at which step');
  await expect(notice).toContainText('"<script>"');
  await expect(page.locator('.lesson.problem')).toContainText('“colour”');
  await expect(page.locator('.lesson.problem')).toContainText('does not speak “tlh”');
  await expect(page.getByRole('spinbutton', { name: 'Temperature' })).toHaveCount(0);
  await page.goto(`${page.url().split('#')[0]}#/generate?v=99&model=nobody/nothing@0123abc&step=3&seed=8`);
  await expect(page.locator('.notices')).toContainText('newer version');
  // A model that is not here is not fetched: the person is asked.
  await expect(page.locator('.notices')).toContainText('nobody/nothing');
  await expect(page.locator('.notices')).toContainText('step 3');
});
