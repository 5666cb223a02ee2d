/** A model's weights as if they had been stored in few bits: quantised tensor by tensor, as they are read. */
import {
  type Coded,
  dequantise,
  type FewBits,
  NF4_BLOCK,
  nestAbsmax,
  nf4Blocks,
  quantise,
  restoreAbsmax,
} from './few-bits.ts';
import { toFloat32 } from './half.ts';
import { joined } from './joined.ts';
import type { TensorInfo, Weights } from './model.ts';

const floats = (length: number) => new Float32Array(length);

/** Bytes of f32 values that are quantised at a time. */
const PIECE_BYTES = 8 * 2 ** 20;

/** Rows `[from, to)` of a tensor, also where it can only be read whole. */
export async function readRows(weights: Weights, name: string, from: number, to: number, signal?: AbortSignal) {
  if (weights.readRows) return weights.readRows(name, from, to, signal);
  const whole = await weights.read(name, signal);
  const rowBytes = whole.length / rowsOf(weights.tensors.get(name) as TensorInfo);
  return whole.subarray(from * rowBytes, to * rowBytes);
}

/** Whether every row begins at a block, so that rows can be told apart without their neighbours. */
export function rowsAreBlocks(kind: FewBits, columns: number): boolean {
  return kind !== 'nf4' || columns % NF4_BLOCK === 0;
}

/**
 * `weights` with each matrix in the bits that `bitsOf` names: undefined leaves it as it is stored, `values` gives what it
 * stands for in F32. What is kept in these bits already is passed on untouched. Of int8 and int4 any rows can be read by
 * themselves; nf4 takes a tensor whole, because the mean of its blocks runs through it, and holds its codes until
 * another one is read.
 */
export function inFewBits(weights: Weights, bitsOf: (name: string) => FewBits | 'values' | undefined): Weights {
  const info = (name: string) => weights.tensors.get(name) as TensorInfo;
  let last: { readonly name: string; readonly parts: Promise<readonly Part[]> } | undefined;

  /** Undefined where the stored tensor is passed on. */
  const bits = (name: string): FewBits | undefined => {
    const wanted = bitsOf(name);
    return wanted === 'values' || wanted === info(name).coded ? undefined : wanted;
  };
  const rows = async (name: string, from: number, to: number, signal?: AbortSignal) =>
    toFloat32(await readRows(weights, name, from, to, signal), info(name).dtype);
  const whole = (name: string, signal?: AbortSignal) => {
    if (last?.name === name) return last.parts;
    const parts = nf4Parts(info(name), (from, to) => rows(name, from, to, signal));
    parts.catch(() => {
      if (last?.parts === parts) last = undefined;
    });
    last = { name, parts };
    return parts;
  };
  /** Rows in few bits: several where they lie in several parts. */
  const coded = async (
    name: string,
    kind: FewBits,
    from: number,
    to: number,
    signal?: AbortSignal,
  ): Promise<Part[]> => {
    if (kind === 'nf4') return (await whole(name, signal)).flatMap((part) => rowsOfPart(part, from, to));
    return [{ first: from, coded: quantise(await rows(name, from, to, signal), columnsOf(info(name)), kind) }];
  };
  const values = async (name: string, kind: FewBits, from: number, to: number, signal?: AbortSignal) => {
    const parts = await coded(name, kind, from, to, signal);
    return new Uint8Array(
      joined(
        parts.map(({ offset, coded: part }) => dequantise(part, offset)),
        floats,
      ).buffer,
    );
  };

  return {
    tensors: new Map([...weights.tensors].map(([name, own]) => [name, infoIn(own, bitsOf(name))])),
    parameters: weights.parameters,
    async read(name, signal) {
      const kind = bits(name);
      return kind === undefined ? weights.read(name, signal) : values(name, kind, 0, rowsOf(info(name)), signal);
    },
    async readRows(name, from, to, signal) {
      const kind = bits(name);
      return kind === undefined ? readRows(weights, name, from, to, signal) : values(name, kind, from, to, signal);
    },
    async readCoded(name, from, to, signal) {
      const kind = bits(name);
      if (kind === undefined) return (weights.readCoded as NonNullable<Weights['readCoded']>)(name, from, to, signal);
      return joinCoded((await coded(name, kind, from, to, signal)).map((part) => part.coded));
    },
  };
}

