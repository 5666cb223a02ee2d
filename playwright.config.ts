/**
 * Journeys through the built page (`npm run build` first). Files named `*.no-webgpu.spec.ts` run in a browser without a
 * GPU, all others in one whose WebGPU runs in software.
 */
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { defineConfig } from '@playwright/test';
import { findBrowser } from './e2e/browser.ts';

// Playwright reads this file once per process; the first one chooses the port and the others inherit it.
process.env.UNMASK_E2E_PORT ??= String(await freePort());
const baseURL = `http://127.0.0.1:${process.env.UNMASK_E2E_PORT}/`;

const browser = await findBrowser();
const commonArguments = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];
const withArguments = (...args: string[]) => ({ launchOptions: { ...browser, args: [...commonArguments, ...args] } });
const withoutGpu = /[.]no-webgpu[.]spec[.]ts$/;

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  reporter: [['list'], ['./tools/results-reporter.mjs']],
  // Each test brings what it needs, so that two browsers share them evenly. A software GPU uses every core.
  fullyParallel: true,
  workers: Math.min(4, availableParallelism()),
  forbidOnly: Boolean(process.env.CI),
  // A journey that a busy machine has upset is made once more, and the summary of `npm test` names it: it waits for the
  // wrong thing, or the page does, and is to be mended. `npm run e2e -- --retries 0` looks for such ones.
  retries: 1,
  // Only what hangs meets these: where other programs use the processor, everything takes a multiple of its time.
  timeout: 14 * 60_000,
  expect: { timeout: 2 * 60_000 },
  // Every journey begins with an empty browser, and would else fetch the whole page for use without a network.
  // A trace would record every frame and every change of the page, of tests that pass, too: half of all processor time.
  // `npm run e2e -- --trace on e2e/x.spec.ts` records one where it is wanted.
  // What cannot be pressed is told where it stands, not by the whole test.
  use: {
    baseURL,
    actionTimeout: 2 * 60_000,
    navigationTimeout: 2 * 60_000,
    screenshot: 'only-on-failure',
    serviceWorkers: 'block',
  },
  projects: [
    {
      name: 'webgpu',
      testIgnore: withoutGpu,
      use: withArguments(
        '--enable-unsafe-webgpu',
        '--use-webgpu-adapter=swiftshader',
        // As in src/node/dawn.ts: without it SwiftShader compiles for half a minute.
        '--enable-dawn-features=allow_unsafe_apis,disable_workgroup_init',
      ),
    },
    { name: 'no-webgpu', testMatch: withoutGpu, use: withArguments('--disable-gpu') },
  ],
  webServer: {
    command: `npx vite preview --host 127.0.0.1 --strictPort --port ${process.env.UNMASK_E2E_PORT}`,
    url: baseURL,
  },
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
