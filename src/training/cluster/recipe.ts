/**
 * A run of ours as a recipe for dLLM (github.com/ZHZisZZ/dllm at the commit below): what its trainers are told under their
 * own names (dllm/core/trainers/{mdlm,bd3lm}.py, dllm/utils/configs.py), how texts become rows, and in words what it has no
 * counterpart for.
 */
import { UnmaskError } from '../../diffusion/error.ts';
import { FIRST_TIME } from '../../diffusion/times.ts';
import type { Described } from '../../model/families/index.ts';
import { said } from '../../text/said.ts';
import type { TrainSettings } from '../train-settings.ts';
import { differences } from './differs.ts';

export const DLLM_COMMIT = 'ca176752fbceec49c6b4777a2c18ae88e4eb10ed';

/** `recipe.json`, which `train.py` and `prepare.py` read. */
export interface Recipe {
  /** A model of a hub, where its weights are not in the folder. */
  readonly model: string;
  readonly objective: 'mdlm' | 'bd3lm';
  /** Class of dllm/core/schedulers/alpha.py. */
  readonly scheduler: string;
  readonly steps: number;
  readonly rows_per_step: number;
  readonly rows_per_pass: number;
  /** Share of the steps. */
  readonly warmup: number;
  readonly eval_every: number;
  readonly save_every: number;
  /** Fields of dLLM's MDLMConfig or BD3LMConfig, those of Hugging Face's TrainingArguments among them. */
  readonly trainer: Readonly<Record<string, string | number | boolean>>;
  /** Fields of dLLM's ModelArguments. */
  readonly adapter: Readonly<Record<string, string | number | boolean>>;
  readonly data: {
    readonly rows: TrainSettings['rows'];
    readonly length: number;
    readonly padding: TrainSettings['padding'];
    readonly block: number;
    readonly end: number | null;
    readonly pad: number | null;
    readonly special: readonly number[];
  };
  /** Every setting of the run that is done otherwise there, a sentence each. */
  readonly differs: readonly string[];
}

/** What dLLM trains; other objectives of ours that mask have the nearest one in their place. */
const OBJECTIVES: Partial<Record<TrainSettings['objective'], Recipe['objective']>> = {
  mdlm: 'mdlm',
  bd3lm: 'bd3lm',
  'ten-rates': 'mdlm',
  bert: 'mdlm',
};
/** Classes of dllm/core/schedulers/alpha.py. */
const SCHEDULERS: Partial<Record<TrainSettings['schedule'], string>> = {
  linear: 'LinearAlphaScheduler',
  cosine: 'CosineAlphaScheduler',
};
const DECAYS = { cosine: 'cosine', linear: 'linear', constant: 'constant_with_warmup' } as const;
const EPSILON = 1e-8;

/** Throws `UnmaskError` code `settings` where dLLM has nothing that comes near. */
export function recipeOf(settings: TrainSettings, { arch, modelType }: Described): Recipe {
  const objective = OBJECTIVES[settings.objective];
  if (objective === undefined) {
    const message = said`dLLM has no counterpart to the objective ${settings.objective} as it is learnt here.`;
    throw new UnmaskError({
      code: 'settings',
      message,
      remedy: 'Save the run as a folder instead, and go on with it here.',
    });
  }
  const { ids, logitShift } = arch;
  const uniform = settings.weighting === 'uniform' || settings.objective !== objective;
  const lora = settings.adapter === 'lora';
  return {
    model: settings.init,
    objective,
    scheduler: SCHEDULERS[settings.schedule] ?? 'LinearAlphaScheduler',
    steps: settings.steps,
    rows_per_step: settings.batch * settings.accumulation,
    rows_per_pass: settings.batch,
    warmup: settings.warmup,
    eval_every: settings.evalEvery,
    save_every: settings.saveEvery,
    trainer: {
      learning_rate: settings.lr,
      lr_scheduler_type: DECAYS[settings.decay],
      weight_decay: settings.weightDecay,
      adam_beta1: settings.beta1,
      adam_beta2: settings.beta2,
      adam_epsilon: EPSILON,
      max_grad_norm: settings.clip,
      seed: settings.seed,
      time_epsilon: FIRST_TIME,
      loss_weight_type: uniform ? 'uniform' : 'scheduler',
      loss_norm_type: settings.normalisation,
      right_shift_logits: logitShift === 1,
      ...(objective === 'bd3lm' ? { block_size: settings.block } : {}),
    },
    adapter: lora
      ? {
          lora: true,
          r: settings.rank,
          lora_alpha: settings.alpha,
          lora_dropout: settings.loraDropout,
          target_modules: settings.targets,
          ...(settings.bits === 'nf4' || settings.bits === '4' ? { load_in_4bit: true } : {}),
        }
      : {},
    data: {
      rows: settings.rows,
      length: settings.length,
      padding: settings.padding,
      block: objective === 'bd3lm' ? settings.block : 1,
      end: ids.sep ?? ids.eos ?? null,
      pad: ids.pad ?? null,
      special: [...new Set(Object.values(ids).filter((id) => id !== undefined))],
    },
    differs: differences(settings, { objective, uniform, hasSchedule: settings.schedule in SCHEDULERS, modelType }),
  };
}
