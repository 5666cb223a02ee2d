/** The shared WGSL snippets, called from kernels of their own. */
import { describe, expect, test } from 'vitest';
import geluSource from '../../../shaders/gelu.wgsl?raw';
import threefrySource from '../../../shaders/threefry.wgsl?raw';
import { gumbel, threefry2x32 } from '../../diffusion/rng.ts';
import type { Kernel } from '../kernel.ts';
import { testDevice } from '../testing/gpu.ts';
import { runKernel } from '../testing/run.ts';
import { gelu } from './gelu.ts';

const { gpu } = await testDevice();

describe('gelu', () => {
  test('is within 2e-7 of x · Φ(x), absolutely and, left of 0, relative to the tail', async () => {
    const kernel: Kernel = {
      name: 'gelu',
      sources: [
        geluSource,
        `@group(0) @binding(0) var<storage, read> x: array<vec2f>;
         @group(0) @binding(1) var<storage, read_write> y: array<vec2f>;
         @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) { y[id.x] = gelu(x[id.x]); }`,
      ],
      bindings: { 0: 'read', 1: 'write' },
    };
    const x = Float32Array.from({ length: 4096 }, (_, i) => (i - 2048) / 200);
    const y = new Float32Array(await runKernel(gpu, kernel, {}, { 0: x, 1: new Float32Array(4096) }, [32], 1));
    x.forEach((value, i) => {
      const want = gelu(value);
      const got = y[i] as number;
      // Rounding a result of size |x| to f32 costs 6e-8 of it.
      expect(Math.abs(got - want)).toBeLessThan(2e-7 * Math.max(1, Math.abs(value)));
    });
  });
});

describe('threefry', () => {
  const kernel: Kernel = {
    name: 'threefry',
    sources: [
      threefrySource,
      `@group(0) @binding(0) var<storage, read> counters: array<vec4u>;
       @group(0) @binding(1) var<storage, read_write> bits: array<vec4u>;
       @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
         let c = counters[id.x];
         bits[id.x] = vec4u(threefry2x32(c.xy, c.zw), bitcast<vec2u>(gumbel_pair(c.xy, c.z, c.w)));
       }`,
    ],
    bindings: { 0: 'read', 1: 'write' },
  };

  async function run(counters: Uint32Array<ArrayBuffer>): Promise<Uint32Array> {
    const data = { 0: counters, 1: new Uint32Array(counters.length) };
    return new Uint32Array(await runKernel(gpu, kernel, {}, data, [counters.length / 256], 1));
  }

  test('gives the bits of rng.ts', async () => {
    const counters = Uint32Array.from({ length: 4 * 4096 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> (i % 7));
    counters.set([0, 0, 0, 0, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff]);
    const bits = await run(counters);
    for (let i = 0; i < counters.length; i += 4) {
      const [a, b, c, d] = counters.subarray(i, i + 4) as unknown as [number, number, number, number];
      expect([bits[i], bits[i + 1]]).toEqual(threefry2x32([a, b], [c, d]));
    }
  });

  test('gives the Gumbel noise of rng.ts to 2e-6', async () => {
    // `log` of WGSL is exact to 2^-21 = 4.8e-7 between 1/2 and 2 and to 3 ulps elsewhere; it is taken twice.
    const counters = Uint32Array.from({ length: 4 * 8192 }, (_, i) => [7, 9, i >> 2, (i >> 2) * 31][i % 4] as number);
    const noise = new Float32Array((await run(counters)).buffer);
    let worst = 0;
    for (let i = 0; i < counters.length; i += 4) {
      const [, , slot, pair] = counters.subarray(i, i + 4) as unknown as [number, number, number, number];
      for (const half of [0, 1]) {
        const want = gumbel([7, 9], slot, 2 * pair + half);
        worst = Math.max(worst, Math.abs((noise[i + 2 + half] as number) - want));
      }
    }
    expect(worst).toBeLessThan(2e-6);
  });
});
