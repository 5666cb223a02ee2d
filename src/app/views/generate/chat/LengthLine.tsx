/**
 * What the next message is up against: the longest canvas the model reads, and the shorter one it was trained on. Counted
 * by the model's own tokenizer on the very prompt that would be sent.
 */
import { useEffect } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { TRAINED_TOKENS } from '../../../../diffusion/chat-defaults.ts';
import { UnmaskError } from '../../../../diffusion/error.ts';
import { m } from '../../../messages/index.ts';
import { toldError } from '../../../messages/told.ts';
import { useCausal } from '../../../session/asWritten.ts';
import { useChat } from '../../../session/chat.ts';
import { asking, bringBack, countTokens, dropOldest } from '../../../session/chatActions.ts';
import { useCompute } from '../../../session/compute.ts';
import { useRun } from '../../../session/run.ts';
import { useSettings } from '../../../session/settings.ts';

/** Above this share of the training length a warning is due. */
const NEAR = 0.85;
/** Counting waits for a pause in the typing. */
const PAUSE = 250;

/** Keeps `tokens` of the chat state what `text` would be sent as, or the question on the sheet when there is none. */
function useCount(text: string): void {
  const settings = useSettings((state) => state.settings);
  const ready = useCompute((state) => state.status === 'ready' && state.model?.chat === true);
  const idle = useRun((state) => state.status === 'idle');
  useEffect(() => {
    if (!ready || !idle) return undefined;
    let late = false;
    const count = async () => {
      const tokens = await countTokens(text.trim() === '' ? settings : await asking(text));
      if (!late) useChat.setState({ tokens, trouble: undefined });
    };
    const refused = (cause: unknown) => {
      if (!late) useChat.setState({ tokens: undefined, trouble: UnmaskError.from(cause).toJSON() });
    };
    const timer = setTimeout(() => void count().catch(refused), PAUSE);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [text, settings, ready, idle]);
}

export function useTooLong(): boolean {
  const tokens = useChat((state) => state.tokens);
  const length = useSettings((state) => state.settings.length);
  const most = useCompute((state) => state.model?.maxLength ?? Number.POSITIVE_INFINITY);
  return tokens !== undefined && tokens + length > most;
}

export function LengthLine({ text }: { text: string }) {
  useCount(text);
  const tokens = useChat((state) => state.tokens);
  const { deleted, trouble } = useChat(useShallow(({ deleted, trouble }) => ({ deleted, trouble })));
  const model = useCompute((state) => state.model);
  const tooLong = useTooLong();
  // What dLLM trained is masked.
  const causal = useCausal();
  const { length, turns } = useSettings((state) => state.settings);
  const all = (tokens ?? 0) + length;
  const said =
    tooLong && model
      ? m.chat.tooLong(tokens ?? 0, length, model.maxLength, model.id)
      : !causal && all > TRAINED_TOKENS
        ? m.chat.pastTraining(all, TRAINED_TOKENS)
        : !causal && all > TRAINED_TOKENS * NEAR
          ? m.chat.nearTraining(all, TRAINED_TOKENS)
          : undefined;
  return (
    <>
      {trouble && (
        <p className="chat-line refused" role="alert">
          {toldError(trouble)}
        </p>
      )}
      {said && (
        <p className={tooLong ? 'chat-line refused' : 'chat-line'} role="status">
          {said}{' '}
          {turns !== '' ? (
            <button type="button" className="link" onClick={() => void dropOldest(text)}>
              {m.chat.dropOldest}
            </button>
          ) : (
            tooLong && m.chat.shorten
          )}
        </p>
      )}
      {deleted && (
        <p className="chat-line" role="status">
          {m.chat.removed(deleted.count)}{' '}
          <button type="button" className="link" onClick={bringBack}>
            {m.chat.bringBack}
          </button>
        </p>
      )}
    </>
  );
}
