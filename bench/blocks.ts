/**
 * What the size of a block costs and buys (BD3-LM, arXiv 2503.09573): the shipped model goes on learning for a few steps with
 * each of several block sizes, then its bound on held-out text is measured and it writes some texts, judged by its
 * autoregressive twin.
 *
 *     npm run bench:blocks -- [--logs FOLDER] [--texts N] [--data FILE --valid FILE] [--sizes N,N]
 *
 * Runs in the folder that ended are read, not made again. After each size it writes what the Schedule view draws, so that
 * what was made stands if the rest is left out.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openModel } from '../src/checkpoint/open.ts';
import { canvasFor } from '../src/checkpoint/prompt.ts';
import { StatusLine } from '../src/cli/program.ts';
import { parseTrain, type TrainArguments } from '../src/cli/train-arguments.ts';
import { readData } from '../src/cli/train-data.ts';
import { generate } from '../src/diffusion/generate.ts';
import { OPENINGS } from '../src/diffusion/openings.ts';
import { qualityOf } from '../src/diffusion/quality.ts';
import { applyStep } from '../src/diffusion/replay.ts';
import { defaultSettings, type Settings } from '../src/diffusion/settings.ts';
import { folderSource } from '../src/node/folder.ts';
import { activate } from '../src/training/backends.ts';
import { makeDataset } from '../src/training/data/dataset.ts';
import { measureHeldOut, measurements, perToken } from '../src/training/held-out.ts';
import { divide } from '../src/training/start.ts';
import { Trainable } from '../src/training/trainable.ts';
import { openFallbackBackend } from '../src/worker/fallback.ts';
import { type Event, eventsOf } from './trained.ts';

const RESULTS = 'src/app/views/schedule/blocks.json';
const LENGTH = 64;
/** The ends first. */
const SIZES = [1, LENGTH, 16, 4, 8, 2, 32];
/** Short: every number of it is that of a model that has only begun to write so. */
const RECIPE =
  `--init stories --objective bd3lm --length ${LENGTH} --batch 4 --steps 40 --lr 0.0005 --eval-every 40 --eval-texts 96 --sample-every 0 --save-every 0`.split(
    ' ',
  );

const { values } = parseArgs({
  options: {
    logs: { type: 'string', default: '.cache/blocks' },
    texts: { type: 'string', default: '6' },
    data: { type: 'string', default: 'sample' },
    valid: { type: 'string' },
    sizes: { type: 'string', default: SIZES.join() },
  },
});
/** As told, or, `named`, without the folders of the files. */
const dataOptions = (named: (file: string) => string) =>
  values.valid
    ? ['--data', named(values.data), '--valid', named(values.valid)]
    : ['--data', values.data, '--held-out', '0.4'];
const sizes = values.sizes.split(',').map(Number);
const logs = resolve(values.logs);
await mkdir(logs, { recursive: true });
const judge = await openModel(await folderSource('public/models/stories-ar'), { id: 'stories-ar' });
const judging = await openFallbackBackend(judge, {});
// The whole row comes first: the others are set beside it.
await eventsOfBlock(LENGTH);
const whole = await kept(`bounds-${LENGTH}`, () => boundsOf(LENGTH));
const points: Point[] = [];
for (const block of sizes) {
  const events = await eventsOfBlock(block);
  const before = events.find(({ kind }) => kind === 'evaluated');
  const bounds = await kept(`bounds-${block}`, () => boundsOf(block));
  const { nelbo, standardError } = perToken(bounds, ones(bounds));
  points.push({
    block,
    before: { nelbo: round(before?.['nelbo']), standardError: round(before?.['standardError']) },
    nelbo: round(nelbo),
    standardError: round(standardError),
    fromWhole: beside(bounds, whole),
    ...(await kept(`texts-${block}`, () => texts(block))),
  });
  console.log(points.at(-1));
  await record();
}
judging.dispose();

async function record(): Promise<void> {
  const files = values.valid ? dataOptions(basename) : [];
  const report = {
    command: ['npm run bench:blocks -- --texts', values.texts, ...files].join(' '),
    recipe: ['npm run train --', ...dataOptions(basename), ...RECIPE, '--block N'].join(' '),
    length: LENGTH,
    points: points.toSorted((a, b) => a.block - b.block),
  };
  await writeFile(RESULTS, `${JSON.stringify(report, undefined, 2)}\n`);
}

