/**
 * From hidden rows to answers: `decode` boils each tile of 256 tokens down to a summary, `merge` joins the tiles of a slot
 * and chooses its best tokens. The logits of the slots answered at once stay on the card, and only until then.
 */
import answerSource from '../../../shaders/answer.wgsl?raw';
import decodeSource from '../../../shaders/decode.wgsl?raw';
import stagedSource from '../../../shaders/decode_staged.wgsl?raw';
import subgroupSource from '../../../shaders/decode_subgroup.wgsl?raw';
import enableSubgroups from '../../../shaders/enable_subgroups.wgsl?raw';
import mergeSource from '../../../shaders/merge.wgsl?raw';
import nf4Source from '../../../shaders/nf4.wgsl?raw';
import nf4SubgroupSource from '../../../shaders/nf4_subgroup.wgsl?raw';
import threefrySource from '../../../shaders/threefry.wgsl?raw';
import weightsSource from '../../../shaders/weights.wgsl?raw';
import type { Draw } from '../../diffusion/network.ts';
import { gumbel, Stream, stepKey } from '../../diffusion/rng.ts';
import type { Constants, Kernel, Workgroups } from '../kernel.ts';
import { DTYPE_CODE, type PackedShape, strideOf } from '../pack.ts';

/** How the hidden rows reach all threads of a workgroup; see the shader files of the same names. */
export type DecodeForm = 'staged' | 'subgroup';

function decodeKernel(name: string, source: string, enable = ''): Kernel {
  return {
    name,
    sources: [
      enable,
      weightsSource,
      enable ? nf4SubgroupSource : nf4Source,
      threefrySource,
      answerSource,
      decodeSource,
      source,
    ],
    bindings: { 0: 'params', 1: 'read', 2: 'read', 3: 'read', 4: 'read', 5: 'read', 6: 'write', 7: 'write' },
  };
}

/** Their bindings are the same. */
export const DECODES: Readonly<Record<DecodeForm, Kernel>> = {
  staged: decodeKernel('decode', stagedSource),
  subgroup: decodeKernel('decode subgroup', subgroupSource, enableSubgroups),
};

export const merge: Kernel = {
  name: 'merge',
  sources: [answerSource, mergeSource],
  bindings: { 0: 'params', 1: 'read', 2: 'read', 3: 'write' },
};

/** Tokens in a tile of the vocabulary. */
export const TILE_TOKENS = 256;
/**
 * Slots that one workgroup answers, few and many. Eight share what is read of the table; but a workgroup works for all
 * its slots, asked or not, and for one or two that takes twice as long (`SLOTS` in shaders/decode.wgsl).
 */
export type Width = 2 | 8;

/** The width for a number of asked slots. */
export function widthFor(slots: number): Width {
  return slots <= 2 ? 2 : 8;
}

/** Bytes of a `Summary` in shaders/answer.wgsl. */
export const SUMMARY_BYTES = 24;
/** Bytes of a `Request`. */
export const REQUEST_BYTES = 16;
/** Bytes of an `Asked`. */
export const ASKED_BYTES = 32;

/** `firstToken`: where this part of the decoder begins; a multiple of 256. `vocabSize`: of all parts together. */
export function decodeConstants(part: PackedShape, firstToken: number, vocabSize: number, width: Width): Constants {
  return {
    SLOTS: width,
    DTYPE: DTYPE_CODE[part.dtype],
    K: strideOf(part.columns),
    VOCAB_TILES: vocabTiles(vocabSize),
    FIRST_TILE: firstToken / TILE_TOKENS,
  };
}

export function vocabTiles(tokens: number): number {
  return Math.ceil(tokens / TILE_TOKENS);
}

/** Slots run along x: neighbouring workgroups share their rows of the decoder in cache. */
export function decodeWorkgroups(slots: number, tokens: number): Workgroups {
  return [Math.ceil(slots / widthFor(slots)), vocabTiles(tokens)];
}

