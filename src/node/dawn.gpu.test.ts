import { expect, test } from 'vitest';
import { getGpu } from './dawn.ts';

test('a compute shader runs on Dawn and its result can be read back', async () => {
  const gpu = await getGpu();
  const adapter = await gpu.requestAdapter();
  const device = await adapter?.requestDevice();
  if (!device) throw new Error('no device');

  const storage = device.createBuffer({ size: 256, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const readback = device.createBuffer({ size: 256, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const code = `
    @group(0) @binding(0) var<storage, read_write> squares: array<u32>;
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) { squares[id.x] = id.x * id.x; }`;
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
  const layout = pipeline.getBindGroupLayout(0);

  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer: storage } }] }));
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(storage, 0, readback, 0, 256);
  device.queue.submit([encoder.finish()]);
  await readback.mapAsync(GPUMapMode.READ);

  const expected = Array.from({ length: 64 }, (_, i) => i * i);
  expect([...new Uint32Array(readback.getMappedRange())]).toEqual(expected);
  device.destroy();
});

test('while it compiles, Dawn looks for the end once a millisecond at most', async () => {
  const adapter = await (await getGpu()).requestAdapter();
  const device = await adapter?.requestDevice();
  if (!device || !/swiftshader/i.test(`${adapter?.info.description} ${adapter?.info.device}`)) return;
  const paced = globalThis.setImmediate;
  let looks = 0;
  try {
    globalThis.setImmediate = ((run: () => void) => {
      looks++;
      return paced(run);
    }) as typeof setImmediate;
    const began = performance.now();
    const module = device.createShaderModule({
      code: `@group(0) @binding(0) var<storage, read_write> x: array<f32>;
        @compute @workgroup_size(1) fn main() { ${'x[0] = sin(x[0]) + cos(x[1]);'.repeat(200)} }`,
    });
    await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
    // The first look of a wait comes at once.
    expect(looks).toBeGreaterThan(1);
    expect(looks).toBeLessThanOrEqual(performance.now() - began + 2);
  } finally {
    globalThis.setImmediate = paced;
    device.destroy();
  }
  expect(await new Promise((resolve) => setImmediate(resolve, 'given'))).toBe('given');
});
