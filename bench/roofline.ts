/**
 * The two roofs of a device, measured: the best rate of a plain matrix product, and how fast a buffer is copied.
 * (Williams et al., "Roofline: an insightful visual performance model", CACM 52, 2009.)
 */
import { readFileSync } from 'node:fs';
import { type Kernel, Kernels } from '../src/engine/kernel.ts';
import { timeDispatches } from '../src/engine/profile.ts';

export interface Roofline {
  /** Best f32 rate of the yardstick's forms, in GFLOP/s, and which form it was. */
  readonly gflops: number;
  readonly form: string;
  /** Bytes read plus bytes written, GB/s. */
  readonly gigabytes: number;
}

const product: Kernel = {
  name: 'yardstick',
  sources: [readFileSync(new URL('yardstick.wgsl', import.meta.url), 'utf8')],
  bindings: { 0: 'read', 1: 'read', 2: 'write' },
};

const copy: Kernel = {
  name: 'copy',
  sources: [
    `@group(0) @binding(0) var<storage, read> x: array<vec4f>;
     @group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
     @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) { y[id.x] = x[id.x]; }`,
  ],
  bindings: { 0: 'read', 1: 'write' },
};

/** `software`: takes a smaller problem, so that it does not take minutes. */
export async function measureRoofline(gpu: GPUDevice, software: boolean): Promise<Roofline> {
  const kernels = new Kernels(gpu);
  const size = software ? 256 : 2048;
  const rounds = software ? 3 : 20;
  const make = (bytes: number) => gpu.createBuffer({ size: bytes, usage: GPUBufferUsage.STORAGE });
  const [a, b, c] = [make(4 * size * size), make(4 * size * size), make(4 * size * size)];
  const forms = [
    { form: 'registers alone', WX: 8, WY: 8, STAGED: false },
    { form: 'workgroup memory', WX: 8, WY: 8, STAGED: true },
    { form: 'workgroup memory, wide', WX: 16, WY: 8, STAGED: true },
  ];
  let best = { gflops: 0, form: '' };
  for (const { form, ...constants } of forms) {
    const pipeline = await kernels.pipeline(product, { SIZE: size, ...constants });
    const bindGroup = kernels.bindGroup(product, { 0: a, 1: b, 2: c });
    const workgroups = [size / (constants.WY * 8), size / (constants.WX * 4)] as const;
    const dispatch = { name: form, pipeline, bindGroup, workgroups };
    const times = await fastest(gpu, dispatch, rounds);
    const gflops = (2 * size ** 3) / times / 1e6;
    if (gflops > best.gflops) best = { gflops, form };
  }
  const bytes = software ? 2 ** 22 : 2 ** 26;
  const [from, to] = [make(bytes), make(bytes)];
  const pipeline = await kernels.pipeline(copy, {});
  const bindGroup = kernels.bindGroup(copy, { 0: from, 1: to });
  const time = await fastest(gpu, { name: 'copy', pipeline, bindGroup, workgroups: [bytes / 16 / 64] }, rounds);
  for (const buffer of [a, b, c, from, to]) buffer.destroy();
  return { ...best, gigabytes: (2 * bytes) / time / 1e6 };
}

/** Milliseconds of the fastest of several runs; the first is not counted. */
async function fastest(gpu: GPUDevice, dispatch: Parameters<typeof timeDispatches>[1][number], rounds: number) {
  await timeDispatches(gpu, [dispatch]);
  let best = Infinity;
  for (let i = 0; i < rounds; i++)
    best = Math.min(best, (await timeDispatches(gpu, [dispatch]))[0]?.milliseconds ?? Infinity);
  return best;
}
