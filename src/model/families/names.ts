/** From the names of `parameters(arch)` to those of a checkpoint: what the families have in common. */
import type { Arch, AttentionSpec, LayerSpec } from '../arch.ts';
import type { TensorPart, TensorSource } from '../family.ts';
import { type Parameter, parameters } from '../parameters.ts';

/** A parameter's name taken apart: `layers.3.qkv.bias` is `qkv` of layer 3, and a bias. */
export interface Place {
  readonly part: string;
  readonly layer: number | undefined;
  readonly bias: boolean;
}

/**
 * All parameters of `arch`, each where `nameOf` says: a module, to which `.weight` or `.bias` is added, or for `qkv` three
 * modules, of queries, keys and values.
 */
export function tensorSources(
  arch: Arch,
  nameOf: (place: Place) => string | readonly [q: string, k: string, v: string],
): TensorSource[] {
  return parameters(arch).map((parameter) => {
    const place = placeOf(parameter);
    const stored = nameOf(place);
    const names = typeof stored === 'string' ? [stored] : stored;
    const suffix = place.bias ? 'bias' : 'weight';
    const shapes = names.length === 1 ? [parameter.shape] : headShapes(arch, parameter, place);
    const parts = names.map((name, i): TensorPart => ({ name: `${name}.${suffix}`, shape: shapes[i] as number[] }));
    return { name: parameter.name, shape: parameter.shape, parts };
  });
}

function placeOf({ name }: Parameter): Place {
  const [, layer, part = '', bias] = /^(?:layers[.](\d+)[.])?(.+?)([.]bias)?$/.exec(name) ?? [];
  return { part, layer: layer === undefined ? undefined : Number(layer), bias: bias !== undefined };
}

/** Of queries, keys and values apart. */
function headShapes({ layers }: Arch, { shape: [, ...columns] }: Parameter, { layer }: Place): number[][] {
  const { attention } = layers[layer as number] as LayerSpec;
  return headRows(attention).map((count) => [count, ...columns]);
}

function headRows({ heads, kvHeads, headDim }: AttentionSpec): number[] {
  return [heads, kvHeads, kvHeads].map((count) => count * headDim);
}
