/**
 * Edit Flows of any family (arXiv 2506.09018), with the names that dLLM's EditFlow models have
 * (dllm/pipelines/editflow/models): the encoder as it was; `sub_logits` and `ins_logits`, made as copies of its decoder;
 * `rate_heads.0`, one Linear to the rates of substitution, removal and insertion. What the encoder's own decoder was is
 * tied or not needed. Types that dLLM has not are named after the same pattern.
 */
import type { Arch } from '../arch.ts';
import type { Family } from '../family.ts';
import { parameters } from '../parameters.ts';

const NAMES: Readonly<Record<string, string>> = {
  decoder: 'sub_logits.weight',
  'decoder.bias': 'sub_logits.bias',
  insertions: 'ins_logits.weight',
  'insertions.bias': 'ins_logits.bias',
  rates: 'rate_heads.0.weight',
  'rates.bias': 'rate_heads.0.bias',
};

export interface EditFlowOptions {
  /** What the model types of the family become, with the name of the class; those that are not here have no Edit Flow. */
  readonly types: Readonly<Record<string, readonly [modelType: string, architecture: string]>>;
  /** dLLM feeds the heads with the stream as it is before the last norm (`hidden_states[-1]` of a ModernBERT). */
  readonly skipsFinalNorm?: boolean;
}

export function editFlow(family: Family, { types, skipsFinalNorm = false }: EditFlowOptions): Family {
  const baseOf = (modelType: unknown) => Object.keys(types).find((base) => types[base]?.[0] === modelType) as string;
  /** The encoder alone. */
  const without = ({ edits: _, ...arch }: Arch): Arch => ({
    ...arch,
    ...(skipsFinalNorm && arch.embeddingNorm && { finalNorm: arch.embeddingNorm }),
  });
  return {
    modelTypes: Object.values(types).map(([modelType]) => modelType),
    read(json) {
      const { finalNorm, ...arch } = family.read({ ...json, model_type: baseOf(json['model_type']) });
      return { ...arch, ...(finalNorm && !skipsFinalNorm && { finalNorm }), edits: true };
    },
    write(arch, modelType) {
      const json = family.write(without(arch), baseOf(modelType));
      const [, architecture] = types[baseOf(modelType)] as readonly [string, string];
      return { ...json, model_type: modelType, architectures: [architecture] };
    },
    tensors(arch, has, modelType) {
      const own = family.tensors(
        { ...without(arch), tied: true, head: { ...arch.head, decoderBias: false } },
        has,
        baseOf(modelType),
      );
      return parameters(arch).map(({ name, shape }) => {
        const stored = NAMES[name];
        const found = own.find((source) => source.name === name);
        return found ?? { name, shape, parts: [{ name: stored as string, shape }] };
      });
    },
  };
}
