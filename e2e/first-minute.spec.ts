/** What a stranger does in the first minute: reads what this is, presses Generate twice, rubs out a word, tries the shelf. */
import { expect, test } from '@playwright/test';
import { withAddress } from '../tools/head-plugin.ts';
import { finished, masks, modelReady, open, painted, slots, somethingElse, source, textOf } from './journey.ts';

const seedOf = (url: string) => /[?&]seed=(\d+)/.exec(url)?.[1];

test('every Generate draws a new seed, a double click is one click, and a pinned seed stays', async ({ page }) => {
  await open(page, { backend: 'fallback', link: 'length=8&steps=4&seed=11' });
  await modelReady(page);
  const generate = page.getByRole('button', { name: /^Generate/ });

  await test.step('the seed of a link is its own for one run', async () => {
    await generate.dblclick();
    await finished(page);
    await expect(masks(page)).toHaveCount(0);
    await expect(page).toHaveURL(/seed=11/);
  });

  let second = '';
  await test.step('the next run has another', async () => {
    await generate.click();
    await finished(page);
    await expect(page).not.toHaveURL(/seed=11\b/);
    second = seedOf(page.url()) ?? '';
    expect(second).not.toBe('');
  });

  await test.step('kept, it writes the same text again', async () => {
    const text = await textOf(page);
    await page.getByRole('button', { name: 'Keep this seed' }).click();
    await generate.click();
    await finished(page);
    expect(seedOf(page.url())).toBe(second);
    await expect.poll(() => textOf(page)).toBe(text);
  });
});

test('who has read the small model is offered the larger one, which writes the text anew', async ({ page }) => {
  await open(page, { backend: 'fallback', link: 'length=8&steps=4&seed=11' });
  await modelReady(page);
  const larger = page.getByRole('button', { name: /^Larger model \(14\.7.MB\)$/ });
  await expect(larger).toHaveCount(0);
  await page.getByRole('button', { name: /^Generate/ }).click();
  await finished(page);
  await larger.click();
  await expect(page.locator('.chip.model')).toContainText('tales');
  await modelReady(page);
  await finished(page);
  await expect(masks(page)).toHaveCount(0);
  await expect(source(page)).toHaveAttribute('data-source', 'live');
  expect(page.url()).toContain('model=tales');
  expect(seedOf(page.url())).not.toBe('11');
  await expect(larger).toHaveCount(0);
});

test('a word rubbed out of a finished text is written anew, and something else on demand', async ({ page }) => {
  await open(page, { backend: 'fallback', link: 'length=12&steps=6&seed=3' });
  await modelReady(page);
  await page.getByRole('button', { name: /^Generate/ }).click();
  await finished(page);
  const others = async () => (await slots(page).allTextContents()).filter((_, slot) => slot !== 8);
  const before = await others();
  await page.getByRole('button', { name: 'Rub out' }).click();
  await slots(page).nth(8).click();
  await finished(page);
  await expect(masks(page)).toHaveCount(0);
  await somethingElse(page).click();
  await finished(page);
  await expect(masks(page)).toHaveCount(0);
  await expect.poll(others).toEqual(before);
  await page.getByRole('button', { name: 'Put a word' }).click();
  await slots(page).nth(8).click();
  await page.getByRole('textbox', { name: 'Words to put here' }).fill('moon');
  await page.keyboard.press('Enter');
  await finished(page);
  await expect(masks(page)).toHaveCount(0);
  await expect(slots(page).nth(8)).toHaveText('moon');
  await expect(slots(page).nth(8)).toHaveClass(/pinned/);
});

test('the shelf fills a text whose ending is given', async ({ page }) => {
  await open(page, { backend: 'fallback', link: 'steps=4' });
  await modelReady(page);
  await page.getByRole('button', { name: 'End it like this' }).click();
  await expect(source(page)).toContainText('Live on');
  await finished(page);
  await expect(masks(page)).toHaveCount(0);
  // What stands in a slot has no spaces about it.
  const text = (await slots(page).allTextContents()).join('').replace(/\s+/g, '');
  expect(text).toMatch(/^Onemorning,Tomfoundakeyinthegarden\..+everybodywenthome\.$/);
});

