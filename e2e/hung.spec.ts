/** A tokenizer that never gets through a text: the worker is ended, the model loaded again, and a reload does not hang. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { MODEL, startHub } from './hub.ts';
import { modelReady, open, slots } from './journey.ts';

const ODD = 'class/odd';

/** The small model with a regular expression that takes twice as long with every further letter of a word. */
function addOdd(root: string): void {
  cpSync(join(root, MODEL), join(root, ODD), { recursive: true });
  const file = join(root, ODD, 'tokenizer.json');
  const tokenizer = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const split = { type: 'Split', pattern: { Regex: '(?:[a-z]+)+#' }, behavior: 'Isolated', invert: false };
  const before = tokenizer['pre_tokenizer'];
  tokenizer['pre_tokenizer'] = { type: 'Sequence', pretokenizers: [split, before] };
  writeFileSync(file, JSON.stringify(tokenizer));
}

test('a text that hangs the worker ends in a sentence, and neither the page nor a reload hangs on it', async ({
  page,
}) => {
  await using hub = await startHub(addOdd);
  await page.addInitScript((endpoint) => {
    localStorage.setItem('unmask.preferences', JSON.stringify({ hub: endpoint }));
  }, hub.endpoint);
  await page.clock.install();
  await open(page, { backend: 'fallback', link: 'length=8&steps=4' });
  await modelReady(page);
  await page.locator('.chip.model').click();
  const dialog = page.getByRole('dialog', { name: 'Models' });
  await dialog.getByLabel('Another model by its id or address').fill(ODD);
  await dialog.getByRole('button', { name: 'Look up', exact: true }).click();
  await dialog.getByRole('button', { name: 'Download', exact: true }).click();
  // Loaded, and not only asked for: the page's clock, moved on below, would end a download.
  await expect(page.locator('.chip.model')).toContainText(/^class\/odd, [\d.]+M parameters/);
  await page.keyboard.press('Escape');

  await page.getByRole('textbox', { name: 'Text to go on from' }).fill('a'.repeat(60));
  await page.keyboard.press('ControlOrMeta+Enter');
  // The worker hangs; the page's own clock is moved on, so that nobody waits for its twenty seconds.
  await page.clock.runFor(25_000);
  const silence = page.getByText(/gave no sign of life for \d+ seconds/);
  await expect(silence).toBeVisible();
  await modelReady(page);

  await page.reload();
  await expect(slots(page).first()).toBeVisible();
  await modelReady(page);
  await page.keyboard.press('ControlOrMeta+Enter');
  const refusal = page.getByText('This hung the compute worker before');
  await expect(refusal).toBeVisible();
  await expect(silence).toBeHidden();
  await page.getByRole('textbox', { name: 'Text to go on from' }).fill('a');
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(refusal).toBeHidden();
  await expect(page.locator('.canvas .mask')).toHaveCount(0);
});
