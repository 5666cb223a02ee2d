/** What a family of published models is: how its config.json becomes an `Arch` and back, and what its tensors are called. */
import type { Arch } from './arch.ts';

export type Json = Readonly<Record<string, unknown>>;

/** Where one of `parameters(arch)` lies in a checkpoint. */
export interface TensorSource {
  /** Of the parameter. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Names in the file; several parts are stacked along the first axis in this order. */
  readonly parts: readonly string[];
}

export interface Family {
  /** What `model_type` of config.json may say. */
  readonly modelTypes: readonly string[];
  /** Throws `Refusal` when the file asks for what Unmask does not compute. */
  read(json: Json): Arch;
  /** config.json of a network of this family, as transformers reads it. */
  write(arch: Arch, modelType: string): Json;
  /** All parameters under the names that the file has; names that nobody knows appear as transformers writes them. */
  tensors(arch: Arch, has: (name: string) => boolean): readonly TensorSource[];
}
