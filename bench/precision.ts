/**
 * What smaller weights cost: answers in f16, int8, int4 and nf4 beside those of the stored weights.
 * `npm run precision -- [--model DIR] [--precisions int4,nf4] [--tables PRECISION] [--texts N] [--length T] [--samples N]
 * [--json FILE]`.
 * The texts are the model's own, written at seeds 1 … N, so no data is needed. KL(stored ‖ other) per token: of a masked
 * model over every second token, masked, of a causal one over every token after the first. NELBO per token: by exact
 * counts with the same masks in every precision, so that the change is far surer than the value; of a causal model it is
 * the NLL itself. Sums are f32 in all of them.
 */
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import type { TensorInfo } from '../src/checkpoint/model.ts';
import { openModel } from '../src/checkpoint/open.ts';
import { PRECISIONS, type Precision } from '../src/checkpoint/precision.ts';
import { canvasFor } from '../src/checkpoint/prompt.ts';
import { copyCanvas, openId } from '../src/diffusion/canvas.ts';
import { drawBatch, measureBatch } from '../src/diffusion/likelihood.ts';
import { appending } from '../src/diffusion/processes/autoregressive.ts';
import { applyStep } from '../src/diffusion/replay.ts';
import { stepKey, word } from '../src/diffusion/rng.ts';
import { defaultSettings } from '../src/diffusion/settings.ts';
import { walk } from '../src/diffusion/walk.ts';
import { openDevice } from '../src/engine/device.ts';
import { Engine } from '../src/engine/engine.ts';
import { weightPieces } from '../src/engine/fit.ts';
import { isCausal } from '../src/model/arch.ts';
import { getGpu } from '../src/node/dawn.ts';
import { folderSource } from '../src/node/folder.ts';
import { openFallbackBackend } from '../src/worker/fallback.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'public/models/stories' },
    precisions: { type: 'string', default: 'f16,int8,int4,nf4' },
    tables: { type: 'string' },
    texts: { type: 'string', default: '8' },
    length: { type: 'string', default: '64' },
    samples: { type: 'string', default: '32' },
    json: { type: 'string' },
  },
});
const named = (name: string): Precision => {
  const found = PRECISIONS.find((one) => one === name);
  if (found === undefined) throw new Error(`A precision is one of ${PRECISIONS.join(', ')}, not ${name}.`);
  return found;
};
const asked = values.precisions.split(',').map(named);
const tables = values.tables === undefined ? undefined : named(values.tables);
const length = Number(values.length);
const model = await openModel(await folderSource(values.model), { id: basename(values.model) });
const causal = isCausal(model.arch);
const mask = model.arch.ids.mask;

interface Case {
  /** What stood there. */
  readonly text: Int32Array;
  /** What is read for the logits, the rows that are compared, and the ids that belong there. */
  readonly ids: Int32Array;
  readonly rows: readonly number[];
  readonly truth: readonly number[];
}

const cases: Case[] = [];
const writer = await openFallbackBackend(model, {});
for (let seed = 1; seed <= Number(values.texts); seed++) {
  const settings = { ...defaultSettings(), length, seed, steps: length };
  const own = causal ? appending(settings) : settings;
  const start = canvasFor(own, model.tokenizer, model.arch);
  let canvas = copyCanvas(start);
  for await (const step of walk(writer.network, start, { settings: own, edits: [] })) {
    canvas = applyStep(canvas, step, mask);
  }
  const text = canvas.ids.filter((id) => id !== openId(mask));
  process.stderr.write(`${model.tokenizer.decode([...text])}\n`);
  cases.push(causal ? causalCase(text) : maskedCase(text, seed));
}
writer.dispose();

function causalCase(text: Int32Array): Case {
  const rows = Array.from({ length: text.length - 1 }, (_, row) => row);
  return { text, ids: text, rows, truth: rows.map((row) => text[row + 1] as number) };
}

