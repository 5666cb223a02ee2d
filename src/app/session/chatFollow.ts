/** Keeps mode, settings and conversation together with the model that is loaded and the run that is on the sheet. */
import { inMode } from '../../diffusion/chat-defaults.ts';
import { defaultSettings, type Mode } from '../../diffusion/settings.ts';
import { CHAT, FIRST } from '../../diffusion/shipped.ts';
import type { Trace } from '../../diffusion/trace.ts';
import { isShipped, useCompute } from './compute.ts';
import { clearRun, useRun } from './run.ts';
import { setSettings, useSettings } from './settings.ts';

const EXAMPLE = defaultSettings().prompt;

/** What wrote before the small chat model was fetched. */
let writer = FIRST;

/**
 * Another mode, with the settings it begins with where nobody has chosen others. Where the model cannot chat the small one
 * that ships is fetched, and where that one is to do something else, the one that wrote before it. `was` is the model whose
 * settings these are.
 */
export function chooseMode(mode: Mode, was?: string): void {
  const { settings } = useSettings.getState();
  if (mode === settings.mode) return;
  const { prompt, model } = settings;
  const { model: here } = useCompute.getState();
  const cannot = here ? !here.chat : isShipped(model);
  const next = mode !== 'chat' ? (model === CHAT ? writer : model) : cannot ? CHAT : model;
  if (next === CHAT && model !== CHAT) writer = model;
  // The example is no question, and an empty box no text to go on from.
  const text = mode === 'chat' ? (prompt === EXAMPLE ? '' : prompt) : prompt || EXAMPLE;
  setSettings({ ...inMode({ ...settings, model: was ?? model }, mode, next), prompt: text });
  const { trace, status } = useRun.getState();
  if (mode === 'chat' && trace && trace.settings.mode !== 'chat' && status === 'idle') clearRun();
}

/** A chat model that somebody loads is for chatting; one that is not trained to is not. Links are left as they are. */
export function followModelKind(): () => void {
  let last = useCompute.getState().model;
  return useCompute.subscribe(({ model }) => {
    if (!model || model === last) return;
    const before = last;
    last = model;
    const { settings, linked } = useSettings.getState();
    if (linked || !before || before.id === model.id) return;
    if (model.chat && settings.mode === 'continue') chooseMode('chat', before.id);
    else if (!model.chat && settings.mode === 'chat') chooseMode('continue', before.id);
    else if (settings.mode === 'chat') setSettings(inMode({ ...settings, model: before.id }, 'chat', settings.model));
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
