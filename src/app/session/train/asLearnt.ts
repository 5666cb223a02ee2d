/** A model that was just trained writes in the way that it has learnt, not in the one that the settings happen to say. */
import { defaultSettings } from '../../../diffusion/settings.ts';
import type { TrainSettings } from '../../../worker/protocol.train.ts';
import { chooseMode } from '../chatFollow.ts';
import { setSettings, useSettings } from '../settings.ts';

type Learnt = Pick<TrainSettings, 'objective' | 'block' | 'corrupt' | 'editMasks'>;

/** `model` is its name here. An answer in chat stays one: that is asked for by the model's template. */
export function writeAsLearnt({ objective, block, corrupt, editMasks }: Learnt, model: string): void {
  const { mode, process } = useSettings.getState().settings;
  const fromNothing = objective === 'edits' && (corrupt === 'empty' || corrupt === 'masks');
  if (objective === 'edits') chooseMode(fromNothing ? 'continue' : 'edit', model);
  else if (mode === 'edit' || (mode === 'fill' && objective === 'next-token')) chooseMode('continue', model);
  if (fromNothing) {
    const writes = { process: 'edits', editsFrom: corrupt === 'empty' ? 'nothing' : 'masks' } as const;
    setSettings({ ...writes, ...(corrupt === 'masks' && { length: editMasks }) });
  } else if (objective === 'bd3lm') setSettings({ process: 'blocks', block });
  else if (process !== 'masked') setSettings({ process: defaultSettings().process });
}
