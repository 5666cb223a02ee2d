/** What axe finds on a page, where nothing is right. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** What can change for the worse with the theme alone: colours. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/** The same of one page in both themes: every rule in the light, those of colours in the dark. */
export async function axeInBothThemes(page: Page, within = 'html'): Promise<Record<'light' | 'dark', string[]>> {
  // Without motion: a fade is a moment of low contrast, and what stays is what is measured.
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  const light = await axeFindings(page, { within });
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  return { light, dark: await axeFindings(page, { within, only: OF_COLOURS }) };
}

/** Of `axeInBothThemes`. */
export const NOTHING = { light: [], dark: [] };

/**
 * A line for each rule that is broken: its id and the elements, all rules or those named. In one world, the page's own:
 * asking every frame and joining the answers in a tab of its own takes four times as long, and no view holds a frame.
 */
export async function axeFindings(
  page: Page,
  { within = 'html', only }: { readonly within?: string; readonly only?: readonly string[] } = {},
): Promise<string[]> {
  await faded(page);
  // It puts itself into the page at every call, twice, which takes as long as looking.
  const there = await page.evaluate(() => 'axe' in window);
  const { violations } = await new AxeBuilder({ page, ...(there && { axeSource: ';' }) })
    .setLegacyMode(true)
    .include(within)
    .options({ resultTypes: ['violations'], ...(only && { runOnly: [...only] }) })
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

/** Colours that change by a fade have come to rest: in the middle of one a text may have any contrast. */
async function faded(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ends = (each: Animation) =>
      each.playState === 'running' && each.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY;
    // A fade that is taken away on its way has ended, too.
    await Promise.allSettled(
      document
        .getAnimations()
        .filter(ends)
        .map(({ finished }) => finished),
    );
  });
}
