/**
 * Quality against forward passes without a page: `npm run frontier`. The texts, the judge and the statistics are those of
 * the page's Compare view; for given options everything but the times comes out the same on every run.
 */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openModel } from '../checkpoint/open.ts';
import {
  type Frontier,
  type FrontierPlan,
  type FrontierPoint,
  groupsOf,
  pointOf,
  type Sample,
} from '../diffusion/frontier.ts';
import type { Estimate } from '../diffusion/quality.ts';
import { getGpu } from '../node/dawn.ts';
import { folderSource } from '../node/folder.ts';
import { english } from '../text/said.ts';
import { type OpenRun, openRun, writeAlone, writeTogether } from '../worker/compared-run.ts';
import { openFallbackBackend } from '../worker/fallback.ts';
import { Models } from '../worker/models.ts';
import type { DeviceReport } from '../worker/protocol.ts';
import { openWebGpuBackend } from '../worker/webgpu.ts';
import { FRONTIER_HELP, type FrontierArguments, parseFrontier } from './frontier-arguments.ts';
import { writeWhole } from './full-disk.ts';
import { run, type StatusLine } from './program.ts';

const WRITER = 'stories';
const JUDGE = 'stories-ar';

await run(async (status) => {
  const given = parseFrontier(process.argv.slice(2));
  if (given === 'help') process.stdout.write(`${FRONTIER_HELP}\n`);
  else await measure(given, status);
});

async function measure({ plan, backend, out }: FrontierArguments, status: StatusLine): Promise<void> {
  const models = new Models(
    {
      openModel: async (url, options) => openModel(await folderSource(fileURLToPath(url)), options),
      webgpu: async (model, options) => openWebGpuBackend(await getGpu(), model, options),
      fallback: (model, options) => openFallbackBackend(model, options),
    },
    (message) => status.say(english(message)),
  );
  const quiet = { signal: new AbortController().signal, onProgress: () => undefined };
  const url = (name: string) => new URL(`../../public/models/${name}/`, import.meta.url).href;
  try {
    const { device } = await models.load({ source: url(WRITER), model: WRITER, backend }, quiet);
    await models.load({ source: url(JUDGE), model: JUDGE, backend, role: 'judge' }, quiet);
    const samples = new Map<string, Sample[]>();
    const began = performance.now();
    await mkdir(dirname(out), { recursive: true });
    let result: Frontier | undefined;
    let done = 0;
    for (const group of groupsOf(plan.tasks)) {
      const left = ((performance.now() - began) / Math.max(done, 1)) * (plan.tasks.length - done);
      const keys = group.map(({ point }) => point.key).join(', ');
      status.show(`${done} of ${plan.tasks.length} texts, ${Math.ceil(left / 1000)} s left: ${keys}`);
      const runs = group.map(({ point, prompt, seed }) =>
        openRun(models, { writer: point.writer, settings: { ...point.settings, prompt, seed } }),
      );
      const [alone] = runs as [OpenRun];
      const written =
        runs.length > 1
          ? await writeTogether(models, runs, { judge: true })
          : [await writeAlone(models, alone, { judge: true })];
      for (const [at, { point, prompt, seed }] of group.entries()) {
        const text = written?.[at];
        done++;
        if (text === undefined) continue;
        const { ids, logProbs, forwards, milliseconds } = text;
        const own = samples.get(point.key) ?? [];
        samples.set(point.key, [...own, { prompt, seed, ids, text: text.text, logProbs, forwards, milliseconds }]);
        // Whenever every point has the same prompts, so that a run that is stopped has not been for nothing.
        if (point !== plan.points.at(-1)) continue;
        result = frontierOf(plan, samples, device);
        await writeWhole(out, `${JSON.stringify(result, rounded, 1)}\n`);
      }
    }
    const seconds = (performance.now() - began) / 1000;
    status.say(`${plan.tasks.length} texts in ${seconds.toFixed(0)} s on ${device.backend}, ${device.device}; ${out}`);
    if (result !== undefined) process.stdout.write(`${table(result)}\n`);
  } finally {
    models.free();
  }
}

function frontierOf(
  plan: FrontierPlan,
  samples: ReadonlyMap<string, readonly Sample[]>,
  device: DeviceReport,
): Frontier {
  const points = plan.points.flatMap((point) => pointOf(point, samples.get(point.key) ?? []) ?? []);
  const [reference, ...others] = points as [FrontierPoint, ...FrontierPoint[]];
  const prompts = new Set(reference.texts.map(({ prompt }) => prompt)).size;
  return {
    format: 'unmask-frontier',
    version: 1,
    measured: new Date().toISOString().slice(0, 10),
    model: WRITER,
    judge: JUDGE,
    backend: device.backend,
    device: device.device,
    length: plan.base.length,
    prompts,
    seeds: Math.ceil(reference.texts.length / prompts),
    reference,
    points: others,
  };
}

/** Five figures are more than any of these numbers means. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}

function table({ reference, points }: Frontier): string {
  const around = ({ value, low, high }: Estimate, digits: number) =>
    `${value.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;
  const rows = [reference, ...points].map(({ series, knob, value, passes, quality, milliseconds }) => [
    series,
    knob === 'steps' ? '' : `${knob} ${value}`,
    passes.toFixed(1),
    around(quality.perplexity, 1),
    around(quality.entropy, 2),
    around(quality.repetition[1] as Estimate, 3),
    around(quality.distinct[1] as Estimate, 3),
    milliseconds.toFixed(0),
  ]);
  const head = ['order', 'knob', 'passes', 'perplexity', 'entropy', 'repeated trigrams', 'distinct bigrams', 'ms'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
