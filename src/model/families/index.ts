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
import { dream } from './dream.ts';
import { llada } from './llada.ts';
import { llama } from './llama.ts';
import { modernbert } from './modernbert.ts';
import { qwen2 } from './qwen2.ts';
import { qwen3 } from './qwen3.ts';
import { roberta } from './roberta.ts';

const FAMILIES: readonly Family[] = [modernbert, bert, roberta, qwen3, qwen2, llama, llada, dream];

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
  const known = FAMILIES.flatMap(({ modelTypes }) => modelTypes);
  const message = said`The model type is ${quote(modelType)}. Unmask runs ${known.slice(0, -1).join(', ')} and ${known.at(-1)}.`;
  throw new Refusal(message);
}

/** config.json of a network, as transformers reads it. */
export function writeConfig({ modelType, arch }: Described): Json {
  return familyOf(modelType).write(arch, modelType);
}
