import { defineConfig } from 'vitest/config';
import { inlineScripts } from './tools/script-plugin.ts';

/** Rooms of plain computation: nothing of them outlives a test file but what it leaves among the globals. */
const plain = 'src/{diffusion,checkpoint,model,engine,app}/**/*.test.{ts,tsx}';

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

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [inlineScripts()],
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
        plugins: [inlineScripts()],
        test: {
          ...unit,
          name: 'Unit',
          include: [plain],
          exclude: ['src/**/*.gpu.test.ts'],
          isolate: false,
          setupFiles: ['src/diffusion/testing/fresh.ts', ...unit.setupFiles],
        },
      },
      {
        // Kernels run on Dawn, one process and one device at a time: software adapters are slow and share the CPU.
        test: {
          name: 'gpu',
          environment: 'node',
          include: ['src/**/*.gpu.test.ts'],
          setupFiles: ['src/diffusion/testing/seeded.ts', 'src/diffusion/testing/patterns.ts'],
          pool: 'forks',
          maxWorkers: 1,
          fileParallelism: false,
          isolate: true,
          testTimeout: 10 * 60_000,
          hookTimeout: 10 * 60_000,
        },
      },
    ],
  },
});
