/** Models from a hub on another origin, from files, and from links that name one. */
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { axeInBothThemes, NOTHING } from './axe.ts';
import { type Hub, MODEL, startHub } from './hub.ts';
import { finished, masks, modelReady, open, timeLine } from './journey.ts';

let hub: Hub;
test.beforeEach(async () => {
  hub = await startHub();
});
test.afterEach(async () => {
  await hub[Symbol.asyncDispose]();
});

const dialog = (page: Page) => page.getByRole('dialog', { name: 'Models' });
const chip = (page: Page) => page.locator('.chip.model');

async function openDialog(page: Page): Promise<void> {
  await chip(page).click();
  await expect(dialog(page).getByText(/^(Models take|Nothing is stored)/)).toBeVisible();
}

async function setHub(page: Page, endpoint: string): Promise<void> {
  await dialog(page).getByText('Address of the hub').click();
  await dialog(page).getByRole('textbox', { name: 'Address of the hub' }).fill(endpoint);
}

async function lookUp(page: Page, id: string): Promise<void> {
  await dialog(page).getByLabel('Another model by its id or address').fill(id);
  await dialog(page).getByRole('button', { name: 'Look up', exact: true }).click();
}

test('download, reload in the middle, go on, generate, work without the hub, delete', async ({ page }) => {
  await open(page, { backend: 'fallback', link: 'length=8&steps=4' });
  await modelReady(page);
  await openDialog(page);
  await setHub(page, hub.endpoint);
  await lookUp(page, MODEL);
  await expect(dialog(page).getByText(/to download/)).toBeVisible();

  await test.step('a slow download is broken off by a reload', async () => {
    hub.pause = 30;
    hub.room = 7e6;
    await dialog(page).getByRole('button', { name: 'Download', exact: true }).click();
    const bar = dialog(page).getByRole('progressbar');
    await expect.poll(async () => Number(await bar.getAttribute('value'))).toBeGreaterThan(0.55);
    await expect(dialog(page).getByText(/MB\/s/)).toBeVisible();
    await expect(dialog(page).getByText(/left$/)).toBeVisible();
    await page.reload();
    hub.pause = 0;
    hub.room = Number.POSITIVE_INFINITY;
  });

  await test.step('it goes on where it was, and the model comes into use', async () => {
    await modelReady(page);
    await openDialog(page);
    await expect(dialog(page).getByText(/MB of .* MB downloaded/)).toBeVisible();
    hub.requests.length = 0;
    await dialog(page)
      .getByRole('button', { name: `Go on: ${MODEL}` })
      .click();
    await expect(chip(page)).toContainText(`${MODEL}, `);
    const weights = hub.requests.filter((request) => request.includes('model.safetensors bytes='));
    const starts = weights.map((request) => Number(/bytes=(\d+)/.exec(request)?.[1]));
    // The header is looked at again; of the rest only what was missing is fetched.
    expect(Math.max(...starts)).toBeGreaterThan(2 ** 22 - 1);
    await expect(dialog(page).getByText('In use')).toBeVisible();
    await page.keyboard.press('Escape');
  });

  await test.step('it writes, and the link names it', async () => {
    await page.keyboard.press('ControlOrMeta+Enter');
    await finished(page);
    await expect(masks(page)).toHaveCount(0);
    await expect(timeLine(page)).toHaveAttribute('aria-valuenow', '4');
    await expect(page).toHaveURL(/model=class/);
  });

  await test.step('after a reload it comes from the store, without a word to the hub', async () => {
    hub.requests.length = 0;
    await page.reload();
    await expect(chip(page)).toContainText(`${MODEL}, `);
    expect(hub.requests).toEqual([]);
  });

  await test.step('it is deleted, and asks before', async () => {
    await openDialog(page);
    await dialog(page).getByRole('button', { name: 'Use: stories', exact: true }).click();
    await expect(chip(page)).toContainText('stories, ');
    await dialog(page)
      .getByRole('button', { name: `Delete: ${MODEL}` })
      .click();
    await dialog(page)
      .getByRole('button', { name: /^Delete .* MB\?: class\/tiny/ })
      .click();
    await expect(dialog(page).getByText(/Nothing is stored yet/)).toBeVisible();
    // The hub of the class goes on offering it.
    await expect(dialog(page).getByRole('button', { name: `Delete: ${MODEL}` })).toHaveCount(0);
  });
});

