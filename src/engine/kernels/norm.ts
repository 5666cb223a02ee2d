/** Layer norm over rows of a buffer, one workgroup per row. Most norms are fused into `matmul`; this one ends the head. */
import normSource from '../../../shaders/norm.wgsl?raw';
import rowsSource from '../../../shaders/norm_rows.wgsl?raw';
import type { Constants, Kernel } from '../kernel.ts';
import { strideOf } from '../pack.ts';

export const norm: Kernel = {
  name: 'norm',
  sources: [normSource, rowsSource],
  bindings: { 1: 'read', 3: 'read', 4: 'write' },
};

export function normConstants(features: number, eps: number): Constants {
  return { FEATURES: features, STRIDE: strideOf(features), EPS: eps };
}

/** y = (x − mean) / √(variance + ε) · weight + bias, row by row. `x` is `[rows, features]`. */
export function twin(
  x: Float32Array,
  features: number,
  weight: Float32Array,
  bias: Float32Array | undefined,
  eps: number,
): Float32Array {
  const y = new Float32Array(x.length);
  for (let start = 0; start < x.length; start += features) {
    const row = x.subarray(start, start + features);
    const mean = row.reduce((sum, value) => sum + value, 0) / features;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / features;
    const scale = 1 / Math.sqrt(variance + eps);
    row.forEach((value, i) => {
      y[start + i] = (value - mean) * scale * (weight[i] as number) + (bias?.[i] ?? 0);
    });
  }
  return y;
}
