/**
 * A full-size ModernBERT-base with random weights takes LoRA steps beside four bits on WebGPU: losses, time, and the most
 * that its buffers took. `npm run bench:lora -- [--steps 5] [--rank 8] [--precision int4] [--length 128] [--batch 2] [--layers N] [--memory MB]
 * [--json FILE]`. With `--memory` a step is cut up until the run stays within it.
 * With `--vectors DIR` everything that PyTorch and PEFT need to take the same steps (`lora_reference.py`) is written there:
 * the base as its bits stand for it, in f32, the fresh adapter, the questions, and the losses.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { adapterFiles } from '../src/checkpoint/adapter/write.ts';
import { fromFloat32, toFloat32 } from '../src/checkpoint/half.ts';
import type { TensorInfo, Weights } from '../src/checkpoint/model.ts';
import { inPrecision, PRECISIONS } from '../src/checkpoint/precision.ts';
import { PUBLISHED, publishedConfig } from '../src/checkpoint/published-config.ts';
import { writeSafetensors } from '../src/checkpoint/write-safetensors.ts';
import { Stream, stepKey, uniform, word } from '../src/diffusion/rng.ts';
import { PackedBase } from '../src/engine/base.ts';
import { openDevice } from '../src/engine/device.ts';
import { readConfig, tensorsOf } from '../src/model/families/index.ts';
import { sizeOf } from '../src/model/parameters.ts';
import { adaptingOf } from '../src/training/adapting.ts';
import { initialWeights } from '../src/training/initial-weights.ts';
import { adapterOf } from '../src/training/low-rank.ts';
import { makeTrainable, planOf } from '../src/training/make-trainable.ts';
import type { Question } from '../src/training/objectives/objective.ts';
import { defaultTrainSettings } from '../src/training/train-settings.ts';
import { adoptWebGpu } from '../src/training/webgpu-backend.ts';
import { pretendPage } from './dawn.ts';
import { meter } from './gpu-meter.ts';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '5' },
    rank: { type: 'string', default: '8' },
    precision: { type: 'string', default: 'int4' },
    length: { type: 'string', default: '128' },
    batch: { type: 'string', default: '2' },
    layers: { type: 'string', default: '22' },
    memory: { type: 'string', default: '0' },
    vectors: { type: 'string' },
    json: { type: 'string' },
  },
});
const [steps, rank, length, batch, layers, memory] = (
  ['steps', 'rank', 'length', 'batch', 'layers', 'memory'] as const
).map((name) => Number(values[name])) as [number, number, number, number, number, number];
const precision = PRECISIONS.find((name) => name === values.precision) ?? 'int4';
const HOW = { lr: 1e-3, weightDecay: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8, clip: 1 };

const config = { ...publishedConfig(PUBLISHED.base), num_hidden_layers: layers };
const described = readConfig(config);
const { arch } = described;
const drawn = initialWeights(arch, 1);
/** Drawn once each: the parts of a large tensor are asked for one after the other. */
let last: { readonly name: string; readonly bytes: Promise<Uint8Array<ArrayBuffer>> } | undefined;
const read = (name: string) => {
  if (last?.name !== name) last = { name, bytes: drawn.read(name) };
  return last.bytes;
};
const weights: Weights = {
  ...drawn,
  read,
  async readRows(name, from, to) {
    const bytes = await read(name);
    const row = bytes.length / ((drawn.tensors.get(name) as TensorInfo).shape[0] as number);
    return bytes.slice(from * row, to * row);
  },
};
const BITS = { stored: 'stored', f16: '16', int8: '8', int4: '4', nf4: 'nf4' } as const;
const settings = {
  ...defaultTrainSettings(),
  adapter: 'lora',
  rank,
  alpha: 2 * rank,
  bits: BITS[precision],
  batch,
  length,
  memory,
} as const;
const adapting = adaptingOf(settings, described);
if (adapting === undefined) throw new Error('There is no adapter.');

