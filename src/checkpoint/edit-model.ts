/**
 * An encoder made ready to learn editing, as dLLM converts it (dllm/pipelines/editflow/utils.py `init_editflow_from_src`):
 * what stands in a token's place and what comes after it begin as copies of the decoder; the rates begin as PyTorch draws
 * a Linear, uniform within 1/√width.
 */
import { UnmaskError } from '../diffusion/error.ts';
import { Stream, stepKey, uniform, word } from '../diffusion/rng.ts';
import { type Described, editing } from '../model/families/index.ts';
import { parameterCount, parameters, sizeOf } from '../model/parameters.ts';
import { said } from '../text/said.ts';
import type { TensorInfo, Weights } from './model.ts';

type Network = Described & { readonly weights: Weights };

/** The same network with heads for edits. Throws `UnmaskError` code `settings` for one that cannot have them. */
export function asEditNetwork<N extends Network>(network: N, seed: number): N {
  const described = editing(network);
  if (described === undefined) {
    const message = said`A ${network.modelType} cannot learn to edit: that takes a network that sees both sides.`;
    const remedy = 'Choose an encoder, such as a ModernBERT or a BERT, or a converted decoder (a2d-…).';
    throw new UnmaskError({ code: 'settings', message, remedy });
  }
  const { arch } = described;
  const { weights } = network;
  const table = network.arch.tied ? 'embeddings' : 'decoder';
  const copies: Readonly<Record<string, string>> = {
    decoder: table,
    insertions: table,
    'insertions.bias': 'decoder.bias',
  };
  const fresh = new Map<string, Uint8Array<ArrayBuffer>>();
  const bound = 1 / Math.sqrt(arch.width);
  for (const [number, parameter] of parameters(arch).entries()) {
    if (!parameter.name.startsWith('rates')) continue;
    const key = stepKey(seed, number, Stream.Init);
    const values = Float32Array.from(
      { length: sizeOf(parameter) },
      (_, i) => bound * (2 * uniform(word(key, i, 0)) - 1),
    );
    fresh.set(parameter.name, new Uint8Array(values.buffer));
  }
  const infoOf = (name: string, shape: readonly number[]): TensorInfo => {
    const own = fresh.get(name);
    if (own) return { dtype: 'F32', shape, byteLength: own.length };
    return weights.tensors.get(copies[name] ?? name) as TensorInfo;
  };
  const readRows = weights.readRows?.bind(weights);
  return {
    ...network,
    ...described,
    weights: {
      tensors: new Map(parameters(arch).map(({ name, shape }) => [name, infoOf(name, shape)])),
      parameters: parameterCount(arch),
      read: async (name, signal) => fresh.get(name)?.slice() ?? weights.read(copies[name] ?? name, signal),
      ...(readRows && {
        readRows: async (name, from, to, signal) => {
          const rowBytes = 4 * arch.width;
          const own = fresh.get(name)?.slice(from * rowBytes, to * rowBytes);
          return own ?? readRows(copies[name] ?? name, from, to, signal);
        },
      }),
    },
  };
}
