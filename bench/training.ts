/**
 * One training step on WebGPU, our kernels beside plain tfjs: same weights, same canvases, same loss, in turn. The whole network
 * learns, or low ranks do beside a base that is held in `--bits`; tfjs has the whole network only, and learns that.
 * `npm run bench:training -- [--width 256] [--layers 6] [--length 128] [--batch 2] [--vocab 2048] [--rank 8] [--bits stored|int8|int4|nf4]
 * [--rounds 5] [--processor] [--json FILE]`; with `--processor` by processor time, for software adapters beside other programs.
 * Prints Markdown. The memory of each is the most that its buffers took in a run on a device of its own. With `--hold N`
 * nothing is timed: N steps of ours, and what is alive after the twentieth, after half and after the last.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ratioOf, type Summary, summarise, takeTurns } from '../src/bench/rounds.ts';
import { PRECISIONS } from '../src/checkpoint/precision.ts';
import { Stream, stepKey, uniform, word } from '../src/diffusion/rng.ts';
import { PackedBase } from '../src/engine/base.ts';
import { type EngineDevice, openDevice } from '../src/engine/device.ts';
import { readConfig } from '../src/model/families/index.ts';
import type { AdamW } from '../src/training/adamw.ts';
import { initialWeights } from '../src/training/initial-weights.ts';
import { makeTrainable } from '../src/training/make-trainable.ts';
import type { Question } from '../src/training/objectives/objective.ts';
import { defaultTrainSettings } from '../src/training/train-settings.ts';
import { Trainable } from '../src/training/trainable.ts';
import { adoptWebGpu } from '../src/training/webgpu-backend.ts';
import { pretendPage } from './dawn.ts';
import { meter } from './gpu-meter.ts';
import { PlainTrainer } from './plain-trainer.ts';

const { values } = parseArgs({
  options: {
    width: { type: 'string', default: '256' },
    layers: { type: 'string', default: '6' },
    length: { type: 'string', default: '128' },
    batch: { type: 'string', default: '2' },
    vocab: { type: 'string', default: '2048' },
    rank: { type: 'string', default: '8' },
    bits: { type: 'string', default: 'int4' },
    rounds: { type: 'string', default: '5' },
    processor: { type: 'boolean', default: false },
    hold: { type: 'string', default: '0' },
    json: { type: 'string' },
  },
});
const [width, layers, length, batch, vocab, rank, rounds] = (
  ['width', 'layers', 'length', 'batch', 'vocab', 'rank', 'rounds'] as const
).map((name) => Number(values[name])) as [number, number, number, number, number, number, number];
const precision = PRECISIONS.find((name) => name === values.bits) ?? 'int4';

const HOW: AdamW = { lr: 1e-4, weightDecay: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8, clip: 1 };
/** Largest difference of two losses, beside the loss, that still counts as the same step. */
const SAME = 1e-4;

const described = readConfig({
  model_type: 'modernbert',
  vocab_size: vocab,
  hidden_size: width,
  num_attention_heads: Math.max(1, width / 64),
  intermediate_size: 1.5 * width,
  num_hidden_layers: layers,
  max_position_embeddings: length,
  mask_token_id: 4,
});
const { arch } = described;
const weights = initialWeights(arch, 1);

/** Random tokens, half of them masked: a batch of MDLM at its mean rate. */
function question(step: number): Question {
  const key = stepKey(1, step, Stream.Corrupt);
  const ids = Int32Array.from({ length: batch * length }, (_, i) => word(key, i, 1) % vocab);
  const scored = Int32Array.from(ids.keys()).filter((i) => uniform(word(key, i, 0)) < 0.5);
  const inputs = ids.map((id, i) => (scored.includes(i) ? 4 : id));
  const targets = scored.map((i) => ids[i] as number);
  return { inputs, length, scored, targets, weights: new Float32Array(scored.length).fill(2 / ids.length) };
}

interface Trainer {
  step(question: Question, how: AdamW): Promise<{ loss: number; gradNorm: number }>;
  dispose(): void;
}
const BITS = { stored: 'stored', f16: '16', int8: '8', int4: '4', nf4: 'nf4' } as const;
const settings = {
  ...defaultTrainSettings(),
  ...({ adapter: 'lora', rank, alpha: 2 * rank, bits: BITS[precision], batch, length } as const),
};
const CONTESTANTS = {
  unmask: () => Trainable.create(arch, weights) as Promise<Trainer>,
  tfjs: () => PlainTrainer.create(arch, weights) as Promise<Trainer>,
  async lora(device: EngineDevice): Promise<Trainer> {
    const packed = await PackedBase.create(device, { arch, weights }, { precision });
    const card = device.gpu.limits.maxStorageBufferBindingSize;
    const trainable = await makeTrainable(settings, { ...described, weights }, { packed, card });
    return {
      step: (asked, how) => trainable.step(asked, how),
      dispose() {
        trainable.dispose();
        packed.destroy();
      },
    };
  },
};
const NAMES = ['unmask', 'tfjs', 'lora'] as const;

