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

/** A table or matrix as the engine has packed it (shaders/weights.wgsl), for a trainer that learns beside it. */
export interface PackedTensor {
  /** `[out, in]`, or `[rows, width]` of a table. */
  readonly shape: readonly [number, number];
  /** Panels of consecutive packed rows; several where one binding cannot hold a table. */
  readonly parts: readonly PackedPart[];
  /** Packed columns, padded. */
  readonly stride: number;
  /** The kernels' DTYPE. */
  readonly dtype: number;
  /** For each packed row or column, which one of `shape` stands there; −1 for zeros. In order unless told. */
  readonly rowOrder?: Int32Array | undefined;
  readonly columnOrder?: Int32Array | undefined;
}

export interface PackedPart {
  readonly buffer: GPUBuffer;
  /** Packed row at which it begins, and how many it has without padding. */
  readonly first: number;
  readonly rows: number;
}

export interface PackedWeights {
  readonly packed: ReadonlyMap<string, PackedTensor>;
  /** Bytes on the card. */
  readonly bytes: number;
}
