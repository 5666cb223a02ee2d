/** What the page and its workers may load, as a browser enforces it with the headers that are sent here. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, type Worker } from '@playwright/test';
import { modelReady, open } from './journey.ts';

/** Asked from a timer: what a debugger evaluates at once stands outside the policy. */
const tried = (worker: Worker, what: 'fetch' | 'eval', address = '') =>
  worker.evaluate(
    ([kind, url]) =>
      new Promise<string>((resolve) => {
        setTimeout(async () => {
          try {
            // biome-ignore lint/security/noGlobalEval: it is to be refused
            resolve(String(kind === 'eval' ? globalThis.eval('1 + 1') : (await fetch(url as string)).status));
          } catch (error) {
            resolve((error as Error).name);
          }
        }, 0);
      }),
    [what, address] as const,
  );

test('the compute worker may not compile text as code, nor ask a host that is neither its server nor the hub', async ({
  page,
  baseURL,
}) => {
  const waiting = page.waitForEvent('worker');
  await open(page, { backend: 'fallback', link: 'length=8&steps=4' });
  const worker = await waiting;
  await modelReady(page);
  expect(await tried(worker, 'eval')).toBe('EvalError');
  expect(await tried(worker, 'fetch', `${baseURL}models/stories/config.json`)).toBe('200');
  // A host that would answer whoever asks.
  let asked = 0;
  const foreign = createServer((_, response) => {
    asked++;
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end('ok');
  });
  await new Promise<void>((ready) => foreign.listen(0, 'localhost', ready));
  const address = `http://localhost:${(foreign.address() as AddressInfo).port}/`;
  expect(await tried(worker, 'fetch', address)).toBe('TypeError');
  expect(asked).toBe(0);
  foreign.close();
});

test('nobody may show the page in a frame, but where it is embedded on purpose', async ({ request }) => {
  const policyOf = async (address: string) => (await request.get(address)).headers()['content-security-policy'] ?? '';
  expect(await policyOf('./')).toContain("frame-ancestors 'none'");
  expect(await policyOf('./?embed')).toContain('frame-ancestors *');
  // Where the page comes in the place of what is not there.
  for (const address of ['./generate', './none.json']) {
    expect(await policyOf(address)).toContain("frame-ancestors 'none'");
  }
});
