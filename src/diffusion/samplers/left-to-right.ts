/**
 * Left to right: the order of an autoregressive model, though every token still sees the masks to its right. For
 * comparison; reversing the diffusion with block size 1 gives the same order.
 */
import { byScore } from '../sampler.ts';

export const leftToRightSampler = byScore(
  { name: 'left-to-right', source: 'Autoregressive order; reverse diffusion with block 1', exactFor: true },
  (prediction, row) => -(prediction.slots[row] as number),
);
