/** A journey with an adapter: learnt beside the shipped model, switched and weighed, taken away, opened again, merged. */
import { readFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
import { unzipSync } from 'fflate';
import { axeFindings } from './axe.ts';
import { finished, masks, modelReady, openRun, saveRun, source, takeAway, textOf } from './journey.ts';

const TEXT = Array.from(
  { length: 12 },
  (_, i) => `The owl sang by the river. It was night ${i}, and the owl sang.`,
).join('\n\n');

const field = (page: Page, name: string) => page.getByRole('spinbutton', { name, exact: true });
const which = (page: Page) => page.getByRole('combobox', { name: 'Adapter', exact: true });
const weight = (page: Page) => page.getByRole('slider', { name: 'How much it counts' });

/** The text that a new run from the same seed ends with. */
async function write(page: Page): Promise<string> {
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(page.locator('.source')).toContainText('Live on');
  await finished(page);
  await expect(masks(page)).toHaveCount(0);
  return textOf(page);
}

test('an adapter is learnt beside the shipped model, switched off and on, saved, opened again, compared, packed and merged', async ({
  page,
  browser,
}) => {
  await page.goto('./?backend=fallback#/train');
  await page.getByRole('button', { name: 'Paste' }).click();
  await page.getByRole('textbox', { name: 'Text to learn from' }).fill(TEXT);
  await page.getByRole('combobox', { name: 'What learns' }).selectOption('lora');
  for (const [name, value] of Object.entries({ Rank: '4', Alpha: '8', Steps: '6', Batch: '2', Length: '32' })) {
    await field(page, name).fill(value);
  }
  await field(page, 'Learning rate').fill('0.02');
  expect(await axeFindings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.locator('.train-state')).toHaveText('Finished after 6 steps.', { timeout: 8 * 60_000 });
  await page.getByRole('button', { name: 'Write with it' }).click();

  await modelReady(page);
  await page.getByText('Adapter (LoRA)').click();
  await expect(which(page).locator('option:checked')).toHaveText('trained-1');
  await expect(weight(page)).toHaveValue('1');
  await field(page, 'Length').fill('24');
  await field(page, 'Steps').fill('4');
  await field(page, 'Temperature').fill('0');
  await page.getByRole('button', { name: 'Keep this seed' }).click();
  const on = await write(page);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await axeFindings(page)).toEqual([]);
  await weight(page).fill('0');
  const off = await write(page);
  expect(off).not.toBe(on);
  await which(page).selectOption({ label: 'None: the model as it is' });
  expect(await write(page)).toBe(off);
  await which(page).selectOption('trained-1');
  expect(await write(page)).toBe(on);

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save as a PEFT folder' }).click(),
  ]);
  const zip = await readFile(await download.path());
  expect(Object.keys(unzipSync(new Uint8Array(zip)))).toContain('adapter_model.safetensors');
  const again = { name: 'adapter 2.zip', mimeType: 'application/zip', buffer: zip };
  await page.locator('.adapter-part input[type="file"]').setInputFiles(again);
  await expect(which(page).locator('option:checked')).toHaveText('adapter 2');
  await expect(weight(page)).toHaveValue('1');
  expect(await write(page)).toBe(on);

  await test.step('a run says which adapter wrote it, and so does its file', async () => {
    await expect(source(page)).toContainText('adapter 2 100%');
    const path = await saveRun(page);
    await which(page).selectOption({ label: 'None: the model as it is' });
    await write(page);
    await expect(source(page)).not.toContainText('adapter 2');
    await takeAway(page);
    await openRun(page, path);
    await expect(source(page)).toContainText('Opened from a file');
    await expect(source(page)).toContainText('adapter 2 100%');
    await which(page).selectOption('adapter 2');
  });

  const settings = page.url();
  await test.step('a pack carries it to another browser, where it writes the same', async () => {
    await page.getByRole('button', { name: /Choose another model/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Models' });
    await dialog.getByText('What it holds').click();
    await dialog.getByRole('checkbox', { name: /models of this page/ }).uncheck();
    await dialog.getByRole('checkbox', { name: /adapter 2/ }).uncheck();
    await expect(dialog.getByRole('checkbox', { name: /trained-1 \(LoRA\)/ })).toBeChecked();
    await dialog.getByRole('button', { name: /Make the pack/ }).click();
    const saved = page.waitForEvent('download');
    await dialog.getByRole('button', { name: /Save the pack/ }).click();
    const pack = await (await saved).path();
    await page.keyboard.press('Escape');
    const other = await browser.newContext({ serviceWorkers: 'block' });
    const student = await other.newPage();
    await student.goto(settings);
    await modelReady(student);
    await student.getByRole('button', { name: /Choose another model/ }).click();
    await student.getByRole('dialog', { name: 'Models' }).getByLabel('Open a pack').setInputFiles(pack);
    await expect(student.getByText(/^Now here: .*trained-1/)).toBeVisible();
    await student.keyboard.press('Escape');
    await student.getByText('Adapter (LoRA)').click();
    await which(student).selectOption('trained-1');
    await expect(weight(student)).toHaveValue('1');
    expect(await write(student)).toBe(on);
    await other.close();
  });

  await test.step('two adapters and the model without one stand side by side', async () => {
    await page.goto(
      `./?backend=fallback#/compare?v=1&tab=samplers&length=24&columns=${'confidence,4,0,0;'.repeat(3).slice(0, -1)}`,
    );
    const lanes = page.locator('.lane');
    await expect(lanes).toHaveCount(3);
    await lanes.nth(0).getByRole('combobox', { name: 'Adapter' }).selectOption('trained-1');
    await lanes.nth(1).getByRole('combobox', { name: 'Adapter' }).selectOption('adapter 2');
    await page.getByRole('button', { name: 'Write all' }).click();
    await expect(page.locator('.lane .counters')).toHaveCount(3);
    await expect(page.locator('.compare-go .busy')).toHaveCount(0);
    await page.getByRole('slider', { name: 'Step' }).press('End');
    await expect(page.locator('.mini .mask')).toHaveCount(0);
    const texts = await Promise.all([0, 1, 2].map((i) => lanes.nth(i).locator('.mini .slot').allTextContents()));
    // One was saved and opened again as the other.
    expect(texts[1]).toEqual(texts[0]);
    expect(texts[2]).not.toEqual(texts[0]);
    await expect(page).toHaveURL(/trained-1/);
  });

  await page.goto(settings);
  await modelReady(page);
  await page.getByText('Adapter (LoRA)').click();
  await which(page).selectOption('adapter 2');
  await expect(weight(page)).toHaveValue('1');
  await page.getByRole('button', { name: 'Merge into a copy' }).click();
  await expect(which(page)).toHaveValue('');
  await expect(page.locator('.chip.model')).toContainText('stories-adapter-2');
  expect(await write(page)).toBe(on);
});

