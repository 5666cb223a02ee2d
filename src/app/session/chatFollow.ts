/** Keeps mode, settings and conversation together with the model that is loaded and the run that is on the sheet. */
import { inMode } from '../../diffusion/chat-defaults.ts';
import { MISTAKEN } from '../../diffusion/openings.ts';
import { defaultSettings, type Mode } from '../../diffusion/settings.ts';
import { EDITOR, FIRST } from '../../diffusion/shipped.ts';
import type { Trace } from '../../diffusion/trace.ts';
import { isShipped, useCompute } from './compute.ts';
import { clearRun, useRun } from './run.ts';
import { setSettings, useSettings } from './settings.ts';

const EXAMPLE = defaultSettings().prompt;
const EXAMPLES: readonly string[] = ['', EXAMPLE, MISTAKEN];

/**
 * Another mode, with the settings it begins with where nobody has chosen others, and a model that can do it: `model` where one
 * is named.
 */
export function chooseMode(mode: Mode, model?: string): void {
  const { settings } = useSettings.getState();
  if (mode === settings.mode) return;
  const { prompt } = settings;
  // An example is no question, and an empty box no text to go on from.
  const example = mode === 'chat' ? '' : mode === 'edit' ? MISTAKEN : EXAMPLE;
  const text = EXAMPLES.includes(prompt) ? example : prompt;
  setSettings({ ...inMode(settings, mode), prompt: text, model: model ?? modelFor(mode, settings.model) });
  const { trace, status } = useRun.getState();
  if (mode === 'chat' && trace && trace.settings.mode !== 'chat' && status === 'idle') clearRun();
}

/** Editing brings the model that ships for it, where the one in use cannot; anything else takes it away again. */
function modelFor(mode: Mode, model: string): string {
  if (mode !== 'edit') return model === EDITOR ? FIRST : model;
  const here = useCompute.getState().model;
  const edits = isShipped(model) ? model === EDITOR : here === undefined || here.edits === true;
  return edits ? model : EDITOR;
}

/** A model that somebody loads is for what it was trained to do, chatting or editing. Links are left as they are. */
export function followModelKind(): () => void {
  let last = useCompute.getState().model;
  return useCompute.subscribe(({ model, lent }) => {
    // What a view has for its own time changes nothing here.
    if (!model || model === last || model.id === lent) return;
    const before = last;
    last = model;
    const { settings, linked } = useSettings.getState();
    if (linked || !before || before.id === model.id) return;
    const { mode, process } = settings;
    if (model.chat && mode === 'continue') chooseMode('chat');
    else if (model.edits && mode === 'continue' && process !== 'edits') chooseMode('edit');
    else if (mode === 'chat' ? !model.chat : mode === 'edit' && !model.edits) chooseMode('continue');
  });
}

const sameTalk = (a: Trace | undefined, b: Trace) =>
  a?.settings.prompt === b.settings.prompt && a.settings.turns === b.settings.turns;

/** Undo, another branch or a file may bring back the answer to another question; then that is the conversation again. */
export function followTrace(): () => void {
  return useRun.subscribe(({ trace, status, source }, { trace: before }) => {
    if (!trace || trace === before || status !== 'idle' || trace.settings.mode !== 'chat' || sameTalk(before, trace)) {
      return;
    }
    const { settings, linked } = useSettings.getState();
    const opened = source === 'opened' && useCompute.getState().model?.chat === true;
    if (linked || (settings.mode !== 'chat' && !opened)) return;
    // After a reload a turn may have been deleted since the answer was written.
    if (!before && source === 'restored' && settings.prompt === trace.settings.prompt) return;
    const { prompt, turns, system, mode } = trace.settings;
    setSettings({ prompt, turns, system, mode });
  });
}
