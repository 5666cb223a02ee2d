/** Journeys through the Train view: a tiny fresh model learns, the page is reloaded, the run goes on, and its model writes. */
import { expect, type Locator, type Page, test } from '@playwright/test';
import { axeFindings } from './axe.ts';
import { finished, sideways, source } from './journey.ts';
import { startWikitext } from './wikitext.ts';

/** Forty short texts, so that the split has some for both sides. */
const TEXTS = Array.from({ length: 40 }, (_, i) => {
  const [who, what, where] = [
    ['cat', 'dog', 'owl'][i % 3],
    ['ran', 'sat', 'sang', 'slept'][i % 4],
    ['hill', 'river'][i % 2],
  ];
  return `The ${who} ${what} by the ${where}. It was day ${i}, and the ${who} was glad.`;
});

async function open(page: Page): Promise<void> {
  await page.goto('./?backend=fallback#/train');
  await expect(page.getByRole('heading', { name: 'Train', level: 1 })).toBeVisible();
}

const field = (page: Page, name: string) => page.getByRole('spinbutton', { name, exact: true });
const state = (page: Page) => page.locator('.train-state');
const begin = (page: Page) => page.getByRole('button', { name: 'Train', exact: true });
/** The rows of the settings as they are now: those of a moment ago stay while the worker looks again. */
const rowsShown = (page: Page) =>
  page.locator('.train-preview[aria-busy="false"]').getByText(/^Row 1: \d+ of \d+ tokens masked$/);

/** A fresh model of characters on a pasted text, small enough for any machine. */
async function setUp(page: Page, steps: number, more: Readonly<Record<string, string>> = {}): Promise<void> {
  await page.getByRole('button', { name: 'Paste' }).click();
  await page.getByRole('textbox', { name: 'Text to learn from' }).fill(TEXTS.join('\n\n'));
  await small(page, steps, more);
}

async function small(page: Page, steps: number, more: Readonly<Record<string, string>> = {}): Promise<void> {
  await page.getByRole('button', { name: 'Fresh' }).click();
  await page.getByRole('combobox', { name: 'Tokens' }).selectOption('characters');
  const values = { Steps: String(steps), Batch: '2', Length: '32' };
  for (const [name, value] of Object.entries(values)) await field(page, name).fill(value);
  await page.getByText('All settings').click();
  const rest = { 'Held-out share': '0.2', 'Measure every': '4', 'Rows to measure on': '4', 'Write every': '4' };
  for (const [name, value] of Object.entries({ ...rest, 'Save every': '4', ...more })) {
    await field(page, name).fill(value);
  }
}

async function findNothing(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  expect(await axeFindings(page)).toEqual([]);
}

/** Drops a file on the page, as a hand would. */
async function drop(page: Page, name: string, content: Buffer, onto: Locator): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([file, base64]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(base64 as string), (c) => c.charCodeAt(0))], file as string));
      return data;
    },
    [name, content.toString('base64')],
  );
  await onto.dispatchEvent('dragover', { dataTransfer: transfer });
  await expect(page.locator('main.dropping')).toBeVisible();
  await onto.dispatchEvent('drop', { dataTransfer: transfer });
  await expect(page.locator('main.dropping')).toHaveCount(0);
}

/** A hundred steps on a software adapter take longer than other things that are waited for, above all beside busy cores. */
const UNTIL_LEARNT = { timeout: 6 * 60_000 };

