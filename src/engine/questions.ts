/**
 * Questions about sequences, as work for the card: forward passes over the rows that are not there yet, then the decoder, and
 * what else a question needs, over the rows that are asked. Each resolves when its work is queued; its answers are read
 * later (answers.ts), while the card may take up the next.
 */
import {
  type Draw,
  type DrawnSequence,
  type NetworkInfo,
  type PredictOptions,
  rowOf,
  type Sequence,
  tokensRead,
} from '../diffusion/network.ts';
import { Stream } from '../diffusion/rng.ts';
import type { Arch } from '../model/arch.ts';
import { type DecodeJob, Decoder } from './decoder.ts';
import { type EngineDevice, guarded } from './device.ts';
import type { Dispatch, Kernels } from './kernel.ts';
import type { Asked } from './kernels/decode.ts';
import type { Memory } from './memory.ts';
import type { Batch, Cost, Passes, Wanted } from './passes.ts';
import { Picker, type Picking } from './picker.ts';
import { EDIT_KINDS, type GpuModel } from './upload.ts';

/** Answers on their way, `answerWords` words per asked slot, and what each sequence took. */
export interface Reading {
  readonly words: Promise<Uint32Array>;
  readonly costs: readonly Cost[];
}

/** The same, and the logits of the asked tokens. */
export interface Scoring extends Reading {
  readonly logits: Promise<Float32Array>;
}

/** The same, that of insertions, and three rates of each asked slot. */
export interface Editing extends Reading {
  readonly insertions: Promise<Uint32Array>;
  readonly rates: Promise<Float32Array>;
}

/** What an edit network answers with beside the decoder. */
interface EditHeads {
  readonly insertions: Decoder;
  readonly rates: Picker;
}

const NO_DRAW: Draw = { seed: 0, step: 0, temperature: 0 };
const NOTHING: Cost = { forwards: 0, rows: 0 };
const noWords = () => Promise.resolve(new Uint32Array(0));
const noNumbers = () => Promise.resolve(new Float32Array(0));

export class Questions {
  readonly #device: EngineDevice;
  readonly #info: NetworkInfo;
  readonly #passes: Passes;
  readonly #decoder: Decoder;
  readonly #picker: Picker;
  /** Of an edit network. */
  readonly #edits: EditHeads | undefined;

