/** The objective that the settings ask for. A new one is a file and a line here. */
import { scheduleOf } from '../../diffusion/drawn-schedule.ts';
import { wordFrequencies } from '../../diffusion/token-times.ts';
import type { TrainSettings } from '../train-settings.ts';
import { type BlockSettings, bd3lm } from './bd3lm.ts';
import { bert } from './bert.ts';
import { type EditSettings, edits } from './edits.ts';
import { type GrpoSettings, grpo } from './grpo.ts';
import { mdlm } from './mdlm.ts';
import { nextToken } from './next-token.ts';
import type { AboutModel, Objective, Rows } from './objective.ts';
import { tenRates } from './ten-rates.ts';
import { type VrpoSettings, vrpo } from './vrpo.ts';

export function objectiveOf(
  settings: Pick<TrainSettings, 'objective' | 'maskRates' | 'prefix' | 'maskOrder'> &
    BlockSettings &
    EditSettings &
    VrpoSettings &
    GrpoSettings,
): Objective {
  switch (settings.objective) {
    case 'mdlm':
      return mdlm(settings);
    case 'bd3lm':
      return bd3lm(settings);
    case 'edits':
      return edits(settings);
    case 'ten-rates':
      return tenRates({ count: settings.maskRates, prefix: settings.prefix });
    case 'bert':
      return bert;
    case 'vrpo':
      return vrpo(settings);
    case 'grpo':
      return grpo(settings);
    case 'next-token':
      return nextToken;
  }
}

/** What an objective is told of the model, and of the texts it learns from. */
export function aboutOf(
  settings: Pick<TrainSettings, 'objective' | 'maskOrder' | 'schedule' | 'curve'>,
  { ids, maskable }: Pick<Rows, 'ids' | 'maskable'>,
  model: Omit<AboutModel, 'schedule' | 'frequencies'>,
): AboutModel {
  const about = { ...model, schedule: scheduleOf(settings) };
  if (settings.objective !== 'mdlm' || settings.maskOrder !== 'spindle') return about;
  const counts = new Float64Array(model.vocabSize);
  for (let i = 0; i < ids.length; i++) {
    if (maskable[i] === 1) counts[ids[i] as number] = (counts[ids[i] as number] as number) + 1;
  }
  return { ...about, frequencies: wordFrequencies(counts) };
}
