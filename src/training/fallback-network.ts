/**
 * The Network for machines without WebGPU: on tfjs, decoded in plain TypeScript with the noise that the
 * engine uses. It runs on whatever tfjs backend was current when it was made (`backends.ts` chooses). Canvases of one
 * length go through the network together, and hidden states of the last few stay, so that asking again costs no pass.
 */
import { getBackend, keep, setBackend, slice, type Tensor2D, tidy, transpose } from '@tensorflow/tfjs-core';
import type { Adapter } from '../checkpoint/adapter/adapter.ts';
import type { Model } from '../checkpoint/model.ts';
import { networkInfo } from '../checkpoint/network-info.ts';
import { commonPrefix } from '../diffusion/cache.ts';
import { checkEdits, checkPredict, checkScore } from '../diffusion/check.ts';
import { decodeLogits, logProb } from '../diffusion/decode.ts';
import { editRates } from '../diffusion/edit-flow/rates.ts';
import {
  type BlockPattern,
  boundary,
  type CacheUse,
  type DrawnSequence,
  type EditRates,
  type Network,
  type NetworkInfo,
  type Prediction,
  type PredictOptions,
  rowOf,
  type Sequence,
  tokensRead,
} from '../diffusion/network.ts';
import { Stream } from '../diffusion/rng.ts';
import type { Arch, Sees } from '../model/arch.ts';
import { broken } from './broken.ts';
import { disposeKeyValues, encodeRows, type KeyValues } from './cached.ts';
import { insertionLogits, rateLogits } from './edit-heads.ts';
import { Geometry } from './geometry.ts';
import { HiddenStateCache } from './hidden-state-cache.ts';
import { disposeLowRanks, lowRankTensors, withLowRanks } from './low-rank-tensors.ts';
import { decode, encode } from './network.ts';
import {
  disposeParameters,
  type LowRankTensors,
  loadParameters,
  type Parameters,
  type Weighing,
} from './parameters.ts';

const CACHE_BYTES = 32 << 20;
/** Tokens that go through the network at once: attention scores of all heads are held for them. */
const TOKENS_AT_ONCE = 1024;
/** Rows whose logits are held at once while scoring. */
const SCORED_AT_ONCE = 64;

type Cost = Pick<Prediction, 'forwards' | 'rows'>;

/** What is asked of one canvas, drawn or scored. */
type Asked = Sequence & Pick<DrawnSequence, 'guidance'>;

/** Hidden states `[N, H]`, whose first row is the network's row `from`. */
interface Hidden {
  readonly states: Tensor2D;
  readonly from: number;
}

/** What the network has made of some sequences: of each the states of its canvas and of the unconditional one, if any. */
interface Pass {
  readonly hidden: readonly (readonly Hidden[])[];
  readonly costs: readonly Cost[];
  /** Gives the states away, into the cache or for good. */
  end(): void;
}

export class FallbackNetwork implements Network {
  readonly info: NetworkInfo;
  /** The tfjs backend it runs on. */
  readonly backend: string;
  readonly #arch: Arch;
  readonly #parameters: Weighing;
  /** Of the adapter in use, by the parameter they stand beside; `scale` is the adapter's own. */
  #low: ReadonlyMap<string, readonly LowRankTensors[]> = new Map();
  #weight = 1;
  /** Those that go with the network. */
  readonly #owned: Parameters | undefined;
  readonly #hiddenStates: HiddenStateCache;
  #geometry: Geometry;
  /** Keys and values that a pass over all of `ids`, read so, has left. */
  #keyValues:
    | { readonly ids: Int32Array; readonly sees: BlockPattern | undefined; readonly layers: readonly KeyValues[] }
    | undefined;
  /** How often everything was to be forgotten. */
  #forgotten = 0;
  /** Settles when the question before has been answered: what one has laid down another must not dispose. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(arch: Arch, parameters: Weighing, cacheBytes: number, owned?: Parameters) {
    this.info = networkInfo(arch);
    this.backend = getBackend();
    this.#arch = arch;
    this.#parameters = withLowRanks(
      parameters,
      () => this.#low,
      () => this.#weight,
    );
    this.#owned = owned;
    this.#hiddenStates = new HiddenStateCache(cacheBytes);
    this.#geometry = new Geometry(1);
  }

  /** Uploads the weights to the current tfjs backend. Throws `UnmaskError` when they cannot be read or do not fit. */
  static async create(
    { arch, weights }: Pick<Model, 'arch' | 'weights'>,
    options: { readonly signal?: AbortSignal | undefined; readonly cacheBytes?: number } = {},
  ): Promise<FallbackNetwork> {
    const parameters = await loadParameters(arch, weights, options.signal);
    return new FallbackNetwork(arch, parameters, options.cacheBytes ?? CACHE_BYTES, parameters);
  }

