/**
 * A class without https: the page comes from one server of the local network, the models from another. Both have one
 * address here, since browsers refuse what leads from a public address to a private one.
 */
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, test } from '@playwright/test';
import { MODEL, startHub } from './hub.ts';
import { modelReady } from './journey.ts';

const addresses = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .filter(({ internal, scopeid }) => !internal && !scopeid)
  .map(({ address, family }) => ({ host: address, name: family === 'IPv6' ? `[${address}]` : address }));

/** The server at `target`, also reached at this address. */
async function served(target: string, { host, name }: (typeof addresses)[number]): Promise<Served> {
  const server = createServer(({ url, method, headers }, response) => {
    const { host: _, ...rest } = headers;
    const asked = request(new URL(url ?? '/', target), { method, headers: rest }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    asked.on('error', () => response.destroy()).end();
  });
  await new Promise<void>((ready) => server.listen(0, host, ready));
  return { server, address: `http://${name}:${(server.address() as AddressInfo).port}/` };
}
interface Served {
  readonly server: Server;
  readonly address: string;
}

for (const at of addresses.slice(0, 4)) {
  test(`a model comes from a hub at ${at.name} into a page of another server there`, async ({ page, baseURL }) => {
    const hub = await startHub();
    const site = await served(baseURL as string, at);
    const models = await served(hub.endpoint, at);
    try {
      await page.goto(`${site.address}?backend=fallback#/generate?v=1&length=8&steps=4`);
      // A worker that is loading does not take up another hub.
      await modelReady(page);
      await page.locator('.chip.model').click();
      const dialog = page.getByRole('dialog', { name: 'Models' });
      await dialog.getByText('Address of the hub').click();
      await dialog.getByRole('textbox', { name: 'Address of the hub' }).fill(models.address);
      await dialog.getByLabel('Another model by its id or address').fill(MODEL);
      await dialog.getByRole('button', { name: 'Look up', exact: true }).click();
      await dialog.getByRole('button', { name: 'Download', exact: true }).click();
      await expect(page.locator('.chip.model')).toContainText(MODEL);

      // A link for the class, made here, names the address that reaches the class.
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'More links' }).click();
      await page.getByRole('button', { name: 'For a class' }).click();
      const lesson = page.getByRole('dialog', { name: 'For a class' });
      await lesson.getByLabel('Text above the canvas').fill('Which word comes first?');
      await expect(lesson.getByText(/^This address reaches only this machine/)).toHaveCount(0);
      const link = await lesson.getByRole('link', { name: 'Try it' }).getAttribute('href');
      expect(link).toContain(`${site.address}#/generate?`);
      await page.goto('about:blank');
      await page.goto(link as string);
      await expect(page.locator('.lesson-text')).toHaveText('Which word comes first?');
    } finally {
      for (const { server } of [site, models]) {
        server.closeAllConnections();
        server.close();
      }
      await hub[Symbol.asyncDispose]();
    }
  });
}
