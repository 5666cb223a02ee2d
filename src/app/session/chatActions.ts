/** What people do in a chat. Every answer is a run of its own: the whole conversation is written down anew for it. */
import { TRAINED_TOKENS } from '../../diffusion/chat-defaults.ts';
import { formatTurns, parseTurns, type Turn } from '../../diffusion/conversation.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import { idleSettings } from '../../diffusion/idle-settings.ts';
import { canvasAt } from '../../diffusion/replay.ts';
import type { Settings } from '../../diffusion/settings.ts';
import type { Trace } from '../../diffusion/trace.ts';
import type { Reply } from '../../worker/protocol.ts';
import { answers, setDraft, useChat } from './chat.ts';
import { compute, loadModel, useCompute } from './compute.ts';
import { generated } from './current.ts';
import { newTextStart } from './drawnOrder.ts';
import { rememberRun } from './lastRun.ts';
import { clearRun, useRun } from './run.ts';
import { rollSeed, setSettings, useSettings } from './settings.ts';

const idle = () => useRun.getState().status === 'idle';

/** The reply on a chat's canvas as it stands at the end of its run. */
export async function readReply(trace: Trace): Promise<Reply | undefined> {
  const { ids } = canvasAt(trace, trace.steps.length);
  const worker = await compute();
  for await (const { reply } of worker.run('reply', { ids: Array.from(ids.subarray(newTextStart(trace))) }))
    return reply;
  return undefined;
}

/** The settings with which `text` would be asked: what is answered has become a turn. */
export async function asking(text: string): Promise<Settings> {
  const { settings } = useSettings.getState();
  const { trace } = useRun.getState();
  if (!answers(trace, settings)) return { ...settings, prompt: text };
  const { reply } = useChat.getState();
  const known = reply?.trace === trace ? reply : await readReply(trace);
  const turn = { question: settings.prompt, answer: known?.text ?? '' };
  return { ...settings, prompt: text, turns: formatTurns([...parseTurns(settings.turns), turn]) };
}

export async function countTokens(settings: Settings): Promise<number> {
  const worker = await compute();
  for await (const { tokens } of worker.run('countPrompt', { settings })) return tokens;
  return Number.NaN;
}

/** A template may refuse a conversation; then its words stand under the message. */
function tell(cause: unknown): undefined {
  useChat.setState({ tokens: undefined, trouble: UnmaskError.from(cause).toJSON() });
  return undefined;
}

/** Asks, and when that could not even begin, puts everything back as it was. */
async function ask(next: Partial<Settings>): Promise<boolean> {
  const { prompt, turns } = useSettings.getState().settings;
  setSettings(next);
  useChat.setState({ deleted: undefined });
  const { trace: before } = useRun.getState();
  await generated();
  const { trace } = useRun.getState();
  if (trace !== before && answers(trace, useSettings.getState().settings)) return true;
  setSettings({ prompt, turns });
  return false;
}

/** Sends what is written, if there is anything and it fits; what did not begin stays in the box. Asked twice it sends once. */
export async function send(): Promise<void> {
  if (!idle() || useChat.getState().sending) return;
  useChat.setState({ sending: true });
  try {
    await sendNow();
  } finally {
    useChat.setState({ sending: false });
  }
}

async function sendNow(): Promise<void> {
  const { settings } = useSettings.getState();
  const { trace } = useRun.getState();
  const fromDraft = answers(trace, settings);
  const text = (fromDraft ? useChat.getState().draft : settings.prompt).trim();
  if (text === '') return;
  const model = await loadModel().catch(() => undefined);
  if (!model) return;
  const counted = await asking(text)
    .then(async (next) => ({ next, tokens: await countTokens(next) }))
    .catch(tell);
  if (!counted) return;
  const { next, tokens } = counted;
  useChat.setState({ tokens, trouble: undefined });
  if (tokens + next.length > model.maxLength) return;
  if (fromDraft) setDraft('');
  if (!(await ask(next)) && fromDraft) setDraft(text);
}

/** For the key that generates: sends, or with nothing to send answers the question anew. */
export function sendOrRepeat(): void {
  const { settings } = useSettings.getState();
  const answered = answers(useRun.getState().trace, settings);
  if (answered && useChat.getState().draft.trim() === '') void ask({});
  else void send();
}

/** The last question in other words; its answer is written anew. */
export async function askInstead(text: string): Promise<void> {
  if (text.trim() !== '' && idle()) await ask({ prompt: text.trim() });
}

/** True when another seed would give the same answer. */
export function seedIsIdle(settings: Settings): boolean {
  return idleSettings(settings).some(({ setting }) => setting === 'seed');
}

export async function anotherAnswer(change: Partial<Settings> = {}): Promise<void> {
  if (idle()) await ask({ seed: rollSeed(), ...change });
}

export function newChat(): void {
  clearRun();
  setSettings({ prompt: '', turns: '' });
  setDraft('');
  useChat.setState({ deleted: undefined });
  rememberRun();
}

/** Takes the question on the sheet and its answer away; undo brings them back. */
export function removeLast(): void {
  clearRun();
  // What was being written is then the next question.
  setSettings({ prompt: useChat.getState().draft });
  setDraft('');
  rememberRun();
}

function keepTurns(kept: readonly Turn[], count: number): void {
  const { turns } = useSettings.getState().settings;
  useChat.setState(({ deleted }) => ({
    deleted: { turns: deleted?.turns ?? turns, count: (deleted?.count ?? 0) + count },
  }));
  setSettings({ turns: formatTurns(kept) });
}

export function removeTurn(at: number): void {
  const turns = parseTurns(useSettings.getState().settings.turns);
  keepTurns(turns.toSpliced(at, 1), 1);
}

export function bringBack(): void {
  const { deleted } = useChat.getState();
  if (deleted) setSettings({ turns: deleted.turns });
  useChat.setState({ deleted: undefined });
}

/** As few of the oldest turns as it takes for `text`, or the question on the sheet, to fit. */
export function dropOldest(text: string): Promise<void> {
  return drop(text).catch(tell);
}

async function drop(text: string): Promise<void> {
  const next = text === '' ? useSettings.getState().settings : await asking(text);
  const { model } = useCompute.getState();
  const most = model?.causal ? model.maxLength : Math.min(model?.maxLength ?? TRAINED_TOKENS, TRAINED_TOKENS);
  const earlier = parseTurns(useSettings.getState().settings.turns);
  const all = parseTurns(next.turns);
  let dropped = 0;
  while (dropped < earlier.length) {
    dropped++;
    const tokens = await countTokens({ ...next, turns: formatTurns(all.slice(dropped)) });
    if (tokens + next.length <= most) break;
  }
  if (dropped > 0) keepTurns(earlier.slice(dropped), dropped);
}

/** The conversation as plain text, for other programs. */
export function asText(words: { readonly you: string; readonly answer: string }): string {
  const { settings } = useSettings.getState();
  const { trace } = useRun.getState();
  const { reply } = useChat.getState();
  const turns = parseTurns(settings.turns);
  if (answers(trace, settings))
    turns.push({ question: settings.prompt, answer: reply?.trace === trace ? reply.text : '' });
  const said = turns.flatMap(({ question, answer }) => [
    `${words.you}: ${question.trim()}`,
    `${words.answer}: ${answer}`,
  ]);
  return [...(settings.system.trim() ? [settings.system.trim()] : []), ...said].join('\n\n');
}