  /** Over tensors that stay somebody else's, on the current backend; whoever changes them says `forget`. */
  static over(arch: Arch, parameters: Weighing): FallbackNetwork {
    return new FallbackNetwork(arch, parameters, CACHE_BYTES);
  }

  /**
   * Adds the low ranks of an adapter, which must be on linear layers, to all that is asked from now on, `weight` times.
   * Without one, and at weight 0, the answers are those of the base, to the bit.
   */
  setAdapter(adapter: Pick<Adapter, 'lowRank'> | undefined, weight = 1): Promise<void> {
    const turn = this.#turn.then(async () => {
      this.forget();
      this.#dropAdapter();
      this.#weight = weight;
      if (adapter === undefined || weight === 0) return;
      if (getBackend() !== this.backend) await setBackend(this.backend);
      this.#low = lowRankTensors(adapter.lowRank);
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #dropAdapter(): void {
    disposeLowRanks(this.#low);
    this.#low = new Map();
  }

  /** Its own tensors, of which a trainer on the same backend may have clones; undefined where they are somebody else's. */
  get parameters(): Parameters | undefined {
    return this.#owned;
  }

  /** Everything remembered of earlier canvases goes, because the weights have changed. */
  forget(): void {
    this.#forgotten++;
    disposeKeyValues(this.#keyValues?.layers);
    this.#keyValues = undefined;
    this.#hiddenStates.dispose();
  }

  async predict(batch: readonly DrawnSequence[], options: PredictOptions): Promise<readonly Prediction[]> {
    checkPredict(batch, options, this.info);
    // Copied now: the caller may go on writing to its canvas while this question waits.
    const sequences = structuredClone(batch);
    return this.#answers(sequences, options.fresh ?? false, async (at, [conditional, other], cost) => {
      const sequence = sequences[at] as DrawnSequence;
      const logits = await this.#logits(conditional, sequence.asked);
      const unconditional = other && (await this.#logits(other, sequence.asked));
      return decodeLogits(logits, unconditional, sequence, options, cost);
    });
  }

  /** The logits of the asked rows are read whole, 64 rows at a time, and normalised in double precision. */
  async score(
    batch: readonly Sequence[],
    targets: readonly Int32Array[],
    options: Pick<PredictOptions, 'suppress'> = {},
  ): Promise<readonly Float32Array[]> {
    checkScore(batch, targets, options, this.info);
    const { vocabSize } = this.info;
    const [sequences, wanted] = structuredClone([batch, targets] as const);
    return this.#answers(sequences, false, async (at, [hidden]) => {
      const { asked } = sequences[at] as Sequence;
      const ids = wanted[at] as Int32Array;
      const scores = new Float32Array(asked.length);
      for (let first = 0; first < asked.length; first += SCORED_AT_ONCE) {
        const slots = asked.subarray(first, first + SCORED_AT_ONCE);
        const logits = await this.#logits(hidden, slots);
        for (let m = 0; m < slots.length; m++) {
          const row = logits.subarray(m * vocabSize, (m + 1) * vocabSize);
          scores[first + m] = logProb(row, ids[first + m] as number, options.suppress);
        }
      }
      return scores;
    });
  }

  async edits(batch: readonly DrawnSequence[], options: PredictOptions): Promise<readonly EditRates[]> {
    checkEdits(batch, options, this.info);
    const sequences = structuredClone(batch);
    return this.#answers(sequences, options.fresh ?? false, async (at, [hidden], cost) => {
      const sequence = sequences[at] as DrawnSequence;
      const { asked } = sequence;
      const before = await this.#logits(hidden, asked);
      const [after, rates, shifted] = await this.#editHeads(hidden, asked);
      const set = decodeLogits(before, undefined, sequence, options, cost);
      const insert = decodeLogits(after, undefined, sequence, options, cost, Stream.Insertion);
      const given = Array.from(asked, (_, m) => {
        const [s, r, i] = [shifted[3 * m], shifted[3 * m + 1], rates[3 * m + 2]];
        return [s as number, r as number, i as number] as const;
      });
      return editRates(given, set, insert, { firstIsFixed: this.info.logitShift === 1 });
    });
  }

  /** Frees all tensors; the network cannot be asked again. */
  dispose(): void {
    this.forget();
    this.#dropAdapter();
    this.#geometry.dispose();
    if (this.#owned) disposeParameters(this.#owned);
  }

  /** `answer` gets each sequence's hidden states, portion by portion; one question at a time. */
  #answers<A>(
    sequences: readonly Asked[],
    fresh: boolean,
    answer: (at: number, hidden: readonly (Hidden | undefined)[], cost: Cost) => Promise<A>,
  ): Promise<A[]> {
    const turn = this.#turn.then(async () => {
      const answers: A[] = [];
      try {
        if (getBackend() !== this.backend) await setBackend(this.backend);
        for (const places of this.#portions(sequences)) {
          const portion = places.map((at) => sequences[at] as Asked);
          const pass = this.#pass(portion, fresh);
          try {
            for (const [i, at] of places.entries()) {
              answers[at] = await answer(at, pass.hidden[i] ?? [], pass.costs[i] as Cost);
            }
          } finally {
            pass.end();
          }
        }
      } catch (error) {
        throw broken(error, this.backend);
      }
      return answers;
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Places of the sequences that go through the network together: of one length, read alike, none of them with a cache. */
  #portions(sequences: readonly Asked[]): number[][] {
    const portions: number[][] = [];
    const open = new Map<string, { places: number[]; tokens: number }>();
    for (const [at, sequence] of sequences.entries()) {
      const length = sequence.asked.length === 0 ? 0 : tokensRead(sequence, this.info);
      const tokens = sequence.guidance === undefined ? length : 2 * length;
      const alike = `${length} ${JSON.stringify(sequence.sees)}`;
      const found = sequence.cache === undefined ? open.get(alike) : undefined;
      if (found && found.tokens + tokens <= TOKENS_AT_ONCE) {
        found.places.push(at);
        found.tokens += tokens;
        continue;
      }
      const places = [at];
      portions.push(places);
      if (sequence.cache === undefined) open.set(alike, { places, tokens });
    }
    return portions;
  }

  #pass(portion: readonly Asked[], fresh: boolean): Pass {
    const [first] = portion as [Asked];
    if (first.asked.length === 0) {
      const nothing = portion.map(() => ({ forwards: 0, rows: 0 }));
      return { hidden: [], costs: nothing, end: () => undefined };
    }
    if (first.cache?.kind === 'exact') return this.#passOn(first, first.cache);
    if (first.cache?.kind === 'anchored') return this.#passRows(first, first.cache, fresh);
    return this.#passWhole(portion, fresh);
  }

  /** Those that are not remembered go through in one batch. */
  #passWhole(portion: readonly Asked[], fresh: boolean): Pass {
    const sees = portion[0]?.sees;
    const found = new Map<string, Tensor2D>();
    const missing: Int32Array[] = [];
    const places: (string | number)[][] = [];
    const costs: { forwards: number; rows: number }[] = [];
    for (const { ids, asked, guidance } of portion) {
      const cost = { forwards: 0, rows: 0 };
      const canvases = guidance === undefined ? [ids] : [ids, guidance.unconditional];
      const own = canvases.map((canvas) => {
        const read = this.#read(canvas, asked);
        const key = read.join();
        const known = fresh ? undefined : (found.get(key) ?? this.#hiddenStates.get(keyOf(read, sees)));
        if (known) found.set(key, known);
        const waiting = fresh ? -1 : missing.findIndex((one) => same(one, read));
        if (known || waiting >= 0) return known ? key : waiting;
        cost.forwards++;
        cost.rows += read.length;
        return missing.push(read) - 1;
      });
      places.push(own);
      costs.push(cost);
    }
    const made = this.#encode(missing, sees);
    const hidden = places.map((own) =>
      own.map((at) => ({ states: (typeof at === 'string' ? found.get(at) : made[at]) as Tensor2D, from: 0 })),
    );
    return { hidden, costs, end: this.#into(missing.map((ids, i) => [keyOf(ids, sees), made[i] as Tensor2D])) };
  }

  /** The end of a text of which no beginning sees what follows, and whose beginning has perhaps been read. */
  #passOn({ ids, asked, sees }: Asked, cache: CacheUse & { kind: 'exact' }): Pass {
    const read = this.#read(ids, asked);
    const first = rowOf(asked[0] as number, this.info);
    const held = this.#keyValues;
    const alike = held && sameSight(held.sees, sees) ? commonPrefix(held.ids, read) : 0;
    const known = sees ? boundary(sees, alike) : alike;
    const from = Math.min(known, cache.prefix, first);
    const states = this.#readFrom(read, from, sees);
    const rows = read.length - from;
    return { hidden: [[{ states, from }]], costs: [{ forwards: 1, rows }], end: () => void states.dispose() };
  }

  /** Rows `[from, to)` alone, after a whole pass over the anchor if its keys and values are not there. */
  #passRows(
    { ids, asked }: Asked,
    { anchor: whole, from, to: end }: CacheUse & { kind: 'anchored' },
    fresh: boolean,
  ): Pass {
    const read = this.#read(ids, asked);
    const anchor = whole.subarray(0, read.length);
    const to = Math.min(end, read.length);
    const cost = { forwards: 0, rows: 0 };
    const own = same(read, anchor);
    const key = own ? read : Int32Array.of(...read, -1, ...anchor, from, to);
    const remembered = fresh ? undefined : this.#hiddenStates.get(key);
    const held = this.#keyValues;
    const anchored = held !== undefined && held.sees === undefined && same(held.ids, anchor);
    const start = own ? 0 : from;
    if (remembered && (anchored || !own)) {
      return { hidden: [[{ states: remembered, from: start }]], costs: [cost], end: () => undefined };
    }
    if (own || !anchored) {
      const states = this.#readFrom(anchor, 0);
      cost.forwards++;
      cost.rows += anchor.length;
      if (own) return { hidden: [[{ states, from: 0 }]], costs: [cost], end: this.#into([[key, states]]) };
      this.#hiddenStates.put(anchor, states);
    }
    const geometry = this.#geometryOf(read.length, from, to);
    const { hidden, keyValues } = encodeRows(this.#arch, this.#parameters, geometry, read, this.#keyValues?.layers);
    disposeKeyValues(keyValues);
    cost.forwards++;
    cost.rows += to - from;
    return { hidden: [[{ states: hidden, from }]], costs: [cost], end: this.#into([[key, hidden]]) };
  }

  /** Hidden states of rows `from` to the end, of which keys and values stay together with those before. */
  #readFrom(ids: Int32Array, from: number, sees?: BlockPattern): Tensor2D {
    const past = from === 0 ? undefined : this.#keyValues?.layers;
    const geometry = this.#geometryOf(ids.length, from, ids.length, sees);
    const { hidden, keyValues } = encodeRows(this.#arch, this.#parameters, geometry, ids, past);
    disposeKeyValues(this.#keyValues?.layers);
    this.#keyValues = { ids: ids.slice(), sees, layers: keyValues };
    return hidden;
  }

  /** Final hidden states `[T, H]` of each canvas, all of one length. */
  #encode(canvases: readonly Int32Array[], sees: BlockPattern | undefined): Tensor2D[] {
    const length = canvases[0]?.length ?? 0;
    if (length === 0) return [];
    return tidy(() => {
      const batch = Int32Array.from(canvases.flatMap((canvas) => [...canvas]));
      const hidden = encode(this.#arch, this.#parameters, this.#geometryOf(length, 0, length, sees), batch);
      return canvases.map((_, i) => keep(slice(hidden, [i * length, 0], [length, -1])));
    });
  }

  /** Puts new states into the cache, unless everything was to be forgotten meanwhile. */
  #into(made: readonly (readonly [Int32Array, Tensor2D])[]): () => void {
    const before = this.#forgotten;
    return () => {
      for (const [ids, states] of made) {
        if (before === this.#forgotten) this.#hiddenStates.put(ids, states);
        else states.dispose();
      }
    };
  }

  /** The tokens that go through the network. */
  #read(ids: Int32Array, asked: Int32Array): Int32Array {
    return ids.subarray(0, tokensRead({ ids, asked }, this.info));
  }

  #geometryOf(length: number, from = 0, to = length, sees?: BlockPattern): Geometry {
    const old = this.#geometry;
    if (old.length !== length || old.from !== from || old.to !== to || !sameSight(old.placed.sees, sees)) {
      old.dispose();
      this.#geometry = new Geometry(length, { from, to, sees });
    }
    return this.#geometry;
  }

  /** Of the asked slots: logits of insertions `[M, V]`, rates by their own rows, and by those that answer them, `[M, 3]`. */
  async #editHeads(
    hidden: Hidden | undefined,
    slots: Int32Array,
  ): Promise<readonly [insertions: Float32Array, own: Float32Array, answering: Float32Array]> {
    const nothing = new Float32Array(0);
    if (hidden === undefined || slots.length === 0) return [nothing, nothing, nothing];
    const own = slots.map((slot) => slot - hidden.from);
    const answering = slots.map((slot) => rowOf(slot, this.info) - hidden.from);
    const made = tidy(() => [
      transpose(insertionLogits(this.#arch, this.#parameters, hidden.states, own)),
      rateLogits(this.#arch, this.#parameters, hidden.states, own),
      rateLogits(this.#arch, this.#parameters, hidden.states, answering),
    ]);
    try {
      const [insertions, rates, shifted] = (await Promise.all(made.map((each) => each.data()))) as Float32Array[];
      return [insertions ?? nothing, rates ?? nothing, shifted ?? nothing];
    } finally {
      for (const each of made) each.dispose();
    }
  }

  /** Logits of the asked slots, `[M, V]`. */
  async #logits(hidden: Hidden | undefined, slots: Int32Array): Promise<Float32Array> {
    if (hidden === undefined || slots.length === 0) return new Float32Array(0);
    const rows = slots.map((slot) => rowOf(slot, this.info) - hidden.from);
    const logits = tidy(() => transpose(decode(this.#arch, this.#parameters, hidden.states, rows)));
    try {
      return (await logits.data()) as Float32Array;
    } finally {
      logits.dispose();
    }
  }
}

/** What hidden states depend on. */
function keyOf(ids: Int32Array, sees: BlockPattern | undefined): Int32Array {
  return sees ? Int32Array.of(...ids, -2, sees.blocks, sees.offset) : ids;
}

function sameSight(a: Sees | undefined, b: BlockPattern | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function same(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((id, slot) => id === b[slot]);
}
