import { describe, expect, test } from 'vitest';
import { PRECISIONS } from '../checkpoint/precision.ts';
import { readConfig } from '../model/families/index.ts';
import { fits } from './fit.ts';

const MIB = 2 ** 20;
/** What WebGPU promises everywhere. */
const LEAST = { maxStorageBufferBindingSize: 128 * MIB, maxBufferSize: 256 * MIB };
const base = readConfig({ model_type: 'modernbert' }).arch;
const { arch: large } = readConfig({
  model_type: 'modernbert',
  hidden_size: 1024,
  num_hidden_layers: 28,
  num_attention_heads: 16,
  intermediate_size: 2624,
});

describe('the published models', () => {
  test.each([
    ['base', base, 598.6, 299.3, 150, 101.1, 101.1],
    ['large', large, 1583.5, 791.8, 397, 247.2, 247.2],
  ] as const)(
    '%s fits every device in every precision, with the token table split where it must be',
    (...[, arch, f32, f16, int8, int4, nf4]) => {
      const sizes = PRECISIONS.map((precision) => fits(arch, 'F32', precision, LEAST));
      for (const { fits: itFits, largest } of sizes) {
        expect(itFits).toBe(true);
        expect(largest.bytes).toBeLessThanOrEqual(128 * MIB);
      }
      // Parameters times their bytes, and up to 5 % for padding, scales and f32 vectors.
      [f32, f16, int8, int4, nf4].forEach((megabytes, i) => {
        const bytes = sizes[i]?.weightBytes as number;
        expect(bytes / 1e6).toBeGreaterThan(megabytes * 0.99);
        expect(bytes / 1e6).toBeLessThan(megabytes * 1.05);
      });
      expect(sizes.map(({ tableParts }) => tableParts)).toEqual([2, 1, 1, 1, 1]);
      expect(fits(arch, 'F32', 'stored', LEAST, arch.maxLength).fits).toBe(true);
    },
  );
});

describe('what does not fit', () => {
  test('says which buffer is too large, and that a shorter canvas would do', () => {
    const {
      fits: itFits,
      obstacle,
      instead,
    } = fits(base, 'F16', 'stored', { ...LEAST, maxBufferSize: 64 * MIB }, 8192);
    expect(itFits).toBe(false);
    expect(obstacle).toEqual({ kind: 'buffer', name: 'qkv', bytes: 72 * MIB, allowed: 64 * MIB });
    expect(instead).toEqual([{ length: 4096 }]);
  });

  test('in the memory somebody knows of names the precisions that would', () => {
    const limits = { ...LEAST, memoryBytes: 1000 * MIB };
    expect(fits(large, 'F32', 'stored', limits)).toMatchObject({
      fits: false,
      obstacle: { kind: 'memory', allowed: 1000 * MIB },
      instead: [{ precision: 'f16' }, { precision: 'int8' }, { precision: 'int4' }, { precision: 'nf4' }],
    });
    expect(fits(large, 'F16', 'stored', limits).fits).toBe(true);
    expect(fits(large, 'F32', 'stored', { ...limits, memoryBytes: 100 * MIB }).instead).toEqual([]);
  });

  test('because of its heads nothing helps', () => {
    const layers = base.layers.map((layer) => ({ ...layer, attention: { ...layer.attention, headDim: 192 } }));
    const wide = { ...base, layers };
    expect(fits(wide, 'F16', 'int8', LEAST)).toMatchObject({ obstacle: { kind: 'heads' }, instead: [] });
  });
});