  constructor(
    device: EngineDevice,
    { kernels, memory, passes }: { readonly kernels: Kernels; readonly memory: Memory; readonly passes: Passes },
    { arch, model, info }: { readonly arch: Arch; readonly model: GpuModel; readonly info: NetworkInfo },
  ) {
    const { gpu } = device;
    this.#device = device;
    this.#info = info;
    this.#passes = passes;
    const decoder = { parts: model.decoder, bias: model.decoderBias };
    this.#decoder = new Decoder(device, kernels, memory, arch, decoder);
    this.#picker = new Picker(gpu, kernels, decoder);
    const { edits } = model;
    this.#edits = edits && {
      insertions: new Decoder(device, kernels, memory, arch, edits.insertions, Stream.Insertion),
      rates: new Picker(gpu, kernels, edits.rates),
    };
  }

  /** A batch in parts that one submission can hold. */
  parts<S extends Sequence>(batch: readonly S[]): S[][] {
    const most = this.#passes.forward.mostRows(batch.some(({ cache }) => cache !== undefined));
    const parts: S[][] = [];
    let rows = Number.POSITIVE_INFINITY;
    for (const sequence of batch) {
      const own = sequence.ids.length * ('guidance' in sequence && sequence.guidance ? 2 : 1);
      if (rows + own > most) {
        parts.push([]);
        rows = 0;
      }
      (parts.at(-1) as S[]).push(sequence);
      rows += own;
    }
    return parts;
  }

  /** Queues the decoder's answer for each asked slot. */
  async predict(batch: readonly DrawnSequence[], { topK, suppress = [], fresh }: PredictOptions): Promise<Reading> {
    // The unconditional canvas of a guided sequence follows it.
    const wanted = batch.flatMap((sequence): Wanted[] => {
      if (sequence.asked.length === 0) return [];
      const own = this.#wanted(sequence);
      return sequence.guidance ? [own, { ...own, ids: sequence.guidance.unconditional }] : [own];
    });
    const { passes, bases, costs } = await this.#passes.plan(wanted, fresh);
    let next = 0;
    const asked: Asked[] = [];
    const costsOf = batch.map(({ asked: slots, draw, guidance }): Cost => {
      if (slots.length === 0) return NOTHING;
      const own = next;
      next += guidance ? 2 : 1;
      const [base, other] = [bases[own] as number, bases[next - 1] as number];
      for (const slot of slots) {
        const row = rowOf(slot, this.#info);
        asked.push({ slot, draw, guidance: guidance?.scale ?? 0, conditional: base + row, unconditional: other + row });
      }
      return costs
        .slice(own, next)
        .reduce((sum, { forwards, rows }) => ({ forwards: sum.forwards + forwards, rows: sum.rows + rows }));
    });
    if (asked.length === 0) return { words: noWords(), costs: costsOf };
    await this.prepare(asked.length);
    const { words } = await this.#submit(passes, { asked, topK, suppress });
    return { words, costs: costsOf };
  }

  /** Queues both decoders and the rates of each asked slot. */
  async edits(batch: readonly DrawnSequence[], { topK, suppress = [], fresh }: PredictOptions): Promise<Editing> {
    const some = batch.filter(({ asked }) => asked.length > 0);
    const wanted = some.map((sequence) => this.#wanted(sequence));
    const { passes, bases, costs: made } = await this.#passes.plan(wanted, fresh);
    const costs = batch.map((sequence): Cost => made[some.indexOf(sequence)] ?? NOTHING);
    // In networks whose rows speak of the next slot, only the insertion is of the slot's own row.
    const rowsOf = (row: (slot: number) => number) =>
      some.flatMap(({ asked, draw }, i) =>
        Array.from(asked, (slot): Asked => {
          const at = (bases[i] as number) + row(slot);
          return { slot, draw, guidance: 0, conditional: at, unconditional: at };
        }),
      );
    const [asked, inserted] = [rowsOf((slot) => rowOf(slot, this.#info)), rowsOf((slot) => slot)];
    if (asked.length === 0) return { words: noWords(), insertions: noWords(), rates: noNumbers(), costs };
    const { insertions, rates } = this.#edits as EditHeads;
    const { hidden } = this.#passes.forward;
    const count = asked.length;
    await Promise.all([this.prepare(count), insertions.prepare(hidden, count), rates.prepare()]);
    const kinds = Int32Array.from({ length: EDIT_KINDS * count }, (_, i) => i % EDIT_KINDS);
    const rows = Uint32Array.from(kinds, (kind, i) => {
      const at = Math.floor(i / EDIT_KINDS);
      return ((kind === EDIT_KINDS - 1 ? inserted : asked)[at] as Asked).conditional;
    });
    const job: DecodeJob = { asked: inserted, topK, suppress };
    let picking: Picking | undefined;
    const { words } = await this.#submit(
      passes,
      { asked, topK, suppress },
      (pass) => {
        insertions.encode(pass, job);
        picking = rates.encode(pass, hidden, rows, kinds);
      },
      (encoder) => {
        insertions.copy(encoder, job);
        picking?.copy(encoder);
      },
    );
    const reading = { insertions: insertions.read(job), rates: (picking as unknown as Picking).read() };
    for (const each of Object.values(reading)) each.catch(() => {});
    return { words, ...reading, costs };
  }

  /** Queues log-sum-exp and one token's logit of each asked slot. */
  async score(
    batch: readonly Sequence[],
    targets: readonly Int32Array[],
    suppress: readonly number[],
  ): Promise<Scoring> {
    const some = batch.filter(({ asked }) => asked.length > 0);
    const { passes, bases, costs } = await this.#passes.plan(some.map((sequence) => this.#wanted(sequence)));
    const asked = some.flatMap(({ asked: slots }, i) =>
      Array.from(slots, (slot): Asked => {
        const row = (bases[i] as number) + rowOf(slot, this.#info);
        return { slot, draw: NO_DRAW, guidance: 0, conditional: row, unconditional: row };
      }),
    );
    if (asked.length === 0) return { words: noWords(), logits: noNumbers(), costs };
    const ids = Int32Array.from(targets.flatMap((own) => [...own]));
    const rows = Uint32Array.from(asked, ({ conditional }) => conditional);
    const { hidden } = this.#passes.forward;
    await Promise.all([this.#picker.prepare(), this.prepare(asked.length)]);
    let picking: Picking | undefined;
    const { words } = await this.#submit(
      passes,
      { asked, topK: 0, suppress },
      (pass) => {
        picking = this.#picker.encode(pass, hidden, rows, ids);
      },
      (encoder) => picking?.copy(encoder),
    );
    return { words, logits: (picking as unknown as Picking).read(), costs };
  }

  /** Compiles and makes what predictions about so many slots need. */
  prepare(slots: number): Promise<void> {
    return this.#decoder.prepare(this.#passes.forward.hidden, slots);
  }

  /** The decoder's dispatches for this job, loaded. */
  dispatches(job: DecodeJob): Dispatch[] {
    this.#decoder.load(job);
    return this.#decoder.dispatches(job.asked.length);
  }

  /** Frees what a failed job may have left hanging. */
  forget(): void {
    this.#decoder.forget();
    this.#edits?.insertions.forget();
  }

  #wanted(sequence: Sequence): Wanted {
    const { ids, positions, asked, cache, sees } = sequence;
    // A text that goes on is read up to where it is asked, the rest when it is needed.
    const read = cache?.kind === 'exact' ? tokensRead(sequence, this.#info) : ids.length;
    const first = rowOf(asked[0] as number, this.#info);
    return { ids: ids.subarray(0, read), positions: positions?.subarray(0, read), sees, cache, first };
  }

  /** Submits passes, the last with the decoder's job and the copy of the answers; reads them. */
  async #submit(
    passes: Batch['passes'],
    job: DecodeJob,
    also?: (pass: GPUComputePassEncoder) => void,
    copy?: (encoder: GPUCommandEncoder) => void,
  ): Promise<{ words: Promise<Uint32Array<ArrayBuffer>> }> {
    const { forward } = this.#passes;
    const { gpu } = this.#device;
    const work = () => {
      let words: Promise<Uint32Array<ArrayBuffer>> = noWords();
      passes.forEach((jobs, i) => {
        const encoder = gpu.createCommandEncoder({ label: 'predict' });
        const pass = encoder.beginComputePass();
        forward.encode(pass, jobs);
        const last = i === passes.length - 1;
        if (last) {
          this.#decoder.encode(pass, job);
          also?.(pass);
        }
        pass.end();
        if (last) {
          this.#decoder.copy(encoder, job);
          copy?.(encoder);
        }
        gpu.queue.submit([encoder.finish()]);
        // Mapped in the same task, so that the answer is on its way while the scopes are checked.
        if (last) words = this.#decoder.read(job);
      });
      words.catch(() => {});
      return { words };
    };
    try {
      return await guarded(gpu, 'predicting', work);
    } catch (error) {
      this.forget();
      throw error;
    }
  }
}
