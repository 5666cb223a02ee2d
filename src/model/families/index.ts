/**
 * The families of models that Unmask knows. To add one, write a file like those beside this and name it here. What none of
 * them reads is refused by name, before a byte of weights.
 */
import { said } from '../../text/said.ts';
import type { Arch } from '../arch.ts';
import type { Family, TensorSource } from '../family.ts';
import { type Json, quote } from '../json.ts';
import { Refusal } from '../refusal.ts';
import { bert } from './bert.ts';
import { distilbert } from './distilbert.ts';
import { dream } from './dream.ts';
import { type EditFlowOptions, editFlow } from './edit-flow.ts';
import { llada } from './llada.ts';
import { llama } from './llama.ts';
import { modernbert } from './modernbert.ts';
import { qwen2 } from './qwen2.ts';
import { qwen3 } from './qwen3.ts';
import { roberta } from './roberta.ts';

const ENCODERS: readonly Family[] = [modernbert, bert, roberta, distilbert, qwen3, qwen2, llama, llada, dream];

/** What each becomes that sees both sides, when it learns to edit. */
const EDIT_FLOWS: readonly (readonly [Family, EditFlowOptions['types']])[] = [
  [modernbert, { modernbert: ['editflow-modernbert', 'EditFlowModernBertModel'] }],
  [bert, { bert: ['editflow-bert', 'EditFlowBertModel'] }],
  [
    roberta,
    {
      roberta: ['editflow-roberta', 'EditFlowRobertaModel'],
      'xlm-roberta': ['editflow-xlm-roberta', 'EditFlowXLMRobertaModel'],
      camembert: ['editflow-camembert', 'EditFlowCamembertModel'],
    },
  ],
  [distilbert, { distilbert: ['editflow-distilbert', 'EditFlowDistilBertModel'] }],
  [qwen3, { 'a2d-qwen3': ['editflow-qwen3', 'EditFlowQwen3Model'] }],
  [qwen2, { 'a2d-qwen2': ['editflow-qwen2', 'EditFlowQwen2Model'] }],
  [llama, { 'a2d-llama': ['editflow-llama', 'EditFlowLlamaModel'] }],
  [llada, { llada: ['editflow-llada', 'EditFlowLLaDAModel'] }],
  [dream, { Dream: ['editflow-dream', 'EditFlowDreamModel'] }],
];

const EDITORS = EDIT_FLOWS.map(([family, types]) => editFlow(family, { types, skipsFinalNorm: family === modernbert }));

const FAMILIES: readonly Family[] = [...ENCODERS, ...EDITORS];

/** What a config.json describes. */
export interface Described {
  /** As the file calls it, such as `modernbert-decoder`. */
  readonly modelType: string;
  readonly arch: Arch;
}

/** Throws `Refusal` for a family that Unmask does not know, or for what it does not compute. */
export function readConfig(json: Json): Described {
  const modelType = json['model_type'];
  return { modelType: modelType as string, arch: familyOf(modelType).read(json) };
}

/** Where the parameters lie in a checkpoint of this `model_type`, one that `readConfig` knows. */
export function tensorsOf(
  { modelType, arch }: Described,
  has: (name: string) => boolean = () => false,
): readonly TensorSource[] {
  return familyOf(modelType).tensors(arch, has, modelType);
}

function familyOf(modelType: unknown): Family {
  const family = FAMILIES.find(({ modelTypes }) => (modelTypes as readonly unknown[]).includes(modelType));
  if (family !== undefined) return family;
  const known = ENCODERS.flatMap(({ modelTypes }) => modelTypes);
  const message = said`The model type is ${quote(modelType)}. Unmask runs ${known.slice(0, -1).join(', ')} and ${known.at(-1)}.`;
  throw new Refusal(message);
}

/** The network's arithmetic once it edits, or undefined where its family has no Edit Flow or it sees to the left only. */
export function editing({ modelType, arch }: Described): Described | undefined {
  for (const [family, types] of EDIT_FLOWS) {
    const type = types[modelType];
    if (type === undefined) continue;
    const { finalNorm, ...rest } = arch;
    const skips = family === modernbert;
    return {
      modelType: type[0],
      arch: { ...rest, ...(finalNorm && !skips && { finalNorm }), tied: false, edits: true },
    };
  }
  return undefined;
}

/** config.json of a network, as transformers reads it. */
export function writeConfig({ modelType, arch }: Described): Json {
  return familyOf(modelType).write(arch, modelType);
}
