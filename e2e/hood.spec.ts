/** Journeys under the hood: the self-test on WebGPU in software, the profile, the source of the kernels. */
import { expect, type Page, test } from '@playwright/test';
import { axeInBothThemes, NOTHING } from './axe.ts';
import { modelReady, sideways } from './journey.ts';

const part = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

async function open(page: Page, { backend = 'fallback', kernel = '', withoutModel = false } = {}): Promise<void> {
  if (withoutModel) await page.route('**/models/**', (route) => route.abort());
  await page.goto(`./?backend=${backend}#/hood${kernel && `?kernel=${kernel}`}`);
  await expect(page.getByRole('heading', { name: 'Under the hood', level: 1 })).toBeVisible();
}

test('on WebGPU: facts, a self-test that passes and is remembered, and the time of every kernel', async ({ page }) => {
  await open(page, { backend: 'webgpu' });
  const device = part(page, 'The device');
  await expect(device.getByText('SwiftShader').first()).toBeVisible();
  await expect(device.getByText('maxStorageBufferBindingSize')).toBeVisible();
  await expect(device.getByText(/MB for stories: its weights/)).toBeVisible();

  const times = part(page, 'Time per kernel');
  await times.getByRole('combobox', { name: 'Canvas' }).selectOption('64');
  await times.getByRole('button', { name: 'Measure' }).press('Enter');
  await expect(times.getByText(/ms from question to answer/)).toBeVisible();
  // The clock of the card may be missing here, which the page then says.
  const clock = times.getByRole('row', { name: /^attention \d/ });
  await expect(clock.or(times.getByText('has no clock that a page may read'))).toBeVisible();

  const self = part(page, 'Self-test');
  await self.getByRole('button', { name: 'Run the self-test' }).press('Enter');
  await expect(self.getByText('✓ Verified on this adapter')).toBeVisible({ timeout: 8 * 60_000 });
  await expect(self.getByRole('row')).toHaveCount(1 + 11);
  await expect(self.locator('tr[data-passed=false]')).toHaveCount(0);
  await expect(self.getByRole('row', { name: /The shipped model/ })).toContainText('passed');

  expect(await axeInBothThemes(page)).toEqual(NOTHING);

  await page.reload();
  await modelReady(page);
  const chip = page.getByRole('button', { name: 'Where the model runs: WebGPU, verified by the self-test' });
  await expect(chip).toBeVisible();
  await page.getByRole('link', { name: 'Schedule' }).click();
  await chip.click();
  await page.getByRole('link', { name: /Verified on this adapter/ }).click();
  await expect(self.getByText(/^All 21 checks passed/)).toBeVisible();
});

test('where the device gives other logits than those expected, the page says so', async ({ page }) => {
  let changed = 0;
  // As if the device computed something else: the first kept logit of the first model is another.
  await page.route(/expected-[^/]*[.]json$/, async (route) => {
    const response = await route.fetch();
    const expected = await response.json();
    if (expected.ids.length === 1) {
      expected.logits[0][0] += 0.5;
      changed++;
    }
    await route.fulfill({ response, json: expected });
  });
  await open(page);
  const self = part(page, 'Self-test');
  await self.getByRole('button', { name: 'Run the self-test' }).click();
  await expect(self.locator('tr[data-passed=false]').first()).toContainText('✕ differs');
  await expect(self.locator('tr[data-passed=false]').first()).toContainText('One token alone');
  expect(changed).toBe(1);
  // Leaving with Escape keeps what was found, and remembers no verdict.
  await page.keyboard.press('Escape');
  await expect(self.getByText('Stopped.')).toBeVisible();
  expect(await page.evaluate(() => localStorage.getItem('unmask.verified'))).toBeNull();
});

test('a kernel stands beside its reference, by link and by keyboard, and can be copied', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page, { kernel: 'norm', withoutModel: true });
  const kernels = part(page, 'The kernels');
  await expect(kernels.getByText(/^Norm of one row per workgroup/)).toBeVisible();
  await expect(kernels.getByRole('region', { name: 'shaders/norm.wgsl' })).toContainText('override FEATURES: u32;');
  const reference = kernels.getByRole('region', { name: 'src/engine/kernels/norm.ts' });
  await expect(reference).toContainText('export function reference(');
  await expect(reference).not.toContainText('normConstants');
  await kernels.getByRole('button', { name: 'Whole file' }).press('Enter');
  await expect(reference).toContainText('normConstants');

  await kernels.getByRole('button', { name: 'Matrix product' }).press('Enter');
  await expect(page).toHaveURL(/#\/hood\?v=3&check=1-\w+&kernel=matmul$/);
  await kernels.getByRole('button', { name: 'matmul_staged' }).press('Enter');
  await expect(kernels.getByRole('region', { name: 'shaders/matmul_staged.wgsl' })).toContainText('fn stage_x(');
  await kernels.getByRole('button', { name: 'Copy WGSL' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('fn stage_x(row0: u32');
});

test('without WebGPU: what runs instead; axe finds nothing in either theme, and nothing scrolls sideways', async ({
  page,
}) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, { kernel: 'matmul' });
  await expect(part(page, 'The device').getByText('maxBufferSize')).toBeVisible();
  await test.step('without a model on WebGPU the page says what runs instead and still offers both', async () => {
    await expect(part(page, 'The device').getByText(/The model runs in WebAssembly at the moment/)).toBeVisible();
    await expect(part(page, 'Time per kernel').getByText(/which does not say where its time goes/)).toBeVisible();
    await expect(page.getByRole('button', { name: 'Measure' })).toBeEnabled();
    await expect(page.getByRole('button', { name: 'Run the self-test' })).toBeEnabled();
  });
  for (const width of [360, 390, 768, 1280]) {
    await page.setViewportSize({ width, height: 850 });
    await expect.poll(() => sideways(page), `${width} pixels`).toBeLessThanOrEqual(0);
    if (width !== 390 && width !== 1280) continue;
    expect(await axeInBothThemes(page), `${width} pixels`).toEqual(NOTHING);
  }
});
