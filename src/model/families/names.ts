/** From the names of `parameters(arch)` to those of a checkpoint: what the families have in common. */
import type { Arch, LayerSpec } from '../arch.ts';
import type { TensorSource } from '../family.ts';
import { type Parameter, parameters } from '../parameters.ts';

/** A parameter's name taken apart: `layers.3.qkv.bias` is `qkv` of layer 3, and a bias. */
export interface Place {
  readonly part: string;
  readonly layer: number | undefined;
  readonly bias: boolean;
}

/**
 * All parameters of `arch`, each where `nameOf` says: one module, or several whose rows are stacked (queries, keys and
 * values; activated half and gate), to each of which `.weight` or `.bias` is added; old files of norms say `.gamma` and
 * `.beta`.
 */
export function tensorSources(
  arch: Arch,
  has: (name: string) => boolean,
  nameOf: (place: Place) => string | readonly string[],
): TensorSource[] {
  return parameters(arch).map((parameter) => {
    const place = placeOf(parameter);
    const stored = nameOf(place);
    const modules = typeof stored === 'string' ? [stored] : stored;
    const rows = rowsOf(arch, parameter, place, modules.length);
    const parts = modules.map((module, i) => {
      const [usual, old] = place.bias ? [`${module}.bias`, `${module}.beta`] : [`${module}.weight`, `${module}.gamma`];
      const name = !has(usual) && has(old) ? old : usual;
      return { name, shape: [rows[i] as number, ...parameter.shape.slice(1)] };
    });
    return { name: parameter.name, shape: parameter.shape, parts };
  });
}

function placeOf({ name }: Parameter): Place {
  const [, layer, part = '', bias] = /^(?:layers[.](\d+)[.])?(.+?)([.]bias)?$/.exec(name) ?? [];
  return { part, layer: layer === undefined ? undefined : Number(layer), bias: bias !== undefined };
}

/** How many rows of a parameter each of its modules holds. */
function rowsOf({ layers }: Arch, { shape }: Parameter, { part, layer }: Place, count: number): readonly number[] {
  if (part === 'qkv' && count === 3) {
    const { heads, kvHeads, headDim } = (layers[layer as number] as LayerSpec).attention;
    return [heads, kvHeads, kvHeads].map((each) => each * headDim);
  }
  return Array<number>(count).fill((shape[0] as number) / count);
}
