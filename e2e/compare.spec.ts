/** The Compare view with the real models: the race on the measured clock, samplers side by side, and the frontier. */
import { expect, type Page, test } from '@playwright/test';
import { axeFindings, axeInBothThemes, NOTHING } from './axe.ts';
import { pressOnce, sideways, toTheEnd } from './journey.ts';

/** The models run without WebGPU, which is the faster way on a software adapter. */
async function open(page: Page, link: string): Promise<void> {
  await page.goto(`./?backend=fallback#/compare?v=1&${link}`);
  await expect(page.getByRole('heading', { name: 'Compare' })).toBeVisible();
}

const mode = (page: Page, name: string) => page.getByRole('group', { name: 'Mode' }).getByRole('button', { name });
const lane = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

test('the race runs to its end, and its clock is the sum of what was measured', async ({ page }) => {
  await open(page, 'length=8&per=4&block=0&seed=3');
  await page.getByRole('button', { name: 'Race' }).last().click();
  const results = page.locator('.compare-table tbody tr');
  await expect(results).toHaveCount(2);
  await expect(results.nth(0)).toContainText('append');
  await expect(results.nth(0).getByRole('cell').nth(1)).toHaveText('8');
  await expect(results.nth(1)).toContainText('set, 4 a pass');
  await expect(results.nth(1).getByRole('cell').nth(1)).toHaveText('2');

  await test.step('the end of the time line is the measured end of the slower run', async () => {
    await toTheEnd(page);
    const shown = Number(await page.locator('.replay-clock').getAttribute('data-at'));
    await page.getByText('As a table').click();
    const steps = await page.locator('.figure-table tbody tr').evaluateAll((rows) =>
      rows.map((row) => ({
        side: row.querySelector('th')?.textContent?.split(',')[0] ?? '',
        milliseconds: Number(row.querySelectorAll('td')[1]?.textContent),
      })),
    );
    expect(steps.map(({ side }) => side)).toEqual([
      ...Array(8).fill('append: left to right'),
      'set: anywhere',
      'set: anywhere',
    ]);
    const sum = (side: string) =>
      steps.filter((one) => one.side === side).reduce((all, { milliseconds }) => all + milliseconds, 0);
    expect(shown).toBeCloseTo(Math.max(sum('append: left to right'), sum('set: anywhere')), 1);
  });

  await test.step('at the start nothing is written: masks on one side, empty paper on the other', async () => {
    await page.getByRole('slider', { name: 'Elapsed time' }).focus();
    await page.keyboard.press('Home');
    await expect(lane(page, 'set: anywhere').locator('.mask')).toHaveCount(8);
    await expect(lane(page, 'append: left to right').locator('.ahead')).toHaveCount(8);
    await expect(lane(page, 'append: left to right').locator('.mini')).toHaveText(/^Once upon a time\s*$/);
  });

  await test.step('other settings say that the results are of before', async () => {
    await page.getByLabel('Seed', { exact: true }).fill('4');
    await expect(page.getByText('The settings have changed')).toBeVisible();
    await expect(page).toHaveURL(/seed=4/);
  });
});

