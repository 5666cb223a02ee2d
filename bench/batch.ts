/**
 * What a batch saves: eight canvases in one submission beside the same eight one after the other, on our engine alone:
 *
 *     npm run bench:batch [-- --size narrow --tokens 64 --batch 8 --asked 16 --rounds 9]
 *
 * Random weights, new canvases every time, the two in turn; medians, and the median of the ratios of each round. The
 * answers must be the same bits. Processor time is of the whole process, which on a software adapter is the card.
 */
import { parseArgs } from 'node:util';
import { randomModel } from '../src/bench/random-model.ts';
import { SIZES, type SizeName } from '../src/bench/sizes.ts';
import type { DrawnSequence, Prediction } from '../src/diffusion/network.ts';
import { openDevice } from '../src/engine/device.ts';
import { Engine } from '../src/engine/engine.ts';
import { getGpu } from '../src/node/dawn.ts';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: 'narrow' },
    tokens: { type: 'string', default: '64' },
    batch: { type: 'string', default: '8' },
    asked: { type: 'string', default: '16' },
    rounds: { type: 'string', default: '9' },
  },
});
const [tokens, count, slots, rounds] = [values.tokens, values.batch, values.asked, values.rounds].map(Number) as [
  number,
  number,
  number,
  number,
];

const device = await openDevice(await getGpu());
const model = randomModel(SIZES[values.size as SizeName], 'F32');
const engine = await Engine.create(device, model);
const asked = Int32Array.from({ length: slots }, (_, i) => Math.floor((i * tokens) / slots));
const options = { topK: 32, fresh: true };
let canvases = 0;

function batch(): DrawnSequence[] {
  return Array.from({ length: count }, () => {
    const seed = ++canvases;
    const ids = Int32Array.from({ length: tokens }, (_, i) => (seed * 7919 + i * i * 31) % model.arch.vocab);
    return { ids, asked, draw: { seed, step: 0, temperature: 1 } };
  });
}

async function together(all: readonly DrawnSequence[]): Promise<readonly Prediction[]> {
  return engine.predict(all, options);
}

async function inTurn(all: readonly DrawnSequence[]): Promise<readonly Prediction[]> {
  const answers: Prediction[] = [];
  for (const each of all) answers.push(...(await engine.predict([each], options)));
  return answers;
}

interface Time {
  readonly wall: number;
  readonly processor: number;
}

async function timed(work: () => Promise<unknown>): Promise<Time> {
  const [began, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { wall: performance.now() - began, processor: (user + system) / 1000 };
}

function median(of: readonly number[]): number {
  return of.toSorted((a, b) => a - b)[of.length >> 1] as number;
}

const first = batch();
const same = JSON.stringify(await together(first)) === JSON.stringify(await inTurn(first));
const times: { readonly one: Time; readonly turn: Time }[] = [];
for (let round = 0; round < rounds; round++) {
  const all = batch();
  const one = await timed(() => together(all));
  times.push({ one, turn: await timed(() => inTurn(all)) });
}
process.stdout.write(
  `${device.description}, ${values.size}: ${count} canvases of ${tokens} tokens, ${slots} asked of each, ${rounds} rounds\n` +
    `answers of both: ${same ? 'the same bits' : 'DIFFERENT'}\n`,
);
for (const key of ['wall', 'processor'] as const) {
  const [ones, turns] = [times.map(({ one }) => one[key]), times.map(({ turn }) => turn[key])];
  const ratio = median(ones.map((value, i) => value / (turns[i] as number)));
  const line = `${key}: one submission ${median(ones).toFixed(0)} ms, one after the other ${median(turns).toFixed(0)} ms`;
  process.stdout.write(`${line}, ratio ${ratio.toFixed(2)}\n`);
}
engine.destroy();
device.gpu.destroy();
