/**
 * AdamW (Loshchilov & Hutter, arXiv 1711.05101) as PyTorch computes it: the decay is taken from the weight itself and not
 * through the gradient; both moments are corrected for their start at zero. Gradients are clipped by their global norm
 * (torch.nn.utils.clip_grad_norm_). Matrices decay; norms and biases do not, as in Hugging Face's Trainer.
 */

export interface AdamW {
  readonly lr: number;
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** Longest gradient, all parameters taken as one vector; 0 lets every gradient through. */
  readonly clip: number;
}

/** What the optimiser remembers: the moments by parameter, in the layout of `Weights`. */
export interface OptimiserState {
  /** Updates made so far. */
  readonly steps: number;
  readonly first: ReadonlyMap<string, Float32Array>;
  readonly second: ReadonlyMap<string, Float32Array>;
}

export interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** The numbers that are the same for every parameter of update `step`, counted from 1. */
export function updateScales({ lr, beta1, beta2 }: AdamW, step: number) {
  return { stepSize: lr / (1 - beta1 ** step), rootCorrection: Math.sqrt(1 - beta2 ** step) };
}

/** What gradients are multiplied by so that their norm is at most `clip`. */
export function clipFactor(norm: number, clip: number): number {
  return clip > 0 ? Math.min(1, clip / (norm + 1e-6)) : 1;
}

/** Moves one parameter and its moments in place. `gradient` is multiplied by `factor` first. */
export function update(
  parameter: Float32Array,
  gradient: Float32Array,
  { first, second }: Moments,
  how: AdamW,
  { step, factor, decays }: { readonly step: number; readonly factor: number; readonly decays: boolean },
): void {
  const { lr, weightDecay, beta1, beta2, eps } = how;
  const { stepSize, rootCorrection } = updateScales(how, step);
  const keep = decays ? 1 - lr * weightDecay : 1;
  for (let i = 0; i < parameter.length; i++) {
    const g = factor * (gradient[i] as number);
    const m = beta1 * (first[i] as number) + (1 - beta1) * g;
    const v = beta2 * (second[i] as number) + (1 - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    parameter[i] = keep * (parameter[i] as number) - (stepSize * m) / (Math.sqrt(v) / rootCorrection + eps);
  }
}
