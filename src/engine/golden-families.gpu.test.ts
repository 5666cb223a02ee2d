/**
 * The whole engine on every family against logits that other programs computed: transformers on small models of our own
 * (golden/make_families.py), and, where they lie beside the repository, the collected golden numbers of dLLM's converted
 * decoders under each of its masks, of encoders with padding that is seen, of LLaDA and Dream, and of a model that
 * bitsandbytes stored in four bits.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FAMILY_GOLDEN, type Fixture, openFixture, openGolden } from '../checkpoint/testing/golden.ts';
import { type Arch, SEES_ALL, SEES_BEFORE, type Sees } from '../model/arch.ts';
import { Engine } from './engine.ts';
import { testDevice } from './testing/gpu.ts';

const device = await testDevice();
/** Of the range of the logits; PyTorch's own f32 is off by up to 1e-6 of it here. */
const TOLERANCE = 5e-6;

function apart(got: ArrayLike<number>, want: ArrayLike<number>): { worst: number; range: number } {
  let [worst, lowest, highest] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < want.length; i++) {
    worst = Math.max(worst, Math.abs((got[i] as number) - (want[i] as number)));
    lowest = Math.min(lowest, want[i] as number);
    highest = Math.max(highest, want[i] as number);
  }
  return { worst: got.length === want.length ? worst : Number.NaN, range: highest - lowest };
}

const rowsOf = (logits: Float32Array, rows: ArrayLike<number>, vocab: number) =>
  Float32Array.from(Array.from(rows).flatMap((row) => [...logits.subarray(row * vocab, (row + 1) * vocab)]));

// On a software adapter, the tiles of real cards as well: with norms behind the sums, and with norms of queries and keys.
const ON_CARD_TILES: readonly (typeof FAMILY_GOLDEN)[number][] = device.software ? ['bert', 'qwen3-wide'] : [];

test.each([
  ...FAMILY_GOLDEN.map((name) => [name, device.software] as const),
  ...ON_CARD_TILES.map((name) => [name, false] as const),
])('logits of %s are those of transformers (on a software adapter: %s)', async (name, software) => {
  const golden = await openGolden(name);
  const engine = await Engine.create({ ...device, software }, golden);
  const got = rowsOf(await engine.logits(golden.ids), golden.rows, golden.arch.vocab);
  const { worst, range } = apart(got, golden.logits.flat());
  expect(worst / range).toBeLessThan(TOLERANCE);
  engine.destroy();
});

const shared = new URL('../../../shared/golden/', import.meta.url);

interface Case {
  readonly file: string;
  readonly ids: readonly number[];
  readonly positions?: readonly number[] | undefined;
  readonly rows?: readonly number[];
  readonly sees?: Sees;
}

const json = (path: string) => JSON.parse(readFileSync(new URL(path, shared), 'utf8'));

function casesOf(name: string): Case[] {
  const [group, model] = name.split('/') as [string, string];
  if (group === 'bnb') return [{ ...json('bnb/case.json'), file: 'logits.npy' }];
  if (group === 'dllm') return json(`${name}/cases.json`);
  const { cases, bd3 } = json(`${group}/${group}.json`).models[model];
  if (group === 'bert') {
    const offset = model === 'roberta' ? 2 : 0;
    type Encoded = Case & { label: string; attention: unknown; token_types: unknown; positions: readonly number[] };
    return (cases as Encoded[])
      .filter((each) => each.attention === null && each.token_types === null)
      .map(({ label, ids, rows, positions }) => ({
        ids,
        ...(rows && { rows }),
        positions: positions.map((position) => position - offset),
        file: `logits-${label}.npy`,
      }));
  }
  const masks = (cases as (Case & { length: number; block: number })[]).flatMap(({ ids, rows, length, block }) =>
    (
      [
        ['full', SEES_ALL],
        ['causal', SEES_BEFORE],
        ['block', { blocks: block }],
      ] as const
    ).map(([mask, sees]) => ({ ids, ...(rows && { rows }), sees, file: `logits-${mask}-${length}.npy` })),
  );
  const half = Array.from(bd3.x0 as number[], (_, i) => i);
  const training = {
    ids: [...bd3.xt, ...bd3.x0],
    positions: [...half, ...half],
    sees: { noisyAndClean: bd3.block },
    file: 'logits-bd3-8.npy',
  };
  return [...masks, training];
}

/** A float32 array as numpy writes it: a header, then the numbers. */
function readNpy(path: string): { rows: number; values: Float32Array } {
  const bytes = readFileSync(new URL(path, shared));
  const begin = 10 + bytes.readUInt16LE(8);
  const [rows = 0] = /\((\d+)/.exec(bytes.subarray(10, begin).toString())?.slice(1).map(Number) ?? [];
  return { rows, values: new Float32Array(new Uint8Array(bytes.subarray(begin)).buffer) };
}

function seeing(arch: Arch, sees: Sees | undefined): Arch {
  if (sees === undefined) return arch;
  return { ...arch, layers: arch.layers.map((layer) => ({ ...layer, attention: { ...layer.attention, sees } })) };
}

describe.skipIf(!existsSync(shared))('collected golden numbers', () => {
  const names = ['qwen3', 'qwen3-wide-heads', 'qwen2', 'llama'].map((name) => `a2d/${name}`);
  test.each([...names, 'bert/bert', 'bert/bert-f16', 'bert/roberta', 'dllm/llada', 'dllm/dream', 'bnb'])(
    '%s',
    async (name) => {
      const model: Fixture = await openFixture(new URL(`${name}/`, shared));
      const engines = new Map<string, Engine>();
      for (const { file, ids, positions, rows, sees } of casesOf(name)) {
        const key = JSON.stringify(sees, (_, value) => (value === Number.POSITIVE_INFINITY ? 'all' : value)) ?? '';
        const engine = engines.get(key) ?? (await Engine.create(device, { ...model, arch: seeing(model.arch, sees) }));
        engines.set(key, engine);
        const want = readNpy(`${name}/${file}`);
        const at = rows ?? Array.from({ length: want.rows }, (_, row) => row);
        const logits = await engine.logits(
          Int32Array.from(ids),
          0,
          ids.length,
          positions && Int32Array.from(positions),
        );
        const { vocab } = model.arch;
        // LLaDA's own rows end with its vocabulary; its table goes on.
        const width = want.values.length / want.rows;
        const got = rowsOf(logits, at, vocab).filter((_, i) => i % vocab < width);
        const { worst, range } = apart(got, want.values);
        expect(worst / range, file).toBeLessThan(TOLERANCE);
      }
      for (const engine of engines.values()) engine.destroy();
    },
  );
});