test('a fresh model trains, survives a reload in the middle, goes on as if nothing had been, and writes', async ({
  page,
}) => {
  await open(page);
  // Long enough that a fast machine has not finished before the page is reloaded.
  await setUp(page, 80, { 'Measure every': '40', 'Write every': '40' });
  await expect(rowsShown(page)).toBeVisible();
  const seen = await page.locator('.train-rows').innerText();
  await begin(page).click();
  await expect(state(page)).toHaveText(/^Step ([4-9]|\d\d) of 80$/);

  const early = { step: await stepNow(page), at: Date.now() };
  await expect.poll(() => stepNow(page)).toBeGreaterThan(early.step);
  const left = { step: await stepNow(page), at: Date.now() };
  await page.reload();
  const saved = page.getByText(/trained-1 is not finished: step (\d+) of 80 is saved/);
  await expect(saved).toBeVisible();
  const kept = Number(/step (\d+) of/.exec(await saved.innerText())?.[1]);
  // What was lost, in time at the pace of just before.
  const seconds = (left.at - early.at) / (left.step - early.step) / 1000;
  expect((left.step - kept) * seconds).toBeLessThan(20);
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(state(page)).toHaveText('Finished after 80 steps.', UNTIL_LEARNT);
  const curve = await lossTable(page);
  expect(curve.map(([step]) => step)).toEqual(['0', '40', '80']);
  await page.getByText('About this run').click();
  // What was shown before the run is what it began with.
  expect(await page.locator('.train-rows').innerText()).toBe(seen);
  const slider = page.getByRole('slider', { name: 'Step of the sample' });
  await slider.press('Home');
  await expect(slider).toHaveAttribute('aria-valuetext', 'after step 0');

  // A second run like it is never interrupted, and has the same losses.
  await page.getByRole('button', { name: 'Set up one like it' }).click();
  await expect(page.getByText('The texts that trained-1 has kept.')).toBeVisible();
  await begin(page).click();
  await expect(state(page)).toHaveText('Finished after 80 steps.', UNTIL_LEARNT);
  await expect(page.getByRole('heading', { name: 'trained-2' })).toBeVisible();
  expect(await lossTable(page)).toEqual(curve);

  const name = page.getByRole('textbox', { name: 'Name of the run: trained-2' });
  await name.fill('cats');
  await name.press('Enter');
  await expect(page.getByRole('heading', { name: 'cats' })).toBeVisible();
  for (const each of ['trained-1', 'cats']) {
    await page.getByRole('checkbox', { name: `Compare held-out losses: ${each}` }).check();
  }
  await expect(page.getByRole('group', { name: /^Compare held-out losses/ })).toBeVisible();
  await findNothing(page, 'light');
  await findNothing(page, 'dark');

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as folder (zip): cats' }).click();
  expect((await download).suggestedFilename()).toBe('cats.zip');
  await page.getByRole('button', { name: 'Delete: trained-1' }).click();
  await page.getByRole('button', { name: 'Really delete?: trained-1' }).click();
  await expect(page.getByRole('checkbox', { name: /^Compare held-out losses/ })).toHaveCount(1);
  const zip = await (await import('node:fs/promises')).readFile(await (await download).path());
  await drop(page, 'cats.zip', zip, page.locator('.train-import'));
  await expect(page.getByRole('checkbox', { name: 'Compare held-out losses: cats-2' })).toBeVisible();

  await page.getByRole('button', { name: 'Write with it' }).click();
  await expect(page.locator('.chip.model')).toContainText('cats');
  await expect(page.locator('.chip.model')).toContainText('parameters');
  await page.getByRole('button', { name: /^Generate/ }).click();
  await expect(page.locator('.source')).toHaveText('Live on WebAssembly');
  await expect(page.getByRole('button', { name: /^Generate/ })).toBeVisible();
  await page.getByRole('slider', { name: 'Time line' }).focus();
  await page.keyboard.press('End');
  // The canvas is full, and by the model of characters, or of single bytes: the shipped one would write words.
  const written = page.locator('.canvas .slot:not(.given)');
  await expect(written).toHaveCount(Number(await page.getByRole('spinbutton', { name: 'Length' }).inputValue()));
  await expect(page.locator('.canvas .mask')).toHaveCount(0);
  const texts = await written.allTextContents();
  expect(texts.filter((text) => [...text].length > 1 && !/^(\[[A-Z]+\]|[0-9A-F]{2})$/.test(text))).toEqual([]);
  expect(texts.filter((text) => text !== '').length).toBeGreaterThan(0);
});

/** The step that the run says it is at. */
const stepNow = async (page: Page) => Number(/^Step (\d+)/.exec((await state(page).textContent()) ?? '')?.[1]);

/** The loss plot as a table. */
async function lossTable(page: Page): Promise<string[][]> {
  const rows = page.getByRole('region', { name: 'Loss at each measurement' }).locator('tbody tr');
  if (!(await rows.first().isVisible())) await page.locator('.train-loss .figure-table > summary').click();
  return rows.evaluateAll((all) =>
    all.map((row) => [...row.querySelectorAll('th, td')].map((cell) => cell.textContent)),
  );
}

