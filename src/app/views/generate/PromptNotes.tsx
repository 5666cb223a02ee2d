/**
 * What there is to say and to do about the prompt. Beside the canvas it stands below Generate, so that its coming and going
 * leaves the button in its place.
 */
import { openingText, SHELF } from '../../../diffusion/shelf.ts';
import { EDITOR } from '../../../diffusion/shipped.ts';
import { m } from '../../messages/index.ts';
import { useCausal } from '../../session/asWritten.ts';
import { useChatting } from '../../session/chat.ts';
import { chooseMode } from '../../session/chatFollow.ts';
import { compute, useCompute, useMaskText } from '../../session/compute.ts';
import { useSettingRule } from '../../session/lesson.ts';
import { setSetting, useSettings } from '../../session/settings.ts';
import { masksToWrite } from '../../trace/layout.ts';
import { notEnglish } from '../../trace/not-english.ts';
import { PROMPT_BOX } from './PromptField.tsx';
import { PromptLength } from './PromptLength.tsx';

export function PromptNotes() {
  const settings = useSettings((state) => state.settings);
  const model = useCompute((state) => state.model?.id);
  const causal = useCausal();
  const mask = useMaskText();
  const rule = useSettingRule('prompt');
  const chatting = useChatting();
  const { mode, prompt } = settings;
  return (
    <div className="prompt-notes">
      {!chatting && rule !== 'hidden' && (
        <>
          <PromptLength />
          {!model?.includes('/') && notEnglish(prompt) && <p className="note">{m.controls.otherScript}</p>}
          {mode === 'edit' && settings.model === EDITOR && <p className="note">{m.controls.editLimits}</p>}
        </>
      )}
      {mode === 'chat' && !chatting && <Refused why={m.chat.noTemplate(model ?? '')} />}
      {mode === 'fill' && causal && <Refused why={m.controls.cannotFill(model ?? '')} />}
      {mode === 'fill' && !causal && rule === 'free' && (
        <div className="masking">
          <div className="masking-buttons">
            <button
              type="button"
              className="outline"
              onClick={() => void insertMask(prompt, mask)}
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

/** Why the model cannot do what the mode asks, and the way on. */
function Refused({ why }: { readonly why: string }) {
  return (
    <div className="notice warn" role="status">
      <p>
        {why}
        <button type="button" onClick={() => chooseMode('continue')}>
          {m.chat.goOnInstead}
        </button>
      </p>
    </div>
  );
}

/** The button that turns words into masks. */
async function insertMask(prompt: string, mask: string): Promise<void> {
  const area = document.querySelector<HTMLTextAreaElement>(`.${PROMPT_BOX}`);
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
