/**
 * How far an Edit Flow is at time t: κ(t) rises from 0 to 1, and a column of the alignment shows the new text with chance
 * κ(t) (arXiv 2506.09018 §3.3; dllm/core/schedulers/kappa.py).
 */

export const KAPPAS = ['cubic', 'linear', 'cosine'] as const;
export type KappaName = (typeof KAPPAS)[number];

export interface Kappa {
  at(t: number): number;
  derivative(t: number): number;
}

/** (a + 1) t³ − (a + b + 1) t² + (b + 1) t; dLLM trains with a = b = 1. */
export function cubicKappa(a: number, b: number): Kappa {
  return {
    at: (t) => ((a + 1) * t - (a + b + 1)) * t * t + (b + 1) * t,
    derivative: (t) => (3 * (a + 1) * t - 2 * (a + b + 1)) * t + (b + 1),
  };
}

export const KAPPA: Readonly<Record<KappaName, Kappa>> = {
  cubic: cubicKappa(1, 1),
  linear: { at: (t) => t, derivative: () => 1 },
  cosine: {
    at: (t) => 1 - Math.cos((Math.PI / 2) * t),
    derivative: (t) => (Math.PI / 2) * Math.sin((Math.PI / 2) * t),
  },
};

/** κ'/(1 − κ): what a network's rates are multiplied by at time t, because it was trained without it. */
export function kappaWeight(kappa: Kappa, t: number): number {
  return kappa.derivative(t) / (1 - kappa.at(t) + 1e-6);
}
