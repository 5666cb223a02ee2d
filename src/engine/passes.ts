/**
 * Which passes a batch of sequences needs, given what earlier ones left on the card: none for those that were asked before,
 * one for most, and one before it where keys and values of an anchor or a prefix are missing.
 */
import type { CacheUse } from '../diffusion/network.ts';
import { type Arch, isCausal } from '../model/arch.ts';
import type { Forward, Job } from './forward.ts';
import { alignUp } from './pack.ts';
import type { Run } from './runs.ts';
import { type HiddenLabel, hiddenKey, isSame, type KeyLabel, SequenceCache, type Text } from './sequence-cache.ts';

/** A sequence whose hidden rows are wanted. */
export interface Wanted extends Text {
  readonly cache?: CacheUse | undefined;
  /** The first row that is wanted. */
  readonly first: number;
}

/** What an answer took. */
export interface Cost {
  readonly forwards: number;
  readonly rows: number;
}

export interface Batch {
  /** Each is one submission, in this order; the last may be empty. */
  readonly passes: readonly (readonly Job[])[];
  /** Of each sequence, where hidden row 0 would be. */
  readonly bases: readonly number[];
  readonly costs: readonly Cost[];
}

/** Room for keys and values grows in such steps, so that a text that goes on stays where it is. */
const PLACES = 64;

/** Hidden rows begin at such multiples, where a binding can begin, too: 256 bytes. */
const ROWS = 2;

export class Passes {
  readonly forward: Forward;
  readonly #arch: Arch;
  readonly #cache: SequenceCache;
  #forwards = 0;
  #rows = 0;

  constructor(forward: Forward, arch: Arch) {
    this.forward = forward;
    this.#arch = arch;
    this.#cache = new SequenceCache(arch);
  }

  /** Passes over a sequence made so far. */
  get forwards(): number {
    return this.#forwards;
  }

  /** Positions that went through the network in them. */
  get rows(): number {
    return this.#rows;
  }

  /** Forgets what the card holds, because it is wrong or may be. */
  clear(): void {
    this.#cache.clear();
  }

