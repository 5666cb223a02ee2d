/**
 * What the key-value caches of Fast-dLLM (arXiv 2505.22618) bring on the shipped model, and what they cost: the time of a
 * step, how far its predictions move, and what becomes of the text. `npm run caches -- [--seeds N] [--rounds N]
 * [--runs 64:16,64:32] [--part speed|change] [--json FILE]`. Everything in one run, the contestants in turn.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type Summary, summarise, takeTurns } from '../src/bench/rounds.ts';
import { openModel } from '../src/checkpoint/open.ts';
import { canvasFor } from '../src/checkpoint/prompt.ts';
import { layoutOf } from '../src/diffusion/blocks.ts';
import { cacheFor } from '../src/diffusion/cache.ts';
import { type Canvas, copyCanvas } from '../src/diffusion/canvas.ts';
import { generate } from '../src/diffusion/generate.ts';
import { type CacheUse, type DrawnSequence, type Network, predictOne } from '../src/diffusion/network.ts';
import { applyStep } from '../src/diffusion/replay.ts';
import { CACHES, type CacheName, defaultSettings, type Settings } from '../src/diffusion/settings.ts';
import type { Step } from '../src/diffusion/trace.ts';
import { getGpu } from '../src/node/dawn.ts';
import { folderSource } from '../src/node/folder.ts';
import { openFallbackBackend } from '../src/worker/fallback.ts';
import { openWebGpuBackend } from '../src/worker/webgpu.ts';
import { Divergence } from './divergence.ts';

const MODEL = 'public/models/stories';
const JUDGE = 'public/models/stories-ar';
const LENGTHS = [64, 128, 256];
const BLOCKS = [16, 32];
/** Predictions are compared at every fourth step. */
const STRIDE = 4;
const RESULTS = 'bench/results/caches.json';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    /** Length and block of the runs whose change is measured, each in 64 steps. */
    runs: { type: 'string', default: '64:16,64:32' },
    rounds: { type: 'string', default: '5' },
    part: { type: 'string' },
    json: { type: 'string', default: RESULTS },
  },
});
const CACHED = CACHES.filter((cache) => cache !== 'off');
const model = await openModel(await folderSource(MODEL), { id: 'stories' });
const report: Report = JSON.parse(await readFile(values.json, 'utf8').catch(() => '{"model":"stories"}'));
if (values.part !== 'speed') await change(Number(values.seeds));
if (values.part !== 'change') await speed(Number(values.rounds));

function save(): Promise<void> {
  report.load = loadavg()[0];
  return writeFile(values.json, `${JSON.stringify(report, undefined, 1)}\n`);
}

interface Report {
  readonly model: string;
  /** Programs that wanted a core when the last number was taken: where there are more than cores, only ratios count. */
  load?: number | undefined;
  speed?: Speed[];
  change?: Change[];
}

interface Speed {
  readonly backend: string;
  readonly device: string;
  readonly length: number;
  readonly block: number;
  /** Milliseconds of a step. */
  readonly whole: Summary;
  readonly prefix: Summary;
  readonly dual: Summary;
  /** How many times as fast a block is, written one token a step. */
  readonly gains: { readonly prefix: number; readonly dual: number };
}

interface Change {
  readonly length: number;
  readonly block: number;
  readonly steps: number;
  /** Texts. */
  readonly seeds: number;
  readonly cache: string;
  /** Slots whose predictions were compared; KL(exact ‖ cached) in nats: mean, median, 95th percentile. */
  readonly slots: number;
  readonly kl: number;
  readonly klMedian: number;
  readonly kl95: number;
  /** Share of them whose likeliest token is the same. */
  readonly agree: number;
  /** Share of the tokens of a text that are not those of the exact run. */
  readonly differ: number;
  /** Nats per new token under the autoregressive twin; without a cache; standard error of the mean difference by seed. */
  readonly loss: number;
  readonly lossOff: number;
  readonly lossError: number;
}

/** A step in the middle block of a text, computed whole or with a cache, in milliseconds. */
async function speed(rounds: number) {
  const webgpu = await openWebGpuBackend(await getGpu(), model, {});
  if (webgpu === undefined) throw new Error('No WebGPU adapter.');
  const rows: Speed[] = [];
  print('\n| arithmetic | tokens | block | whole pass, ms | prefix, ms | dual, ms | a block: prefix | dual |');
  print('|---|--:|--:|--:|--:|--:|--:|--:|');
  for (const { name, device, network } of [await openFallbackBackend(model, {}), webgpu]) {
    for (const length of LENGTHS) {
      for (const block of BLOCKS) {
        const times = await takeTurns(questions(network, length, block), rounds);
        const [whole, dual, prefix] = times.map(summarise) as [Summary, Summary, Summary];
        // One token a step: the first step of a block is whole, and makes the cache.
        const gain = (cached: Summary) => (block * whole.median) / (whole.median + (block - 1) * cached.median);
        const row = {
          backend: name,
          device,
          length,
          block,
          whole,
          prefix,
          dual,
          gains: { prefix: gain(prefix), dual: gain(dual) },
        };
        rows.push(row);
        report.speed = rows;
        await save();
        const gains = `${row.gains.prefix.toFixed(2)} × | ${row.gains.dual.toFixed(2)} ×`;
        print(`| ${name} | ${length} | ${block} | ${show(whole)} | ${show(prefix)} | ${show(dual)} | ${gains} |`);
      }
    }
  }
  webgpu.dispose();
}

