/** An adapter as the folder that PEFT saves: what `PeftModel.from_pretrained` loads. */

import type { Described } from '../../model/families/index.ts';
import { isLinear, type Module, modulesOf } from '../../model/modules.ts';
import { fromFloat32 } from '../half.ts';
import { writeSafetensors } from '../write-safetensors.ts';
import type { Adapter } from './adapter.ts';
import { ADAPTER_FILE, turned } from './open.ts';
import { ADAPTER_CONFIG_FILE, writeAdapterConfig } from './peft-config.ts';

/** The files of the folder, tensors in F32. */
export function adapterFiles(
  adapter: Omit<Adapter, 'id'>,
  described: Described,
  card = '',
): Map<string, Uint8Array<ArrayBuffer>> {
  const tensor = (name: string, values: Float32Array, ...shape: number[]) =>
    [`base_model.model.${name}`, { dtype: 'F32', shape, bytes: fromFloat32(values, 'F32') }] as const;
  const low = adapter.lowRank.flatMap(({ module, rank, a, b }) => {
    const { name, rows, columns } = module;
    if (isLinear(module)) {
      return [tensor(`${name}.lora_A.weight`, a, rank, columns), tensor(`${name}.lora_B.weight`, b, rows, rank)];
    }
    return [
      tensor(`${name}.lora_embedding_A`, turned(b, rows, rank), rank, rows),
      tensor(`${name}.lora_embedding_B`, turned(a, rank, columns), columns, rank),
    ];
  });
  const modules = modulesOf({ ...described, arch: { ...described.arch, tied: false } });
  const wrapped = new Set(adapter.lowRank.map(({ module }) => module.name));
  const layerOf = ({ name }: Pick<Module, 'name'>) => (wrapped.has(name) ? `${name}.base_layer` : name);
  const whole = adapter.replaced.map(({ parameter, first, values }) => {
    // A tied decoder, which `modules` names all the same, owns the output's bias.
    const bias = parameter === 'decoder.bias' ? 'decoder' : parameter.replace(/[.]bias$/, '');
    const module = modules.find((each) => each.parameter === bias && each.first === first) as Module;
    if (parameter.endsWith('.bias')) return tensor(`${layerOf(module)}.bias`, values, values.length);
    const shape = module.kind === 'norm' ? [module.rows] : [module.rows, module.columns];
    return tensor(`${layerOf(module)}.weight`, values, ...shape);
  });
  const json = new TextEncoder().encode(`${JSON.stringify(writeAdapterConfig(adapter), undefined, 2)}\n`);
  const files = new Map<string, Uint8Array<ArrayBuffer>>([
    [ADAPTER_CONFIG_FILE, json],
    [ADAPTER_FILE, writeSafetensors([...low, ...whole], { format: 'pt' })],
  ]);
  return card === '' ? files : files.set('README.md', new TextEncoder().encode(card));
}
