/** Activations in tfjs ops, each with the gradient that tfjs derives. */
import { add, erf, mul, relu, sigmoid, type Tensor, tanh } from '@tensorflow/tfjs-core';
import type { Activation } from '../model/arch.ts';

/**
 * gelu: x Φ(x), whose erf all tfjs backends approximate within 1.5e-7 (Abramowitz & Stegun 7.1.26). gelu-tanh: the
 * approximation of arXiv 1606.08415 §2. silu: x σ(x), arXiv 1702.03118.
 */
export function activation<T extends Tensor>(kind: Activation, x: T): T {
  if (kind === 'relu') return relu(x);
  if (kind === 'silu') return mul(x, sigmoid(x));
  if (kind === 'gelu') return mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
  const inner = mul(mul(x, Math.sqrt(2 / Math.PI)), add(mul(mul(x, x), 0.044715), 1));
  return mul(mul(x, 0.5), add(tanh(inner), 1));
}
