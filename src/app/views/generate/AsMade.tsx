/** Offers the settings with which the makers of the loaded model run it. */
import { CHAT_DEFAULTS } from '../../../diffusion/chat-defaults.ts';
import { isAsMade, makerOf } from '../../../diffusion/makers.ts';
import { m } from '../../messages/index.ts';
import { useCompute } from '../../session/compute.ts';
import { useLesson } from '../../session/lesson.ts';
import { setSettings, useSettings } from '../../session/settings.ts';

export function AsMade() {
  const settings = useSettings((state) => state.settings);
  const model = useCompute((state) => state.model);
  const lesson = useLesson((state) => state.lesson);
  const maker = model && makerOf(model.modelType, model.id, settings.mode);
  // Those of dLLM's chat are what a chat begins with, and what resetting brings back.
  const usual = maker?.settings === CHAT_DEFAULTS;
  if (maker === undefined || usual || lesson !== undefined || isAsMade(settings, maker)) return null;
  return (
    <p className="note">
      <button type="button" className="outline" onClick={() => setSettings(maker.settings)}>
        {m.controls.asMade}
      </button>{' '}
      {m.controls.asMadeHelp(maker.source)}
    </p>
  );
}
