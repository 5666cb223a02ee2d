/**
 * GPT-2 as transformers.js runs it (ONNX Runtime, on WebGPU or WebAssembly), asked one token at a time. The keys and
 * values are its own: what a pass returns as `present.*` goes into the next one as `past_key_values.*`, so a text that
 * goes on costs one token a pass. It gives the logits; the token is drawn from them as everywhere in this program.
 */
import { env, GPT2LMHeadModel, Tensor } from '@huggingface/transformers';
import type { FileSource } from '../checkpoint/model.ts';
import { commonPrefix } from '../diffusion/cache.ts';
import { checkPredict } from '../diffusion/check.ts';
import { decodeLogits } from '../diffusion/decode.ts';
import { UnmaskError } from '../diffusion/error.ts';
import type { DrawnSequence, Network, NetworkInfo, Prediction, PredictOptions } from '../diffusion/network.ts';
import { FOLDER, type Gpt2Config, type Weights } from './formats.ts';

export type Device = 'webgpu' | 'wasm';

/** Can be asked for the token after a text, and for nothing else. */
export interface Gpt2 extends Pick<Network, 'info' | 'predict'> {
  dispose(): Promise<void>;
}

type Tensors = Record<string, Tensor>;

/** Nothing is fetched from here: all files come from the store. */
const NOWHERE = 'https://stored.invalid/';

/** Throws what ONNX Runtime throws for a graph it cannot run. */
export async function openGpt2(
  source: FileSource,
  { vocabSize, maxLength, end }: Gpt2Config,
  { format, graph, chunks }: Weights,
  device: Device,
): Promise<Gpt2> {
  serveFrom(source);
  const model = await GPT2LMHeadModel.from_pretrained('stored/gpt2', {
    dtype: format,
    device,
    subfolder: FOLDER,
    model_file_name: graph,
    use_external_data_format: chunks,
  });
  let past: { readonly ids: Int32Array; readonly tensors: Tensors } | undefined;

  async function next(sequence: DrawnSequence, options: PredictOptions): Promise<Prediction> {
    const { ids, asked } = sequence;
    if (asked.length !== 1 || asked[0] !== ids.length) throw onlyNext();
    const goesOn =
      past !== undefined && past.ids.length < ids.length && commonPrefix(past.ids, ids) === past.ids.length;
    const before = past;
    past = undefined; // after a pass that failed nothing is known
    if (!goesOn) release(before?.tensors, {});
    const read = goesOn ? (before?.ids.length ?? 0) : 0;
    const answer = (await model.forward({
      input_ids: integers(ids.subarray(read)),
      attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), [1, ids.length]),
      num_logits_to_keep: new Tensor('int64', [1n], []), // taken by graphs that know it
      ...(goesOn ? { past_key_values: before?.tensors } : {}),
    })) as Tensors & { logits: Tensor };
    const tensors = Object.fromEntries(
      Object.entries(answer).flatMap(([name, tensor]) =>
        name.startsWith('present') ? [[name.replace('present', 'past_key_values'), tensor]] : [],
      ),
    );
    if (goesOn) release(before?.tensors, tensors);
    past = { ids: ids.slice(), tensors };
    const logits = answer.logits.to('float32').data as Float32Array;
    return decodeLogits(logits.slice(-vocabSize), undefined, sequence, options, {
      forwards: 1,
      rows: ids.length - read,
    });
  }

  const info: NetworkInfo = { vocabSize, maxLength, maskId: undefined, endIds: [end], causal: true, logitShift: 1 };
  return {
    info,
    async predict(batch, options) {
      checkPredict(batch, options, info);
      const answers: Prediction[] = [];
      for (const sequence of batch) answers.push(await next(sequence, options));
      return answers;
    },
    async dispose() {
      release(past?.tensors, {});
      past = undefined;
      await model.dispose();
    },
  };
}

function onlyNext(): UnmaskError {
  const message = 'GPT-2 gives its guess for the token after the text, and for no other.';
  return new UnmaskError({ code: 'settings', message, remedy: 'Ask for the slot after the text.' });
}

/** Frees what lies on the card and is not used any more. */
function release(old: Tensors = {}, kept: Tensors): void {
  const used = new Set(Object.values(kept));
  for (const tensor of Object.values(old)) {
    if (tensor.location === 'gpu-buffer' && !used.has(tensor)) tensor.dispose();
  }
}

function integers(ids: Int32Array): Tensor {
  return new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
}

/** Has transformers.js read its files from the store: downloading, checking and keeping them is not left to it. */
function serveFrom(source: FileSource): void {
  env.remoteHost = NOWHERE;
  env.remotePathTemplate = 'files/';
  env.allowLocalModels = false;
  env.useBrowserCache = false;
  env.useWasmCache = false;
  // Its own address of ONNX Runtime is a server elsewhere; without one it is looked for beside the script.
  const { wasm } = env.backends.onnx;
  if (wasm) {
    delete wasm.wasmPaths;
    wasm.numThreads = 1; // threads need a page of special headers
  }
  env.fetch = async (url: string | URL) => {
    const name = String(url).slice(`${NOWHERE}files/`.length);
    const bytes = await source.readAll(name);
    return bytes instanceof Uint8Array ? new Response(bytes as BodyInit) : new Response(null, { status: 404 });
  };
}
