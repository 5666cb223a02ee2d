/** Files in few bits: what is written is read back as it was computed, whole, by rows and as codes; damage is named. */
import { describe, expect, test } from 'vitest';
import { readConfig } from '../model/families/index.ts';
import { dequantise } from './few-bits.ts';
import type { Weights } from './model.ts';
import { inPrecision, type PrecisionOptions } from './precision.ts';
import { readIndex, WEIGHTS_FILE } from './shards.ts';
import { memorySource } from './sources.ts';
import { openGolden } from './testing/golden.ts';
import { openWeights } from './weights.ts';
import { configInBits, inBits } from './write-bits.ts';
import { type TensorData, writeSafetensors } from './write-safetensors.ts';

async function filesOf(name: 'qwen2' | 'head64', options: PrecisionOptions) {
  const golden = await openGolden(name);
  const tensors = new Map<string, TensorData>();
  for (const { tensors: planned, make } of inBits(golden, golden.weights, options)) {
    const made = await make();
    planned.forEach(({ name: own, dtype, shape }, i) => {
      tensors.set(own, { dtype, shape, bytes: made[i] as Uint8Array });
    });
  }
  return { golden, tensors };
}

async function open(described: Parameters<typeof openWeights>[2], tensors: ReadonlyMap<string, TensorData>) {
  const source = memorySource(new Map([[WEIGHTS_FILE, writeSafetensors(tensors)]]), 'memory');
  return openWeights(source, await readIndex(source), described);
}

const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

const CASES: readonly (readonly ['qwen2' | 'head64', PrecisionOptions])[] = [
  // Stacked queries, keys and values; widths of 48 and 45, so that blocks of nf4 run across rows and groups are short.
  ['qwen2', { precision: 'int8' }],
  ['qwen2', { precision: 'int4' }],
  ['qwen2', { precision: 'nf4' }],
  ['qwen2', { precision: 'int4', tables: 'int4' }],
  // A width of 64, so that rows can be had as codes.
  ['head64', { precision: 'nf4', tables: 'stored' }],
  ['head64', { precision: 'nf4', tables: 'nf4' }],
];

describe.each(CASES)('%s in %j', (name, options) => {
  test('what is written is what was computed, whole and by rows', async () => {
    const { golden, tensors } = await filesOf(name, options);
    const { weights, unused } = await open(golden, tensors);
    const wanted = inPrecision(golden.arch, golden.weights, options);
    expect(unused).toEqual([]);
    for (const [tensor, info] of weights.tensors) {
      const whole = await wanted.read(tensor);
      expect(info).toEqual(wanted.tensors.get(tensor));
      expect(same(await weights.read(tensor), whole)).toBe(true);
      const [rows = 0] = info.shape;
      const [from, to] = [Math.floor(rows / 3), rows - 1];
      const some = whole.slice((from * whole.length) / rows, (to * whole.length) / rows);
      for (const each of [weights, wanted]) {
        expect(same((await each.readRows?.(tensor, from, to)) as Uint8Array, some)).toBe(true);
      }
      if (info.coded === undefined) continue;
      for (const each of [weights, wanted]) {
        const coded = await (each.readCoded as NonNullable<Weights['readCoded']>)(tensor, from, to);
        expect(same(new Uint8Array(dequantise(coded).buffer), some)).toBe(true);
      }
    }
  });
});

test('nf4 alone is written as bitsandbytes’ own, which says so in config.json', async () => {
  const { tensors } = await filesOf('head64', { precision: 'nf4', tables: 'stored' });
  const state = [...tensors].find(([name]) => name.endsWith('Wi.weight.quant_state.bitsandbytes__nf4'))?.[1];
  expect(JSON.parse(new TextDecoder().decode(state?.bytes))).toMatchObject({ quant_type: 'nf4', blocksize: 64 });
  expect(configInBits({ model_type: 'x' }, { precision: 'nf4', tables: 'stored' })).toMatchObject({
    model_type: 'x',
    quantization_config: { quant_method: 'bitsandbytes', load_in_4bit: true },
  });
  expect(configInBits({}, { precision: 'int4' })['quantization_config']).toEqual({
    quant_method: 'unmask',
    precision: 'int4',
    tables: 'int8',
    group_size: 32,
  });
});