test('block diffusion: the first batch, a run with its bound and its canvas, and the recipe in the address', async ({
  page,
}) => {
  await open(page);
  await page.getByRole('combobox', { name: 'Objective' }).selectOption('bd3lm');
  await setUp(page, 8, { 'Tokens of a block': '8' });
  await expect(rowsShown(page)).toBeVisible();
  await expect(page).toHaveURL(/objective=bd3lm/);
  await expect(page).toHaveURL(/block=8/);
  await begin(page).click();
  await expect(state(page)).toHaveText('Finished after 8 steps.');
  const curve = await lossTable(page);
  expect(curve.map(([step]) => step)).toEqual(['0', '4', '8']);
  await expect(page.getByText('With this objective the training loss is no bound')).toHaveCount(0);
  const slider = page.getByRole('slider', { name: 'Step of the sample' });
  await expect(slider).toHaveAttribute('aria-valuetext', 'after step 8');

  await test.step('taken over, it writes in the blocks that it has learnt', async () => {
    await page.getByRole('button', { name: 'Write with it' }).click();
    await expect(page.getByRole('combobox', { name: 'Process' })).toHaveValue('blocks');
    await expect(page).toHaveURL(/block=8&process=blocks/);
  });

  await test.step('edits are learnt from the same texts, and a text is repaired by the model that has', async () => {
    await page.getByRole('link', { name: 'Train', exact: true }).click();
    await page.getByRole('button', { name: 'Set up another' }).click();
    await page.getByRole('combobox', { name: 'Objective' }).selectOption('edits');
    await field(page, 'Steps').fill('4');
    await begin(page).click();
    await expect(state(page)).toHaveText('Finished after 4 steps.');
    await expect(page.getByText(/^The loss of Edit Flows/)).toBeVisible();
    await page.getByRole('button', { name: 'Write with it' }).click();
    await page.getByRole('textbox', { name: 'Text to be repaired' }).fill('The cat ran by the hill.');
    await page.getByRole('spinbutton', { name: 'Steps' }).fill('2');
    await page.keyboard.press('ControlOrMeta+Enter');
    await expect(source(page)).toContainText('Live on');
    await finished(page);
    await expect(page.getByText(/^Edits so far: \d+/)).toBeVisible();
  });
});

test('from autoregression to diffusion: the recorded curves, and the run that repeats them', async ({ page }) => {
  await open(page);
  await page.getByRole('combobox', { name: 'Recipe to begin with' }).selectOption('a2d');
  await expect(page.getByRole('heading', { name: /^Recorded: from autoregression to diffusion/ })).toBeVisible();
  await expect(page.getByRole('slider', { name: 'Held-out bound over the steps of four runs' })).toHaveAttribute(
    'aria-valuetext',
    /120.*4[.]8\d.*5[.]8\d/,
  );
  await expect(page.getByText(/^Goes on from stories-ar/)).toBeVisible();
  await expect(rowsShown(page)).toBeVisible();
  await page.getByRole('button', { name: 'Run it here: From stories-ar', exact: true }).click();
  await expect(state(page)).toHaveText(/^Step \d+ of 120$/);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(state(page)).toHaveText(/^Stopped at step \d+/);
});

test('an experiment is made as a whole, one smaller run after another, until it is cancelled', async ({ page }) => {
  await open(page);
  await page.getByRole('combobox', { name: 'Recipe to begin with' }).selectOption('a2d');
  await page.getByRole('button', { name: 'Run all of it here, smaller' }).click();
  const whole = page.getByRole('region', { name: /^Recorded: from autoregression to diffusion/ });
  await expect(whole.getByRole('status')).toHaveText(/^Run 1 of 4[.]/);
  await expect(state(page)).toHaveText(/^Step \d+ of 60$/);
  await whole.getByRole('button', { name: 'Cancel the experiment' }).click();
  await expect(state(page)).toHaveText(/^Stopped at step \d+/);
  await expect(whole).toHaveCount(0);
  await expect(page.getByRole('checkbox', { name: 'Compare held-out losses: From stories-ar' })).toBeVisible();
  await expect(page.getByRole('checkbox', { name: /^Compare held-out losses/ })).toHaveCount(1);
});

