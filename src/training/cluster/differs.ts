/** What dLLM does otherwise than a run of ours, a sentence each, for the folder that goes to a cluster; in English, as its scripts are. */
import { FIRST_TIME } from '../../diffusion/times.ts';
import type { TrainSettings } from '../train-settings.ts';

interface Counterpart {
  readonly objective: 'mdlm' | 'bd3lm';
  /** Every masked token counts alike. */
  readonly uniform: boolean;
  readonly hasSchedule: boolean;
  readonly modelType: string;
}

export function differences(
  settings: TrainSettings,
  { objective, uniform, hasSchedule, modelType }: Counterpart,
): string[] {
  const found: (string | false)[] = [
    'chance is PyTorch’s: other masks and another order of the rows from the same seed, and the rows of a batch draw their times each for itself, not spread evenly.',
    'the warm-up begins at a rate of zero in the first step, here at its first part.',
    settings.objective === 'ten-rates' &&
      `ten rates are not there: masked diffusion with a rate drawn evenly from 0 to 1 stands in their place, and no ${settings.prefix} tokens at the start stay visible.`,
    settings.objective === 'bert' &&
      'BERT’s own objective (15 % of the tokens) is not there: masked diffusion with uniform weights stands in its place.',
    !hasSchedule && `the schedule ${settings.schedule} is not there: the linear one stands in its place.`,
    uniform &&
      'uniform weights are a sum over the masked tokens divided by all that could be masked, here a mean over the masked ones: there the loss is about half as large.',
    settings.objective === 'mdlm' &&
      settings.maskOrder !== 'even' &&
      `mask order ${settings.maskOrder} is not there: all tokens of a text are masked alike.`,
    objective === 'bd3lm' &&
      settings.blockTimes === 'each' &&
      'all blocks of a text are at one time, here each at its own.',
    objective === 'bd3lm' &&
      (settings.firstTime > FIRST_TIME || settings.lastTime < 1) &&
      `times are drawn from all of 0 to 1, here from ${settings.firstTime} to ${settings.lastTime}.`,
    objective === 'bd3lm' && settings.redraw && 'masks are not drawn again until their share fits.',
    objective === 'bd3lm' &&
      !modelType.startsWith('a2d-') &&
      `its block diffusion is written for a2d-… models; whether ${modelType} takes its attention mask depends on transformers.`,
    settings.adapter === 'lora' &&
      settings.rsLora === 'on' &&
      'rank-stabilised LoRA has no switch in dLLM: alpha / rank is used, not alpha / √rank.',
    settings.adapter === 'lora' &&
      settings.bits === '4' &&
      'four bits are NF4 with twice quantised scales (bitsandbytes), here int4 in groups of 32.',
    settings.adapter === 'lora' &&
      settings.bits === 'nf4' &&
      'the scales of NF4 are themselves quantised (bitsandbytes’ double quantisation), here not.',
    settings.adapter === 'lora' &&
      settings.bits === '8' &&
      'eight bits have no switch in dLLM: the weights that stay are held in bf16.',
    settings.repeats > 0 && `all rows are kept; here only so many that each is learnt ${settings.repeats} times.`,
    settings.patience > 0 && 'the run does not end early when the held-out loss stops falling.',
    settings.evalEvery > 0 &&
      'the held-out loss is measured with masks drawn anew and written as eval_loss; here it is the exact-count estimate over fixed masks (npm run nelbo measures a model that comes back so).',
    settings.sampleEvery > 0 && 'no sample canvases are written.',
  ];
  return found.filter((sentence) => sentence !== false);
}
