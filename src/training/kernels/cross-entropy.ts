/**
 * Cross-entropy of scored rows on WebGPU without stored logits: tiles of 64 × 64 leave a maximum and a sum each. The way
 * back computes logits again, for so many tokens at a time that their gradient fits in 16 MiB.
 */
import { ones, type Tensor, type Tensor1D, type Tensor2D, tensor1d, tidy } from '@tensorflow/tfjs-core';
import lossSource from '../../../shaders/train_loss.wgsl?raw';
import gradientSource from '../../../shaders/train_loss_gradient.wgsl?raw';
import mergeSource from '../../../shaders/train_loss_merge.wgsl?raw';
import type { CrossEntropy } from '../gradients/cross-entropy.ts';
import { custom } from '../gradients/custom.ts';
import { type Frozen, isFrozen } from '../parameters.ts';
import { product, productKernel, runProduct, straight, tiles, tilesWithin, turned } from './product.ts';
import { allocate, type Kernel, run } from './run.ts';

const loss = productKernel('train loss', lossSource);
const merge: Kernel = { name: 'train loss merge', sources: [mergeSource] };
const gradient = productKernel('train loss gradient', gradientSource);

/** Numbers of the gradient by logits that exist at once, and of a decoder that does not learn. */
const SCRATCH = 2 ** 22;

export const crossEntropy: CrossEntropy = (h, matrix, bias, targets) => crossEntropyWithin(h, matrix, bias, targets);

/** `scratch`: how many gradients of logits may exist at once, and numbers of a decoder that does not learn. */
export function crossEntropyWithin(
  h: Tensor2D,
  matrix: Tensor2D | Frozen,
  bias: Tensor | undefined,
  targets: Int32Array,
  scratch = SCRATCH,
): Tensor1D {
  const [rows, depth] = h.shape;
  const vocab = matrix.shape[0];
  const constants = { BIAS: Number(bias !== undefined) };
  const frozen = isFrozen(matrix);
  const inputs: [Tensor2D, ...Tensor[]] = [h, ...(frozen ? [] : [matrix]), ...(bias === undefined ? [] : [bias])];
  return custom(inputs, ([head, ...rest], save) => {
    // Without a bias its binding is filled by something the kernels do not read.
    const shift = bias === undefined ? head : (rest.at(-1) as Tensor);
    const wanted = tensor1d(targets, 'int32');
    const [across] = tiles(rows, vocab);
    const parts = allocate([rows, across, 2]);
    const hits = allocate([rows]);
    const answers = [shift, wanted, parts, hits];
    // What does not learn is opened a part at a time.
    const piece = frozen ? tilesWithin(scratch, depth) : vocab;
    for (let start = 0; start < vocab; start += piece) {
      const columns = Math.min(piece, vocab - start);
      const decoder = frozen ? matrix.open(start, columns) : (rest[0] as Tensor);
      const operands = [straight(head, depth), turned(decoder, depth)] as const;
      runProduct(loss, { rows, columns, depth }, operands, { start, row: across }, answers, constants);
      if (frozen) decoder.dispose();
    }
    const logSums = allocate([rows]);
    const value: Tensor1D = allocate([rows]);
    const workgroups = [Math.ceil(rows / 64)] as const;
    run(merge, { params: [rows, across], bindings: [parts, hits, logSums, value], workgroups });
    save([head, shift, wanted, logSums, ...(frozen ? [] : [rest[0] as Tensor])]);
    const back = (dy: Tensor1D, saved: readonly Tensor[]) => {
      const [x, b, want, sums] = saved as [Tensor, Tensor, Tensor, Tensor];
      const dx = allocate([rows, depth]);
      const de = frozen ? undefined : allocate([vocab, depth]);
      const db = allocate([vocab]);
      const most = Math.min(tilesWithin(scratch, rows), frozen ? tilesWithin(scratch, depth) : vocab);
      tidy(() => {
        const one = ones([rows]);
        for (let first = 0; first < vocab; first += most) {
          const columns = Math.min(most, vocab - first);
          const row = 4 * Math.ceil(columns / 4);
          const some = allocate([rows, row]);
          const e = frozen ? matrix.open(first, columns) : (saved[4] as Tensor);
          const from = frozen ? 0 : first * depth;
          const operands = [straight(x, depth), turned(e, depth, from)] as const;
          const given = [b, want, sums, dy, some];
          runProduct(gradient, { rows, columns, depth }, operands, { start: first, row }, given, constants);
          const [those, back] = [straight(some, row), turned(some, row)];
          const add = first > 0;
          product({ rows, columns: depth, depth: columns }, those, straight(e, depth, from), dx, { add });
          const start = first * depth;
          if (de) product({ rows: columns, columns: depth, depth: rows }, back, straight(x, depth), de, { start });
          if (bias !== undefined) {
            product({ rows: 1, columns, depth: rows }, straight(one, rows), those, db, { start: first });
          }
          // Not at the end of all: then every part would be there at once.
          some.dispose();
          if (frozen) e.dispose();
        }
      });
      if (bias === undefined) db.dispose();
      return [dx, ...(de ? [de] : []), ...(bias === undefined ? [] : [db])];
    };
    return { value, back };
  });
}
