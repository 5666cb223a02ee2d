/** Norm of rows of a buffer, one workgroup per row. Most norms are fused into `matmul`; this one ends the network. */
import normSource from '../../../shaders/norm.wgsl?raw';
import rowsSource from '../../../shaders/norm_rows.wgsl?raw';
import rowSource from '../../../shaders/rows.wgsl?raw';
import type { Norm } from '../../model/arch.ts';
import type { Constants, Kernel } from '../kernel.ts';
import { strideOf } from '../pack.ts';

export const norm: Kernel = {
  name: 'norm',
  sources: [rowSource, normSource, rowsSource],
  bindings: { 1: 'read', 3: 'read', 4: 'write', 5: 'read' },
};

/** Which norm; none copies the rows. */
export function normConstants(features: number, norm: Pick<Norm, 'kind' | 'eps'> | undefined): Constants {
  const how = { NORM: norm !== undefined, RMS: norm?.kind === 'rms', EPS: norm?.eps ?? 0 };
  return { FEATURES: features, STRIDE: strideOf(features), ...how };
}

/**
 * layer: (x − mean) / √(variance + ε) · weight + bias; rms: x / √(mean square + ε) · weight. Row by row; `x` is
 * `[rows, features]`.
 */
export function reference(
  x: Float32Array,
  features: number,
  { kind, eps }: Pick<Norm, 'kind' | 'eps'>,
  weight: Float32Array,
  bias?: Float32Array,
): Float32Array {
  const y = new Float32Array(x.length);
  for (let start = 0; start < x.length; start += features) {
    const row = x.subarray(start, start + features);
    const mean = kind === 'rms' ? 0 : row.reduce((sum, value) => sum + value, 0) / features;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / features;
    const scale = 1 / Math.sqrt(variance + eps);
    row.forEach((value, i) => {
      y[start + i] = (value - mean) * scale * (weight[i] as number) + (bias?.[i] ?? 0);
    });
  }
  return y;
}
