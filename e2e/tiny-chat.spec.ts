/** A conversation at the first visit, with the small model that ships and no hub. */
import { expect, type Page, test } from '@playwright/test';
import { axeFindings } from './axe.ts';
import { modelReady, open, sideways } from './journey.ts';

const chip = (page: Page) => page.locator('.chip.model');
const mode = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const thread = (page: Page) => page.getByRole('region', { name: 'Conversation' });
const answer = (page: Page) => page.locator('.canvas');

async function say(page: Page, words: string): Promise<void> {
  const box = page.getByRole('textbox', { name: 'Your message' });
  await box.fill(words);
  await box.press('Enter');
  await expect(thread(page).locator('.question')).toContainText(words);
  await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeVisible({ timeout: 5 * 60_000 });
  await page.getByRole('slider', { name: 'Time line' }).press('End');
}

test('a link that asks for a chat opens it ready to answer, with nothing on the sheet', async ({ page }) => {
  await page.goto('./?backend=fallback#/generate?mode=chat');
  await expect(chip(page)).toContainText('tiny-chat, 14M parameters');
  await expect(page.getByText('Ask something.')).toBeVisible();
  await expect(answer(page)).toHaveText('');
  await say(page, 'What does a dog eat?');
  expect((await answer(page).innerText()).trim()).toMatch(/\w{3}/);
});

test('Chat fetches tiny-chat, which answers twice; another mode brings the storyteller back', async ({
  page,
  baseURL,
}) => {
  const fetched: string[] = [];
  page.on('request', (request) => fetched.push(request.url()));
  await open(page, { backend: 'fallback' });
  await modelReady(page);
  expect(fetched.filter((url) => url.includes('tiny-chat'))).toEqual([]);

  await test.step('the mode is there before any chat model is, and brings one', async () => {
    await mode(page, 'Chat').click();
    await expect(page.getByText('Ask something.')).toBeVisible();
    await expect(chip(page)).toContainText('tiny-chat, 14M parameters');
    await expect(page.getByText(/^tiny-chat is very small/)).toBeVisible();
    await expect(page.getByRole('spinbutton', { name: 'Length' })).toHaveValue('48');
    expect(fetched.filter((url) => !url.startsWith(new URL('/', baseURL).href) && url.startsWith('http'))).toEqual([]);
  });

  await test.step('what can be tried is asked with a click', async () => {
    await page.getByRole('button', { name: 'What do penguins eat?' }).click();
    await expect(thread(page).locator('.question')).toContainText('What do penguins eat?');
    await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeVisible({ timeout: 5 * 60_000 });
    await page.getByRole('button', { name: 'New chat' }).click();
    await expect(page.getByText('Ask something.')).toBeVisible();
  });

  await test.step('an answer, and a second that was given the first', async () => {
    await say(page, 'What does a dog eat?');
    const first = (await answer(page).innerText()).trim();
    expect(first).toMatch(/\w{3}/);
    await say(page, 'And a cat?');
    await expect(thread(page).locator('.turn')).toHaveCount(1);
    await expect(thread(page).locator('.turn')).toContainText('What does a dog eat?');
    expect((await answer(page).innerText()).trim()).toMatch(/\w{3}/);
  });

  await test.step('it fits a phone, and axe finds nothing', async () => {
    expect(await axeFindings(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    await expect.poll(() => sideways(page)).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 1280, height: 860 });
  });

  await test.step('a reload keeps model and conversation', async () => {
    await expect.poll(() => page.evaluate(() => localStorage.getItem('unmask.settings'))).toContain('cat%3F');
    await page.reload();
    await expect(chip(page)).toContainText('tiny-chat, ');
    await expect(thread(page).locator('.turn')).toContainText('What does a dog eat?');
  });

  await test.step('larger ones are a click away, and so is the storyteller', async () => {
    await page.getByRole('button', { name: 'Larger chat models' }).click();
    await expect(page.getByRole('dialog', { name: 'Models' })).toContainText('ModernBERT-base-chat');
    await page.keyboard.press('Escape');
    await mode(page, 'Continue').click();
    await expect(chip(page)).toContainText('stories, ');
    await expect(page.getByRole('spinbutton', { name: 'Length' })).toHaveValue('64');
    await expect(page.getByRole('textbox', { name: 'Text to go on from' })).toBeVisible();
  });
});
