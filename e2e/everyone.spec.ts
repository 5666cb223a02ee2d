/** Every view for everybody: by keyboard alone, on a small and on a magnified screen, with large enough things to touch. */
import { expect, type Page, test } from '@playwright/test';
import { axeFindings } from './axe.ts';
import { pauseAt, slots } from './journey.ts';

const VIEWS = ['Generate', 'Learn', 'Schedule', 'Train', 'Compare', 'Under the hood'] as const;

test.beforeEach(async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  // The recorded run is enough here, and nothing competes with axe for the processor.
  await page.route('**/models/**', () => undefined);
  await page.goto('./');
});

async function go(page: Page, view: string): Promise<void> {
  const link = page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: view, exact: true });
  await link.focus();
  await page.keyboard.press('Enter');
  await expect(link).toHaveAttribute('aria-current', 'page');
  await expect(page.getByRole('main').getByRole('heading').first()).toBeVisible();
  await expect(page.locator('main[aria-busy="true"]')).toHaveCount(0);
}

interface Stop {
  readonly what: string;
  readonly named: boolean;
  readonly marked: boolean;
}

/** What has the focus: a number for it, whether it has a name, and whether one can see that it has the focus. */
const focused = (page: Page) =>
  page.evaluate((): (Stop & { readonly id: number }) | undefined => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement || element instanceof SVGElement) || element === document.body)
      return undefined;
    const world = window as unknown as { stops?: Element[] };
    world.stops ??= [];
    if (!world.stops.includes(element)) world.stops.push(element);
    const look = () =>
      [element, ...(element instanceof SVGElement ? element.querySelectorAll('*') : [])]
        .map((part) => getComputedStyle(part))
        .map(
          ({ outlineStyle, boxShadow, stroke, strokeWidth, fill }) =>
            `${outlineStyle} ${boxShadow} ${stroke} ${strokeWidth} ${fill}`,
        )
        .join();
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    let marked = (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
    if (!marked && element instanceof SVGElement) {
      // Points of a figure are marked by a ring within them.
      const before = look();
      element.blur();
      marked = look() !== before;
      element.focus();
    }
    const label =
      element.closest('label') ??
      (element.id ? document.querySelector(`label[for="${CSS.escape(element.id)}"]`) : null);
    const labelledBy = element
      .getAttribute('aria-labelledby')
      ?.split(' ')
      .map((id) => document.getElementById(id)?.textContent);
    const name =
      element.getAttribute('aria-label') ?? labelledBy?.join(' ') ?? label?.textContent ?? element.textContent ?? '';
    return {
      id: world.stops.indexOf(element),
      what: element.outerHTML.slice(0, 120),
      named: `${name}${element.getAttribute('title') ?? ''}${element.ariaLabel ?? ''}`.trim() !== '',
      marked,
    };
  });

/** What can be reached with Tab and is seen, by the rules of HTML. One of a group of radio buttons counts. */
const reachable = (page: Page) =>
  page.evaluate(() => {
    const world = window as unknown as { stops?: Element[] };
    const groups = new Set<string>();
    return [
      ...document.querySelectorAll<HTMLElement>(
        'main :is(a[href], button, input, select, textarea, summary, [tabindex="0"])',
      ),
    ]
      .filter(
        (element) =>
          element.tabIndex >= 0 &&
          !element.matches(':disabled') &&
          element.checkVisibility({ visibilityProperty: true }),
      )
      .filter((element) => {
        if (!(element instanceof HTMLInputElement) || element.type !== 'radio') return true;
        if (groups.has(element.name)) return false;
        groups.add(element.name);
        return true;
      })
      .filter((element) => {
        const inGroup = element instanceof HTMLInputElement && element.type === 'radio';
        return !(world.stops ?? []).some(
          (stop) => stop === element || (inGroup && (stop as HTMLInputElement).name === element.name),
        );
      })
      .map((element) => element.outerHTML.slice(0, 120));
  });

test('every view by keyboard alone: Tab reaches everything, each has a name and shows that it has the focus', async ({
  page,
}) => {
  // The first stop leads past the header, into the text.
  await expect(page.locator('[data-slot][tabindex="0"]')).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-slot]:focus')).toHaveCount(1);
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('[data-slot]:focus')).toHaveAttribute('data-slot', '1');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
  await page.keyboard.press('Escape');

  for (const view of VIEWS) {
    await go(page, view);
    await page.evaluate(() => {
      (window as unknown as { stops?: Element[] }).stops = [];
    });
    const stops = new Map<number, Stop>();
    // From the view's link through the page and around, until something comes a second time.
    for (let pressed = 0; pressed < 250; pressed++) {
      await page.keyboard.press('Tab');
      const stop = await focused(page);
      if (stop && stops.has(stop.id)) break;
      if (stop) stops.set(stop.id, stop);
    }
    const all = [...stops.values()];
    expect(
      all.filter(({ named }) => !named).map(({ what }) => what),
      `${view}: no name`,
    ).toEqual([]);
    expect(
      all.filter(({ marked }) => !marked).map(({ what }) => what),
      `${view}: focus not seen`,
    ).toEqual([]);
    expect(await reachable(page), `${view}: not reached`).toEqual([]);
  }
});

const SIDEWAYS = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;

test('every view on a small and on a magnified screen: nothing scrolls sideways, everything is large enough to touch', async ({
  page,
}) => {
  for (const [name, size] of [
    ['360 pixels wide', { width: 360, height: 740 }],
    ['1280 by 800 at 200 %', { width: 640, height: 400 }],
  ] as const) {
    await page.setViewportSize(size);
    for (const view of VIEWS) {
      await go(page, view);
      expect(await page.evaluate(SIDEWAYS), `${view} scrolls sideways, ${name}`).toBeLessThanOrEqual(0);
      expect(await axeFindings(page, { only: ['target-size'] }), `${view}, ${name}`).toEqual([]);
    }
  }
});

test('axe finds nothing in any view, in either theme', async ({ page }) => {
  for (const view of VIEWS) {
    await go(page, view);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await axeFindings(page), `${view}, ${colorScheme}`).toEqual([]);
    }
  }
});

test('with the colours of the system masks still differ from words, and the chosen view from the others', async ({
  page,
}) => {
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  await expect(slots(page).first()).toBeVisible();
  await pauseAt(page, 1);
  const style = (selector: string, part?: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((element, pseudo) => {
        const { color, textDecorationLine } = getComputedStyle(element, pseudo);
        return { color, textDecorationLine };
      }, part);
  // The word that will stand there is already in the page, to keep its place.
  expect((await style('.canvas .mask', '::before')).color).toBe('rgba(0, 0, 0, 0)');
  expect((await style('nav a[aria-current]')).textDecorationLine).toBe('underline');
  expect((await style('nav a:not([aria-current])')).textDecorationLine).toBe('none');
});