  /**
   * Says what to run for the hidden rows of these sequences, after making room and pipelines for it. With `fresh`, what is
   * remembered is run again. Whoever asks must run it, or call `clear`.
   */
  async plan(wanted: readonly Wanted[], fresh = false): Promise<Batch> {
    const sum = (of: (length: number) => number) => wanted.reduce((total, { ids }) => total + of(ids.length), 0);
    const keep = wanted.some(({ cache }) => cache !== undefined);
    const rows = sum((length) => length);
    const highest = (positions: Int32Array) => positions.reduce((most, position) => Math.max(most, position), 0);
    const positions = wanted.reduce(
      (most, { positions: told }) => (told ? Math.max(most, highest(told) + 1) : most),
      0,
    );
    const places = sum((length) => alignUp(length, PLACES));
    const room = { rows, places, keep, positions };
    await this.forward.prepare(room, []);
    this.#cache.hidden.size = this.forward.sizes.hiddenRows;
    this.#cache.keys.size = this.forward.sizes.places;
    let batch = new Planning(this.#arch, this.#cache, this.forward.sizes.keep, fresh).plan(wanted);
    if (batch === undefined) {
      // What is remembered stands in the way.
      this.#cache.clear();
      batch = new Planning(this.#arch, this.#cache, this.forward.sizes.keep, fresh).plan(wanted) as Batch;
    }
    const counts = batch.passes.map((jobs) => jobs.reduce((total, { from, to }) => total + to - from, 0));
    await this.forward.prepare(room, counts);
    for (const { forwards, rows: run } of batch.costs) {
      this.#forwards += forwards;
      this.#rows += run;
    }
    return batch;
  }
}

/** Thrown where there is no room beside what the batch itself holds. */
class NoRoom extends Error {}

/** One batch while it is planned. */
class Planning {
  readonly #arch: Arch;
  readonly #cache: SequenceCache;
  readonly #keep: boolean;
  readonly #fresh: boolean;
  /** Runs that this batch reads or writes, and which nothing else in it may take. */
  readonly #hidden = new Set<Run<HiddenLabel>>();
  readonly #keys = new Set<Run<KeyLabel>>();
  /** Runs that this batch has filled. */
  readonly #filled = new Set<Run<HiddenLabel>>();
  /** What must have been run before the rest. */
  readonly #before: Job[] = [];
  readonly #jobs: Job[] = [];

  constructor(arch: Arch, cache: SequenceCache, keep: boolean, fresh: boolean) {
    this.#arch = arch;
    this.#cache = cache;
    this.#keep = keep;
    this.#fresh = fresh;
  }

  /** undefined where there is no room. */
  plan(wanted: readonly Wanted[]): Batch | undefined {
    try {
      const found = wanted.map((each) => this.#rowsOf(each));
      const passes = this.#before.length > 0 ? [this.#before, this.#jobs] : [this.#jobs];
      return { passes, bases: found.map(({ base }) => base), costs: found.map(({ cost }) => cost) };
    } catch (error) {
      if (error instanceof NoRoom) return undefined;
      throw error;
    }
  }

  #rowsOf({ cache, first, ids, positions, sees }: Wanted): { base: number; cost: Cost } {
    const text = { ids, positions, sees };
    if (cache?.kind === 'anchored' && !isSame(ids, cache.anchor)) return this.#anchored(text, cache);
    // Where no row sees a later one it does not matter where the prefix ends, and where the text is read by blocks it ends
    // with one; elsewhere its own rows are a whole pass.
    const open = isCausal(this.#arch) || sees !== undefined;
    const exact = cache?.kind === 'exact' && (open || first >= cache.prefix) ? cache.prefix : 0;
    return exact > 0 ? this.#exact(text, exact, first) : this.#whole(text, this.#jobs);
  }

  #whole(text: Text, jobs: Job[]): { base: number; cost: Cost; keys?: Run<KeyLabel> | undefined } {
    const rows = text.ids.length;
    const key = hiddenKey(text);
    const known = this.#known(key, 0);
    if (known && jobs === this.#jobs) return { base: baseOf(known), cost: NOTHING };
    const run = this.#take({ key, from: 0 }, rows);
    const keys = this.#keep ? this.#place(text) : undefined;
    jobs.push({ text, from: 0, to: rows, place: keys?.at, hidden: run.at });
    return { base: run.at, cost: { forwards: 1, rows }, keys };
  }

  #anchored(text: Text, { anchor, from, to }: Extract<CacheUse, { kind: 'anchored' }>): { base: number; cost: Cost } {
    const key = hiddenKey(text, -3, anchor, from, to);
    const known = this.#known(key, from);
    if (known) return { base: baseOf(known), cost: NOTHING };
    const around = { ...text, ids: anchor };
    let keys = this.#free(this.#cache.findAnchor(around, { from, to }));
    const before = keys ? undefined : this.#whole(around, this.#before);
    keys ??= before?.keys as Run<KeyLabel>;
    this.#keys.add(keys);
    const { overwritten: old } = keys.label;
    keys.label.overwritten = { from: Math.min(from, old?.from ?? from), to: Math.max(to, old?.to ?? to) };
    const run = this.#take({ key, from }, to - from);
    this.#jobs.push({ text, from, to, place: keys.at, hidden: run.at });
    return { base: baseOf(run), cost: plus({ forwards: 1, rows: to - from }, before?.cost) };
  }

  #exact(text: Text, prefix: number, first: number): { base: number; cost: Cost } {
    const to = text.ids.length;
    // Rows of the prefix are the same whatever stands behind it.
    const causal = isCausal(this.#arch) || text.sees !== undefined;
    const key = causal ? hiddenKey(text) : hiddenKey(text, -4, prefix);
    const known = this.#known(key, first);
    if (known) return { base: baseOf(known), cost: NOTHING };

    let keys = this.#free(this.#cache.findPrefix(text, prefix));
    let held = keys ? this.#cache.held(keys.label, text, prefix) : 0;
    if (keys && !this.#cache.keys.extend(keys, alignUp(to, PLACES), this.#keys)) [keys, held] = [undefined, 0];
    let before: Cost | undefined;
    const start: Text = { ...text, ids: text.ids.slice(0, prefix), positions: text.positions?.slice(0, prefix) };
    if (held < prefix && !causal) {
      const whole = this.#whole(start, this.#before);
      before = whole.cost;
      keys = whole.keys as Run<KeyLabel>;
      held = prefix;
      if (!this.#cache.keys.extend(keys, alignUp(to, PLACES), new Set([...this.#keys].filter((run) => run !== keys)))) {
        throw new NoRoom();
      }
    }
    keys ??= this.#place(text);
    this.#keys.add(keys);
    const from = Math.min(held, first, to - 1);
    keys.label.text = { ...text, ids: text.ids.slice(), positions: text.positions?.slice() };
    keys.label.ends = causal ? [to] : [...keys.label.ends.filter((end) => end < prefix), prefix, to];
    keys.label.overwritten = undefined;
    const run = this.#take({ key, from }, to - from);
    this.#jobs.push({ text, from, to, place: keys.at, hidden: run.at });
    return { base: baseOf(run), cost: plus({ forwards: 1, rows: to - from }, before) };
  }

  /** A run that holds these hidden rows from `first` on, or will when the batch has run. */
  #known(key: Int32Array, first: number): Run<HiddenLabel> | undefined {
    const run = this.#cache.findHidden(key);
    if (run === undefined || run.label.from > first || (this.#fresh && !this.#filled.has(run))) return undefined;
    this.#hidden.add(run);
    return run;
  }

  #take(label: HiddenLabel, wanted: number): Run<HiddenLabel> {
    const rows = alignUp(wanted, ROWS);
    const old = this.#cache.findHidden(label.key);
    const again = old !== undefined && old.rows === rows && !this.#hidden.has(old);
    const run = again ? old : this.#cache.hidden.take(rows, label, this.#hidden);
    if (run === undefined) throw new NoRoom();
    if (old && !again) this.#cache.hidden.forget(old);
    run.label = label;
    this.#hidden.add(run);
    this.#filled.add(run);
    return run;
  }

  /** Room for the keys and values of a text, all of which are to be made in one pass. */
  #place({ ids, positions, sees }: Text): Run<KeyLabel> {
    const text = { ids: ids.slice(), positions: positions?.slice(), sees };
    const label = { text, ends: [ids.length], overwritten: undefined };
    const run = this.#cache.keys.take(alignUp(ids.length, PLACES), label, this.#keys);
    if (run === undefined) throw new NoRoom();
    this.#keys.add(run);
    return run;
  }

  /** A run of keys and values, unless another sequence of the batch writes to it. */
  #free(run: Run<KeyLabel> | undefined): Run<KeyLabel> | undefined {
    return run && !this.#keys.has(run) ? run : undefined;
  }
}

const NOTHING: Cost = { forwards: 0, rows: 0 };

function baseOf({ at, label }: Run<HiddenLabel>): number {
  return at - label.from;
}

function plus(a: Cost, b: Cost | undefined): Cost {
  return b ? { forwards: a.forwards + b.forwards, rows: a.rows + b.rows } : a;
}