test('while a run goes on its model writes in Generate; then it is paused, and goes on again', async ({ page }) => {
  await open(page);
  await setUp(page, 5000);
  const pasted = page.getByRole('textbox', { name: 'Text to learn from' });
  await pasted.fill(TEXTS.join('\n\n').repeat(2).slice(0, 4500));
  await begin(page).click();
  await expect(state(page)).toHaveText(/^Step ([3-9]\d|\d{3}|\d,\d{3}) of 5,000$/);
  await page.getByRole('button', { name: 'Write with it' }).click();
  await expect(page.locator('.chip.model')).toContainText('trained-1');
  await expect(page.locator('.chip.model')).toContainText('parameters');
  await page.getByRole('button', { name: /^Generate/ }).click();
  await expect(page.locator('.source')).toHaveText(/^Live on WebAssembly · weights of step ([3-9]\d|\d{3}|\d,\d{3})$/);
  await expect(page.getByRole('button', { name: /^Generate/ })).toBeVisible();

  await expect(page.getByText('Each text begins with its newest weights.')).toBeVisible();
  await page.getByRole('link', { name: /^trained-1 is learning: step \d+ of 5,000$/ }).click();
  const before = await state(page).textContent();
  await expect(state(page)).not.toHaveText(before ?? '');
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(state(page)).toHaveText(/^Paused at step \d+ of 5,000$/);
  const paused = Number(/\d+/.exec((await state(page).textContent()) ?? '')?.[0]);
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect
    .poll(async () => Number(/^Step (\d+)/.exec((await state(page).textContent()) ?? '')?.[1]))
    .toBeGreaterThan(paused);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(state(page)).toHaveText(/^Stopped at step \d+\.$/);
  await page.reload();
  await expect(page.getByRole('checkbox', { name: 'Compare held-out losses: trained-1' })).toBeVisible();
  await expect(page.getByText(/is not finished/)).toHaveCount(0);
});

test('WikiText comes from the hub, can be cancelled, stays here, and needs no network a second time', async ({
  page,
}) => {
  const hub = await startWikitext();
  await page.addInitScript(
    (address) => localStorage.setItem('unmask.preferences', JSON.stringify({ hub: address })),
    hub.endpoint,
  );
  await open(page);
  await page.getByRole('button', { name: 'WikiText', exact: true }).click();
  const data = page.getByRole('region', { name: 'What to learn' });
  await expect(data.getByRole('combobox', { name: 'Which WikiText' }).locator('option')).toHaveCount(2);
  hub.fault = ({ kind, end, start }) =>
    kind === 'store' && end - start > 150_000 ? { silentAfter: 100_000 } : undefined;
  await data.getByRole('button', { name: 'Download: WikiText-2' }).click();
  await expect(data.getByText(/^0\.1 MB of 0\.\d MB/)).toBeVisible();
  await data.getByRole('button', { name: 'Cancel' }).click();
  const goOn = data.getByRole('button', { name: 'Go on: WikiText-2' });
  await expect(goOn).toBeVisible();
  hub.fault = () => undefined;
  await goOn.click();
  await expect(data.getByText(/^WikiText-2 is in this browser/)).toBeVisible();
  expect(hub.requests.some(({ kind, start }) => kind === 'store' && start > 0)).toBe(true);
  await expect(rowsShown(page)).toBeVisible();

  await hub.stop();
  await page.reload();
  await page.getByRole('button', { name: 'WikiText', exact: true }).click();
  await small(page, 2, { 'Write every': '0', 'Save every': '0' });
  await begin(page).click();
  await expect(state(page)).toHaveText('Finished after 2 steps.');
  await page.getByRole('button', { name: 'Set up another' }).click();
  await data.getByRole('button', { name: 'Delete: WikiText-2' }).click();
  await data.getByRole('button', { name: /^Delete .* MB\?: WikiText-2/ }).click();
  await expect(data.getByText('Not in this browser yet.', { exact: false })).toBeVisible();
});

test('own files: a table by its text, another column, old encodings, and a sentence for each that cannot be learnt from', async ({
  page,
}) => {
  await open(page);
  await expect(rowsShown(page)).toBeVisible();
  await page.getByRole('button', { name: 'File' }).click();
  await expect(begin(page)).toBeDisabled();
  const zone = page.locator('.train-drop');
  const rows = TEXTS.map((text, i) => `${i},"${text}","verse ${i}"`);
  await drop(page, 'poems.csv', Buffer.from(`no,story,verse\n${rows.join('\n')}\n`), zone);
  const column = page.getByRole('combobox', { name: 'Column' });
  await expect(column).toHaveValue('story');
  const first = page.getByRole('list', { name: 'Its first rows' });
  await expect(first).toContainText('The cat ran by the hill.');
  await expect(rowsShown(page)).toBeVisible();
  await expect(begin(page)).toBeEnabled();
  await column.selectOption('verse');
  await expect(first).toContainText('verse 2');
  await expect(page.locator('.train-rows')).toContainText('verse');
  for (const [name, bytes, says] of [
    ['empty.txt', Buffer.alloc(0), 'empty.txt is empty.'],
    ['picture.txt', Buffer.from([0, 1, 2, 3, 0, 0, 9, 9]), 'picture.txt is not a text'],
    ['torn.parquet', Buffer.from('PAR1 and no more'), 'torn.parquet cannot be read as Parquet'],
  ] as const) {
    await drop(page, name, bytes, zone);
    await expect(page.getByRole('alert')).toContainText(says);
    await expect(begin(page)).toBeDisabled();
    // The columns of the file before are gone with it.
    await expect(column).toHaveCount(0);
  }
  const old = Buffer.from(`Fa\xe7ade and na\xefve, said in one old encoding. ${TEXTS.join(' ')}`, 'latin1');
  await drop(page, 'old.txt', old, zone);
  await expect(page.locator('.train-notes')).toContainText('old.txt is written in Windows-1252');
  await expect(page.locator('.train-notes')).toContainText('pieces');
  await expect(begin(page)).toBeEnabled();
  const said = TEXTS.map((text) => JSON.stringify({ id: 'c', messages: [{ role: 'user', content: text }] }));
  await drop(page, 'chat.jsonl', Buffer.from(said.join('\n')), zone);
  await expect(column).toHaveValue('messages');
  await expect(first).toContainText('User: The cat ran by the hill.');
});

