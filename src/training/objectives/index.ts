/** The objective that the settings ask for. A new one is a file and a line here. */
import type { TrainSettings } from '../train-settings.ts';
import { type BlockSettings, bd3lm } from './bd3lm.ts';
import { bert } from './bert.ts';
import { type EditSettings, edits } from './edits.ts';
import { mdlm } from './mdlm.ts';
import { nextToken } from './next-token.ts';
import type { Objective } from './objective.ts';
import { tenRates } from './ten-rates.ts';
import { type VrpoSettings, vrpo } from './vrpo.ts';

export function objectiveOf(
  settings: Pick<TrainSettings, 'objective' | 'maskRates' | 'prefix'> & BlockSettings & EditSettings & VrpoSettings,
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
    case 'next-token':
      return nextToken;
  }
}
