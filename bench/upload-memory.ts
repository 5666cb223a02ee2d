/**
 * How much JavaScript memory it takes to bring a model to the card: heap and array buffers, sampled while it is uploaded,
 * above what they were before. `npm run bench:memory -- --model DIR [--precision stored|f16|int8|int4|nf4] [--limit MB]`; more than
 * the limit (250 MB) is a failure. The card's own memory is not counted, also where a software driver keeps it in this process.
 */
import { parseArgs } from 'node:util';
import { openModel } from '../src/checkpoint/open.ts';
import { PRECISIONS, type Precision } from '../src/checkpoint/precision.ts';
import { openDevice } from '../src/engine/device.ts';
import { Engine } from '../src/engine/engine.ts';
import { getGpu } from '../src/node/dawn.ts';
import { folderSource } from '../src/node/folder.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'public/models/stories' },
    precision: { type: 'string', default: 'stored' },
    limit: { type: 'string', default: '250' },
  },
});
const precision = PRECISIONS.find((name) => name === values.precision) as Precision | undefined;
if (precision === undefined) throw new Error(`--precision must be one of ${PRECISIONS.join(', ')}.`);

const device = await openDevice(await getGpu());
const used = () => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed / 1e6, buffers: arrayBuffers / 1e6 };
};
const before = used();
let most = { heap: 0, buffers: 0, both: 0 };
const sample = () => {
  const now = used();
  const [heap, buffers] = [now.heap - before.heap, now.buffers - before.buffers];
  most = {
    heap: Math.max(most.heap, heap),
    buffers: Math.max(most.buffers, buffers),
    both: Math.max(most.both, heap + buffers),
  };
};
const timer = setInterval(sample, 5);
const began = performance.now();
const model = await openModel(await folderSource(values.model), { id: values.model });
const engine = await Engine.create(device, model, { precision, onProgress: sample });
await device.gpu.queue.onSubmittedWorkDone();
sample();
clearInterval(timer);
const seconds = (performance.now() - began) / 1000;
const { heap, buffers, both } = most;
process.stdout.write(
  `${values.model} as ${precision}: ${(engine.bytes / 1e6).toFixed(0)} MB on ${device.description} in ${seconds.toFixed(1)} s; ` +
    `JavaScript memory at most ${both.toFixed(0)} MB above the start (heap ${heap.toFixed(0)}, buffers ${buffers.toFixed(0)})\n`,
);
engine.destroy();
device.gpu.destroy();
if (both > Number(values.limit)) process.exitCode = 1;
