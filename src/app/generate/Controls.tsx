/** The settings of the next run, most used first; the rare ones unfold. */
import { idleSettings } from '../../diffusion/idle-settings.ts';
import { defaultSettings, SETTING_NAMES } from '../../diffusion/settings.ts';
import { m } from '../messages/index.ts';
import { Icon } from '../shell/Icon.tsx';
import { prefer, usePreferences } from '../stores/preferences.ts';
import { resetSettings, useSettings } from '../stores/settings.ts';
import { ChoiceField } from './ChoiceField.tsx';
import { CopyLink } from './CopyLink.tsx';
import { isSwitch, MORE, masksToWrite } from './layout.ts';
import { NumberField } from './NumberField.tsx';
import { ScheduleFigure } from './ScheduleFigure.tsx';
import { SeedField } from './SeedField.tsx';
import { SwitchField } from './SwitchField.tsx';

export function Controls() {
  const settings = useSettings((state) => state.settings);
  const unfolded = usePreferences((state) => state.more);
  const idle = new Set(idleSettings(settings).map(({ setting }) => setting));
  const paced = !idle.has('schedule');
  const masks = masksToWrite(settings);
  const rare = MORE.filter((name) => !idle.has(name));
  const defaults = defaultSettings();
  const changed = rare.filter((name) => settings[name] !== defaults[name]).length;
  const anyChanged = SETTING_NAMES.some(
    (name) => name !== 'prompt' && name !== 'mode' && settings[name] !== defaults[name],
  );

  return (
    <div className="controls">
      {!idle.has('length') && <NumberField name="length" />}
      {paced && <NumberField name="steps" max={Math.max(masks, 8)} note={m.controls.perStep(masks / settings.steps)} />}
      <ChoiceField name="sampler" />
      {!idle.has('threshold') && <NumberField name="threshold" />}
      {!idle.has('factor') && <NumberField name="factor" />}
      <ChoiceField name="schedule" disabled={!paced} {...(paced ? {} : { note: m.schedule.notUsed })} />
      {paced && <ScheduleFigure />}
      <NumberField name="temperature" />
      <SeedField idle={idle.has('seed')} />
      <details className="more" open={unfolded} onToggle={(event) => prefer({ more: event.currentTarget.open })}>
        <summary>
          {m.controls.more}
          {changed > 0 && <span className="count">{m.controls.changedCount(changed)}</span>}
          <Icon name="down" />
        </summary>
        {rare.map((name) =>
          isSwitch(name) ? <SwitchField key={name} name={name} /> : <NumberField key={name} name={name} />,
        )}
      </details>
      <div className="controls-end">
        <CopyLink />
        <button
          type="button"
          className="quiet"
          disabled={!anyChanged}
          onClick={resetSettings}
          title={m.controls.resetHelp}
        >
          {m.controls.reset}
        </button>
      </div>
    </div>
  );
}
