/** Every view for everybody: by keyboard alone, on a small and on a magnified screen, with large enough things to touch. */
import { expect, type Page, test } from '@playwright/test';
import { axeFindings, axeInBothThemes, NOTHING } from './axe.ts';
import { pauseAt, sideways, slots } from './journey.ts';

const VIEWS = ['Generate', 'Learn', 'Schedule', 'Train', 'Compare', 'Under the hood'] as const;

/** What WCAG 2.2, 1.4.12 says a page must bear. */
const SPACED = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
  p { margin-bottom: 2em !important }`;

/** Words that their own box cuts off: none of what hides on purpose (the label of an icon, too), scrolls, or ends in an ellipsis with its whole as a title. */
const cutOff = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('main *')]
      .filter((element) => {
        const { overflowX, clipPath, clip, position } = getComputedStyle(element);
        const hides = overflowX === 'hidden' || overflowX === 'clip';
        if (!hides || clipPath !== 'none' || (position === 'absolute' && clip !== 'auto')) return false;
        if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('[title], svg, .hidden, .copy'))
          return false;
        return (
          element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1 && element.innerText.trim() !== ''
        );
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  );

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
  /** Something of it can be seen: what stays in place does not cover it (WCAG 2.2, 2.4.11). */
  readonly uncovered: boolean;
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
    const box = element.getBoundingClientRect();
    const inset = (share: number, from: number, size: number) => from + size * share;
    const uncovered = [0.1, 0.5, 0.9].some((x) =>
      [0.1, 0.5, 0.9].some((y) => {
        const at = document.elementFromPoint(inset(x, box.left, box.width), inset(y, box.top, box.height));
        return at !== null && (element.contains(at) || at.contains(element) || at.closest('label')?.contains(element));
      }),
    );
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
      uncovered,
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
    expect(
      all.filter(({ uncovered }) => !uncovered).map(({ what }) => what),
      `${view}: covered`,
    ).toEqual([]);
    expect(await reachable(page), `${view}: not reached`).toEqual([]);
  }
});

test('every view on a small and on a magnified screen: nothing scrolls sideways, everything is large enough to touch', async ({
  page,
}) => {
  for (const [name, size] of [
    ['320 pixels wide', { width: 320, height: 640 }],
    ['1280 by 800 at 200 %', { width: 640, height: 400 }],
  ] as const) {
    await page.setViewportSize(size);
    for (const view of VIEWS) {
      await go(page, view);
      await expect.poll(() => sideways(page), `${view} scrolls sideways, ${name}`).toBeLessThanOrEqual(0);
      expect(await axeFindings(page, { only: ['target-size'] }), `${view}, ${name}`).toEqual([]);
    }
  }
  await page.setViewportSize({ width: 320, height: 640 });
  // The page's policy allows no style of others; what scripts put together is none.
  await page.evaluate((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets = [sheet];
  }, SPACED);
  for (const view of VIEWS) {
    await go(page, view);
    await expect.poll(() => sideways(page), `${view}, spaced, scrolls sideways`).toBeLessThanOrEqual(0);
    expect(await cutOff(page), `${view}, spaced`).toEqual([]);
  }
});

test('axe finds nothing in any view, in either theme', async ({ page }) => {
  for (const view of VIEWS) {
    await go(page, view);
    expect(await axeInBothThemes(page), view).toEqual(NOTHING);
  }
  await page.goto('./#/access');
  await expect(page.getByRole('heading', { name: 'Accessibility' })).toBeVisible();
  await expect(page).toHaveTitle('Accessibility · Unmask');
  expect(await axeFindings(page)).toEqual([]);
  await page.goto('./#/generate');
  await page.getByRole('button', { name: 'Table', exact: true }).click();
  await expect(page.getByRole('table', { name: 'The text, token by token' })).toBeVisible();
  expect(await axeFindings(page), 'the table').toEqual([]);
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
