import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Model } from '../checkpoint/model.ts';
import { UnmaskError } from '../diffusion/error.ts';
import type { Network } from '../diffusion/network.ts';
import { tableNetwork } from '../diffusion/testing/table-network.ts';
import { english, type Text } from '../text/said.ts';
import { openBackend } from './backend.ts';
import { fakeBackend } from './testing/surroundings.ts';

const model = {} as Model;
const plain = tableNetwork(5, 0, () => [0, 1, 2, 3, 4]);
/** The time that `performance.now` tells, in milliseconds. */
let clock = 0;
/** `milliseconds` of a pass over 72 tokens. */
const taking = (milliseconds: number): Network => ({
  ...plain,
  info: { ...plain.info, maxLength: 72 },
  async predict(...question) {
    const tokens = question[0].reduce((sum, { ids }) => sum + ids.length, 0);
    clock += (milliseconds * tokens) / 72;
    return plain.predict(...question);
  },
});
const table = taking(2);
const slow = taking(16);
/** A few tokens take it longer than a whole pass the others. */
const hopeless = taking(20);
const wasm = (network: Network = table) => fakeBackend(network, { name: 'wasm', device: 'processor' });
const unused = () => Promise.reject(new Error('must not be opened'));
const deviceError = new UnmaskError({ code: 'device', message: 'The device ran out of memory.', remedy: '' });

afterEach(() => {
  vi.restoreAllMocks();
});

describe('openBackend', () => {
  test('takes WebGPU on a real adapter, and says nothing', async () => {
    const webgpu = async () => fakeBackend(table, { device: 'apple m2' });
    const { report } = await openBackend(model, 'auto', { webgpu, fallback: unused });
    expect(report).toEqual({ backend: 'webgpu', device: 'apple m2', software: false, notice: undefined });
  });

  test('takes the fallback when there is no adapter or none that works, and says why', async () => {
    const fallback = async () => wasm();
    const none = await openBackend(model, 'auto', { webgpu: async () => undefined, fallback });
    expect(english(none.report.notice ?? '')).toContain('no WebGPU here');
    const broken = await openBackend(model, 'auto', { webgpu: () => Promise.reject(deviceError), fallback });
    expect(broken.report.backend).toBe('wasm');
    expect(english(broken.report.notice ?? '')).toContain('ran out of memory');
  });

  test('a damaged model is not tried on a second backend', async () => {
    const damaged = new UnmaskError({ code: 'checkpoint', message: 'cut short', remedy: '' });
    const opening = openBackend(model, 'auto', { webgpu: () => Promise.reject(damaged), fallback: unused });
    await expect(opening).rejects.toBe(damaged);
  });

  test.each([
    ['the fallback is faster', slow, table, 'wasm', /emulated on the processor.*WebAssembly, 8[.]0 times as fast/],
    ['the fallback is far faster', hopeless, table, 'wasm', /emulated on the processor.*WebAssembly, which is faster/],
    ['the emulated WebGPU is faster', table, slow, 'webgpu', /WebAssembly was tried and is slower/],
  ])('on a software adapter measures both: %s', async (_, gpuSpeed, wasmSpeed, name, notice) => {
    vi.spyOn(performance, 'now').mockImplementation(() => clock);
    const gpu = fakeBackend(gpuSpeed, { software: true, device: 'SwiftShader' });
    const other = wasm(wasmSpeed);
    const stages: string[] = [];
    const { backend, report } = await openBackend(
      model,
      'auto',
      { webgpu: async () => gpu, fallback: async () => other },
      { onProgress: ({ stage }) => stages.push(stage) },
    );
    expect(report.backend).toBe(name);
    expect(english(report.notice ?? '')).toMatch(notice);
    expect(english(report.notice ?? '')).toContain('SwiftShader');
    expect(stages).toContain('measure');
    const [kept, left] = backend === gpu ? [gpu, other] : [other, gpu];
    expect([kept.disposed(), left.disposed()]).toEqual([false, true]);
  });

  test('an emulated WebGPU that fails or does not answer in time has lost', async () => {
    const fallback = async () => wasm();
    const broken = fakeBackend({ ...table, predict: () => Promise.reject(deviceError) }, { software: true });
    expect((await openBackend(model, 'auto', { webgpu: async () => broken, fallback })).report.backend).toBe('wasm');
    vi.useFakeTimers();
    const silent = fakeBackend({ ...table, predict: () => new Promise(() => undefined) }, { software: true });
    const opening = openBackend(model, 'auto', { webgpu: async () => silent, fallback });
    await vi.advanceTimersByTimeAsync(5000);
    vi.useRealTimers();
    const { report } = await opening;
    expect(report.backend).toBe('wasm');
    expect(english(report.notice ?? '')).toContain('which is faster');
    expect(silent.disposed()).toBe(true);
  });

  test('does as told: webgpu even when emulated, the fallback even beside a real card', async () => {
    const gpu = fakeBackend(slow, { software: true });
    const forced = await openBackend(model, 'webgpu', { webgpu: async () => gpu, fallback: unused });
    expect(forced.report).toMatchObject({ backend: 'webgpu', software: true });
    const fallback = await openBackend(model, 'fallback', { webgpu: unused, fallback: async () => wasm() });
    expect(english(fallback.report.notice ?? '')).toContain('as asked');
    const missing = openBackend(model, 'webgpu', { webgpu: async () => undefined, fallback: unused });
    await expect(missing).rejects.toMatchObject({ code: 'device' });
    const broken = openBackend(model, 'webgpu', { webgpu: () => Promise.reject(deviceError), fallback: unused });
    await expect(broken).rejects.toBe(deviceError);
  });

  test('in mid-run what was WebGPU goes on without it when the browser offers none any more, even where WebGPU was chosen', async () => {
    const fallback = async () => wasm();
    const how = { recovering: true };
    const gone = await openBackend(model, 'webgpu', { webgpu: async () => undefined, fallback }, how);
    expect(gone.report.backend).toBe('wasm');
    expect(english(gone.report.notice ?? '')).toMatch(/offers no graphics device any more.*WebAssembly/);
    const dead = await openBackend(model, 'webgpu', { webgpu: () => Promise.reject(deviceError), fallback }, how);
    expect(dead.report.backend).toBe('wasm');
  });

  test('an emulated device that is lost while it is measured has lost nothing but time', async () => {
    const dying = fakeBackend({ ...table, predict: () => new Promise(() => undefined) }, { software: true });
    const next = fakeBackend(table, { software: true });
    const told: Text[] = [];
    const devices = [dying, next];
    vi.useFakeTimers();
    const opening = openBackend(
      model,
      'auto',
      { webgpu: async () => devices.shift(), fallback: async () => wasm(slow) },
      { onLost: (reason) => told.push(reason) },
    );
    dying.lose('the driver was reset');
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    const { backend } = await opening;
    expect(backend).toBe(next);
    expect(told).toEqual(['the driver was reset']);
    expect(dying.disposed()).toBe(true);
  });

  test('an abort during the measurement frees both', async () => {
    const controller = new AbortController();
    const [gpu, other] = [fakeBackend(table, { software: true }), wasm()];
    const opening = openBackend(
      model,
      'auto',
      { webgpu: async () => gpu, fallback: async () => other },
      { signal: controller.signal, onProgress: () => controller.abort() },
    );
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
    expect([gpu.disposed(), other.disposed()]).toEqual([true, true]);
  });
});
