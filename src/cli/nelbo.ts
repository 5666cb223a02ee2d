/**
 * Measures the NELBO of a text under a model in every way the Schedule view compares, and writes the numbers with their
 * recipe: `npm run nelbo -- --model stories --file text.txt --samples 256 --out measured.json`.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Model } from '../checkpoint/model.ts';
import { openModel } from '../checkpoint/open.ts';
import { checkCanvas } from '../diffusion/check.ts';
import { DEFAULT_CURVE } from '../diffusion/curve.ts';
import { type Estimator, measureInTurns, type Sample, summarise } from '../diffusion/likelihood.ts';
import { SCHEDULES } from '../diffusion/settings.ts';
import { TIMES } from '../diffusion/times.ts';
import { folderSource } from '../node/folder.ts';
import { openFallbackBackend } from '../worker/fallback.ts';
import { argumentError, NELBO_HELP, type NelboArguments, parseNelbo } from './arguments.ts';
import { writeWhole } from './full-disk.ts';
import { putOnGpu } from './model-on-gpu.ts';
import { run, type StatusLine } from './program.ts';

await run(async (status) => {
  const given = parseNelbo(process.argv.slice(2));
  if (given === 'help') process.stdout.write(`${NELBO_HELP}\n`);
  else await measure(given, status);
});

async function measure(given: NelboArguments, status: StatusLine): Promise<void> {
  const { folder, file, samples, size, seed, out, block, exact } = given;
  const text = (await readFile(file, 'utf8')).trim();
  const model = await openModel(await folderSource(folder), { id: basename(folder) });
  const ids = Int32Array.from(model.tokenizer.encode(text));
  const { network, device, close } = await open(model, given, status);
  try {
    checkCanvas(ids, network.info);
    if (network.info.maskId === undefined) throw argumentError(`${folder} has no mask token.`, 'Give a masked model.');
    const estimators: readonly Estimator[] = [
      ...TIMES.map((times) => ({ kind: 'count' as const, times })),
      ...SCHEDULES.flatMap((schedule) =>
        TIMES.map((times) => ({ kind: 'schedule' as const, schedule, curve: DEFAULT_CURVE, times })),
      ),
    ];
    const batches = Math.ceil(samples / size);
    const how = { batches, size, seed, block, keepMask: exact };
    const found: Sample[][][] = estimators.map(() => []);
    let done = 0;
    for await (const { estimator, samples } of measureInTurns(network, ids, estimators, how)) {
      found[estimator]?.push([...samples]);
      status.show(`${++done} of ${batches * estimators.length} batches`);
    }
    const measured = {
      recipe: {
        command: `npm run nelbo -- --model ${basename(folder)} --file ${file} --samples ${samples} --size ${size} --seed ${seed}${block === undefined ? '' : ` --process blocks --block ${block}`}${exact ? ' --exact' : ''}`,
        model: model.id,
        device,
        seed,
        size,
        batches,
      },
      text,
      ids: [...ids],
      pieces: [...ids].map((id) => model.tokenizer.piece(id)),
      estimates: estimators.map((estimator, i) => {
        const { mean, standardError, variance, batchVariance } = summarise(valuesOf(found[i] ?? []));
        const rounded = [mean, standardError, variance, batchVariance].map((x) => Number(x.toPrecision(5)));
        return {
          estimator,
          mean: rounded[0],
          standardError: rounded[1],
          variance: rounded[2],
          batchVariance: rounded[3],
        };
      }),
    };
    if (out !== undefined) await writeWhole(out, `${JSON.stringify(measured, undefined, 2)}\n`);
    for (const { estimator, mean, standardError, variance } of measured.estimates) {
      const name = estimator.kind === 'count' ? 'exact count' : estimator.schedule;
      process.stdout.write(
        `${name.padEnd(16)}${estimator.times.padEnd(18)}${mean} ± ${standardError} nats, variance of a sample ${variance}\n`,
      );
    }
    status.say(`${ids.length} tokens on ${device}`);
  } finally {
    close();
  }
}

function valuesOf(batches: readonly (readonly Sample[])[]): number[][] {
  return batches.map((samples) => samples.map(({ value }) => value));
}

async function open(model: Model, { backend }: NelboArguments, status: StatusLine) {
  if (backend === 'webgpu') {
    const { engine, device, close } = await putOnGpu(model, status);
    return { network: engine, device, close };
  }
  const { network, name, dispose } = await openFallbackBackend(model, {});
  return { network, device: `tfjs, ${name}`, close: dispose };
}