test('more than the model reads is said before anything is written', async ({ page }) => {
  await open(page, { backend: 'fallback', link: 'length=8&steps=4' });
  await modelReady(page);
  const prompt = page.getByRole('textbox', { name: 'Text to go on from' });
  const said = page.getByText(
    /^The prompt has [\d,]+ tokens and 8 more are asked for, but stories reads at most 1,024/,
  );
  await prompt.fill('The cat sat. '.repeat(400));
  await expect(said).toBeVisible();
  await prompt.fill('The cat sat. '.repeat(20));
  await expect(said).toHaveCount(0);
});

test('what this is stands in the page before its scripts run', async ({ page, baseURL }) => {
  const html = await (await page.request.get(baseURL as string)).text();
  expect(html).toContain('A language model that writes anywhere on the page');
  expect(html).toMatch(/property="og:image" content="[^"]+preview[^"]*\.png"/);
  // What `UNMASK_URL` makes of it in a build.
  expect(withAddress(html, 'https://example.org/unmask')).toContain('content="https://example.org/unmask/preview.png"');
  expect(() => withAddress(html, 'example.org')).toThrow('UNMASK_URL');
});

for (const size of [
  { width: 360, height: 800 },
  { width: 800, height: 600 },
]) {
  test(`another mode moves nothing on a screen of ${size.width} by ${size.height}`, async ({ page }) => {
    await page.setViewportSize(size);
    await page.addInitScript(() => {
      const seen = { moved: 0 };
      const take = (entries: readonly PerformanceEntry[]) => {
        for (const entry of entries) seen.moved += (entry as PerformanceEntry & { value: number }).value;
      };
      const observer = new PerformanceObserver((list) => take(list.getEntries()));
      observer.observe({ type: 'layout-shift', buffered: true });
      Object.assign(window, {
        moved: () => {
          take(observer.takeRecords());
          const { moved } = seen;
          seen.moved = 0;
          return moved;
        },
      });
    });
    await open(page, { backend: 'fallback', withoutModel: true });
    const there = {
      'Fill in': page.getByRole('button', { name: 'Use an example' }),
      Chat: page.getByRole('textbox', { name: 'Your message' }),
      Edit: page.getByText('stories-edit is very small'),
      Continue: page.getByRole('textbox', { name: 'Text to go on from' }),
    };
    await page.evaluate(() => (window as unknown as { moved: () => number }).moved());
    for (const mode of ['Fill in', 'Chat', 'Edit', 'Chat', 'Continue'] as const) {
      await page.getByRole('group', { name: 'Mode' }).getByRole('button', { name: mode }).click();
      await expect(there[mode]).toBeVisible();
      await painted(page);
      const moved = await page.evaluate(() => (window as unknown as { moved: () => number }).moved());
      // The player stands below a box of another height.
      expect(moved, mode).toBeLessThan(0.1);
    }
  });
}

test('the sheet has the room of the text that is set up before it is written', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 800 });
  await open(page, { backend: 'fallback', link: 'length=160&steps=4&seed=11' });
  await modelReady(page);
  const paper = () => page.locator('.paper').evaluate((element) => element.getBoundingClientRect().height);
  const before = await paper();
  await page.getByRole('button', { name: /^Generate/ }).click();
  await finished(page);
  expect(await paper()).toBe(before);
});

test('words stay on their lines while the model writes, and the text has no breaks of its own', async ({ page }) => {
  await open(page, { backend: 'fallback', link: 'length=96&steps=96&seed=5' });
  await modelReady(page);
  const lines = () =>
    page.locator('.canvas.prose [data-slot]').evaluateAll((slots) => {
      const [first] = slots as HTMLElement[];
      const height = Number.parseFloat(getComputedStyle(first?.parentElement as HTMLElement).lineHeight);
      return slots.map((slot) =>
        Math.round(((slot as HTMLElement).offsetTop - (first as HTMLElement).offsetTop) / height),
      );
    });
  await page.getByRole('button', { name: /^Generate/ }).click();
  await expect(page.locator('.line-end').first()).toBeAttached();
  const begun = await lines();
  await finished(page);
  await page.locator('.timeline').focus();
  await page.keyboard.press('End');
  await expect(page.locator('.slot.mask')).toHaveCount(0);
  const done = await lines();
  expect(done.length).toBe(begun.length);
  // 30 of 100 when this was written.
  expect(begun.filter((line, slot) => line !== done[slot]).length).toBeLessThan(begun.length / 2);
  const text = await page.locator('.canvas.prose').evaluate((canvas) => (canvas as HTMLElement).innerText);
  const said = await page.locator('.canvas.prose').evaluate((canvas) => canvas.textContent);
  expect(text.split('\n').length).toBe((said ?? '').split('\n').length);
});
