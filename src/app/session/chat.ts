/**
 * What the page holds of a chat besides the settings: the message being written, whether the prompt's tokens are shown,
 * how long the next prompt is, and the reply as it was cut. The conversation itself is in the settings (`turns`,
 * `prompt`, `system`), so that links, trace files and a reload have it.
 */
import { create } from 'zustand';
import { layoutOf } from '../../diffusion/blocks.ts';
import type { ErrorData } from '../../diffusion/error.ts';
import type { Settings } from '../../diffusion/settings.ts';
import type { Trace } from '../../diffusion/trace.ts';
import type { Reply } from '../../worker/protocol.ts';
import { beginnings, editsText } from '../trace/resume.ts';
import { type ComputeState, useCompute } from './compute.ts';
import { recall, remember } from './remember.ts';
import { useRun } from './run.ts';
import { useSettings } from './settings.ts';

export interface ChatState {
  readonly draft: string;
  readonly showPrompt: boolean;
  /** Of the prompt as it would be sent now; undefined until it was counted. */
  readonly tokens: number | undefined;
  /** A message is on its way: counted, and its answer not begun. */
  readonly sending: boolean;
  /** Why the message could not be counted or sent. */
  readonly trouble: ErrorData | undefined;
  readonly reply: (Reply & { readonly trace: Trace }) | undefined;
  /** The turns before some were deleted. */
  readonly deleted: { readonly turns: string; readonly count: number } | undefined;
}

export const useChat = create<ChatState>(() => ({
  draft: recall('chat', { draft: '' }).draft,
  showPrompt: false,
  tokens: undefined,
  sending: false,
  trouble: undefined,
  reply: undefined,
  deleted: undefined,
}));

export function setDraft(draft: string): void {
  useChat.setState({ draft });
  remember('chat', { draft });
}

const cannotChat = ({ status, model }: ComputeState) => status === 'ready' && model?.chat === false;

/** In mode chat, with a model that can (or one that is not there yet). */
export function isChatting(): boolean {
  return useSettings.getState().settings.mode === 'chat' && !cannotChat(useCompute.getState());
}

export function useChatting(): boolean {
  const chat = useSettings((state) => state.settings.mode === 'chat');
  return !useCompute(cannotChat) && chat;
}

/** True when the canvas on the sheet answers the question of the settings. */
export function answers(trace: Trace | undefined, { mode, prompt }: Settings): trace is Trace {
  return mode === 'chat' && trace?.settings.mode === 'chat' && trace.settings.prompt === prompt;
}

/** There is a question, and it has been answered or is being answered; otherwise it is still a message being written. */
export function useAsked(): boolean {
  const settings = useSettings((state) => state.settings);
  return useRun(({ trace, status }) => status !== 'idle' || answers(trace, settings));
}

/**
 * How many slots at the start of the canvas are not shown: of a chat, because the conversation above it says the same; of
 * edits the token that begins every text, which nobody wrote.
 */
export function foldedSlots(trace: Trace): number {
  if (editsText(trace.settings)) return beginnings(trace);
  if (trace.settings.mode !== 'chat' || !isChatting() || useChat.getState().showPrompt) return 0;
  return layoutOf(trace.start, trace.settings).start;
}
