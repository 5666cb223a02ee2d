/** The fixtures of `src/engine/golden`: small random models and the logits that PyTorch gives for them. */
import { readFileSync } from 'node:fs';
import { parseConfig } from '../../checkpoint/config.ts';
import type { ModelConfig, Weights } from '../../checkpoint/model.ts';
import { readIndex, WEIGHTS_FILE } from '../../checkpoint/shards.ts';
import { memorySource } from '../../checkpoint/sources.ts';
import { openWeights } from '../../checkpoint/weights.ts';

export const GOLDEN = ['base', 'odd', 'biases', 'single', 'head64', 'decoder', 'long'] as const;

export interface Fixture {
  readonly config: ModelConfig;
  readonly weights: Weights;
}

export interface Golden extends Fixture {
  readonly ids: Int32Array;
  /** Rows whose logits are kept, in the order of `logits`. */
  readonly rows: readonly number[];
  readonly logits: readonly (readonly number[])[];
}

export async function openGolden(name: (typeof GOLDEN)[number]): Promise<Golden> {
  const folder = new URL(`../golden/${name}/`, import.meta.url);
  const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'));
  return { ...(await openFixture(folder)), ...expected, ids: Int32Array.from(expected.ids) };
}

export async function openFixture(folder: URL): Promise<Fixture> {
  const stored = parseConfig(readFileSync(new URL('config.json', folder)));
  const bytes = new Uint8Array(readFileSync(new URL(WEIGHTS_FILE, folder)));
  const source = memorySource(new Map([[WEIGHTS_FILE, bytes]]), folder.pathname);
  return openWeights(source, await readIndex(source), stored);
}