test('a few pasted words train, without held-out text, and it is said', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Paste' }).click();
  await page.getByRole('textbox', { name: 'Text to learn from' }).fill('The cat sat on the mat.');
  await small(page, 2, { 'Write every': '0', 'Save every': '0' });
  await expect(page.locator('.train-notes')).toContainText('There is little text, 23 characters');
  await expect(page.getByText('Nothing is kept back to measure with.')).toBeVisible();
  await begin(page).click();
  await expect(state(page)).toHaveText('Finished after 2 steps.');
});

test('a learning rate far too high ends the run at its last good checkpoint, and a calmer one is offered', async ({
  page,
}) => {
  await open(page);
  await setUp(page, 20, { 'Warm-up': '0', Clip: '0', 'Save every': '0', 'Write every': '0' });
  await field(page, 'Learning rate').fill('1e9');
  await expect(page.getByText('A number from 0 to 1,000,000.')).toBeVisible();
  await field(page, 'Learning rate').fill('1e6');
  await page.getByRole('combobox', { name: 'Decay' }).selectOption('constant');
  await begin(page).click();
  await expect(state(page)).toContainText('Its checkpoint of step 0 is whole.');
  await page.getByRole('button', { name: 'Begin again at a learning rate of 100,000' }).click();
  await expect(field(page, 'Learning rate')).toHaveValue('100000');
  await expect(begin(page)).toBeEnabled();
  await page.getByRole('checkbox', { name: 'Stop when the held-out loss stops falling' }).check();
  await page.getByText('All settings').click();
  await expect(field(page, 'Patience')).toHaveValue('3');
  await page.getByRole('combobox', { name: 'Recipe to begin with' }).selectOption('barry-roberta');
  await expect(page.getByRole('combobox', { name: 'Objective' })).toHaveValue('ten-rates');
  await expect(field(page, 'Learning rate')).toHaveValue('0.00005');
  await expect(field(page, 'Length')).toHaveValue('256');
  await expect(page.getByText(/^Nathan Barry trained/)).toBeVisible();
});

test('a lost device ends the run at its last checkpoint, and it goes on from there', async ({ page, browser }) => {
  await page.goto('./?backend=webgpu#/train');
  await setUp(page, 500, { 'Save every': '2', 'Write every': '0', 'Measure every': '0' });
  await begin(page).click();
  await expect(state(page)).toHaveText(/^Step ([3-9]|\d\d+) of 500$/);
  await (await browser.newBrowserCDPSession()).send('Browser.crashGpuProcess');
  const lost = /^The device was lost[.] The run can go on from its checkpoint of step (\d+)[.]$/;
  await expect(state(page)).toHaveText(lost);
  const kept = Number(lost.exec((await state(page).textContent()) ?? '')?.[1]);
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect
    .poll(async () => Number(/^Step (\d+)/.exec((await state(page).textContent()) ?? '')?.[1]))
    .toBeGreaterThan(kept);
});

test('nothing scrolls sideways on a phone, and axe finds nothing', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 800 });
  await open(page);
  await expect(rowsShown(page)).toBeVisible();
  await page.getByText('All settings').click();
  await expect.poll(() => sideways(page)).toBeLessThanOrEqual(0);
  await findNothing(page, 'light');
  await page.setViewportSize({ width: 1280, height: 800 });
  await findNothing(page, 'dark');
});
