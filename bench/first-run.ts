/**
 * Makes the run that the page opens with, `public/recorded/first.json`: the first and the last sentence are given, and the
 * middle is written as Generate writes at first (`chat-defaults.ts`). Of so many seeds the one is kept that reads best to the
 * autoregressive twin (perplexity) among those that are seen to be written from both ends: Kendall's tau of the way to the
 * nearer end and the moment is at least 0.4. Its times are left out: they would be those of another machine.
 * `npm run bench:first -- [--seeds N] [--from SEED]`; to be run anew when the shipped model is another.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openModel } from '../src/checkpoint/open.ts';
import { canvasFor } from '../src/checkpoint/prompt.ts';
import { isOpen } from '../src/diffusion/canvas.ts';
import { defaultsOf } from '../src/diffusion/chat-defaults.ts';
import { generateTogether } from '../src/diffusion/generate.ts';
import { writtenSlotsIn } from '../src/diffusion/ops.ts';
import { perplexity } from '../src/diffusion/quality.ts';
import { canvasAt } from '../src/diffusion/replay.ts';
import type { Settings } from '../src/diffusion/settings.ts';
import { openingText, SHELF } from '../src/diffusion/shelf.ts';
import { FIRST, TWIN } from '../src/diffusion/shipped.ts';
import type { Step, Trace } from '../src/diffusion/trace.ts';
import { encodeTrace } from '../src/diffusion/trace-encode.ts';
import { folderSource } from '../src/node/folder.ts';
import { openFallbackBackend } from '../src/worker/fallback.ts';
import { Pieces } from '../src/worker/pieces.ts';
import { judgedText } from './judged.ts';
import { kendall } from './kendall.ts';

const FILE = 'public/recorded/first.json';
const LEAST_TAU = 0.4;
const ALTERNATIVES = 6;

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '40' }, from: { type: 'string', default: '0' } },
});
const writer = await openModel(await folderSource(`public/models/${FIRST}`), { id: FIRST });
const judge = await openModel(await folderSource(`public/models/${TWIN}`), { id: TWIN });
const writing = await openFallbackBackend(writer, {});
const judging = await openFallbackBackend(judge, {});
const opening = SHELF.find(({ name }) => name === 'ending') ?? SHELF[0];
const { maskId } = writing.network.info;

const runs = Array.from({ length: Number(values.seeds) }, (_, at) => {
  const own = { mode: 'fill', prompt: openingText(opening, '[MASK]'), seed: Number(values.from) + at } as const;
  const settings: Settings = { ...defaultsOf('fill'), ...own };
  const canvas = canvasFor(settings, writer.tokenizer, writer.arch);
  return { settings, canvas, steps: [] as Step[] };
});
for await (const { run, step } of generateTogether(writing.network, runs, { fresh: true })) {
  runs[run]?.steps.push({ ...step, milliseconds: 0 });
}

const found = [];
for (const { settings, canvas, steps } of runs) {
  const trace: Trace = {
    version: 3,
    settings,
    model: { id: writer.id, parameters: writer.weights.parameters },
    backend: { name: 'wasm', device: 'WebAssembly' },
    start: canvas,
    maskId,
    steps,
    edits: [],
    pieces: {},
  };
  const { ids } = canvasAt(trace, steps.length);
  const open = [...canvas.states.keys()].filter((slot) => isOpen(canvas.states[slot] as number));
  const [first = 0, last = 0] = [open[0], open.at(-1)];
  const [given, rest] = [ids.slice(0, first), ids.slice(first)].map((part) => writer.tokenizer.decode([...part]));
  const { logProbs } = await judgedText(judge, judging.network, given as string, rest as string);
  const tau = kendall(steps.flatMap(writtenSlotsIn).map((slot) => Math.min(slot - first, last - slot)));
  const text = writer.tokenizer.decode([...ids]);
  found.push({ trace, tau, perplexity: perplexity(logProbs), text });
  console.log(`${settings.seed}: tau ${tau.toFixed(2)}, perplexity ${found.at(-1)?.perplexity.toFixed(1)}: ${text}`);
}
writing.dispose();
judging.dispose();

const [best] = found.filter(({ tau }) => tau >= LEAST_TAU).sort((a, b) => a.perplexity - b.perplexity);
if (best === undefined) throw new Error('No run was written from both ends; try more seeds.');
const pieces = new Pieces(writer.tokenizer);
const texts = Object.assign(
  {},
  pieces.fresh(best.trace.start.ids),
  ...best.trace.steps.map((step) => pieces.ofStep(step)),
);
await writeFile(FILE, encodeTrace({ ...best.trace, pieces: texts }, { alternatives: ALTERNATIVES }));
console.log(`${FILE}: seed ${best.trace.settings.seed}`);
