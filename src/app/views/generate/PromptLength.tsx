/** That the prompt and what is to be written do not fit the model: its own limit, counted by its own tokenizer. */
import { useEffect, useState } from 'react';
import { newTokens } from '../../../diffusion/settings.ts';
import { m } from '../../messages/index.ts';
import { compute, useCompute } from '../../session/compute.ts';
import { useRun } from '../../session/run.ts';
import { useSettings } from '../../session/settings.ts';

/** Counting waits for a pause in the typing. */
const PAUSE = 300;
/** Tokens that one character can take: the four bytes of its UTF-8. */
const TOKENS_PER_CHARACTER = 4;

export function PromptLength() {
  const settings = useSettings((state) => state.settings);
  const model = useCompute((state) => (state.status === 'ready' ? state.model : undefined));
  const idle = useRun((state) => state.status === 'idle');
  const [tokens, setTokens] = useState<number>();
  const { prompt } = settings;
  const length = newTokens(settings);
  const most = model?.maxLength ?? Number.POSITIVE_INFINITY;
  const near = prompt.length * TOKENS_PER_CHARACTER + length > most;
  useEffect(() => {
    setTokens(undefined);
    if (!near || !idle) return undefined;
    let late = false;
    const count = async () => {
      const worker = await compute();
      for await (const { tokens: counted } of worker.run('countPrompt', { settings })) if (!late) setTokens(counted);
    };
    const timer = setTimeout(() => void count().catch(() => undefined), PAUSE);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [near, idle, settings]);
  if (tokens === undefined || !model || tokens + length <= most) return null;
  return (
    <p className="note warn" role="status">
      {m.controls.tooLong(tokens, length, most, model.id)}
    </p>
  );
}
