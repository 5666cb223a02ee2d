/** The sentence as the model's tokens. The shipped one is known beforehand; any other waits for the model's tokenizer. */
import { useEffect, useState } from 'react';
import { type ErrorData, UnmaskError } from '../../../diffusion/error.ts';
import { compute, loadModel, useCompute } from '../../session/compute.ts';
import { MEASURED } from './measured.ts';

export interface Tokens {
  readonly text: string;
  readonly ids: readonly number[];
  readonly pieces: readonly string[];
}

const SHIPPED: Tokens = MEASURED;
/** Typing is not followed letter by letter. */
const PAUSE = 150;

export function useTokens(text: string): { tokens: Tokens | undefined; error: ErrorData | undefined } {
  const model = useCompute((state) => (state.status === 'ready' ? state.model?.id : undefined));
  const [tokens, setTokens] = useState<Tokens | undefined>(text === SHIPPED.text ? SHIPPED : undefined);
  const [error, setError] = useState<ErrorData>();

  useEffect(() => {
    let stale = false;
    const known = text === SHIPPED.text && (model === undefined || model === MEASURED.recipe.model);
    if (known) setTokens(SHIPPED);
    const timer = setTimeout(() => {
      if (known) return;
      read(text).then(
        (found) => {
          if (stale) return;
          setTokens(found);
          setError(undefined);
        },
        (cause: unknown) => !stale && setError(UnmaskError.from(cause).toJSON()),
      );
    }, PAUSE);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [text, model]);

  return { tokens, error };
}

async function read(text: string): Promise<Tokens> {
  await loadModel();
  return { text, ...(await (await compute()).tokenize(text)) };
}
