/** A language-model head for an encoder that has none, as transformers would draw it: normal values of deviation 0.02. */
import { Stream, stepKey, uniform, word } from '../diffusion/rng.ts';
import { type Parameter, sizeOf } from '../model/parameters.ts';
import type { TensorInfo } from './model.ts';

const RANGE = 0.02;

export interface FreshHead {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** Undefined for tensors that are not of the head. The same values every time. */
  read(name: string): Uint8Array<ArrayBuffer> | undefined;
  readRows(name: string, from: number, to: number): Uint8Array<ArrayBuffer> | undefined;
}

export function freshHead(wanted: readonly Parameter[]): FreshHead {
  const read = (name: string) => {
    const number = wanted.findIndex((each) => each.name === name);
    const parameter = wanted[number];
    if (parameter === undefined) return undefined;
    const values = new Float32Array(sizeOf(parameter));
    if (parameter.kind === 'norm') values.fill(1);
    else if (parameter.kind !== 'bias') {
      const key = stepKey(0, number, Stream.Init);
      for (let i = 0; i < values.length; i++) {
        // Box & Muller 1958.
        const radius = Math.sqrt(-2 * Math.log(uniform(word(key, i, 0))));
        values[i] = RANGE * radius * Math.cos(2 * Math.PI * uniform(word(key, i, 1)));
      }
    }
    return new Uint8Array(values.buffer);
  };
  return {
    tensors: new Map(
      wanted.map((each) => [each.name, { dtype: 'F32', shape: each.shape, byteLength: 4 * sizeOf(each) } as const]),
    ),
    read,
    readRows(name, from, to) {
      const shape = wanted.find((each) => each.name === name)?.shape;
      if (shape === undefined) return undefined;
      const rowBytes = 4 * shape.slice(1).reduce((product, dim) => product * dim, 1);
      return read(name)?.slice(from * rowBytes, to * rowBytes);
    },
  };
}
