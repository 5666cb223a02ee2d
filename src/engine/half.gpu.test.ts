/**
 * The product in f16, where the adapter of the other tests has no `shader-f16` (SwiftShader has none): the tests of that
 * product run once more in a process of their own, on a driver that has it. It is named by UNMASK_F16_DRIVER (a Vulkan
 * manifest, such as Mesa's lavapipe), or lies in the user's cache. A driver is chosen as a process begins, hence the process.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { testDevice } from './testing/gpu.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const { gpu } = await testDevice();

const named = process.env['UNMASK_F16_DRIVER'];
const driver = [named, join(homedir(), '.cache/unmask-lavapipe/lvp.json')].find((file) => file && existsSync(file));

interface Result {
  readonly name?: string;
  readonly state?: string;
}

/** What became of each test whose name matches, on that driver. */
function resultsOn(manifest: string, files: readonly string[], name: string): readonly Result[] {
  const folder = mkdtempSync(join(tmpdir(), 'unmask-half-'));
  const results = join(folder, 'results.jsonl');
  // Mesa's driver brings libraries of its own, which lie beside it.
  const { library_path: library } = (JSON.parse(readFileSync(manifest, 'utf8')) as Manifest).ICD;
  const libraries = [dirname(library), process.env['LD_LIBRARY_PATH']].filter(Boolean).join(delimiter);
  try {
    spawnSync(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '--project', 'gpu', ...files, '-t', name, '--reporter', REPORTER],
      {
        cwd: ROOT,
        stdio: ['ignore', 'ignore', 'inherit'],
        env: {
          ...process.env,
          VK_DRIVER_FILES: manifest,
          VK_ICD_FILENAMES: manifest,
          LD_LIBRARY_PATH: libraries,
          UNMASK_RESULTS: results,
        },
      },
    );
    return readFileSync(results, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Result);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const REPORTER = './tools/results-reporter.mjs';

/** Packed weights, odd sizes, and the moments of a residual. Lavapipe compiles each for several seconds. */
const CASES = 'tile half.* (of F16|of BF16|with a residual)';

interface Manifest {
  readonly ICD: { readonly library_path: string };
}

test('the product in f16 on a driver that has it', ({ skip }) => {
  if (gpu.features.has('shader-f16')) return skip('this adapter has shader-f16: the tests of the product ran here');
  if (named && !existsSync(named)) throw new Error(`UNMASK_F16_DRIVER names ${named}, which is not there.`);
  if (!driver) return skip('no driver with shader-f16; UNMASK_F16_DRIVER may name the manifest of one');
  const results = resultsOn(driver, ['src/engine/kernels/matmul.gpu.test.ts'], CASES);
  const inState = (state: string) => results.flatMap((result) => (result.state === state ? [result.name] : []));
  expect(inState('failed')).toEqual([]);
  // Of each of the two tiles.
  expect(inState('passed')).toHaveLength(2 * 3);
});
