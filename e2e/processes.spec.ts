/** Other ways to write than masks over the whole text: by blocks, with the shipped model, and by edits, from a recorded run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { fillCanvas, Slot } from '../src/diffusion/canvas.ts';
import { generate } from '../src/diffusion/generate.ts';
import { formatLink } from '../src/diffusion/link.ts';
import { defaultSettings } from '../src/diffusion/settings.ts';
import { editNetwork } from '../src/diffusion/testing/edit-network.ts';
import type { Step, Trace } from '../src/diffusion/trace.ts';
import { decodeTrace } from '../src/diffusion/trace-decode.ts';
import { encodeTrace } from '../src/diffusion/trace-encode.ts';
import { axeFindings } from './axe.ts';
import { startHub, writeModel } from './hub.ts';
import {
  finished,
  modelReady,
  open,
  openRun,
  pauseAt,
  saveRun,
  slots,
  source,
  takeAway,
  textOf,
  timeLine,
} from './journey.ts';

const mode = (page: Page, name: string) => page.getByRole('group', { name: 'Mode' }).getByRole('button', { name });

test.beforeEach(async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
});

test('blocks are chosen where the order is, seen on the canvas, and the same link writes the same text', async ({
  page,
}, info) => {
  const link = 'length=24&steps=12&block=8&seed=5&process=blocks';
  await open(page, { backend: 'fallback', link });
  await modelReady(page);
  await expect(page.getByRole('combobox', { name: 'Process' })).toHaveValue('blocks');
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(source(page)).toContainText('Live on');
  await finished(page);
  const text = await textOf(page);

  await test.step('what is remembered and what is not read yet', async () => {
    await pauseAt(page, 6);
    await expect(page.locator('.canvas [data-edge]')).toHaveCount(3);
    await expect(page.locator('.process-line')).toContainText('Block 2 of 3.');
    await expect(page.locator('.process-line')).toContainText(/computed \d+ tokens and remembered \d+/);
    await expect(page.locator('.canvas [data-read="now"]')).toHaveCount(8);
    await expect(page.locator('.canvas [data-read="ahead"]')).toHaveCount(8);
    await expect(page.locator('.canvas [data-read="ahead"]:not(.mask)')).toHaveCount(0);
    expect(await axeFindings(page)).toEqual([]);
    await page.screenshot({ path: info.outputPath('blocks.png') });
  });

  await test.step('a saved run opens again with its blocks', async () => {
    const file = await saveRun(page);
    await takeAway(page);
    await openRun(page, file);
    await expect(source(page)).toContainText('Opened from a file');
    await timeLine(page).focus();
    await page.keyboard.press('End');
    await expect.poll(() => textOf(page)).toBe(text);
    await expect(page.locator('.canvas [data-edge]')).toHaveCount(3);
  });
});

/** Five words that a network without sense edits in three steps, slots coming and going. */
async function editedRun(): Promise<Trace> {
  const words = ['[CLS]', ' the', ' old', ' cat', ' sat', ' on', ' a', ' mat', '[MASK]'];
  const settings = {
    ...defaultSettings(),
    mode: 'edit',
    process: 'edits',
    prompt: 'the old cat sat on',
    steps: 3,
    topP: 1,
  } as const;
  const start = fillCanvas([0, 1, 2, 3, 4, 5], 8);
  start.states.fill(Slot.Revealed, 1);
  const steps: Step[] = [];
  for await (const step of generate(editNetwork(5), start, settings, { now: () => 0 })) steps.push(step);
  return {
    version: 3,
    settings,
    model: { id: 'editor', parameters: 1 },
    backend: { name: 'cpu', device: 'table' },
    start,
    maskId: 8,
    steps,
    edits: [],
    pieces: Object.fromEntries(words.map((word, id) => [id, word])),
  };
}

test('edits: slots come and go where they stand, and each is told in a list', async ({ page }, info) => {
  const trace = await editedRun();
  await open(page, { withoutModel: true });
  await takeAway(page);
  await openRun(page, { name: 'edits.json', mimeType: 'application/json', buffer: Buffer.from(encodeTrace(trace)) });
  await expect(source(page)).toContainText('Opened from a file');
  await pauseAt(page, 1);
  const kinds = (kind: string) => trace.steps[0]?.ops.filter((op) => kind in op).length ?? 0;
  expect(kinds('insert') * kinds('remove') * kinds('set')).toBeGreaterThan(0);
  await expect(page.locator('.canvas .inserted')).toHaveCount(kinds('insert'));
  await expect(page.locator('.canvas .removed')).toHaveCount(kinds('remove'));
  // The token that begins the text is not shown.
  await expect(slots(page)).toHaveCount(trace.start.ids.length - 1 + kinds('insert'));
  await page.getByText(/^Edits so far: \d+/).click();
  await expect(page.locator('.edit-log li')).toHaveCount(trace.steps[0]?.ops.length ?? 0);
  await expect(page.locator('.edit-log')).toContainText('came in');
  expect(await axeFindings(page)).toEqual([]);
  await page.screenshot({ path: info.outputPath('edits.png') });

  await test.step('by keyboard from token to token, in reading order', async () => {
    await slots(page).first().click();
    await page.keyboard.press('End');
    await expect(page.locator('.canvas :focus')).toHaveAttribute(
      'data-slot',
      String(await slots(page).last().getAttribute('data-slot')),
    );
    await page.keyboard.press('ArrowLeft');
    await expect(page.locator('.canvas :focus')).toHaveAttribute(
      'data-slot',
      String(await slots(page).nth(-2).getAttribute('data-slot')),
    );
  });

  await test.step('in the next step those that went are gone', async () => {
    await pauseAt(page, 2);
    for (const op of trace.steps[0]?.ops ?? []) {
      if ('remove' in op) await expect(page.locator(`.canvas [data-slot="${op.remove}"]`)).toHaveCount(0);
    }
  });
});

