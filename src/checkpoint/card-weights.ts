/** Weights that lie on the card, as a trainer changes them there: where the engine finds each tensor of a `Weights`. */

export interface CardTensor {
  /** f32, bindable as storage. */
  readonly buffer: GPUBuffer;
  /** Element at which the tensor begins. */
  readonly start: number;
  /** As in `Weights`: `[out, in]` for a matrix. */
  readonly shape: readonly number[];
  /** Elements from one row of that shape to the next, and from one column to the next. */
  readonly rowStep: number;
  readonly columnStep: number;
}

export interface CardWeights {
  readonly onCard: ReadonlyMap<string, CardTensor>;
}
