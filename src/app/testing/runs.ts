/** Runs for tests: a table in the place of the network, the real generation loop, and a Compute made of both. */
import { type Canvas, continueCanvas } from '../../diffusion/canvas.ts';
import { generate } from '../../diffusion/generate.ts';
import { defaultSettings, type Settings } from '../../diffusion/settings.ts';
import { hashNetwork, MASK, VOCABULARY } from '../../diffusion/testing/arbitrary.ts';
import type { Trace } from '../../diffusion/trace.ts';
import type { Compute, LoadedModel } from '../../worker/protocol.ts';
import { beginTrace, withStep } from '../trace/record.ts';

export const LENGTH = 8;
const PROMPT = [1, 2];
export const PIECES = Object.fromEntries(Array.from({ length: VOCABULARY }, (_, id) => [id, ` w${id}`]));

export const settings = (change: Partial<Settings> = {}): Settings => ({
  ...defaultSettings(),
  length: LENGTH,
  steps: 4,
  ...change,
});

export const model: LoadedModel = {
  id: 'stories',
  parameters: 9,
  vocabSize: VOCABULARY,
  maxLength: 64,
  maskId: MASK,
  modelType: 'modernbert',
  maskText: '[MASK]',
  causal: false,
  chat: false,
  device: { backend: 'cpu', device: 'a table', software: true, notice: undefined },
};

const startCanvas = (length: number): Canvas => continueCanvas(PROMPT, length, MASK);

/** A whole run of two tokens of prompt and `length` masks. */
export async function recordedTrace(change: Partial<Settings> = {}): Promise<Trace> {
  const asked = settings(change);
  const start = startCanvas(asked.length);
  let trace = beginTrace(asked, model, start, PIECES);
  for await (const step of generate(hashNetwork(1), start, asked)) trace = withStep(trace, step, {});
  return trace;
}

/** A Compute in this thread. `breath` is awaited before each step, so that tests can act in the middle of a run. */
export function tableCompute(
  breath: () => Promise<void> = async () => undefined,
): Pick<Compute, 'generate'> & { readonly runs: Settings[] } {
  const runs: Settings[] = [];
  return {
    runs,
    async *generate(request, signal) {
      runs.push(request.settings);
      const start = request.from?.canvas ?? startCanvas(request.settings.length);
      yield { kind: 'started', start, pieces: PIECES };
      const options = { cursor: request.from?.cursor, writtenLogProbs: request.from?.writtenLogProbs, signal };
      for await (const step of generate(hashNetwork(1), start, request.settings, options)) {
        yield { kind: 'step', step, pieces: {} };
        await breath();
      }
      return { stopped: signal?.aborted ?? false };
    },
  };
}
