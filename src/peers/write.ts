/** One text by GPT-2: loaded from the store, warmed up, then written token by token, each with its measured time. */

import { present } from '../checkpoint/damage.ts';
import type { Tokenizer } from '../checkpoint/model.ts';
import type { Store } from '../checkpoint/store/store.ts';
import { openTokenizer } from '../checkpoint/tokenizer.ts';
import { continueCanvas } from '../diffusion/canvas.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { generate } from '../diffusion/generate.ts';
import { writtenIdsIn } from '../diffusion/ops.ts';
import { autoregressive } from '../diffusion/processes/autoregressive.ts';
import type { Settings } from '../diffusion/settings.ts';
import type { Step } from '../diffusion/trace.ts';
import { said } from '../text/said.ts';
import { Pieces } from '../worker/pieces.ts';
import type { Written } from '../worker/protocol.ts';
import { yieldToEvents } from '../worker/yield.ts';
import { formatsIn, type Gpt2Config, parametersOf, parseGpt2, type Weights } from './formats.ts';
import type { Gpt2Model, WriteEvent } from './protocol.ts';
import { type Device, type Gpt2, openGpt2 } from './transformers.ts';

export interface LoadedGpt2 {
  readonly gpt2: Gpt2;
  readonly model: Gpt2Model;
  readonly config: Gpt2Config;
  readonly tokenizer: Tokenizer;
}

/** Throws `UnmaskError`: storage, checkpoint, tokenizer, device. */
export async function load(store: Store, key: string, device: Device, adapter: string): Promise<LoadedGpt2> {
  const source = await store.source(key);
  const item = await store.find(key);
  const weights = formatsIn(item?.files ?? [])[0] as Weights;
  const read = async (name: string) => present(await source.readAll(name), name, source);
  const config = parseGpt2(await read('config.json'));
  const tokenizer = openTokenizer(JSON.parse(new TextDecoder().decode(await read('tokenizer.json'))));
  try {
    const gpt2 = await openGpt2(source, config, weights, device);
    const facts = { backend: device, device: adapter, software: device === 'wasm', notice: undefined };
    const model = { id: source.label, parameters: parametersOf(config), maskId: undefined, device: facts };
    return { gpt2, model, config, tokenizer };
  } catch (cause) {
    const message = said`ONNX Runtime cannot run ${source.label} on ${device}: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new UnmaskError({ code: 'device', message, remedy: 'Choose another format of GPT-2.' }, { cause });
  }
}

/** Writes on from the prompt of the settings; undefined when aborted. Throws `UnmaskError` code `canvas`, `device`. */
export async function write(
  { gpt2, model, config, tokenizer }: LoadedGpt2,
  settings: Settings,
  signal: AbortSignal,
  tell: (event: WriteEvent) => void,
): Promise<Written | undefined> {
  const prompt = tokenizer.encode(settings.prompt);
  // It was trained on texts set apart by <|endoftext|>; without a prompt that is what it begins from.
  const before = prompt.length === 0 ? [config.end] : [];
  const length = before.length + prompt.length + settings.length;
  if (length > gpt2.info.maxLength) throw tooLong(length, gpt2.info.maxLength);
  const start = continueCanvas(prompt, settings.length, undefined);
  const pieces = new Pieces(tokenizer);
  tell({ kind: 'run', model, start, pieces: pieces.fresh(start.ids) });
  await warmUp(gpt2, before.length + prompt.length);
  const steps: Step[] = [];
  const process = autoregressive({ before, ends: [config.end] });
  for await (const step of generate(gpt2, start, settings, { process, signal })) {
    steps.push(step);
    tell({ kind: 'step', step, pieces: pieces.ofStep(step) });
    await yieldToEvents();
  }
  return signal.aborted ? undefined : resultOf(steps, config.end, tokenizer);
}

/** A pass over a text of this length and one that goes on from it, so that nothing is compiled while the clock runs. */
async function warmUp(gpt2: Gpt2, length: number): Promise<void> {
  const draw = { seed: 0, step: 0, temperature: 0 };
  for (const tokens of [length, length + 1]) {
    if (tokens > gpt2.info.maxLength) continue;
    await gpt2.predict([{ ids: new Int32Array(tokens), asked: Int32Array.of(tokens), draw }], { topK: 1 });
  }
}

function resultOf(steps: readonly Step[], end: number, tokenizer: Tokenizer): Written {
  const written = steps.flatMap(writtenIdsIn);
  const ids = written.at(-1) === end ? written.slice(0, -1) : written;
  const sum = (of: (step: Step) => number) => steps.reduce((all, step) => all + of(step), 0);
  return {
    ids,
    text: tokenizer.decode(ids),
    logProbs: [],
    steps: steps.length,
    forwards: sum(({ forwards }) => forwards),
    written: written.length,
    milliseconds: sum(({ milliseconds }) => milliseconds),
  };
}

/** The canvas as GPT-2 reads it must fit its positions. */
function tooLong(length: number, most: number): UnmaskError {
  const message = said`Prompt and new text have ${length} tokens together, but GPT-2 reads at most ${most}.`;
  return new UnmaskError({ code: 'canvas', message, remedy: 'Shorten the prompt or ask for fewer tokens.' });
}
