/** What the page says of its storage beside what lies there: after runs that end well, that find no room, and that are killed. */
import { type CDPSession, expect, type Page, test } from '@playwright/test';

const state = (page: Page) => page.locator('.train-state');
const begin = (page: Page) => page.getByRole('button', { name: 'Train', exact: true });
const field = (page: Page, name: string) => page.getByRole('spinbutton', { name, exact: true });

async function setUp(page: Page, steps: number): Promise<void> {
  await page.goto('./?backend=fallback#/train');
  // The same address again would leave the view as it is.
  await page.reload();
  await page.getByRole('button', { name: 'Paste' }).click();
  const texts = Array.from(
    { length: 40 },
    (_, i) => `The ${['cat', 'dog', 'owl'][i % 3]} ran on day ${i} and was glad.`,
  );
  await page.getByRole('textbox', { name: 'Text to learn from' }).fill(texts.join('\n\n'));
  await page.getByRole('button', { name: 'Fresh' }).click();
  await page.getByRole('combobox', { name: 'Tokens' }).selectOption('characters');
  await page.getByText('All settings').click();
  const values = {
    Steps: steps,
    Batch: 2,
    Length: 32,
    'Held-out share': 0.2,
    'Rows to measure on': 4,
    'Save every': 4,
  };
  for (const [name, value] of Object.entries(values)) await field(page, name).fill(String(value));
}

/** Bytes of the files of the page's folder, and what the browser counts. */
const used = (page: Page) =>
  page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = (await root.getDirectoryHandle('unmask')) as unknown as {
      values(): AsyncIterable<FileSystemFileHandle>;
    };
    let [files, runs] = [0, 0];
    for await (const handle of folder.values()) {
      const { name, size } = await handle.getFile();
      if (name.startsWith('run-')) runs += size;
      files += size;
    }
    return { files, runs, usage: (await navigator.storage.estimate()).usage ?? 0 };
  });

/** The numbers of the line in the list of models, in bytes. */
async function shown(page: Page) {
  const said = await page.locator('.storage-line').innerText();
  const of = (what: string) => 1e6 * Number(new RegExp(`${what} takes? ([\\d.]+) MB`).exec(said)?.[1] ?? 0);
  return { models: of('Models'), runs: of('Training runs'), page: of('The page itself and its notes') };
}

/** A figure is rounded to tenths of a megabyte. */
const ROUNDED = 0.05e6 + 1;

async function adds(page: Page): Promise<{ readonly runs: number }> {
  await page.locator('.chip.model').click();
  // What was known before is on screen until it has been counted anew.
  await expect(async () => {
    const [there, said] = [await used(page), await shown(page)];
    expect(Math.abs(said.runs - there.runs), 'runs').toBeLessThan(ROUNDED);
    expect(Math.abs(said.models + said.runs - there.files), 'files').toBeLessThan(2 * ROUNDED);
    expect(there.usage).toBeGreaterThanOrEqual(there.files);
    expect(Math.abs(said.models + said.runs + said.page - there.usage), 'all').toBeLessThan(3 * ROUNDED + 0.1e6);
  }).toPass({ timeout: 2 * 60_000 });
  const said = await shown(page);
  await page.keyboard.press('Escape');
  return said;
}

const quota = (session: CDPSession, page: Page, quotaSize?: number) =>
  session.send('Storage.overrideQuotaForOrigin', {
    origin: new URL(page.url()).origin,
    ...(quotaSize && { quotaSize }),
  });

test('what is shown adds up to what is used: a run, one without room, one whose page is killed', async ({
  page,
  context,
}) => {
  await setUp(page, 8);
  await begin(page).click();
  await expect(state(page)).toHaveText('Finished after 8 steps.');
  const first = await adds(page);
  expect(first.runs).toBeGreaterThan(0.1e6);

  // Room for the beginning of a run, none for its checkpoint.
  const session = await context.newCDPSession(page);
  await quota(session, page, Math.ceil((await used(page)).usage + 0.4 * first.runs));
  await setUp(page, 8);
  await begin(page).click();
  await expect(page.getByText(/storage of this browser is full/)).toBeVisible();
  await adds(page);
  await quota(session, page);

  await setUp(page, 5000);
  await begin(page).click();
  await expect(state(page)).toHaveText(/^Step ([5-9]|\d\d+) of 5,000$/);
  const other = await context.newPage();
  await page.close();
  await other.goto('./?backend=fallback#/train');
  await expect(other.getByText(/is not finished: step \d+ of 5,000 is saved/)).toBeVisible();
  await adds(other);

  // Deleted one by one, and nothing is left of them.
  const rows = other.locator('.train-runs > li');
  for (let count = await rows.count(); count > 0; count--) {
    await rows
      .first()
      .getByRole('button', { name: /^Delete: / })
      .click();
    await rows
      .first()
      .getByRole('button', { name: /^Really delete/ })
      .click();
    await expect(rows).toHaveCount(count - 1);
  }
  expect((await used(other)).runs).toBe(0);
  await adds(other);
});
