/** The WebGPU engine and the fallback with the same caches: the same text, at the same number of rows. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Golden, openGolden } from '../checkpoint/testing/golden.ts';
import { continueCanvas } from '../diffusion/canvas.ts';
import { generate } from '../diffusion/generate.ts';
import type { Network } from '../diffusion/network.ts';
import { defaultSettings, type Settings } from '../diffusion/settings.ts';
import { ask, scoreText } from '../diffusion/testing/ask.ts';
import type { Step } from '../diffusion/trace.ts';
import { getGpu } from '../node/dawn.ts';
import { type Backend, openBackend } from './backend.ts';
import { openFallbackBackend } from './fallback.ts';
import { openTiny } from './testing/surroundings.ts';
import { openWebGpuBackend } from './webgpu.ts';

let gpu: GPU;
beforeAll(async () => {
  gpu = await getGpu();
});

const { signal } = new AbortController();

async function both(golden: Golden): Promise<readonly [Backend, Backend]> {
  const model = { ...(await openTiny('', { id: 'tiny', signal, onProgress: () => undefined })), ...golden };
  const webgpu = (await openWebGpuBackend(gpu, model, {})) as Backend;
  return [webgpu, await openFallbackBackend(model, {})];
}

async function run(network: Network, settings: Settings, stop = Number.POSITIVE_INFINITY): Promise<Step[]> {
  const canvas = continueCanvas([9, 30, 12, 77, 40], settings.length, network.info.maskId);
  const steps: Step[] = [];
  for await (const step of generate(network, canvas, settings)) {
    steps.push(step);
    if (steps.length === stop) break;
  }
  return steps;
}

const written = (steps: readonly Step[]) => steps.flatMap(({ ops }) => ops);
const rowsOf = (steps: readonly Step[]) => steps.map(({ prediction }) => prediction.rows);

describe('with keys and values that are kept', async () => {
  const settings: Settings = { ...defaultSettings(), length: 15, block: 5, steps: 15, topP: 1, seed: 3 };

  test.each(['prefix', 'dual'] as const)('both write the same text with the %s cache', async (cache) => {
    const [webgpu, fallback] = await both(await openGolden('base'));
    const own = await run(webgpu.network, { ...settings, cache });
    const other = await run(fallback.network, { ...settings, cache });
    expect(written(own)).toEqual(written(other));
    // The first step of a block is whole; the prefix cache runs all that follows the prefix.
    const later = cache === 'dual' ? [5, 5, 5] : [15, 10, 5];
    const expected = later.flatMap((rows) => [20, rows, rows, rows, rows]);
    expect(rowsOf(own)).toEqual(expected);
    expect(rowsOf(other)).toEqual(expected);
    for (const { forwards } of [...own, ...other]) expect(forwards).toBe(1);
    webgpu.dispose();
    fallback.dispose();
  });

  test('a causal model writes the same text on both, one row per token, and scores it alike', async () => {
    const [webgpu, fallback] = await both(await openGolden('decoder'));
    const texts = [];
    for (const { network } of [webgpu, fallback]) {
      const ids = [3, 14, 15, 92];
      const rows = [];
      while (ids.length < 24) {
        const draw = { seed: 5, step: ids.length, temperature: 1 };
        const cache = { kind: 'exact', prefix: ids.length - 1 } as const;
        const asked = Int32Array.of(ids.length);
        const answer = await ask(network, { ids: Int32Array.from(ids), asked, draw, topK: 3, cache });
        rows.push(answer.rows);
        ids.push(answer.ids[0] as number);
      }
      expect(rows).toEqual([4, ...Array(19).fill(1)]);
      texts.push({ ids, scores: await scoreText(network, Int32Array.from(ids)) });
    }
    const [own, other] = texts as [(typeof texts)[0], (typeof texts)[0]];
    expect(own.ids).toEqual(other.ids);
    own.scores.forEach((score, t) => {
      expect(Math.abs(score - (other.scores[t] as number))).toBeLessThan(2e-4);
    });
    webgpu.dispose();
    fallback.dispose();
  });

  test('an emulated WebGPU is measured with causal models, too', async () => {
    const golden = await openGolden('decoder');
    const model = { ...(await openTiny('', { id: 'tiny', signal, onProgress: () => undefined })), ...golden };
    const { backend, report } = await openBackend(model, 'auto', {
      webgpu: (asked, options) => openWebGpuBackend(gpu, asked, options),
      fallback: (asked, options) => openFallbackBackend(asked, options),
    });
    if (report.software || report.backend !== 'webgpu') expect(String(report.notice)).toMatch(/emulated/);
    const draw = { seed: 0, step: 0, temperature: 0 };
    const answer = await ask(backend.network, { ids: Int32Array.of(3, 4), asked: Int32Array.of(2), draw, topK: 1 });
    expect(answer.slots).toEqual(Int32Array.of(2));
    backend.dispose();
  });
});
