/** Frequencies of rotary positions, with the scalings that published models use. */
import type { Rotary } from './arch.ts';

/**
 * Angle per position of each of the `headDim / 2` pairs. Scalings as Hugging Face's modeling_rope_utils.py computes them:
 * linear divides every frequency by the factor; llama3 only the slow ones, and those between in part.
 */
export function frequencies({ theta, scaling }: Rotary, headDim: number): Float64Array {
  const plain = Float64Array.from({ length: headDim / 2 }, (_, j) => theta ** ((-2 * j) / headDim));
  if (scaling === undefined) return plain;
  if (scaling.kind === 'linear') return plain.map((frequency) => frequency / scaling.factor);
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalLength } = scaling;
  return plain.map((frequency) => {
    const turns = (originalLength * frequency) / (2 * Math.PI);
    if (turns > high) return frequency;
    if (turns < low) return frequency / factor;
    const share = (turns - low) / (high - low);
    return ((1 - share) * frequency) / factor + share * frequency;
  });
}
