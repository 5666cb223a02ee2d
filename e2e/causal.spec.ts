/** A causal chat model from a hub: it answers from left to right, its run is saved and opened again, and it races. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { causalFiles } from '../src/checkpoint/testing/causal-model.ts';
import { openSlots } from '../src/diffusion/canvas.ts';
import { writtenSlotsIn } from '../src/diffusion/ops.ts';
import { decodeTrace } from '../src/diffusion/trace-decode.ts';
import { type Hub, startHub } from './hub.ts';
import { modelReady, open, openRun, saveRun, takeAway, timeLine } from './journey.ts';

const MODEL = 'class/tiny-llama';
const LENGTH = 12;

let hub: Hub;
test.beforeEach(async () => {
  hub = await startHub((root) => {
    mkdirSync(join(root, MODEL), { recursive: true });
    for (const [name, bytes] of causalFiles('llama')) writeFileSync(join(root, MODEL, name), bytes);
  });
});
test.afterEach(async () => {
  await hub[Symbol.asyncDispose]();
});

const chip = (page: Page) => page.locator('.chip.model');
const models = (page: Page) => page.getByRole('dialog', { name: 'Models' });

async function length(page: Page, value: number): Promise<void> {
  const field = page.getByRole('spinbutton', { name: 'Length' });
  await field.fill(String(value));
  await field.press('Tab');
}

test('it is told apart, chats, keeps its run, goes on, refuses gaps and races beside a masked one', async ({
  page,
}) => {
  await page.addInitScript((endpoint) => {
    if (!localStorage.getItem('unmask.preferences')) {
      localStorage.setItem('unmask.preferences', JSON.stringify({ hub: endpoint }));
    }
  }, hub.endpoint);
  await open(page, { backend: 'fallback' });
  await modelReady(page);

  await test.step('before its download and in the list it says how it writes', async () => {
    await chip(page).click();
    await models(page).getByPlaceholder('owner/name').fill(MODEL);
    await models(page).getByRole('button', { name: 'Look up', exact: true }).click();
    await expect(models(page).locator('.found')).toContainText('It writes from left to right.');
    await models(page).getByRole('button', { name: 'Download', exact: true }).click();
    await expect(chip(page)).toContainText(MODEL);
    await expect(models(page).getByRole('listitem').filter({ hasText: MODEL })).toContainText(
      'writes from left to right',
    );
    await page.keyboard.press('Escape');
  });

  let file: string;
  await test.step('an answer is written from left to right, one token a pass', async () => {
    await expect(page.getByRole('button', { name: 'Chat', exact: true })).toHaveAttribute('aria-pressed', 'true');
    await expect(page.locator('[data-causal]')).toContainText('writes from left to right');
    await expect(page.getByRole('combobox', { name: 'Order' })).toHaveCount(0);
    await length(page, LENGTH);
    await page.getByRole('textbox', { name: 'Your message' }).fill('Who lives in the wood?');
    await page.getByRole('textbox', { name: 'Your message' }).press('Enter');
    await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeVisible();
    await timeLine(page).focus();
    await page.keyboard.press('End');
    file = await saveRun(page);
    const trace = decodeTrace(readFileSync(file, 'utf8'));
    expect(trace.maskId).toBeUndefined();
    expect(trace.steps.flatMap(writtenSlotsIn)).toEqual(openSlots(trace.start).slice(0, trace.steps.length));
    expect(trace.settings).toMatchObject({ sampler: 'left-to-right', steps: LENGTH, block: 0 });
  });

  await test.step('the saved run opens again', async () => {
    await takeAway(page);
    await openRun(page, file);
    await expect(page.locator('.source')).toContainText('from a file');
  });

  await test.step('it goes on from a text, and gaps are refused in a sentence', async () => {
    await page.getByRole('button', { name: 'Fill in', exact: true }).click();
    await expect(page.getByText('never sees what stands after a gap')).toBeVisible();
    await page.getByRole('button', { name: 'Continue a text instead' }).click();
    await page.getByRole('textbox', { name: 'Text to go on from' }).fill('Once upon a time');
    await page.getByRole('button', { name: /^Generate/ }).click();
    await expect(page.locator('.canvas .mask')).toHaveCount(0);
  });

  await test.step('in the race a masked model is asked for beside it, and then both write', async () => {
    await page.goto('./?backend=fallback#/compare?v=1&against=own&block=0&per=4&length=8');
    const panel = page.getByRole('region', { name: 'The model that appends' });
    await expect(panel.getByRole('combobox')).toHaveValue(MODEL);
    await expect(panel.getByRole('status')).toContainText('needs a masked model');
    const race = page.getByRole('button', { name: 'Race', exact: true }).last();
    await expect(race).toBeDisabled();
    await panel.getByRole('button', { name: 'Models' }).click();
    await models(page).getByRole('button', { name: 'Use: stories', exact: true }).click();
    await expect(chip(page)).toContainText('stories');
    await page.keyboard.press('Escape');
    await race.click();
    const rows = page.locator('.compare-table tbody tr');
    await expect(rows).toHaveCount(2);
    await expect(rows.first()).toContainText(`append, ${MODEL}`);
    await expect(page.getByText('A token of one is not a token of the other')).toBeVisible();
  });
});
