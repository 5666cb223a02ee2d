/** The activations of feed-forward layers and of heads. */
import type { Activation } from '../../model/arch.ts';
import { gelu } from './gelu.ts';

/** Value of the kernels' ACTIVATION constant. */
export const ACTIVATION_CODE: Readonly<Record<Activation, number>> = { gelu: 0, 'gelu-tanh': 1, silu: 2, relu: 3 };

/** activation(x). Sources: SiLU arXiv 1702.03118; the tanh form of gelu as in arXiv 1606.08415, section 2. */
export function activationReference(activation: Activation, x: number): number {
  if (activation === 'silu') return x / (1 + Math.exp(-x));
  if (activation === 'relu') return Math.max(0, x);
  if (activation === 'gelu') return gelu(x);
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}
