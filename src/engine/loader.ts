/** How a model's tensors come to the card: `upload.ts` says which there are and in what form, a loader brings them. */
import type { Order, PackedShape } from './pack.ts';
import type { PackedType } from './precision.ts';

/** Consecutive tensors of a vector on the card. */
export interface VectorPart {
  readonly name: string;
  /** Element of the vector at which it begins. */
  readonly at?: number;
  readonly order?: Order | undefined;
}

export interface MatrixOptions {
  readonly rowOrder?: Order;
  readonly columnOrder?: Order;
  /** Stored row at packed row 0, for a part of a matrix that is not reordered. */
  readonly first?: number;
  /** The buffer has room for rows up to a multiple of this, which stay 0. */
  readonly padding?: number;
}

/** Brings tensors to where the kernels read them: from a checkpoint (`Uploader`), or from a trainer (`CardLoader`). */
export interface WeightLoader {
  has(name: string): boolean;
  /** How a matrix will lie on the card, where it has so many columns there; as many as are stored unless told. */
  typeOf(name: string, columns?: number): PackedType;
  /** `length` zeros, and these tensors in it. */
  vector(label: string, length: number, parts?: readonly VectorPart[]): Promise<GPUBuffer>;
  /** A matrix, or a part of one, packed as `shape` says. */
  matrix(name: string, shape: PackedShape, options?: MatrixOptions): Promise<GPUBuffer>;
}