function maskedCase(text: Int32Array, seed: number): Case {
  const key = stepKey(seed, 0, 1);
  const order = [...text.keys()].sort((a, b) => word(key, a, 0) - word(key, b, 0));
  const slots = order.slice(0, Math.floor(text.length / 2)).sort((a, b) => a - b);
  const truth = slots.map((slot) => text[slot] as number);
  const ids = text.map((id, slot) => (slots.includes(slot) ? (mask as number) : id));
  return { text, ids, rows: slots.map((slot) => slot - model.arch.logitShift), truth };
}

const device = await openDevice(await getGpu());

/** log p over the vocabulary at each row of each text, NELBO of each token, and bytes of the weights on the card. */
async function answers(precision: Precision) {
  const options = { precision, tables: precision === 'stored' ? undefined : tables };
  const engine = await Engine.create(device, model, options);
  const { vocabSize } = engine.info;
  const rows: Float64Array[] = [];
  const nelbos: number[] = [];
  for (const [i, { text, ids, rows: compared }] of cases.entries()) {
    const logits = await engine.logits(ids);
    for (const row of compared) rows.push(logSoftmax(logits.subarray(row * vocabSize, (row + 1) * vocabSize)));
    if (causal) continue;
    const size = Number(values.samples);
    const draws = drawBatch({ kind: 'count', times: 'low-discrepancy' }, text, mask as number, {
      size,
      batch: 0,
      seed: i,
    });
    nelbos.push(mean((await measureBatch(engine, text, draws)).map(({ value }) => value)) / text.length);
    process.stderr.write(`\r${precision}: ${i + 1} of ${cases.length} `);
  }
  engine.destroy();
  const bytes = weightPieces(model.arch, model.weights.tensors, options).reduce((sum, piece) => sum + piece.bytes, 0);
  return { rows, bytes, nelbo: causal ? lossOf(rows) : mean(nelbos) };
}

const truth = cases.flatMap((each) => each.truth);
const lossOf = (all: readonly Float64Array[]) => -mean(all.map((row, i) => row[truth[i] as number] as number));
const exact = await answers('stored');
const lines: object[] = [];
for (const precision of asked) {
  const { rows, bytes, nelbo } = await answers(precision);
  const divergences = rows.map((row, i) => kl(exact.rows[i] as Float64Array, row));
  const same = rows.filter((row, i) => argMax(row) === argMax(exact.rows[i] as Float64Array)).length;
  lines.push({
    precision,
    klPerToken: round(mean(divergences)),
    klWorst: round(Math.max(...divergences)),
    sameFirstChoice: round(same / rows.length),
    lossChange: round(lossOf(rows) - lossOf(exact.rows)),
    nelboChange: round(nelbo - exact.nelbo),
    bytes,
  });
}
const info = model.weights.tensors.get('embeddings') as TensorInfo;
const report = {
  made: `npm run precision: KL(stored || precision), loss and ${causal ? 'NLL' : 'NELBO'} in nats per token on the model’s own texts`,
  model: model.id,
  stored: info.dtype,
  storedBytes: exact.bytes,
  tables: tables ?? 'int8 where the rest has four bits',
  texts: cases.length,
  tokens: truth.length,
  nelbo: round(exact.nelbo),
  samples: causal ? undefined : Number(values.samples),
  device: device.description,
  precisions: lines,
};
process.stdout.write(`${JSON.stringify(report, undefined, 1)}\n`);
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, undefined, 1)}\n`);
device.gpu.destroy();

function logSoftmax(logits: Float32Array): Float64Array {
  const row = Float64Array.from(logits);
  const highest = row.reduce((most, value) => Math.max(most, value), -Infinity);
  const sum = highest + Math.log(row.reduce((total, value) => total + Math.exp(value - highest), 0));
  return row.map((value) => value - sum);
}

function kl(p: Float64Array, q: Float64Array): number {
  return p.reduce((sum, logP, i) => sum + Math.exp(logP) * (logP - (q[i] as number)), 0);
}

function argMax(row: Float64Array): number {
  return row.reduce((best, value, i) => (value > (row[best] as number) ? i : best), 0);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0) / numbers.length;
}

/** Four digits that count. */
function round(value: number): number {
  return Number(value.toPrecision(4));
}
