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
    } finally {
      for (const { server } of [site, models]) {
        server.closeAllConnections();
        server.close();
      }
      await hub[Symbol.asyncDispose]();
    }
  });
}
