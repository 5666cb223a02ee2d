import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Canvas, continueCanvas } from '../canvas.ts';
import { generate } from '../generate.ts';
import type { Network } from '../network.ts';
import { applyStep } from '../replay.ts';
import { defaultSettings, type Settings } from '../settings.ts';
import { anyCase, MASK, VOCABULARY } from '../testing/arbitrary.ts';
import { blockHashNetwork } from '../testing/block-hash-network.ts';
import golden from '../testing/blocks.golden.json' with { type: 'json' };
import { withEnds } from '../testing/table-network.ts';
import type { Step } from '../trace.ts';

const dllm = (run: { salt: number; peak: number }) =>
  withEnds(blockHashNetwork({ vocabulary: golden.vocabulary, maskId: golden.mask, never: [golden.pad] }, run), [
    golden.eos,
  ]);

/** What dLLM's sampler has when nobody says otherwise, in this program's words. */
const AS_DLLM = { process: 'blocks', sampler: 'confidence', schedule: 'linear', temperature: 0, topP: 1 } as const;

async function canvasesOf(network: Network, start: Canvas, settings: Settings): Promise<Canvas[]> {
  const canvases: Canvas[] = [];
  let canvas = start;
  for await (const step of generate(network, start, settings)) {
    canvas = applyStep(canvas, step, network.info.maskId);
    canvases.push(canvas);
  }
  return canvases;
}

describe('block diffusion', () => {
  test.each(golden.runs.map((run) => [run.salt, run] as const))(
    'writes what BD3LMSampler writes, canvas by canvas: run %i',
    async (_, run) => {
      const { prompt, length, block, cfg } = run;
      const steps = 'stepsPerBlock' in run ? (run.stepsPerBlock as number) * Math.ceil(length / block) : run.steps;
      const settings: Settings = { ...defaultSettings(), ...AS_DLLM, length, block, steps, guidance: cfg };
      const made = await canvasesOf(dllm(run), continueCanvas(prompt, length, golden.mask), settings);
      // There, a block is appended when its turn comes.
      expect(made.map(({ ids }, step) => [...ids.slice(0, run.canvases[step]?.length)])).toEqual(run.canvases);
    },
  );

  // dLLM hides a pad that was written from the blocks that follow; our patterns are whole blocks, and hide no single token.
  const padsWritten = (run: (typeof golden.padRuns)[number], hides?: number) => {
    const { prompt, length, block, steps, cfg } = run;
    const formula = blockHashNetwork(
      { vocabulary: golden.vocabulary, maskId: golden.mask, ...(hides && { hides }) },
      run,
    );
    const settings: Settings = { ...defaultSettings(), ...AS_DLLM, length, block, steps, guidance: cfg };
    return canvasesOf(withEnds(formula, [golden.eos]), continueCanvas(prompt, length, golden.mask), settings);
  };

  test.each(golden.padRuns.map((run) => [run.salt, run] as const))(
    'writes what BD3LMSampler writes where the network hides written pads: run %i',
    async (_, run) => {
      const made = await padsWritten(run, golden.pad);
      expect(made.map(({ ids }, step) => [...ids.slice(0, run.canvases[step]?.length)])).toEqual(run.canvases);
    },
  );

  test.each(golden.padRuns.map((run) => [run.salt, run] as const))(
    'writes the same where it does not, up to the end of the block with the first pad, and then reads the pad: run %i',
    async (_, run) => {
      const made = await padsWritten(run);
      const canvases = made.map(({ ids }, step) => [...ids.slice(0, run.canvases[step]?.length)]);
      const first = run.canvases.filter(({ length }) => length === run.canvases[0]?.length).length;
      expect(run.canvases[first - 1]).toContain(golden.pad);
      expect(canvases.slice(0, first)).toEqual(run.canvases.slice(0, first));
      expect(canvases[first]).not.toEqual(run.canvases[first]);
    },
  );

  test('reads up to the end of the block, and asks for the keys and values of what is finished', async () => {
    const network = dllm({ salt: 1, peak: 1 });
    const settings: Settings = { ...defaultSettings(), ...AS_DLLM, length: 6, block: 2, steps: 6, ends: 'never' };
    await canvasesOf(network, continueCanvas([2, 3, 4], 6, golden.mask), settings);
    const read = network.requests.map(({ ids, sees, cache }) => [ids.length, sees, cache]);
    const sees = { blocks: 2, offset: 1 };
    expect(read).toEqual([5, 5, 7, 7, 9, 9].map((length) => [length, sees, { kind: 'exact', prefix: length - 2 }]));
  });

  test('with one block over a text without a prompt is masked diffusion', async () => {
    const network = () => blockHashNetwork({ vocabulary: VOCABULARY, maskId: MASK }, { salt: 5, peak: 1 });
    const settings: Settings = { ...defaultSettings(), length: 12, steps: 5, block: 0, earlyStop: false };
    const start = continueCanvas([], 12, MASK);
    expect(await canvasesOf(network(), start, { ...settings, process: 'blocks' })).toEqual(
      await canvasesOf(network(), start, settings),
    );
  });

  test('with blocks of one token writes from left to right, each token from those before it', async () => {
    const network = blockHashNetwork({ vocabulary: VOCABULARY, maskId: MASK }, { salt: 6, peak: 1 });
    const settings: Settings = { ...defaultSettings(), ...AS_DLLM, length: 7, steps: 7, block: 1, earlyStop: false };
    const steps: Step[] = [];
    for await (const step of generate(network, continueCanvas([1, 2], 7, MASK), settings)) steps.push(step);
    expect(steps.map(({ ops }) => ops.map((op) => 'set' in op && op.set))).toEqual(
      [2, 3, 4, 5, 6, 7, 8].map((n) => [n]),
    );
    expect(network.requests.map(({ ids }) => ids.length)).toEqual([3, 4, 5, 6, 7, 8, 9]);
  });

  test('whatever the settings, what may come from a cache is a finished part, and every asked slot is read', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ canvas, settings, network }) => {
        await canvasesOf(network, canvas, { ...settings, process: 'blocks' });
        for (const { ids, asked, sees, cache, guidance } of network.requests) {
          expect(sees).toBeDefined();
          expect(asked.every((slot) => slot < ids.length)).toBe(true);
          if (guidance) expect(guidance.unconditional).toHaveLength(ids.length);
          if (cache?.kind !== 'exact') continue;
          expect(cache.prefix).toBeLessThanOrEqual(asked[0] as number);
          expect((cache.prefix - sees!.offset) % sees!.blocks === 0 || cache.prefix === 0).toBe(true);
          // Nothing in it is open.
          expect([...ids.subarray(0, cache.prefix)]).not.toContain(MASK);
        }
      }),
      { numRuns: 60 },
    );
  });
});