test('eight bits of bitsandbytes: the largest value of each row stands beside it', async () => {
  const { golden, tensors } = await filesOf('qwen2', { precision: 'int8', tables: 'stored' });
  const theirs = new Map(
    [...tensors].map(([name, data]): [string, TensorData] => {
      if (!name.endsWith('.scales')) return [name, data];
      const scales = new Float32Array(new Uint8Array(data.bytes).buffer).map((scale) => scale * 127);
      return [name.replace('.weight.scales', '.SCB'), { ...data, bytes: new Uint8Array(scales.buffer) }];
    }),
  );
  const { weights, unused } = await open(golden, theirs);
  expect(unused).toEqual([]);
  const got = new Float32Array((await weights.read('layers.0.mlpIn')).buffer);
  const wanted = inPrecision(golden.arch, golden.weights, { precision: 'int8' });
  const want = new Float32Array((await wanted.read('layers.0.mlpIn')).buffer);
  // s · 127 / 127 is s but for the last bit.
  const apart = got.map((value, i) => Math.abs(value - (want[i] as number)) - 3e-7 * Math.abs(value));
  expect(apart.every((value) => value <= 0)).toBe(true);
});

describe('damage', () => {
  const without = (tensors: ReadonlyMap<string, TensorData>, end: string) =>
    new Map([...tensors].filter(([name]) => !name.endsWith(end)));
  const changed = (tensors: ReadonlyMap<string, TensorData>, end: string, data: TensorData) =>
    new Map([...tensors].map(([name, old]) => [name, name.endsWith(end) ? data : old] as const));
  const readAll = async ({ weights }: Awaited<ReturnType<typeof open>>) => {
    for (const name of weights.tensors.keys()) await weights.read(name);
  };
  const text = (json: unknown): TensorData => {
    const bytes = new TextEncoder().encode(JSON.stringify(json));
    return { dtype: 'U8', shape: [bytes.length], bytes };
  };

  test.each([
    [
      'a scale is missing',
      'int4',
      (all) => without(all, 'o_proj.weight.scales'),
      /which does not fit|stored as U8|has shape/,
    ],
    [
      'scales of another shape',
      'int4',
      (all) => changed(all, 'o_proj.weight.scales', { dtype: 'BF16', shape: [1], bytes: new Uint8Array(2) }),
      /does not fit/,
    ],
    ['no absmax', 'nf4', (all) => without(all, 'o_proj.weight.absmax'), /has no tensor .*absmax/],
    ['no map', 'nf4', (all) => without(all, 'o_proj.weight.nested_quant_map'), /has no tensor .*nested_quant_map/],
    [
      'a state that is not JSON',
      'nf4',
      (all) => changed(all, 'bitsandbytes__nf4', { dtype: 'U8', shape: [1], bytes: Uint8Array.of(123) }),
      /not JSON/,
    ],
    [
      'blocks that do not fit',
      'nf4',
      (all) => changed(all, 'bitsandbytes__nf4', text({ blocksize: 128 })),
      /blocks of 128/,
    ],
    [
      'nested blocks of another size',
      'nf4',
      (all) => changed(all, 'bitsandbytes__nf4', text({ blocksize: 64, nested_blocksize: 64 })),
      /nested blocks/,
    ],
  ] satisfies [
    string,
    'int4' | 'nf4',
    (all: ReadonlyMap<string, TensorData>) => ReadonlyMap<string, TensorData>,
    RegExp,
  ][])('%s', async (_, precision, damage, message) => {
    const { golden, tensors } = await filesOf('qwen2', { precision });
    const opening = open(golden, damage(tensors)).then(readAll);
    await expect(opening).rejects.toMatchObject({ code: 'checkpoint', message: expect.stringMatching(message) });
  });
});

test('a config.json with bitsandbytes’ note is read as any', () => {
  const json = {
    model_type: 'qwen3',
    hidden_size: 64,
    num_attention_heads: 2,
    num_key_value_heads: 2,
    quantization_config: { load_in_4bit: true },
  };
  expect(readConfig(json).arch.width).toBe(64);
});