test('samplers write one prompt side by side; columns live in the address', async ({ page }) => {
  await open(page, 'tab=samplers&length=8&columns=confidence,4,1,0;random,8,1,0');
  await expect(page.locator('.lane')).toHaveCount(2);
  await page.getByRole('button', { name: 'Write all' }).click();
  await expect(page.locator('.lane .counters')).toHaveCount(2);
  const slider = page.getByRole('slider', { name: 'Step' });
  // Columns are written one after the other, and the second is not at its end when its line is there.
  await expect(page.locator('.compare-go .busy')).toHaveCount(0);
  await slider.press('End');
  await expect(page.locator('.replay-clock')).toHaveText('step 8');
  await expect(page.locator('.mini .mask')).toHaveCount(0);
  // Every written slot shows its word.
  const words = await page.locator('.mini .slot').allTextContents();
  expect(words).toHaveLength(2 * 12);
  expect(words.filter((word) => word === '')).toEqual([]);

  await page.getByRole('button', { name: 'Add a column' }).click();
  await page.getByRole('button', { name: 'Remove column 1' }).click();
  await expect(page).toHaveURL(/columns=random%2C8%2C1%2C0%3Brandom%2C8%2C1%2C0/);
  await page.reload();
  await expect(page.locator('.lane')).toHaveCount(2);
  await expect(page.getByRole('combobox', { name: 'Order' }).first()).toHaveValue('random');

  await test.step('one text is repaired in two ways, each edit told, and the words that differ are marked', async () => {
    await page.goto('./?backend=fallback#/compare?v=3&tab=samplers&mode=edit&repairs=surest,0.5,8,0;leap,0.5,8,0');
    await expect(page.getByRole('combobox', { name: 'Edits' })).toHaveCount(2);
    await page
      .getByRole('textbox', { name: 'Text to be repaired' })
      .fill('One day, a littel girl went went to the park.');
    await page.getByRole('button', { name: 'Repair all' }).click();
    await expect(page.locator('.lane .counters')).toHaveCount(2);
    await expect(page.locator('.compare-go .busy')).toHaveCount(0);
    await slider.press('End');
    await expect(page.locator('.mini').first()).toHaveText('One day, a little girl went to the park.');
    await expect(page.locator('.edit-log').first()).toContainText(/Edits so far: [1-9]/);
    await slider.press('Home');
    await slider.press('ArrowRight');
    await expect(page.locator('.mini').first().locator('.removed')).not.toHaveCount(0);
    expect(await axeFindings(page)).toEqual([]);
    await expect(page.locator('.chip.model')).toContainText('stories-edit');
    await mode(page, 'Continue').click();
    await page.getByRole('button', { name: 'Write all' }).click();
    await expect(page.locator('.chip.model')).toContainText('stories,');
  });
});

test('the frontier: measured by us, then one prompt computed here, stopped, gone on, and kept', async ({ page }) => {
  await open(page, 'tab=frontier&length=8&prompts=1&series=random');
  await expect(page.getByText('Measured by us on')).toBeVisible();
  const points = page.locator('.frontier-plots figure').first().locator('.figure-point');
  await expect(points.first()).toBeVisible();
  expect(await points.count()).toBeGreaterThanOrEqual(24);

  const stopped = pressOnce(page, /of 5 texts/, 'Stop');
  await page.getByRole('button', { name: 'Compute 5 texts here' }).click();
  await stopped;
  await page.getByRole('button', { name: /^(Go on, \d|Compute \d)/ }).click();
  await expect(points).toHaveCount(4);

  await test.step('a point leads to its text, and the text to the Generate view', async () => {
    await points.first().focus();
    await page.keyboard.press('Enter');
    await expect(page.locator('.texts li')).toHaveCount(1);
    const link = page.locator('.texts a');
    await expect(link).toHaveAttribute(
      'href',
      /^#\/generate\?v=3&check=\d+-\w+&length=8&steps=8&block=0&sampler=random&seed=1$/,
    );
  });

  await test.step('what was computed is there after a reload', async () => {
    await page.reload();
    await page.getByRole('button', { name: 'Computed here' }).click();
    await expect(points).toHaveCount(4);
  });
});

test('a link that cannot be read says so and keeps the defaults', async ({ page }) => {
  await open(page, 'tab=samplers&columns=best,1,1,1');
  await expect(page.getByText('columns').or(page.getByText('sampler must be')).first()).toBeVisible();
  await expect(page.locator('.lane')).toHaveCount(3);
});

test('axe finds nothing in either theme, and nothing scrolls sideways', async ({ page }) => {
  await page.route('**/models/**', () => undefined);
  for (const tab of ['race', 'samplers', 'frontier']) {
    await open(page, `tab=${tab}`);
    if (tab === 'frontier') await expect(page.locator('.figure-point').first()).toBeVisible();
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await axeInBothThemes(page), `${tab}, ${width} pixels`).toEqual(NOTHING);
      await expect.poll(() => sideways(page)).toBeLessThanOrEqual(0);
    }
  }
});