/** Random weights: what it changes makes no sense, but it exchanges, inserts and removes. */
const EDITOR = 'class/editor';
const TINY = { model_type: 'editflow-modernbert', hidden_size: 64, num_attention_heads: 1, intermediate_size: 64 };

test('a text of one’s own is edited live, and a branch from it is undone', async ({ page }) => {
  await using hub = await startHub((root) => writeModel(join(root, EDITOR), TINY));
  await page.addInitScript((endpoint) => {
    localStorage.setItem('unmask.preferences', JSON.stringify({ hub: endpoint }));
  }, hub.endpoint);
  await open(page, { backend: 'fallback' });
  await modelReady(page);
  await page.locator('.chip.model').click();
  const dialog = page.getByRole('dialog', { name: 'Models' });
  await dialog.getByLabel('Another model by its id or address').fill(EDITOR);
  await dialog.getByRole('button', { name: 'Look up', exact: true }).click();
  await dialog.getByRole('button', { name: 'Download', exact: true }).click();
  await expect(page.locator('.chip.model')).toContainText(EDITOR);
  await page.keyboard.press('Escape');

  // A model that edits is for editing.
  await expect(mode(page, 'Edit')).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('textbox', { name: 'Text to be repaired' }).fill('The old cat sat on a mat.');
  await page.getByRole('spinbutton', { name: 'Steps' }).fill('2');
  await expect(page.getByRole('combobox', { name: 'Edits' })).toHaveValue('surest');
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(source(page)).toContainText('Live on');
  await finished(page);
  const text = await textOf(page);
  const trace = decodeTrace(readFileSync(await saveRun(page), 'utf8'));
  const ops = trace.steps.flatMap((step) => step.ops);
  expect(trace.settings.mode).toBe('edit');
  expect(ops.filter((op) => 'insert' in op).length).toBeGreaterThan(0);

  await test.step('each edit is told, and leads to its moment', async () => {
    await page.getByText(/^Edits so far: \d+/).click();
    await expect(page.locator('.edit-log li')).toHaveCount(Math.min(ops.length, 60));
    await pauseAt(page, 1);
    const first = trace.steps[0]?.ops ?? [];
    await expect(page.locator('.canvas .inserted')).toHaveCount(first.filter((op) => 'insert' in op).length);
    await expect(page.locator('.canvas .removed')).toHaveCount(first.filter((op) => 'remove' in op).length);
  });

  await test.step('branched from there, by leaps; the first is still there', async () => {
    await page.getByRole('combobox', { name: 'Edits' }).selectOption('leap');
    await page.getByRole('button', { name: 'Branch here' }).click();
    await finished(page);
    await expect(page.getByText('from A, step 1')).toBeVisible();
    await page.keyboard.press('ControlOrMeta+z');
    await timeLine(page).focus();
    await page.keyboard.press('End');
    await expect.poll(() => textOf(page)).toBe(text);
  });
});

test('a sentence with mistakes is repaired: one click brings the model for it, another the one that tells stories back', async ({
  page,
}, info) => {
  await open(page, { backend: 'fallback' });
  await modelReady(page);
  await mode(page, 'Edit').click();
  await expect(page.locator('.chip.model')).toContainText('stories-edit');
  await modelReady(page);
  const box = page.getByRole('textbox', { name: 'Text to be repaired' });
  await expect(box).toHaveValue(/littel girl went went/);
  await expect(page.getByText('it may also change what was right')).toBeVisible();
  await box.fill('One day, a littel girl went went to the park.');
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(source(page)).toContainText('Live on');
  await finished(page);
  const trace = decodeTrace(readFileSync(await saveRun(page), 'utf8'));
  expect(trace.settings).toMatchObject({ model: 'stories-edit', mode: 'edit', temperature: 0 });
  const spoken = await textOf(page);
  expect(spoken).toBe('[CLS] One day , a little girl went to the park .');
  await pauseAt(page, 1);
  await expect(page.locator('.canvas .removed')).not.toHaveCount(0);
  expect(await axeFindings(page)).toEqual([]);
  await page.screenshot({ path: info.outputPath('repair.png') });

  await test.step('its link repairs the same', async () => {
    await page.goto(`./?backend=fallback#/generate?${formatLink(trace.settings)}`);
    await page.reload();
    await modelReady(page);
    await expect(page.locator('.chip.model')).toContainText('stories-edit');
    await page.keyboard.press('ControlOrMeta+Enter');
    await expect(source(page)).toContainText('Live on');
    await finished(page);
    expect(await textOf(page)).toBe(spoken);
  });

  await test.step('how it was trained stands in the list of models', async () => {
    await page.locator('.chip.model').click();
    const row = page.getByRole('listitem').filter({ hasText: 'stories-edit' }).first();
    await expect(row).toContainText('repairs a short English text');
    await row.getByText('How it was trained').click();
    await expect(row.getByText('python train_edits.py').first()).toBeVisible();
    await page.keyboard.press('Escape');
  });

  await mode(page, 'Continue').click();
  await expect(page.locator('.chip.model')).toContainText('stories,');
});