/** Random tokens, half of them masked: a batch of MDLM at its mean rate. */
function question(step: number): Question {
  const key = stepKey(1, step, Stream.Corrupt);
  const ids = Int32Array.from({ length: batch * length }, (_, i) => word(key, i, 1) % 50_000);
  const scored = Int32Array.from(ids.keys()).filter((i) => uniform(word(key, i, 0)) < 0.5);
  const masked = new Set(scored);
  const inputs = ids.map((id, i) => (masked.has(i) ? (arch.ids.mask as number) : id));
  const targets = scored.map((i) => ids[i] as number);
  return { inputs, length, scored, targets, weights: new Float32Array(scored.length).fill(2 / ids.length) };
}

await pretendPage();
const device = await openDevice(navigator.gpu);
const measured = meter(device.gpu);
await adoptWebGpu(device.gpu);
const base = await PackedBase.create(device, { arch, weights }, { precision });
const model = { arch, modelType: described.modelType, weights };
const card = device.gpu.limits.maxStorageBufferBindingSize;
const plan = planOf(settings, model, card);
const trainable = await makeTrainable(settings, model, { packed: base, card });
const adapterNow = async () =>
  adapterOf({ id: '', base: 'base', spec: adapting.spec }, adapting.places, await trainable.weights());
if (values.vectors !== undefined) await writeVectors(values.vectors);

const losses: number[] = [];
const processor = process.cpuUsage();
const milliseconds: number[] = [];
for (let step = 0; step < steps; step++) {
  const began = performance.now();
  const { loss, gradNorm } = await trainable.step(question(step), HOW);
  milliseconds.push(performance.now() - began);
  losses.push(loss);
  print(`step ${step + 1}: loss ${loss}, norm ${gradNorm}, ${((milliseconds.at(-1) as number) / 1000).toFixed(1)} s`);
}
const report = {
  date: new Date().toISOString().slice(0, 10),
  device: device.description,
  model: { parameters: weights.parameters, layers, learns: adapting.size },
  rank,
  precision,
  batch,
  length,
  losses,
  milliseconds,
  baseBytes: base.bytes,
  peakBytes: measured.peak,
  told: plan.memory,
  fit: trainable.fit,
  processorSeconds: seconds(processor),
};
const told = Object.values(plan.memory).reduce((sum, bytes) => sum + bytes, 0);
print(
  `base ${mebibytes(base.bytes)}, most of all buffers ${mebibytes(measured.peak)}, told before ${mebibytes(told)}; ${trainable.fit.blocks} blocks, ${(seconds(processor) / steps).toFixed(1)} s of processor time a step`,
);
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
if (values.vectors !== undefined) await writeFile(join(values.vectors, 'losses.json'), JSON.stringify(losses));
process.exit(0);

async function writeVectors(folder: string): Promise<void> {
  // The adapter lies apart: transformers takes a folder that holds one for the adapter, and asks the hub for its base.
  const beside = join(folder, 'adapter');
  await mkdir(beside, { recursive: true });
  const held: Weights = inPrecision(arch, weights, { precision });
  const tensors = [];
  for (const { name, parts } of tensorsOf(described)) {
    const values = toFloat32(await held.read(name), (held.tensors.get(name) as TensorInfo).dtype);
    let at = 0;
    for (const part of parts) {
      const bytes = fromFloat32(values.subarray(at, at + sizeOf(part)), 'F32');
      at += sizeOf(part);
      tensors.push([part.name, { dtype: 'F32', shape: part.shape, bytes }] as const);
    }
  }
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await writeFile(join(folder, 'model.safetensors'), writeSafetensors(tensors, { format: 'pt' }));
  for (const [name, bytes] of adapterFiles(await adapterNow(), described)) await writeFile(join(beside, name), bytes);
  const questions = Array.from({ length: steps }, (_, step) => {
    const { inputs, scored, targets, weights: own } = question(step);
    return { inputs: [...inputs], scored: [...scored], targets: [...targets], weights: [...own] };
  });
  await writeFile(join(folder, 'questions.json'), JSON.stringify({ length, how: HOW, questions }));
}

function seconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
