/** Where the time of a pass goes: each dispatch between two timestamps of the card, summed by name. */
import { deviceError, guarded } from './device.ts';
import { type Dispatch, encode } from './kernel.ts';
import { mapped } from './mapped.ts';
import { Memory } from './memory.ts';

export interface KernelTime {
  readonly name: string;
  readonly dispatches: number;
  readonly milliseconds: number;
  /** Of all these dispatches together; 0 where it was not worth counting. */
  readonly flops: number;
  readonly bytes: number;
}

/** Whether the device can say when a dispatch began and ended. */
export function deviceClock(gpu: GPUDevice): boolean {
  return gpu.features.has('timestamp-query');
}

/** Largest query set that WebGPU allows. */
const MOST_QUERIES = 4096;

/** Runs the dispatches, each in a pass of its own, and resolves with their times, longest first. */
export async function timeDispatches(gpu: GPUDevice, dispatches: readonly Dispatch[]): Promise<KernelTime[]> {
  if (!deviceClock(gpu)) {
    throw deviceError('This graphics adapter has no timestamps.', 'Measure whole forward passes instead.');
  }
  const count = Math.min(2 * dispatches.length, MOST_QUERIES);
  const memory = new Memory(gpu);
  const querySet = gpu.createQuerySet({ type: 'timestamp', count });
  try {
    const readback = await guarded(gpu, 'timing kernels', () => {
      const resolved = memory.buffer('timestamps', 8 * count, GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC);
      const readback = memory.buffer('readback', 8 * count, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
      const encoder = gpu.createCommandEncoder({ label: 'profile' });
      dispatches.slice(0, count / 2).forEach((dispatch, i) => {
        const timestampWrites = { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 };
        const pass = encoder.beginComputePass({ label: dispatch.name, timestampWrites });
        encode(pass, dispatch);
        pass.end();
      });
      encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, readback, 0, 8 * count);
      gpu.queue.submit([encoder.finish()]);
      return readback;
    });
    await mapped(gpu, readback);
    const stamps = new BigInt64Array(readback.getMappedRange());
    const times = new Map<string, { dispatches: number; milliseconds: number; flops: number; bytes: number }>();
    dispatches.slice(0, count / 2).forEach(({ name, work }, i) => {
      const time = times.get(name) ?? { dispatches: 0, milliseconds: 0, flops: 0, bytes: 0 };
      time.dispatches++;
      time.flops += work?.flops ?? 0;
      time.bytes += work?.bytes ?? 0;
      time.milliseconds += Number((stamps[2 * i + 1] as bigint) - (stamps[2 * i] as bigint)) / 1e6;
      times.set(name, time);
    });
    return [...times].map(([name, time]) => ({ name, ...time })).sort((a, b) => b.milliseconds - a.milliseconds);
  } finally {
    querySet.destroy();
    memory.destroy();
  }
}