interface Point {
  readonly block: number;
  readonly [measured: string]: unknown;
}

/** What was found before, or is found now and kept beside the logs. */
async function kept<T>(name: string, find: () => Promise<T>): Promise<T> {
  const file = join(logs, `${name}.json`);
  if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8'));
  const found = await find();
  await writeFile(file, JSON.stringify(found));
  return found;
}

/** The bound of each held-out text, nats per token: every size on the same texts, so that they can be set beside each other. */
async function boundsOf(block: number): Promise<number[]> {
  const { settings } = parseTrain([...optionsOf(block), '--out', logs]) as TrainArguments;
  if (!settings) throw new Error('A run that goes on has no options of its own.');
  const model = await openModel(await folderSource(join(logs, `block-${block}`)), { id: `block-${block}` });
  const texts = await readData(settings, '', new StatusLine(process.stderr));
  const { heldOut } = divide(settings, texts.texts, texts.valid);
  const data = await makeDataset(heldOut, model, settings);
  await activate('wasm');
  const learner = await Trainable.create(model.arch, model.weights, { learns: false });
  const about = { texts: settings.evalTexts, batch: 1, causal: false, maskId: model.arch.ids.mask as number, block };
  const found = [];
  for (const one of measurements(data, { ...about, draws: drawsOf(block) })) {
    found.push((await measureHeldOut(learner, [one])).nelbo);
  }
  learner.dispose();
  return found;
}

/** Each block is asked with masks of its own, so that a row of few blocks is asked more than once. */
function drawsOf(block: number): number {
  return Math.ceil((4 * block) / LENGTH);
}

/** How much more one bound is than another on the same texts. */
function beside(bounds: readonly number[], others: readonly number[]) {
  const { nelbo, standardError } = perToken(
    bounds.map((bound, text) => bound - (others[text] as number)),
    ones(bounds),
  );
  return { difference: round(nelbo), standardError: round(standardError) };
}

function ones(values: readonly number[]): number[] {
  return values.map(() => 1);
}

/** Texts of the trained model, in blocks: passes and rows of the network for each token, and what the judge makes of them. */
async function texts(block: number) {
  const model = await openModel(await folderSource(join(logs, `block-${block}`)), { id: `block-${block}` });
  const { network, dispose } = await openFallbackBackend(model, {});
  const [cls] = [judge.arch.ids.cls];
  const judged = [];
  let [passes, rows, tokens] = [0, 0, 0];
  for (const [seed, prompt] of OPENINGS.slice(0, Number(values.texts)).entries()) {
    const length = LENGTH - model.tokenizer.encode(prompt).length;
    const how = { process: 'blocks', block, length, steps: length, temperature: 1, topP: 0.9 } as const;
    const settings: Settings = { ...defaultSettings(), ...how, prompt, seed };
    const start = canvasFor(settings, model.tokenizer, model.arch);
    let canvas = start;
    for await (const step of generate(network, start, settings, { fresh: true })) {
      passes += step.prediction.forwards;
      rows += step.prediction.rows;
      canvas = applyStep(canvas, step, network.info.maskId);
    }
    tokens += length;
    const from = canvas.ids.length - length;
    const ids = Int32Array.from([...(cls === undefined ? [] : [cls]), ...canvas.ids]);
    const asked = Int32Array.from({ length }, (_, i) => ids.length - length + i);
    const [logProbs] = await judging.network.score([{ ids, asked }], [canvas.ids.slice(from)]);
    judged.push({ ids: [...canvas.ids.slice(from)], logProbs: [...(logProbs as Float32Array)], group: prompt });
  }
  dispose();
  const { perplexity, entropy } = qualityOf(judged);
  return {
    passesPerToken: round(passes / tokens),
    rowsPerToken: round(rows / tokens),
    perplexity: { value: round(perplexity.value), low: round(perplexity.low), high: round(perplexity.high) },
    entropy: round(entropy.value),
    texts: judged.length,
  };
}

function eventsOfBlock(block: number): Promise<Event[]> {
  return eventsOf(logs, `block-${block}`, optionsOf(block));
}

function optionsOf(block: number): string[] {
  // Single tokens are always masked: autoregression.
  const own = ['--block', String(block), ...(block === 1 ? ['--first-time', '1'] : [])];
  return [...dataOptions((file) => file), ...RECIPE, ...own];
}

function round(value: unknown): number {
  return Number((value as number).toFixed(3));
}
