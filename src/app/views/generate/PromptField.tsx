/** What the person writes: the mode and the text. */

import { useId } from 'react';
import { MOST_TEXT, type Mode } from '../../../diffusion/settings.ts';
import { Explain } from '../../fields/Explain.tsx';
import { useFitting } from '../../fields/fitting.tsx';
import { Icon } from '../../fields/Icon.tsx';
import { Locked, Ruled } from '../../fields/Ruled.tsx';
import { Segments } from '../../fields/Segments.tsx';
import { m } from '../../messages/index.ts';
import { useChatting } from '../../session/chat.ts';
import { chooseMode } from '../../session/chatFollow.ts';
import { useSettingRule } from '../../session/lesson.ts';
import { setSetting, useSettings } from '../../session/settings.ts';
import { WRITTEN } from '../../trace/words.ts';

/** The class of the box that the prompt is written in. */
export const PROMPT_BOX = 'prompt-box';

/** `composer` is the box for a message, where it stands here. */
export function PromptField({ composer }: { composer?: React.ReactNode }) {
  const settings = useSettings((state) => state.settings);
  const rule = useSettingRule('prompt');
  const id = useId();
  const { mode, prompt } = settings;
  const fitting = useFitting(MOST_TEXT, (text) => setSetting('prompt', text));
  const chatting = useChatting();
  const modes = ['continue', 'fill', 'chat', 'edit'] as const satisfies readonly Mode[];

  return (
    <div className="prompt">
      <Ruled group="mode">
        <div className="field mode">
          <Segments
            label={m.controls.mode}
            options={modes}
            words={m.controls.modes}
            value={mode}
            onChoose={(one) => chooseMode(one)}
          />
          <Explain name="mode" />
        </div>
      </Ruled>
      {chatting && composer}
      {chatting && (
        <Ruled group="prompt">
          <SystemField />
        </Ruled>
      )}
      {!chatting && rule !== 'hidden' && (
        <>
          <label className="hidden" htmlFor={id}>
            {m.controls.prompt[mode]}
          </label>
          <textarea
            id={id}
            className={PROMPT_BOX}
            {...WRITTEN}
            rows={3}
            disabled={rule === 'locked'}
            aria-describedby={rule === 'locked' ? `${id}-locked` : undefined}
            spellCheck={false}
            placeholder={m.controls.prompt[mode]}
            value={prompt}
            onChange={(event) => fitting.change(event.target.value)}
          />
          {rule === 'locked' && (
            <p className="note" id={`${id}-locked`}>
              <Locked />
            </p>
          )}
          {fitting.said}
        </>
      )}
    </div>
  );
}

/** The text before the conversation; the message itself is written under the sheet. */
function SystemField() {
  const system = useSettings((state) => state.settings.system);
  const fitting = useFitting(MOST_TEXT, (text) => setSetting('system', text));
  const id = useId();
  return (
    <details className="more system" open={system !== ''}>
      <summary>
        {m.chat.system}
        <Icon name="down" />
      </summary>
      <label className="hidden" htmlFor={id}>
        {m.chat.system}
      </label>
      <textarea
        id={id}
        rows={3}
        spellCheck={false}
        value={system}
        aria-describedby={`${id}-help`}
        onChange={(event) => fitting.change(event.target.value)}
      />
      {fitting.said}
      <p className="note" id={`${id}-help`}>
        {m.chat.systemHelp}
      </p>
    </details>
  );
}
