/** The fixtures of `src/engine/golden`: small random models and the logits that PyTorch gives for them. */

import { readdirSync, readFileSync } from 'node:fs';
import type { Described } from '../../model/families/index.ts';
import { parseConfig } from '../config.ts';
import type { Weights } from '../model.ts';
import { readIndex, WEIGHTS_FILE } from '../shards.ts';
import { memorySource } from '../sources.ts';
import { openWeights } from '../weights.ts';

export const GOLDEN = ['base', 'odd', 'biases', 'single', 'head64', 'decoder', 'long'] as const;
const FOLDER = new URL('../../engine/golden/', import.meta.url);
/** The same of other families, from transformers: every other folder there. */
export const FAMILY_GOLDEN: readonly string[] = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !GOLDEN.some((name) => name === entry.name))
  .map(({ name }) => name);

export interface Fixture extends Described {
  readonly weights: Weights;
}

export interface Golden extends Fixture {
  readonly ids: Int32Array;
  /** Rows whose logits are kept, in the order of `logits`. */
  readonly rows: Int32Array;
  readonly logits: readonly (readonly number[])[];
}

export async function openGolden(name: string): Promise<Golden> {
  const folder = new URL(`${name}/`, FOLDER);
  const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'));
  return {
    ...(await openFixture(folder)),
    ids: Int32Array.from(expected.ids),
    rows: Int32Array.from(expected.rows),
    logits: expected.logits,
  };
}

/** `file` holds the tensors under the names of a checkpoint. */
export async function openFixture(folder: URL, file = WEIGHTS_FILE): Promise<Fixture> {
  const stored = parseConfig(readFileSync(new URL('config.json', folder)));
  const bytes = new Uint8Array(readFileSync(new URL(file, folder)));
  const source = memorySource(new Map([[WEIGHTS_FILE, bytes]]), folder.pathname);
  return openWeights(source, await readIndex(source), stored);
}
