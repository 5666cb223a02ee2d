/** The loop against an independent port of dLLM's sampler (`testing/dllm-port.ts`), step by step. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHAT_DEFAULTS } from './chat-defaults.ts';
import { generate } from './generate.ts';
import type { Settings } from './settings.ts';
import { anyCase, MASK } from './testing/arbitrary.ts';
import { dllmSample } from './testing/dllm-port.ts';
import { replayAll } from './testing/replay-all.ts';
import { withEnds } from './testing/table-network.ts';

test.each(['to the letter', 'without drawing [MASK]'])('writes what dLLM writes, step by step, %s', async (which) => {
  const exact = which === 'to the letter';
  let residual = 0;
  await fc.assert(
    fc.asyncProperty(
      anyCase,
      fc.constantFrom('confidence', 'random'),
      fc.constantFrom('linear', 'cosine'),
      async ({ canvas, settings: drawn, network }, sampler, schedule) => {
        const plain = { topK: 0, topP: 1, orderTemperature: 0, stochastic: false };
        const settings: Settings = { ...drawn, ...plain, sampler, schedule, exact };
        const P = settings.mode === 'fill' ? 0 : canvas.ids.length - settings.length;
        // Masks typed into the prompt are counted by this program unless it is exact; dLLM never counts them.
        fc.pre(exact || !canvas.ids.subarray(0, P).includes(MASK));

        const want = await dllmSample(network, canvas.ids, P, settings);
        const got = await replayAll(canvas, generate(network, canvas, settings));
        expect(got.map(({ ids }) => Array.from(ids))).toEqual(want);
        if (want.at(-1)?.includes(MASK)) residual++;
      },
    ),
    { numRuns: 300 },
  );
  // The letter leaves masks behind because [MASK] is not suppressed; the default never does.
  if (exact) expect(residual).toBeGreaterThan(0);
  else expect(residual).toBe(0);
});

test('a chat that is to be exact is written to the end, as dLLM writes it, whatever stands in it', async () => {
  let ended = 0;
  await fc.assert(
    fc.asyncProperty(
      anyCase.filter(({ settings }) => settings.mode === 'continue'),
      fc.constantFrom(...(['confidence', 'random'] as const)),
      async ({ canvas, settings: drawn, network: net }, sampler) => {
        const { length, steps, block, seed, temperature } = drawn;
        const asked = { mode: 'chat', exact: true, sampler, length, steps, block, seed, temperature } as const;
        const settings: Settings = { ...drawn, ...CHAT_DEFAULTS, orderTemperature: 0, stochastic: false, ...asked };
        const network = withEnds(net, [0, 1, 2]);
        const want = await dllmSample(network, canvas.ids, canvas.ids.length - length, settings);
        const got = await replayAll(canvas, generate(network, canvas, { ...settings, ends: 'off' }));
        expect(got.map(({ ids }) => Array.from(ids))).toEqual(want);
        if (
          want
            .at(-1)
            ?.slice(-length)
            .some((id) => id <= 2)
        )
          ended++;
      },
    ),
    { numRuns: 150 },
  );
  // The case that early stopping would have cut short did come up.
  expect(ended).toBeGreaterThan(50);
});