test('a download can be cancelled and stays begun', async ({ page }) => {
  await open(page, { backend: 'fallback', link: 'length=8' });
  await modelReady(page);
  await openDialog(page);
  await setHub(page, hub.endpoint);
  // The hub of a class says what it has.
  await dialog(page)
    .getByRole('button', { name: `Look up: ${MODEL}` })
    .click();
  await expect(dialog(page).getByText(/to download/)).toBeVisible();

  await test.step('axe finds nothing in the dialog in either theme, and it fits a phone', async () => {
    expect(await axeInBothThemes(page, '.models-dialog')).toEqual(NOTHING);
    await page.setViewportSize({ width: 360, height: 740 });
    const wider = () => dialog(page).evaluate((element) => element.scrollWidth - element.clientWidth);
    await expect.poll(wider).toBe(0);
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  hub.pause = 30;
  hub.room = 4e6;
  await dialog(page).getByRole('button', { name: 'Download', exact: true }).click();
  const bar = dialog(page).getByRole('progressbar');
  await expect.poll(async () => Number(await bar.getAttribute('value'))).toBeGreaterThan(0.2);
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog(page).getByText(/MB of .* MB downloaded/)).toBeVisible();
  await dialog(page)
    .getByRole('button', { name: `Delete: ${MODEL}` })
    .click();
  await dialog(page)
    .getByRole('button', { name: /^Delete .*\?/ })
    .click();
  await expect(dialog(page).getByText(/downloaded/)).toHaveCount(0);
});

test('a link to a model of the hub offers to download it, and asks nobody before', async ({ page }) => {
  await page.addInitScript((endpoint) => {
    localStorage.setItem('unmask.preferences', JSON.stringify({ hub: endpoint }));
  }, hub.endpoint);
  await open(page, { backend: 'fallback', link: `length=8&model=${encodeURIComponent(MODEL)}` });
  await modelReady(page);
  await expect(chip(page)).toContainText('stories, ');
  await expect(page.getByText(`These settings ask for the model “${MODEL}”`)).toBeVisible();
  expect(hub.requests).toEqual([]);
  await page.getByRole('button', { name: 'See about it' }).click();
  await expect(dialog(page).getByText(/to download/)).toBeVisible();
  await dialog(page).getByRole('button', { name: 'Download', exact: true }).click();
  await expect(chip(page)).toContainText(`${MODEL}, `);
  await expect(page.getByText('These settings ask for')).toHaveCount(0);
});

test('what goes wrong at the hub is a sentence with a way on', async ({ page }) => {
  await open(page, { backend: 'fallback' });
  await openDialog(page);
  await setHub(page, hub.endpoint);
  await lookUp(page, 'class/tyni');
  await expect(dialog(page).getByRole('alert')).toContainText('no open repository for class/tyni');
  await lookUp(page, 'no id');
  await expect(dialog(page).getByText('Write it as owner/name')).toBeVisible();

  hub.mute = true;
  await lookUp(page, MODEL);
  await expect(dialog(page).getByRole('alert')).toContainText('forbids this page');
  hub.mute = false;
  await dialog(page).getByRole('alert').getByRole('button', { name: 'Try again' }).click();
  await expect(dialog(page).getByText(/to download/)).toBeVisible();

  await page.context().setOffline(true);
  await lookUp(page, MODEL);
  await expect(dialog(page).getByRole('alert')).toContainText('This device is offline.');
  await page.context().setOffline(false);
});

test('a full disk: the rest stays in memory, the page says so, and the model runs', async ({ page }) => {
  await open(page, { backend: 'fallback', link: 'length=8&steps=4' });
  await modelReady(page);
  const session = await page.context().newCDPSession(page);
  const { origin } = new URL(page.url());
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 6_000_000 });
  await openDialog(page);
  await setHub(page, hub.endpoint);
  await lookUp(page, MODEL);
  await expect(dialog(page).getByText(/to download/)).toBeVisible();
  hub.pause = 10;
  hub.room = 8e6;
  await dialog(page).getByRole('button', { name: 'Download', exact: true }).click();
  // It is said while the rest comes.
  await expect(dialog(page).getByText(/storage is full/)).toBeVisible();
  hub.room = Number.POSITIVE_INFINITY;
  await expect(chip(page)).toContainText(`${MODEL}, `);
  await expect(dialog(page).getByText(/in memory, until the page closes/)).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+Enter');
  await finished(page);
  await expect(masks(page)).toHaveCount(0);
});

test('a model among the person’s files is used, or kept', async ({ page }) => {
  await open(page, { backend: 'fallback', link: 'length=8&steps=4' });
  await modelReady(page);
  await openDialog(page);
  const files = ['config.json', 'tokenizer.json', 'model.safetensors'].map((name) => join(hub.folder, name));
  await dialog(page).getByLabel('Choose files').last().setInputFiles(files.slice(0, 2));
  await expect(dialog(page).getByText('Not among them: model.safetensors.')).toBeVisible();
  await dialog(page).getByLabel('Choose a folder').last().setInputFiles(hub.folder);
  await dialog(page).getByRole('button', { name: 'Use now' }).click();
  await expect(chip(page)).toContainText('tiny, ');
  await dialog(page).getByRole('button', { name: 'Keep in this browser' }).click();
  await expect(dialog(page).getByText(/since/)).toBeVisible();
  await page.reload();
  await expect(chip(page)).toContainText('tiny, ');
});
