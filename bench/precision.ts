/**
 * What smaller weights cost: the answers in f16 and in int8 beside those in f32, as KL(f32 ‖ other) per masked token.
 * `npm run precision -- [--model DIR] [--texts N] [--length T] [--json FILE]`.
 * The texts are the model's own, written at seeds 1 … N, so no data is needed; then every second token is masked, and both
 * answer for those slots. f32 means: the stored weights, exactly, with f32 arithmetic.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { TensorInfo } from '../src/checkpoint/model.ts';
import { openModel } from '../src/checkpoint/open.ts';
import { canvasFor } from '../src/checkpoint/prompt.ts';
import { copyCanvas } from '../src/diffusion/canvas.ts';
import { generate } from '../src/diffusion/generate.ts';
import { applyStep } from '../src/diffusion/replay.ts';
import { stepKey, word } from '../src/diffusion/rng.ts';
import { defaultSettings } from '../src/diffusion/settings.ts';
import { openDevice } from '../src/engine/device.ts';
import { Engine } from '../src/engine/engine.ts';
import { weightPieces } from '../src/engine/fit.ts';
import { type Precision, packedType } from '../src/engine/precision.ts';
import { getGpu } from '../src/node/dawn.ts';
import { folderSource } from '../src/node/folder.ts';
import { openFallbackBackend } from '../src/worker/fallback.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'public/models/stories' },
    texts: { type: 'string', default: '8' },
    length: { type: 'string', default: '64' },
    json: { type: 'string' },
  },
});
const length = Number(values.length);
const model = await openModel(await folderSource(values.model), { id: values.model });
const mask = model.arch.ids.mask as number;

interface Case {
  readonly ids: Int32Array;
  readonly masked: readonly number[];
  /** What stood there. */
  readonly truth: readonly number[];
}

const cases: Case[] = [];
const writer = await openFallbackBackend(model, {});
for (let seed = 1; seed <= Number(values.texts); seed++) {
  const settings = { ...defaultSettings(), length, seed, steps: length };
  const start = canvasFor(settings, model.tokenizer, model.arch);
  let canvas = copyCanvas(start);
  for await (const step of generate(writer.network, start, settings)) canvas = applyStep(canvas, step, mask);
  const order = [...canvas.ids.keys()].sort(
    (a, b) => word(stepKey(seed, 0, 1), a, 0) - word(stepKey(seed, 0, 1), b, 0),
  );
  const masked = order.slice(0, Math.floor(canvas.ids.length / 2)).sort((a, b) => a - b);
  const truth = masked.map((slot) => canvas.ids[slot] as number);
  cases.push({ ids: canvas.ids.map((id, slot) => (masked.includes(slot) ? mask : id)), masked, truth });
  process.stderr.write(`${model.tokenizer.decode([...canvas.ids])}\n`);
}
writer.dispose();

const device = await openDevice(await getGpu());

/** log p over the vocabulary at each masked slot of each text, and bytes of the weights on the card. */
async function answers(precision: Precision) {
  const engine = await Engine.create(device, model, { precision });
  const rows: Float64Array[] = [];
  for (const { ids, masked } of cases) {
    const logits = await engine.logits(ids);
    for (const slot of masked)
      rows.push(logSoftmax(logits.subarray(slot * engine.info.vocabSize, (slot + 1) * engine.info.vocabSize)));
  }
  engine.destroy();
  const type = packedType((model.weights.tensors.get('embeddings') as TensorInfo).dtype, precision);
  const bytes = weightPieces(model.arch, type, Infinity).reduce((sum, piece) => sum + piece.bytes, 0);
  return { rows, bytes };
}

const truth = cases.flatMap((each) => each.truth);
const exact = await answers('stored');
const lines: object[] = [];
for (const precision of ['f16', 'int8'] as const) {
  const { rows, bytes } = await answers(precision);
  const divergences = rows.map((row, i) => kl(exact.rows[i] as Float64Array, row));
  const same = rows.filter((row, i) => argMax(row) === argMax(exact.rows[i] as Float64Array)).length;
  const loss = (all: readonly Float64Array[]) => -mean(all.map((row, i) => row[truth[i] as number] as number));
  lines.push({
    precision,
    klPerToken: round(mean(divergences)),
    klWorst: round(Math.max(...divergences)),
    sameFirstChoice: round(same / rows.length),
    lossChange: round(loss(rows) - loss(exact.rows)),
    bytes,
  });
}
const info = model.weights.tensors.get('embeddings');
const report = {
  made: 'npm run precision: KL(f32 || precision) in nats per masked token on the model’s own texts, half of each masked',
  model: model.id.split('/').at(-1),
  stored: info?.dtype,
  storedBytes: exact.bytes,
  texts: cases.length,
  tokens: truth.length,
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
