/** The golden models and logits of src/engine/golden (made by PyTorch; see the README there), for tests under Node. */
import { readFileSync } from 'node:fs';
import { parseConfig } from '../../checkpoint/config.ts';
import type { Model } from '../../checkpoint/model.ts';
import { readIndex } from '../../checkpoint/shards.ts';
import { memorySource } from '../../checkpoint/sources.ts';
import { openWeights } from '../../checkpoint/weights.ts';

export const GOLDEN_NAMES = ['base', 'odd', 'biases', 'single', 'head64', 'decoder', 'long'] as const;

export interface Golden {
  readonly model: Pick<Model, 'config' | 'weights'>;
  readonly ids: Int32Array;
  /** Positions whose logits are known, `[M]`, and those logits, `[M][V]`. */
  readonly rows: Int32Array;
  readonly logits: readonly (readonly number[])[];
}

export async function golden(name: (typeof GOLDEN_NAMES)[number]): Promise<Golden> {
  const read = (file: string) => readFileSync(new URL(`../../engine/golden/${name}/${file}`, import.meta.url));
  const source = memorySource(new Map([['model.safetensors', new Uint8Array(read('model.safetensors'))]]), name);
  const { config, weights } = openWeights(source, await readIndex(source), parseConfig(read('config.json')));
  const expected = JSON.parse(read('expected.json').toString());
  return {
    model: { config, weights },
    ids: Int32Array.from(expected.ids),
    rows: Int32Array.from(expected.rows),
    logits: expected.logits,
  };
}
