/**
 * How the makers of a model let it write, as their own programs do when nobody says otherwise; offered when such a model
 * is loaded. What is not named stands as in the table of settings.
 */
import { CHAT_DEFAULTS } from './chat-defaults.ts';
import type { Settings } from './settings.ts';

export interface Maker {
  readonly settings: Partial<Settings>;
  /** Which program. */
  readonly source: string;
}

/** dLLM's MDLMSamplerConfig: one block, one token per pass, the surest first, always the likeliest. */
const MDLM = { ...CHAT_DEFAULTS, process: 'masked', block: 128 } as const;

/** dLLM's BD3LMSamplerConfig: blocks of 32, each to its end, otherwise as MDLM. */
const BD3LM = { ...MDLM, process: 'blocks', block: 32 } as const;

interface Known extends Maker {
  readonly modelTypes: RegExp;
  /** Of the model's name, where one type of model was trained in several ways. */
  readonly names?: RegExp;
  readonly chat?: boolean;
}

const MAKERS: readonly Known[] = [
  { modelTypes: /^modernbert$/, chat: true, settings: CHAT_DEFAULTS, source: 'dLLM, examples/bert/chat.py' },
  {
    modelTypes: /^a2d-/,
    names: /bd3lm/i,
    settings: BD3LM,
    source: 'dLLM, BD3LMSamplerConfig (dllm/core/samplers/bd3lm.py)',
  },
  { modelTypes: /^a2d-/, settings: MDLM, source: 'dLLM, MDLMSamplerConfig (dllm/core/samplers/mdlm.py)' },
  { modelTypes: /^llada$/, settings: MDLM, source: 'LLaDA, generate.py' },
  {
    modelTypes: /^Dream$/,
    settings: {
      length: 512,
      steps: 512,
      block: 0,
      sampler: 'dream-entropy',
      schedule: 'linear',
      temperature: 0.2,
      topK: 0,
      topP: 0.95,
      guidance: 0,
      orderTemperature: 0,
    },
    source: 'Dream, README.md',
  },
];

/** The makers of a model of this `model_type` and name, where we know how they run it. */
export function makerOf(modelType: string, id: string, mode: Settings['mode']): Maker | undefined {
  return MAKERS.find(
    ({ modelTypes, names, chat }) =>
      modelTypes.test(modelType) && (!names || names.test(id)) && (!chat || mode === 'chat'),
  );
}

/** Whether the settings are already as these makers have them. */
export function isAsMade(settings: Settings, { settings: made }: Maker): boolean {
  return Object.entries(made).every(([name, value]) => settings[name as keyof Settings] === value);
}