/** Rows of a tensor from row `first` on. */
interface Part {
  readonly first: number;
  readonly coded: Coded;
  /** Of nf4: values since the last beginning of a block. */
  readonly offset?: number;
}

function infoIn(info: TensorInfo, wanted: FewBits | 'values' | undefined): TensorInfo {
  const { coded, ...plain } = info;
  if (wanted === undefined || wanted === coded) return info;
  if (wanted === 'values') return plain;
  const byteLength = 4 * info.shape.reduce((product, dim) => product * dim, 1);
  const kept = rowsAreBlocks(wanted, columnsOf(info)) ? { coded: wanted } : {};
  return { ...plain, dtype: 'F32', byteLength, ...kept };
}

function rowsOf({ shape }: TensorInfo): number {
  return shape[0] as number;
}

function columnsOf({ shape }: TensorInfo): number {
  return shape[1] as number;
}

/** A whole tensor in nf4, each of its parts by itself, as bitsandbytes does with every layer. */
async function nf4Parts(
  info: TensorInfo,
  read: (from: number, to: number) => Promise<Float32Array>,
): Promise<readonly Part[]> {
  const columns = columnsOf(info);
  // Whole blocks, whatever the width.
  const step = NF4_BLOCK * Math.max(1, Math.floor(PIECE_BYTES / (4 * columns * NF4_BLOCK)));
  const parts: Part[] = [];
  let first = 0;
  for (const rows of info.parts ?? [rowsOf(info)]) {
    const codes = new Uint8Array(rows * columns);
    const absmax = new Float32Array(Math.ceil((rows * columns) / NF4_BLOCK));
    for (let row = 0; row < rows; row += step) {
      const blocks = nf4Blocks(await read(first + row, first + Math.min(rows, row + step)));
      codes.set(blocks.codes, row * columns);
      absmax.set(blocks.absmax, (row * columns) / NF4_BLOCK);
    }
    const scales = restoreAbsmax(nestAbsmax(absmax));
    parts.push({ first, coded: { kind: 'nf4', columns, codes, scales } });
    first += rows;
  }
  return parts;
}

/** What rows `[from, to)` of the tensor have of a part in nf4: one part, or none. */
function rowsOfPart({ first, coded }: Part, from: number, to: number): Part[] {
  const { kind, columns, codes, scales } = coded;
  const rows = codes.length / columns;
  const [begin, end] = [Math.max(from - first, 0), Math.min(to - first, rows)];
  if (begin >= end) return [];
  const block = Math.floor((begin * columns) / NF4_BLOCK);
  const own = scales.slice(block, Math.ceil((end * columns) / NF4_BLOCK));
  return [
    {
      first: first + begin,
      coded: { kind, columns, codes: codes.slice(begin * columns, end * columns), scales: own },
      offset: begin * columns - block * NF4_BLOCK,
    },
  ];
}

/** Consecutive rows as one; of nf4, rows that begin at blocks. */
export function joinCoded(parts: readonly Coded[]): Coded {
  const [first] = parts as readonly [Coded];
  if (parts.length === 1) return first;
  const codes = new Uint8Array(parts.reduce((sum, part) => sum + part.codes.length, 0));
  let at = 0;
  for (const part of parts) {
    codes.set(part.codes, at);
    at += part.codes.length;
  }
  return {
    ...first,
    codes,
    scales: joined(
      parts.map(({ scales }) => scales),
      floats,
    ),
  };
}
