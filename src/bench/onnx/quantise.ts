/**
 * Weights in 8 or 4 bits with one scale per block of a row, as ONNX Runtime's MatMulNBits reads them: byte b of a block with
 * scale s stands for s · (b − 128); of 4 bits two codes c stand in a byte, the first in its lower half, for s · (c − 8), and
 * are the same as ours (src/checkpoint/few-bits.ts).
 */
import { quantise as fewBits, packNibbles } from '../../checkpoint/few-bits.ts';

/** Weights that share a scale. The smallest block that MatMulNBits knows would be 16; 32 is what its fast kernels take. */
export const BLOCK = 32;

export interface Quantised {
  /** `[rows, blocks, BLOCK]`, or half as many in 4 bits. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** `[rows, blocks]`. */
  readonly scales: Float32Array<ArrayBuffer>;
}

/** Quantises a matrix `[rows, columns]`, row by row; a last block that is not full is padded with zeros. */
export function quantise(values: Float32Array, rows: number, columns: number): Quantised {
  const blocks = Math.ceil(columns / BLOCK);
  const bytes = new Uint8Array(rows * blocks * BLOCK).fill(128);
  const scales = new Float32Array(rows * blocks);
  for (let block = 0; block < scales.length; block++) {
    const first = (block % blocks) * BLOCK;
    const from = Math.floor(block / blocks) * columns + first;
    const part = values.subarray(from, from + Math.min(BLOCK, columns - first));
    const scale = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127 || 1;
    scales[block] = scale;
    for (const [i, value] of part.entries()) bytes[block * BLOCK + i] = 128 + Math.round(value / scale);
  }
  return { bytes, scales };
}

/** The same in 4 bits: `[rows, blocks, BLOCK / 2]` bytes. */
export function quantise4(values: Float32Array, rows: number, columns: number): Quantised {
  const blocks = Math.ceil(columns / BLOCK);
  const { codes, scales } = fewBits(values, columns, 'int4');
  const padded = new Uint8Array(rows * blocks * BLOCK).fill(8);
  for (let row = 0; row < rows; row++) {
    padded.set(codes.subarray(row * columns, (row + 1) * columns), row * blocks * BLOCK);
  }
  return { bytes: packNibbles(padded, 'int4'), scales };
}
