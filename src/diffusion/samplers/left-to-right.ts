/**
 * Left to right: the order of an autoregressive model, though every token still sees the masks to its right. For
 * comparison; reversing the diffusion with block size 1 gives the same order.
 */
import { byScore } from '../sampler.ts';

export const leftToRightSampler = byScore('left-to-right', (prediction, row) => -(prediction.slots[row] as number));
