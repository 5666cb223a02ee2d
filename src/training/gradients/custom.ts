/** tfjs's `customGrad` with the types it has: an operation of tensors together with its way back. */
import { customGrad, type Tensor } from '@tensorflow/tfjs-core';

export interface Operation<T extends Tensor> {
  readonly value: T;
  /** Of what arrives at the value: one gradient for each input, in order. `saved` are the tensors given to `save`. */
  readonly back: (dy: T, saved: readonly Tensor[]) => Tensor | Tensor[];
}

/** Runs `forward`, and on the tape its `back` in place of the gradients of the operations inside. */
export function custom<T extends Tensor, I extends readonly [Tensor, ...Tensor[]]>(
  inputs: I,
  forward: (inputs: I, save: (tensors: readonly Tensor[]) => void) => Operation<T>,
): T {
  const operation = (...args: unknown[]) => {
    const save = args.pop() as (tensors: readonly Tensor[]) => void;
    const { value, back } = forward(args as unknown as I, save);
    return { value, gradFunc: back };
  };
  return customGrad(operation as unknown as Parameters<typeof customGrad>[0])(...inputs) as T;
}
