/** What the person writes: the mode, the text, and for fill-in a button that turns words into masks. */

import { useId, useRef } from 'react';
import { MOST_TEXT, type Mode } from '../../../diffusion/settings.ts';
import { openingText, SHELF } from '../../../diffusion/shelf.ts';
import { EDITOR } from '../../../diffusion/shipped.ts';
import { Explain } from '../../fields/Explain.tsx';
import { useFitting } from '../../fields/fitting.tsx';
import { Icon } from '../../fields/Icon.tsx';
import { Locked, Ruled } from '../../fields/Ruled.tsx';
import { Segments } from '../../fields/Segments.tsx';
import { m } from '../../messages/index.ts';
import { useCausal } from '../../session/asWritten.ts';
import { useChatting } from '../../session/chat.ts';
import { chooseMode } from '../../session/chatFollow.ts';
import { compute, useCompute, useMaskText } from '../../session/compute.ts';
import { useSettingRule } from '../../session/lesson.ts';
import { setSetting, useSettings } from '../../session/settings.ts';
import { masksToWrite } from '../../trace/layout.ts';
import { notEnglish } from '../../trace/not-english.ts';
import { WRITTEN } from '../../trace/words.ts';
import { PromptLength } from './PromptLength.tsx';

/** The class of the box that the prompt is written in. */
export const PROMPT_BOX = 'prompt-box';

export function PromptField() {
  const settings = useSettings((state) => state.settings);
  const model = useCompute((state) => state.model?.id);
  const causal = useCausal();
  const mask = useMaskText();
  const box = useRef<HTMLTextAreaElement>(null);
  const rule = useSettingRule('prompt');
  const id = useId();
  const { mode, prompt } = settings;
  const fitting = useFitting(MOST_TEXT, (text) => setSetting('prompt', text));
  const chatting = useChatting();
  const modes = ['continue', 'fill', 'chat', 'edit'] as const satisfies readonly Mode[];

  const insertMask = async () => {
    const area = box.current;
    if (!area) return;
    const { start, end, chosen } = wordsAt(prompt, area.selectionStart, area.selectionEnd);
    const count = chosen.trim() && useCompute.getState().status === 'ready' ? await tokensIn(chosen) : 1;
    // Who has gone on writing meanwhile keeps what was written.
    if (useSettings.getState().settings.prompt !== prompt) return;
    const masks = mask.repeat(count);
    setSetting('prompt', prompt.slice(0, start) + masks + prompt.slice(end));
    requestAnimationFrame(() => {
      area.focus();
      area.setSelectionRange(start + masks.length, start + masks.length);
    });
  };

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
            ref={box}
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
          <PromptLength />
          {!model?.includes('/') && notEnglish(prompt) && <p className="note">{m.controls.otherScript}</p>}
          {mode === 'edit' && settings.model === EDITOR && <p className="note">{m.controls.editLimits}</p>}
        </>
      )}
      {mode === 'chat' && !chatting && (
        <div className="notice warn" role="status">
          <p>
            {m.chat.noTemplate(model ?? '')}
            <button type="button" onClick={() => chooseMode('continue')}>
              {m.chat.goOnInstead}
            </button>
          </p>
        </div>
      )}
      {mode === 'fill' && causal && (
        <div className="notice warn" role="status">
          <p>
            {m.controls.cannotFill(model ?? '')}
            <button type="button" onClick={() => chooseMode('continue')}>
              {m.chat.goOnInstead}
            </button>
          </p>
        </div>
      )}
      {mode === 'fill' && !causal && rule === 'free' && (
        <div className="masking">
          <div className="masking-buttons">
            <button
              type="button"
              className="outline"
              onClick={() => void insertMask()}
              title={m.controls.insertMaskHelp}
            >
              <i className="hatch" aria-hidden="true" />
              {m.controls.insertMask}
            </button>
            {masksToWrite(settings, mask) === 0 && (
              <button type="button" className="quiet" onClick={() => setSetting('prompt', openingText(SHELF[0], mask))}>
                {m.controls.useExample}
              </button>
            )}
          </div>
          <p className="note">
            {masksToWrite(settings, mask) === 0 ? m.controls.noMasks(mask) : m.controls.fillHelp(mask)}
          </p>
        </div>
      )}
    </div>
  );
}

/** The selection together with the space before it, which belongs to the token: the model writes that space itself. */
function wordsAt(text: string, from: number, to: number): { start: number; end: number; chosen: string } {
  const trailing = /\s*$/.exec(text.slice(from, to))?.[0].length ?? 0;
  const end = from === to ? to : to - trailing;
  const start = text[from - 1] === ' ' ? from - 1 : from;
  return { start, end, chosen: text.slice(start, end) };
}

async function tokensIn(text: string): Promise<number> {
  try {
    const { ids } = await (await compute()).tokenize(text);
    return Math.max(1, ids.length);
  } catch {
    return 1;
  }
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
