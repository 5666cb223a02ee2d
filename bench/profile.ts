/**
 * Where the time of a step goes, kernel by kernel, from the card's own clock, beside the roofs measured in the same run:
 * `npm run profile -- [--model DIR] [--length N] [--precision stored|f16|int8|int4|nf4] [--rounds N] [--json FILE]`.
 * Every slot is asked. GFLOP/s count multiplications and additions of the products; GB/s count each operand once, so a
 * kernel near one of the two roofs has little left to gain.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { summarise } from '../src/bench/rounds.ts';
import { openNetwork } from '../src/checkpoint/open.ts';
import { PRECISIONS } from '../src/checkpoint/precision.ts';
import { openDevice } from '../src/engine/device.ts';
import { Engine } from '../src/engine/engine.ts';
import type { KernelTime } from '../src/engine/profile.ts';
import { getGpu } from '../src/node/dawn.ts';
import { folderSource } from '../src/node/folder.ts';
import { measureRoofline } from './roofline.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'public/models/stories' },
    length: { type: 'string', default: '64' },
    precision: { type: 'string', default: 'stored' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
  },
});
const precision = PRECISIONS.find((name) => name === values.precision);
if (precision === undefined) throw new Error(`--precision must be one of ${PRECISIONS.join(', ')}.`);

const device = await openDevice(await getGpu());
const network = await openNetwork(await folderSource(values.model));
const engine = await Engine.create(device, network, { precision });
const length = Number(values.length);
const ids = new Int32Array(length).fill(engine.info.maskId ?? 0);
await engine.warm(length);
await engine.profile(ids);
const rounds: (readonly KernelTime[])[] = [];
for (let round = 0; round < Number(values.rounds); round++) rounds.push(await engine.profile(ids));
const roof = await measureRoofline(device.gpu, device.software);

const kernels = (rounds[0] as KernelTime[]).map(({ name, dispatches, flops, bytes }) => {
  const times = rounds.map((round) => round.find((kernel) => kernel.name === name)?.milliseconds ?? 0);
  return { name, dispatches, milliseconds: summarise(times).median, flops, bytes };
});
const total = kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
const lines = kernels
  .toSorted((a, b) => b.milliseconds - a.milliseconds)
  .map(({ name, dispatches, milliseconds: ms, flops, bytes }) => {
    const [rate, flow] = [flops / ms / 1e6, bytes / ms / 1e6];
    const cells = [
      name,
      dispatches,
      ms.toFixed(2),
      `${((100 * ms) / total).toFixed(1)} %`,
      flops ? rate.toFixed(1) : '',
      flops ? `${((100 * rate) / roof.gflops).toFixed(0)} %` : '',
      bytes ? flow.toFixed(2) : '',
    ];
    return `| ${cells.join(' | ')} |`;
  });
const flops = kernels.reduce((sum, kernel) => sum + kernel.flops, 0);
process.stdout.write(
  [
    `${values.model}, ${length} tokens, ${precision}, on ${device.description}`,
    '',
    '| kernel | dispatches | ms | share | GFLOP/s | of the best plain product | GB/s |',
    '|---|--:|--:|--:|--:|--:|--:|',
    ...lines,
    `| all | ${kernels.reduce((sum, kernel) => sum + kernel.dispatches, 0)} | ${total.toFixed(2)} | | ${(flops / total / 1e6).toFixed(1)} | ${((100 * flops) / total / 1e6 / roof.gflops).toFixed(0)} % | |`,
    '',
    `Roofs of this device: ${roof.gflops.toFixed(1)} GFLOP/s (plain f32 matrix product, ${roof.form}), ${roof.gigabytes.toFixed(1)} GB/s (copy).`,
    '',
  ].join('\n'),
);
const report = { device: device.description, model: values.model, length, precision, roof, kernels };
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, undefined, 1)}\n`);
engine.destroy();
device.gpu.destroy();