test('a copy in four bits is kept from the page, writes what the model writes in four bits, and is taken away', async ({
  page,
}) => {
  await page.goto('./?backend=fallback#/generate?v=1&length=24&steps=4&temperature=0&seed=3');
  await modelReady(page);
  const dialog = page.getByRole('dialog', { name: 'Models' });
  const openModels = () => page.getByRole('button', { name: /Choose another model/ }).click();
  await openModels();
  await expect(dialog.getByRole('button', { name: /^Keep a copy of stories/ })).toHaveCount(0);
  await dialog.getByRole('radio', { name: /^Four bits \(int4\)/ }).check();
  await dialog.getByRole('button', { name: 'Keep a copy of stories: Four bits (int4)' }).click();
  const use = dialog.getByRole('button', { name: 'Use: stories-int4' });
  await expect(use).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save: stories-int4' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('stories-int4.zip');
  const files = unzipSync(new Uint8Array(await readFile(await download.path())));
  expect(Object.keys(files)).toEqual(expect.arrayContaining(['config.json', 'tokenizer.json', 'model.safetensors']));
  const config = JSON.parse(new TextDecoder().decode(files['config.json']));
  expect(config.quantization_config).toMatchObject({ quant_method: 'unmask', precision: 'int4' });
  // Of six megabytes in sixteen bits.
  expect(files['model.safetensors']?.length).toBeLessThan(2.6e6);
  await page.keyboard.press('Escape');
  await modelReady(page);
  const rounded = await write(page);

  await openModels();
  await dialog.getByRole('radio', { name: /^As stored/ }).check();
  await use.click();
  await page.keyboard.press('Escape');
  await expect(page.locator('.chip.model')).toContainText('stories-int4');
  await modelReady(page);
  expect(await write(page)).toBe(rounded);
});