/** A slot that is asked. */
export interface Asked {
  readonly slot: number;
  readonly draw: Draw;
  /** Rows of the hidden buffer; the same row without guidance. */
  readonly conditional: number;
  readonly unconditional: number;
  readonly guidance: number;
}

/** The asked slots as `Asked` of shaders/answer.wgsl, to be drawn with the noise of `stream`. */
export function writeAsked(all: readonly Asked[], stream: Stream = Stream.Gumbel): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array((ASKED_BYTES / 4) * all.length);
  const floats = new Float32Array(words.buffer);
  let draw: Draw | undefined;
  let key: readonly number[] = [];
  all.forEach((asked, i) => {
    if (asked.draw !== draw) {
      draw = asked.draw;
      key = stepKey(draw.seed, draw.step, stream);
    }
    const at = (ASKED_BYTES / 4) * i;
    words.set([...key, asked.slot], at);
    floats[at + 3] = asked.draw.temperature;
    words.set([asked.conditional, asked.unconditional], at + 4);
    floats[at + 6] = asked.guidance;
  });
  return words;
}

/** One bit per id, set for suppressed ids and for the padding behind the vocabulary. */
export function suppressBits(suppress: readonly number[], vocabSize: number): Uint32Array<ArrayBuffer> {
  const bits = new Uint32Array((vocabTiles(vocabSize) * TILE_TOKENS) / 32);
  const set = (id: number) => {
    bits[id >> 5] = (bits[id >> 5] as number) | (1 << (id & 31));
  };
  for (let id = vocabSize; id < vocabTiles(vocabSize) * TILE_TOKENS; id++) set(id);
  suppress.forEach(set);
  return bits;
}

/** 32-bit words of one slot's answer: id, log p, entropy, log-sum-exp, ids, log-probabilities. */
export function answerWords(topK: number): number {
  return 4 + 2 * topK;
}

export interface SlotAnswer {
  readonly id: number;
  readonly logProb: number;
  readonly entropy: number;
  readonly logSumExp: number;
  readonly topIds: readonly number[];
  readonly topLogProbs: readonly number[];
}

/** The answer for one slot from its logits; −1 and −∞ where every id is suppressed. */
export function reference(
  logits: ArrayLike<number>,
  slot: number,
  draw: Draw,
  topK: number,
  suppress: readonly number[] = [],
): SlotAnswer {
  const ids = Array.from({ length: logits.length }, (_, id) => id).filter((id) => !suppress.includes(id));
  const logit = (id: number) => logits[id] as number;
  if (ids.length === 0) {
    const nothing = { id: -1, logProb: -Infinity, entropy: 0, logSumExp: -Infinity };
    return { ...nothing, topIds: Array(topK).fill(-1), topLogProbs: Array(topK).fill(-Infinity) };
  }
  const highest = ids.reduce((most, id) => Math.max(most, logit(id)), -Infinity);
  const logSumExp = highest + Math.log(ids.reduce((sum, id) => sum + Math.exp(logit(id) - highest), 0));
  const entropy = ids.reduce((sum, id) => sum + Math.exp(logit(id) - logSumExp) * (logSumExp - logit(id)), 0);

  const key = stepKey(draw.seed, draw.step, Stream.Gumbel);
  const noisy = (id: number) =>
    draw.temperature > 0 ? logit(id) + draw.temperature * gumbel(key, slot, id) : logit(id);
  const drawn = ids.reduce((best, id) => (noisy(id) > noisy(best) ? id : best), ids[0] as number);

  const top = ids.toSorted((a, b) => logit(b) - logit(a) || a - b).slice(0, topK);
  const missing = topK - top.length;
  return {
    id: drawn,
    logProb: logit(drawn) - logSumExp,
    entropy,
    logSumExp,
    topIds: [...top, ...Array<number>(missing).fill(-1)],
    topLogProbs: [...top.map((id) => logit(id) - logSumExp), ...Array<number>(missing).fill(-Infinity)],
  };
}
