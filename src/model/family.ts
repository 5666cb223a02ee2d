/** What a family of published models is: how its config.json becomes an `Arch` and back, and what its tensors are called. */
import type { Arch } from './arch.ts';
import type { Json } from './json.ts';

/** Where one of `parameters(arch)` lies in a checkpoint. */
export interface TensorSource {
  /** Of the parameter. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Tensors of the file; several are stacked along the first axis in this order. */
  readonly parts: readonly TensorPart[];
}

export interface TensorPart {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface Family {
  /** What `model_type` of config.json may say. */
  readonly modelTypes: readonly string[];
  /** Throws `Refusal` when the file asks for what Unmask does not compute. */
  read(json: Json): Arch;
  /** config.json of a network of this family, as transformers reads it. */
  write(arch: Arch, modelType: string): Json;
  /** All parameters under the names that the file has; names that nobody knows appear as transformers writes them. */
  tensors(arch: Arch, has: (name: string) => boolean, modelType: string): readonly TensorSource[];
}
