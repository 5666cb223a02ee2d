/**
 * GPT-2 as transformers.js runs it (ONNX Runtime, on WebGPU or WebAssembly), asked one token at a time. The keys and
 * values are its own: what a pass returns as `present.*` goes into the next one as `past_key_values.*`, so a text that
 * goes on costs one token a pass. It gives the logits; the token is drawn from them as everywhere in this program.
 */
import { env, GPT2LMHeadModel, Tensor } from '@huggingface/transformers';
import type { FileSource } from '../checkpoint/model.ts';
import { type Autoregressor, checkNext, commonPrefix } from '../diffusion/autoregressor.ts';
import { decodeLogits } from '../diffusion/decode.ts';
import { FOLDER, type Gpt2Config, type Weights } from './formats.ts';

export type Device = 'webgpu' | 'wasm';

export interface Gpt2 extends Pick<Autoregressor, 'vocabSize' | 'maxLength' | 'next'> {
  dispose(): Promise<void>;
}

type Tensors = Record<string, Tensor>;

/** Nothing is fetched from here: all files come from the store. */
const NOWHERE = 'https://stored.invalid/';

/** Throws what ONNX Runtime throws for a graph it cannot run. */
export async function openGpt2(
  source: FileSource,
  { vocabSize, maxLength }: Gpt2Config,
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

  async function next(request: Parameters<Gpt2['next']>[0]) {
    const { ids } = request;
    const asked = checkNext(request, { vocabSize, maxLength });
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
    return decodeLogits(logits.slice(-vocabSize), undefined, asked, { forwards: 1, rows: ids.length - read });
  }

  return {
    vocabSize,
    maxLength,
    next,
    async dispose() {
      release(past?.tensors, {});
      past = undefined;
      await model.dispose();
    },
  };
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
