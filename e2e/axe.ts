/** What axe finds on a page, where nothing is right. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/**
 * A line for each rule that is broken: its id and the elements, all rules or those named. In one world, the page's own:
 * asking every frame and joining the answers in a tab of its own takes four times as long, and no view holds a frame.
 */
export async function axeFindings(
  page: Page,
  { within = 'html', only }: { readonly within?: string; readonly only?: readonly string[] } = {},
): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    .include(within)
    .options({ resultTypes: ['violations'], ...(only && { runOnly: [...only] }) })
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}
