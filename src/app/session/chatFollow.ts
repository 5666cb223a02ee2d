/** Keeps mode, settings and conversation together with the model that is loaded and the run that is on the sheet. */
import { inMode } from '../../diffusion/chat-defaults.ts';
import { MISTAKEN } from '../../diffusion/openings.ts';
import { defaultSettings, type Mode } from '../../diffusion/settings.ts';
import { CHAT, EDITOR, FIRST } from '../../diffusion/shipped.ts';
import type { Trace } from '../../diffusion/trace.ts';
import { isShipped, useCompute } from './compute.ts';
import { clearRun, useRun } from './run.ts';
import { setSettings, useSettings } from './settings.ts';

const EXAMPLE = defaultSettings().prompt;
const EXAMPLES: readonly string[] = ['', EXAMPLE, MISTAKEN];

/**
 * Another mode, with the settings it begins with where nobody has chosen others, and a model that can do it: `named` where one
 * is named. `was` is the model whose settings these are, where another has just been loaded.
 */
export function chooseMode(mode: Mode, named?: string, was?: string): void {
  const { settings } = useSettings.getState();
  if (mode === settings.mode) return;
  const { prompt, model } = settings;
  // An example is no question, and an empty box no text to go on from.
  const example = mode === 'chat' ? '' : mode === 'edit' ? MISTAKEN : EXAMPLE;
  const text = EXAMPLES.includes(prompt) ? example : prompt;
  const next = named ?? modelFor(mode, model);
  setSettings({ ...inMode({ ...settings, model: was ?? model }, mode, next), prompt: text });
  const { trace, status } = useRun.getState();
  if (mode === 'chat' && trace && trace.settings.mode !== 'chat' && status === 'idle') clearRun();
}

/** What wrote before one that chats or edits was fetched. */
let writer = FIRST;

/** Chatting and editing bring the models that ship for them, where the one in use cannot; writing brings back the one before. */
function modelFor(mode: Mode, model: string): string {
  const comes = mode === 'chat' ? CHAT : mode === 'edit' ? EDITOR : undefined;
  const writes = model !== CHAT && model !== EDITOR;
  if (comes === undefined) return writes ? model : writer;
  const here = useCompute.getState().model;
  const does = here === undefined || (mode === 'chat' ? here.chat : here.edits === true);
  const able = isShipped(model) ? model === comes : does;
  if (able) return model;
  if (writes) writer = model;
  return comes;
}

/**
 * A model that somebody loads is for what it was trained to do, chatting or editing. Links are left as they are, unless they
 * ask a model that edits to go on with a text, which it cannot.
 */
export function followModelKind(): () => void {
  let last = useCompute.getState().model;
  return useCompute.subscribe(({ model, lent }) => {
    // What a view has for its own time changes nothing here.
    if (!model || model === last || model.id === lent) return;
    const before = last;
    last = model;
    const { settings, linked, moment } = useSettings.getState();
    const { mode, process } = settings;
    if (linked && !moment && model.edits && mode === 'continue' && process !== 'edits')
      chooseMode('edit', settings.model);
    if (linked || !before || before.id === model.id) return;
    const fits = {
      chat: model.chat,
      edit: model.edits,
      fill: true,
      continue: model.edits ? process === 'edits' : !model.chat,
    };
    if (!fits[mode]) chooseMode(model.chat ? 'chat' : model.edits ? 'edit' : 'continue', undefined, before.id);
    else setSettings(inMode({ ...settings, model: before.id }, mode, settings.model));
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
