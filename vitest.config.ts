import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { inlineScripts } from './tools/script-plugin.ts';
import { joinedTexts } from './tools/texts-plugin.ts';
import { wholeTexts } from './tools/whole-texts-plugin.ts';

/** Nothing of these outlives a test file but what it leaves among the globals; the others start programs. */
const plain = 'src/!(cli|node)/**/*.test.{ts,tsx}';

const unit = {
  environment: 'node',
  setupFiles: ['src/diffusion/testing/seeded.ts', 'src/diffusion/testing/patterns.ts', 'src/app/testing/english.ts'],
  // Pictures and pages of a run read the style sheets as text; without this they would be empty.
  css: true,
  // Only what hangs meets this: other programs may use the processor, too.
  testTimeout: 5 * 60_000,
  hookTimeout: 5 * 60_000,
  expect: { poll: { timeout: 60_000 } },
  // Vitest leaves a core free, which on two cores is half of them.
  maxWorkers: '100%',
};

/**
 * What a package of tfjs names for Node is compiled for engines of 2015, arguments copied at every call; the build of the
 * same version beside it takes a third less time on the processor.
 */
const resolve = {
  alias: ['core', 'backend-cpu', 'backend-wasm', 'backend-webgpu'].map((name) => ({
    find: new RegExp(`^@tensorflow/tfjs-${name}$`),
    replacement: fileURLToPath(
      new URL(`node_modules/@tensorflow/tfjs-${name}/dist/tf-${name}.fesm.js`, import.meta.url),
    ),
  })),
};

/** On Dawn. A software adapter compiles on one core, so that two files at a time keep two of them busy. */
const gpu = {
  environment: 'node',
  setupFiles: ['src/diffusion/testing/seeded.ts', 'src/diffusion/testing/patterns.ts'],
  pool: 'forks' as const,
  maxWorkers: 2,
  testTimeout: 10 * 60_000,
  hookTimeout: 10 * 60_000,
};
const engine = 'src/engine/**/*.gpu.test.ts';

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [inlineScripts(), joinedTexts(), wholeTexts()],
        resolve,
        test: {
          ...unit,
          name: 'unit',
          include: ['{notebooks,src,bench}/**/*.test.{ts,tsx}'],
          exclude: ['src/**/*.gpu.test.ts', plain],
        },
      },
      // Three quarters of the time of these went into starting a process for each file. `--project unit` means both:
      // Vitest looks for names in either case.
      {
        plugins: [inlineScripts(), joinedTexts(), wholeTexts()],
        resolve,
        test: {
          ...unit,
          name: 'Unit',
          include: [plain],
          exclude: ['src/**/*.gpu.test.ts'],
          isolate: false,
          setupFiles: ['src/diffusion/testing/fresh.ts', ...unit.setupFiles],
        },
      },
      // Nine tenths of the time of kernels on a software adapter go into compiling them, so the tests of the engine share
      // a process, its one device and what that has compiled.
      { resolve, test: { ...gpu, name: 'gpu', include: [engine], isolate: false } },
      { resolve, test: { ...gpu, name: 'Gpu', include: ['src/**/*.gpu.test.ts'], exclude: [engine], isolate: true } },
    ],
  },
});
