/**
 * A causal model beside what transformers says of it: the likeliest next tokens after some texts, and the greedy answers
 * to some questions, with our own tokenizer, chat template, engine and loop.
 * `npm run check-causal -- --model DIR --reference FILE [--backend fallback]`, where tools/smollm2/reference.py made FILE.
 * Fails where a log-probability is off by more than 0.02 or a token differs.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openModel } from '../src/checkpoint/open.ts';
import { canvasFor } from '../src/checkpoint/prompt.ts';
import { replyOf } from '../src/checkpoint/reply.ts';
import { openSlots } from '../src/diffusion/canvas.ts';
import { generate } from '../src/diffusion/generate.ts';
import { predictOne } from '../src/diffusion/network.ts';
import { writtenIdsIn } from '../src/diffusion/ops.ts';
import { appending } from '../src/diffusion/processes/autoregressive.ts';
import { defaultSettings } from '../src/diffusion/settings.ts';
import { openDevice } from '../src/engine/device.ts';
import { Engine } from '../src/engine/engine.ts';
import { getGpu } from '../src/node/dawn.ts';
import { folderSource } from '../src/node/folder.ts';
import { openFallbackBackend } from '../src/worker/fallback.ts';

interface Reference {
  readonly source: string;
  readonly next: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly top: readonly number[];
    readonly logProbs: readonly number[];
  }[];
  readonly answers: readonly {
    readonly question: string;
    readonly ids: readonly number[];
    readonly answer: readonly number[];
    readonly text: string;
    readonly length: number;
  }[];
}

const MOST_OFF = 0.02;

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    reference: { type: 'string' },
    backend: { type: 'string', default: 'webgpu' },
  },
});
if (values.model === undefined || values.reference === undefined) {
  console.error('Give --model DIR and --reference FILE.');
  process.exit(2);
}
const reference = JSON.parse(await readFile(values.reference, 'utf8')) as Reference;
const model = await openModel(await folderSource(values.model), { id: values.model });
const { network, device, close } = await opened();
let failures = 0;
console.log(`${model.id} on ${device}; beside ${reference.source}`);

let worst = 0;
for (const { text, ids, top, logProbs } of reference.next) {
  check(`ids of ${JSON.stringify(text)}`, model.tokenizer.encode(text), ids);
  const asked = Int32Array.of(ids.length);
  const draw = { seed: 0, step: 0, temperature: 0 };
  const answer = await predictOne(network, { ids: Int32Array.from(ids), asked, draw }, { topK: top.length });
  const off = Math.max(...logProbs.map((logProb, at) => Math.abs(logProb - (answer.topLogProbs[at] as number))));
  worst = Math.max(worst, off);
  check(`${top.length} likeliest after ${JSON.stringify(text)}`, [...answer.topIds], top);
  console.log(`  log-probabilities at most ${off.toExponential(1)} off`);
  if (!(off <= MOST_OFF)) failures++;
}
for (const { question, ids, answer, text, length } of reference.answers) {
  const settings = appending({ ...defaultSettings(), mode: 'chat', prompt: question, length, temperature: 0 });
  const start = canvasFor(settings, model.tokenizer, model.arch, model.chatTemplate);
  check(`prompt of ${JSON.stringify(question)}`, [...start.ids.subarray(0, openSlots(start)[0])], ids);
  const began = performance.now();
  const written: number[] = [];
  let rows = 0;
  for await (const step of generate(network, start, settings)) {
    const { prediction } = step;
    written.push(...writtenIdsIn(step));
    rows += prediction.rows;
  }
  const seconds = (performance.now() - began) / 1000;
  check(`answer to ${JSON.stringify(question)}`, written, answer);
  check('  its text', replyOf(written, model).text, text);
  console.log(
    `  ${written.length} tokens in ${seconds.toFixed(1)} s, ${rows} rows for ${ids.length} + ${written.length}`,
  );
}
console.log(failures === 0 ? `all the same, log-probabilities within ${worst.toExponential(1)}` : `${failures} differ`);
close();
process.exitCode = failures === 0 ? 0 : 1;

function check(what: string, own: unknown, other: unknown): void {
  const same = JSON.stringify(own) === JSON.stringify(other);
  console.log(`${same ? 'same ' : 'OTHER'} ${what}`);
  if (same) return;
  failures++;
  console.log(`  ours:   ${JSON.stringify(own)}\n  theirs: ${JSON.stringify(other)}`);
}

async function opened() {
  if (values.backend === 'fallback') {
    const backend = await openFallbackBackend(model, { like: 'wasm' });
    return { network: backend.network, device: backend.device, close: () => backend.dispose() };
  }
  const gpu = await openDevice(await getGpu());
  const engine = await Engine.create(gpu, model);
  return { network: engine, device: gpu.description, close: () => engine.destroy() };
}
