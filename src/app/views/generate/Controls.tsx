/** The settings of the next run, most used first; the rare ones unfold. */

import { defaultsOf } from '../../../diffusion/chat-defaults.ts';
import { idleSettings } from '../../../diffusion/idle-settings.ts';
import { appending, NOT_FOLLOWED } from '../../../diffusion/processes/autoregressive.ts';
import { SETTING_NAMES, type SettingName } from '../../../diffusion/settings.ts';
import { CHAT } from '../../../diffusion/shipped.ts';
import { ChoiceField } from '../../fields/ChoiceField.tsx';
import { Icon } from '../../fields/Icon.tsx';
import { NumberField } from '../../fields/NumberField.tsx';
import { OrderField } from '../../fields/OrderField.tsx';
import { SeedField } from '../../fields/SeedField.tsx';
import { SwitchField } from '../../fields/SwitchField.tsx';
import { m } from '../../messages/index.ts';
import { useCausal } from '../../session/asWritten.ts';
import { useMaskText } from '../../session/compute.ts';
import { settingRule, useLesson } from '../../session/lesson.ts';
import { prefer, usePreferences } from '../../session/preferences.ts';
import { resetSettings, useSettings } from '../../session/settings.ts';
import { CopyGenerateLink } from '../../shell/links/CopyLink.tsx';
import { isChoice, isNumber, isSwitch, MORE, masksToWrite, ownKnobs } from '../../trace/layout.ts';
import { Adapter } from './Adapter.tsx';
import { AsMade } from './AsMade.tsx';
import { ScheduleFigure } from './ScheduleFigure.tsx';

/** What a reset leaves alone. */
const OF_A_TEXT: readonly SettingName[] = ['prompt', 'mode', 'system', 'turns'];
/** The knobs that only edits have. */
const OF_EDITS: readonly SettingName[] = ['editWay', 'editAbove', 'editsFrom'];
const OF_A_CHAT: readonly SettingName[] = [...OF_A_TEXT, 'model'];

/** The control that fits the kind of a setting. */
function Field({ name }: { name: SettingName }) {
  if (name === 'order') return <OrderField />;
  if (isSwitch(name)) return <SwitchField name={name} />;
  if (isChoice(name)) return <ChoiceField name={name} />;
  return isNumber(name) ? <NumberField name={name} /> : null;
}

export function Controls() {
  const settings = useSettings((state) => state.settings);
  const unfolded = usePreferences((state) => state.more);
  const causal = useCausal();
  const own = causal ? appending(settings) : settings;
  const idle = new Set(idleSettings(own).map(({ setting }) => setting));
  if (causal) for (const name of NOT_FOLLOWED) idle.add(name);
  const paced = !idle.has('steps');
  const scheduled = !idle.has('schedule');
  const masks = masksToWrite(settings, useMaskText());
  const { sampler, block } = settings;
  const byBlocks = sampler === 'random' && block > 0 && block < masks && m.controls.randomBlocks(block);
  const lesson = useLesson((state) => state.lesson);
  const rare = MORE.filter((name) => !idle.has(name) && settingRule(name, lesson) !== 'hidden');
  const chat = settings.mode === 'chat';
  const dllm = chat && !causal && settings.model !== CHAT;
  const defaults = defaultsOf(settings.mode, settings.model);
  const changed = rare.filter((name) => settings[name] !== defaults[name]).length;
  const anyChanged = SETTING_NAMES.some(
    (name) => !(chat ? OF_A_CHAT : OF_A_TEXT).includes(name) && settings[name] !== defaults[name],
  );

  return (
    <div className="controls">
      {!idle.has('length') && <NumberField name="length" />}
      {paced && (
        <NumberField
          name="steps"
          max={idle.has('sampler') && !causal ? 128 : Math.max(masks, 8)}
          note={idle.has('sampler') && !causal ? m.controls.leaps : m.controls.perStep(masks / settings.steps)}
        />
      )}
      {causal ? (
        <p className="note" data-causal>
          {m.controls.fromLeft}
        </p>
      ) : (
        <>
          {!idle.has('process') && <ChoiceField name="process" />}
          {OF_EDITS.filter((name) => !idle.has(name)).map((name) => (
            <Field key={name} name={name} />
          ))}
          {!idle.has('sampler') && <ChoiceField name="sampler" {...(byBlocks ? { note: byBlocks } : {})} />}
          {ownKnobs(settings)
            .filter((name) => !idle.has(name))
            .map((name) => (
              <Field key={name} name={name} />
            ))}
          {!idle.has('sampler') && (
            <ChoiceField name="schedule" disabled={!scheduled} {...(scheduled ? {} : { note: m.schedule.notUsed })} />
          )}
        </>
      )}
      {scheduled && settingRule('schedule', lesson) !== 'hidden' && <ScheduleFigure />}
      <NumberField name="temperature" />
      <SeedField idle={idle.has('seed')} />
      {rare.length > 0 && (
        <details className="more" open={unfolded} onToggle={(event) => prefer({ more: event.currentTarget.open })}>
          <summary>
            {m.controls.more}
            {changed > 0 && <span className="count">{m.controls.changedCount(changed)}</span>}
            <Icon name="down" />
          </summary>
          {rare.map((name) => (
            <Field key={name} name={name} />
          ))}
        </details>
      )}
      <Adapter />
      <AsMade />
      <div className="controls-end">
        <CopyGenerateLink />
        <button
          type="button"
          className="quiet"
          disabled={!anyChanged}
          onClick={resetSettings}
          title={dllm ? m.chat.asDllmHelp : m.controls.resetHelp}
        >
          {dllm ? m.chat.asDllm : m.controls.reset}
        </button>
      </div>
    </div>
  );
}
