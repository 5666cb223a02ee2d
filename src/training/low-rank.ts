/** The tensors of an adapter that learns: names, start, and how they stand beside the network's matrices. */
import type { Adapter } from '../checkpoint/adapter/adapter.ts';
import { Stream, stepKey, uniform, word } from '../diffusion/rng.ts';
import type { LowRankPlace } from '../model/lora.ts';

/** What of an adapter a trainer must know. */
export interface AdapterPlan {
  readonly places: readonly LowRankPlace[];
  readonly dropout: number;
  /** Draws the first A, and what dropout leaves out. */
  readonly seed: number;
  /** To go on from, by the names of `lowRankNames`; fresh unless told. */
  readonly start?: ReadonlyMap<string, Float32Array> | undefined;
}

/** As a checkpoint of the run has them: `[rank, in]` and `[out, rank]`, under PEFT's names. */
export interface LowRankNames {
  readonly place: LowRankPlace;
  readonly a: string;
  readonly b: string;
}

export function lowRankNames(places: readonly LowRankPlace[]): readonly LowRankNames[] {
  return places.map((place) => {
    const { name } = place.module;
    return { place, a: `${name}.lora_A.weight`, b: `${name}.lora_B.weight` };
  });
}

/** Numbers of fresh tensors begin here, beyond those of any network's own. */
const FIRST = 2 ** 20;

/**
 * The start of PEFT: A uniform within ± 1 / √in (Kaiming with a = √5, as `nn.Linear`), B zeros, so that the network is the
 * base at first.
 */
export function freshLowRanks({ places, seed }: Pick<AdapterPlan, 'places' | 'seed'>): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const [i, { place, a, b }] of lowRankNames(places).entries()) {
    const { module, rank } = place;
    const key = stepKey(seed, FIRST + i, Stream.Init);
    const bound = 1 / Math.sqrt(module.columns);
    values.set(
      a,
      Float32Array.from({ length: rank * module.columns }, (_, n) => bound * (2 * uniform(word(key, n, 0)) - 1)),
    );
    values.set(b, new Float32Array(module.rows * rank));
  }
  return values;
}

/** The adapter that these tensors make. Others than low ranks are left out. */
export function adapterOf(
  about: Pick<Adapter, 'id' | 'spec' | 'base'>,
  places: readonly LowRankPlace[],
  values: ReadonlyMap<string, Float32Array>,
): Adapter {
  const lowRank = lowRankNames(places).map(({ place, a, b }) => ({
    ...place,
    a: values.get(a) as Float32Array,
    b: values.get(b) as Float32Array,
  }));
  return { ...about, lowRank, replaced: [] };
}