/** The whole pass, which leaves the cache, then the block alone, then the block and all after it. */
function questions(network: Network, length: number, block: number): (() => Promise<unknown>)[] {
  const { maskId = 0 } = network.info;
  const anchor = Int32Array.from({ length }, (_, slot) => (slot < length / 2 ? 100 + ((slot * 7) % 900) : maskId));
  const from = length / 2;
  const ask = async (sequence: Partial<DrawnSequence>, rows: number) => {
    const asked = Int32Array.from({ length: block / 2 }, (_, i) => from + block / 2 + i);
    const draw = { seed: 1, step: 0, temperature: 1 };
    const answer = await predictOne(network, { ids: anchor, asked, draw, ...sequence }, { topK: 32, fresh: true });
    if (answer.rows !== rows) throw new Error(`${answer.rows} rows were run instead of ${rows}.`);
  };
  const ids = anchor.map((id, slot) => (slot >= from && slot < from + block / 2 ? 200 + slot : id));
  const whole: CacheUse = { kind: 'anchored', anchor, from, to: length };
  return [
    () => ask({ cache: whole }, length),
    () => ask({ ids, cache: { ...whole, to: from + block } }, block),
    () => ask({ ids, cache: whole }, length - from),
  ];
}

interface Found {
  /** Per slot and step. */
  readonly kl: number[];
  readonly agree: number[];
  /** Per text. */
  readonly differ: number[];
  readonly loss: number[];
}

/** How far predictions move along the canvases of exact runs, and how the texts of cached runs differ from theirs. */
async function change(seeds: number) {
  const { network } = await openFallbackBackend(model, {});
  const maskId = network.info.maskId as number;
  const judge = await openFallbackBackend(await openModel(await folderSource(JUDGE), { id: 'stories-ar' }), {});
  const divergence = await Divergence.create(model);
  let rows = report.change ?? [];
  print(
    '| length | block | cache | texts | KL per slot, nats | same likeliest token | tokens that differ | nats per token, judge |',
  );
  print('|--:|--:|---|--:|--:|--:|--:|--:|');
  for (const [length, block] of values.runs.split(',').map((run) => run.split(':').map(Number) as [number, number])) {
    const empty = (): Found => ({ kl: [], agree: [], differ: [], loss: [] });
    const found = { off: empty(), prefix: empty(), dual: empty() };
    for (let seed = 0; seed < seeds; seed++) {
      const settings: Settings = { ...defaultSettings(), length, block, steps: 64, seed };
      const start = canvasFor(settings, model.tokenizer, model.arch);
      const layout = layoutOf(start, settings);
      const exact = await write(
        network,
        start,
        settings,
        async (canvas, { index, next: { block: at }, prediction: { slots } }) => {
          if (index % STRIDE !== 0) return;
          for (const cache of CACHED) {
            const use = cacheFor(canvas, slots, at, layout, { ...settings, cache }, { maskId });
            // A canvas that is its own anchor is computed whole.
            const { kl, agree } = found[cache];
            if (use?.kind !== 'anchored' || use.anchor.every((id, slot) => id === canvas.ids[slot])) continue;
            const moved = await divergence.between(canvas.ids, slots, use, [maskId]);
            kl.push(...moved.kl);
            agree.push(...moved.agree);
          }
        },
      );
      for (const cache of CACHES) {
        const ids = cache === 'off' ? exact : await write(network, start, { ...settings, cache });
        const { differ, loss } = found[cache];
        differ.push(ids.filter((id, slot) => id !== exact[slot]).length / length);
        const asked = Int32Array.from({ length }, (_, i) => ids.length - length + i);
        const [scores] = await judge.network.score([{ ids, asked }], [ids.slice(-length)]);
        loss.push(-mean([...(scores as Float32Array)]));
      }
      // Kept from seed to seed, so that a run that is stopped has measured what it says.
      rows = [...rows.filter((row) => row.length !== length || row.block !== block), ...summary(length, block, found)];
      report.change = rows;
      await save();
    }
    for (const row of rows) if (row.length === length && row.block === block) print(lineOf(row));
  }
  divergence.dispose();
}

function summary(length: number, block: number, found: Readonly<Record<CacheName, Found>>): Change[] {
  return CACHED.map((cache) => {
    const { kl, agree, differ, loss } = found[cache];
    const apart = loss.map((value, i) => value - (found.off.loss[i] as number));
    return {
      length,
      block,
      steps: 64,
      seeds: loss.length,
      cache,
      slots: kl.length,
      kl: mean(kl),
      klMedian: quantile(kl, 0.5),
      kl95: quantile(kl, 0.95),
      agree: mean(agree),
      differ: mean(differ),
      loss: mean(loss),
      lossOff: mean(found.off.loss),
      lossError: Math.sqrt(mean(apart.map((d) => (d - mean(apart)) ** 2)) / apart.length),
    };
  });
}

function lineOf({ length, block, cache, seeds, kl, agree, differ, loss, lossOff, lossError }: Change): string {
  const judged = `${loss.toFixed(3)} (off ${lossOff.toFixed(3)}, apart ± ${lossError.toFixed(3)})`;
  const cells = [length, block, cache, seeds, kl.toFixed(4), percent(agree), percent(differ), judged];
  return `| ${cells.join(' | ')} |`;
}

/** The text of a run; `onCanvas` sees each canvas before its step is written. */
async function write(
  network: Network,
  start: Canvas,
  settings: Settings,
  onCanvas?: (canvas: Canvas, step: Step) => Promise<void>,
): Promise<Int32Array> {
  let canvas = copyCanvas(start);
  for await (const step of generate(network, start, settings)) {
    await onCanvas?.(canvas, step);
    canvas = applyStep(canvas, step, network.info.maskId);
  }
  return canvas.ids;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}

function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function show({ median, lower, upper }: Summary): string {
  return `${median.toFixed(1)} (${lower.toFixed(1)}–${upper.toFixed(1)})`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