await pretendPage();
async function open() {
  const device = await openDevice(navigator.gpu);
  const measured = meter(device.gpu);
  await adoptWebGpu(device.gpu);
  return { device, measured };
}

const hold = Number(values.hold);
if (hold > 0) {
  const { measured } = await open();
  const trainer = await Trainable.create(arch, weights);
  for (let step = 1; step <= hold; step++) {
    await trainer.step(question(step), HOW);
    if (step !== 20 && step !== Math.ceil(hold / 2) && step !== hold) continue;
    print(`step ${step}: ${trainer.memory.tensors} tensors, ${measured.alive} bytes of buffers alive`);
  }
  process.exit(0);
}

const alone: Record<string, { losses: number[]; bytes: number; dispatches: number }> = {};
for (const name of NAMES) {
  const { device, measured } = await open();
  const trainer = await CONTESTANTS[name](device);
  const losses: number[] = [];
  let dispatches = 0;
  for (let step = 0; step < 2; step++) {
    const before = measured.dispatches;
    losses.push((await trainer.step(question(step), HOW)).loss);
    dispatches = measured.dispatches - before;
  }
  alone[name] = { losses, bytes: measured.peak, dispatches };
  print(`${name}: losses ${losses.map((loss) => loss.toFixed(5)).join(', ')}; ${dispatches} dispatches a step`);
  trainer.dispose();
  device.gpu.destroy();
}
for (const [step, loss] of (alone['unmask']?.losses ?? []).entries()) {
  const other = alone['tfjs']?.losses[step] as number;
  if (!(Math.abs(loss / other - 1) < SAME))
    throw new Error(`Step ${step}: losses ${loss} and ${other} are not the same.`);
}

const { device } = await open();
const trainers: Trainer[] = [];
for (const name of NAMES) trainers.push(await CONTESTANTS[name](device));
const turns = trainers.map(() => 2);
const times = await takeTurns(
  trainers.map((trainer, i) => () => {
    const step = turns[i] as number;
    turns[i] = step + 1;
    return trainer.step(question(step), HOW);
  }),
  rounds,
  values.processor ? { clock: processorTime } : {},
);
const tokens = batch * length;
const perSecond = (milliseconds: readonly number[]): Summary =>
  summarise(milliseconds.map((ms) => (1000 * tokens) / ms));
const [whole, plain, lora] = times as [number[], number[], number[]];
const ratio = ratioOf(plain, whole);
const loraRatio = ratioOf(plain, lora);
const loraBesideWhole = ratioOf(whole, lora);
const report = {
  date: new Date().toISOString().slice(0, 10),
  device: device.description,
  model: { width, layers, vocab, parameters: weights.parameters },
  batch,
  length,
  rounds,
  clock: values.processor ? 'processor' : 'wall',
  contestants: Object.fromEntries(
    NAMES.map((name, i) => [
      name,
      {
        tokensPerSecond: perSecond(times[i] as number[]),
        milliseconds: summarise(times[i] as number[]),
        peakBytes: alone[name]?.bytes,
        dispatches: alone[name]?.dispatches,
      },
    ]),
  ),
  ratio,
  lora: { rank, precision, ratio: loraRatio, besideWhole: loraBesideWhole },
};
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
print(`\n${report.device}; ${layers} layers of ${width}, ${vocab} tokens, ${batch} × ${length}\n`);
print('| program | tokens/s (quartiles) | peak memory of buffers | dispatches |');
print('|---|--:|--:|--:|');
for (const name of NAMES) {
  const {
    tokensPerSecond: t,
    peakBytes,
    dispatches,
  } = report.contestants[name] as never as {
    tokensPerSecond: Summary;
    peakBytes: number;
    dispatches: number;
  };
  const speed = `${t.median.toFixed(1)} (${t.lower.toFixed(1)} to ${t.upper.toFixed(1)})`;
  print(`| ${name} | ${speed} | ${(peakBytes / 2 ** 20).toFixed(1)} MiB | ${dispatches} |`);
}
const asTimes = ({ median, lower, upper }: Summary) =>
  `${median.toFixed(2)} times as fast (95 %: ${lower.toFixed(2)} to ${upper.toFixed(2)})`;
print(`\nThe whole network beside tfjs: ${asTimes(ratio)}.`);
print(`LoRA, rank ${rank} beside ${precision}, beside tfjs with the whole network: ${asTimes(loraRatio)}.`);
print(`LoRA beside the whole network, both ours: ${asTimes(loraBesideWhole)}.`);
process.exit(0);

/** Milliseconds that all threads of this process have had, those of a software adapter among them. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
