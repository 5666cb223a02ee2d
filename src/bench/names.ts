/** The programs that the bench compares, and the precisions it compares them in. */

export const PROGRAMS = ['unmask', 'onnxruntime', 'tfjs'] as const;
export type Program = (typeof PROGRAMS)[number];

export const NAMES: Readonly<Record<Program, string>> = {
  unmask: 'Unmask',
  onnxruntime: 'onnxruntime-web 1.30.0',
  tfjs: 'tfjs 4.22.0',
};

/**
 * Ways to give ONNX Runtime the same model. Its fused attention reads other threads' registers, and where subgroups are
 * four or eight wide its answers were wrong (bench/README.md). The bench tries these in turn, and times the first whose
 * answers are right.
 */
export const FORMS = {
  fused: 'fused attention',
  withoutSubgroups: 'fused attention on a device without subgroups',
  plain: 'attention as products and a softmax',
} as const;
export type Form = keyof typeof FORMS;

export const PRECISIONS = ['f32', 'f16', 'int8', 'int4'] as const;
/** f32: weights and sums in f32. f16: weights in f16. int8, int4: weights in 8 or 4 bits, of int4 the table in 8. */
export type Precision = (typeof PRECISIONS)[number];
