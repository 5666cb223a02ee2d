/** The shipped model writes on WebGPU: whole journeys with the real worker, engine and weights. */
import { expect, test } from '@playwright/test';
import { finished, masks, modelReady, open, slots, source, textOf, timeLine } from './journey.ts';

// That what was written survives a reload is seen in steering.spec.ts, without compiling for WebGPU once more.
test('writes on WebGPU, stops with Escape, takes a changed word, goes on; undo; and the same link writes the same text', async ({
  page,
}) => {
  const link = 'length=16&steps=16&temperature=0.5&seed=5';
  await open(page, { backend: 'webgpu', link });
  await modelReady(page);
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(source(page)).toContainText('Live on WebGPU');
  await finished(page);
  await expect(masks(page)).toHaveCount(0);
  // A text that ends sooner is not asked for its rest.
  const last = await timeLine(page).getAttribute('aria-valuemax');
  expect(Number(last)).toBeGreaterThan(9);
  await expect(timeLine(page)).toHaveAttribute('aria-valuenow', last ?? '');
  expect(await page.locator('.canvas .slot:not(.given)').count()).toBe(16);
  const text = await textOf(page);
  expect(text).toMatch(/^Once upon a time/);

  await test.step('a second run with the seed kept is stopped in the middle', async () => {
    await page.getByRole('button', { name: 'Keep this seed' }).click();
    await page.getByRole('button', { name: /^Generate/ }).click();
    // Looked at in every frame, and pressed in the same: a quick run is over before a second look of `expect`.
    await timeLine(page).evaluate((line) =>
      new Promise<void>((there) => {
        const look = () =>
          /^[2-9]$/.test(line.getAttribute('aria-valuenow') ?? '') ? there() : requestAnimationFrame(look);
        look();
      }).then(() => document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))),
    );
    await finished(page);
    expect(await masks(page).count()).toBeGreaterThan(0);
  });

  await test.step('and goes on to the text of the unbroken run', async () => {
    await page.getByRole('button', { name: 'Go on' }).click();
    await finished(page);
    await expect.poll(() => textOf(page)).toBe(text);
  });

  await test.step('a word is edited and another masked again; only the mask is written anew', async () => {
    await slots(page).nth(10).click();
    await page.keyboard.press('e');
    await page.getByLabel('What should stand here').fill('dog');
    await expect(page.locator('.edit .note')).toContainText('One token');
    await page.keyboard.press('Enter');
    await expect(slots(page).nth(10)).toHaveText('dog');
    await expect(slots(page).nth(10)).toHaveClass(/pinned/);
    await slots(page).nth(14).click();
    await page.keyboard.press('Delete');
    await expect(masks(page)).toHaveCount(1);
    await page.getByRole('button', { name: 'Go on' }).click();
    await finished(page);
    await expect(masks(page)).toHaveCount(0);
    await expect(slots(page).nth(10)).toHaveText('dog');
    await expect(slots(page).nth(14)).toHaveClass(/again/);
  });

  await test.step('a kept word stays when the rest is rewritten', async () => {
    await page.getByRole('button', { name: 'Rewrite the rest' }).click();
    await expect(masks(page).first()).toBeVisible();
    await finished(page);
    await expect(slots(page).nth(10)).toHaveText('dog');
    await expect(masks(page)).toHaveCount(0);
  });

  await test.step('undo leads back to the first text', async () => {
    for (let times = 0; times < 12 && (await textOf(page)) !== text; times++) {
      await page.keyboard.press('ControlOrMeta+z');
    }
    await expect.poll(() => textOf(page)).toBe(text);
  });

  await test.step('the same link writes the same text', async () => {
    await page.goto('about:blank');
    await open(page, { backend: 'webgpu', link });
    await modelReady(page);
    await page.keyboard.press('ControlOrMeta+Enter');
    await expect(source(page)).toContainText('Live on WebGPU');
    await finished(page);
    await expect.poll(() => textOf(page)).toBe(text);
  });
});

test('people choose what the model runs on, and the choice is remembered', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: /^Where the model runs/ }).click();
  await page.getByRole('button', { name: /^Without WebGPU/ }).click();
  await modelReady(page);
  await expect(page.getByRole('button', { name: 'Where the model runs: WebAssembly' })).toBeVisible();
  await page.reload();
  await modelReady(page);
  await expect(page.getByRole('button', { name: 'Where the model runs: WebAssembly' })).toBeVisible();
});
