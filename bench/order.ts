/**
 * Which order and block Generate begins with: each candidate writes the twenty openings with the shipped model, again with
 * other seeds where more texts are asked for. Read together: how well a text reads (perplexity under the autoregressive
 * twin, entropy, repeated trigrams, `quality.ts`), and whether words are seen to appear anywhere: `open`, the share of
 * tokens written while their left neighbour was still a mask (0 from left to right), and `tau`, Kendall's rank correlation
 * of place and moment (1 from left to right, 0 by chance). Quality is counted over the twin's tokens, whatever the writer's
 * are. With `--hidden FILE` the same numbers of as
 * many stories that no model has learnt from. `npm run bench:order -- [--model NAME] [--texts N] [--only 'NAME;…'] [--hidden FILE]`.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openModel } from '../src/checkpoint/open.ts';
import { canvasFor } from '../src/checkpoint/prompt.ts';
import { isOpen } from '../src/diffusion/canvas.ts';
import { generateTogether } from '../src/diffusion/generate.ts';
import { OPENINGS } from '../src/diffusion/openings.ts';
import { type JudgedText, qualityOf } from '../src/diffusion/quality.ts';
import { applyStep } from '../src/diffusion/replay.ts';
import { defaultSettings, type Settings } from '../src/diffusion/settings.ts';
import { FIRST, TWIN } from '../src/diffusion/shipped.ts';
import { folderSource } from '../src/node/folder.ts';
import { openFallbackBackend } from '../src/worker/fallback.ts';
import { judgedText } from './judged.ts';
import { kendall } from './kendall.ts';

const CANDIDATES: Readonly<Record<string, Partial<Settings>>> = {
  'left to right': { sampler: 'left-to-right', block: 0 },
  'surest, block 16': { sampler: 'confidence', block: 16 },
  'surest, block 32': { sampler: 'confidence', block: 32 },
  'surest, whole': { sampler: 'confidence', block: 0 },
  'surest, whole, order temperature 0.1': { sampler: 'confidence', block: 0, orderTemperature: 0.1 },
  'surest, whole, order temperature 0.3': { sampler: 'confidence', block: 0, orderTemperature: 0.3 },
  'surest, whole, order temperature 0.2': { sampler: 'confidence', block: 0, orderTemperature: 0.2 },
  'surest, whole, order temperature 0.5': { sampler: 'confidence', block: 0, orderTemperature: 0.5 },
  'surest, block 32, order temperature 0.1': { sampler: 'confidence', block: 32, orderTemperature: 0.1 },
  'surest, whole, temperature 0.7': { sampler: 'confidence', block: 0, temperature: 0.7 },
  'margin, whole': { sampler: 'margin', block: 0 },
  'margin, whole, temperature 0.7': { sampler: 'margin', block: 0, temperature: 0.7 },
  'entropy, whole, temperature 0.7': { sampler: 'entropy', block: 0, temperature: 0.7 },
  'random, whole': { sampler: 'random', block: 0 },
  'random, whole, temperature 0.7': { sampler: 'random', block: 0, temperature: 0.7 },
};

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: FIRST },
    texts: { type: 'string', default: '20' },
    only: { type: 'string' },
    hidden: { type: 'string' },
  },
});
const only = values.only?.split(';');
const writer = await openModel(await folderSource(`public/models/${values.model}`), { id: values.model });
const judge = await openModel(await folderSource(`public/models/${TWIN}`), { id: TWIN });
const writing = await openFallbackBackend(writer, {});
const judging = await openFallbackBackend(judge, {});
const { maskId } = writing.network.info;

console.log(
  '| order | perplexity | entropy | repeated trigrams | distinct bigrams | open | tau |\n|---|---|---|---|---|---|---|',
);
for (const [name, change] of Object.entries(CANDIDATES)) {
  if (only && !only.includes(name)) continue;
  const runs = Array.from({ length: Number(values.texts) }, (_, seed) => {
    const prompt = OPENINGS[seed % OPENINGS.length] as string;
    const settings = { ...defaultSettings(), ...change, prompt, seed };
    const canvas = canvasFor(settings, writer.tokenizer, writer.arch);
    return { canvas, settings, written: [] as number[], open: [] as boolean[] };
  });
  const now = runs.map(({ canvas }) => canvas);
  for await (const { run, step } of generateTogether(writing.network, runs, { fresh: true })) {
    const { written, open } = runs[run] as (typeof runs)[number];
    for (const op of step.ops) {
      if (!('set' in op)) continue;
      open.push(op.set > 0 && isOpen(now[run]?.states[op.set - 1] as number));
      written.push(op.set);
    }
    now[run] = applyStep(now[run] as (typeof now)[number], step, maskId);
  }
  const texts = [];
  for (const [run, { canvas, settings }] of runs.entries()) {
    const length = canvas.states.filter((state) => isOpen(state)).length;
    const text = writer.tokenizer.decode([...(now[run] as typeof canvas).ids].slice(-length));
    texts.push({ ...(await judgedText(judge, judging.network, settings.prompt, text)), group: settings.prompt });
  }
  const cells = [
    ...cellsOf(texts),
    mean(runs.flatMap(({ open }) => open.map(Number))).toFixed(2),
    mean(runs.map(({ written }) => kendall(written))).toFixed(2),
  ];
  console.log(`| ${[name, ...cells].join(' | ')} |`);
  for (const [run, { canvas }] of runs.slice(0, 3).entries())
    console.error(`  ${writer.tokenizer.decode([...(now[run] as typeof canvas).ids])}`);
}
if (values.hidden) {
  const texts = [];
  for (const text of hiddenIn(readFileSync(values.hidden, 'utf8')).slice(0, Number(values.texts))) {
    // As much of a story as a run writes, behind a beginning as long as an opening.
    const ids = judge.tokenizer.encode(text);
    const [prompt, rest] = [ids.slice(0, 6), ids.slice(6, 70)].map((part) => judge.tokenizer.decode(part));
    texts.push({ ...(await judgedText(judge, judging.network, prompt as string, rest as string)), group: text });
  }
  console.log(`| hidden stories | ${cellsOf(texts).join(' | ')} | | |`);
}
writing.dispose();
judging.dispose();

function cellsOf(texts: readonly JudgedText[]): (string | undefined)[] {
  const { perplexity: p, entropy, repetition, distinct } = qualityOf(texts);
  return [
    `${p.value.toFixed(1)} [${p.low.toFixed(1)}, ${p.high.toFixed(1)}]`,
    entropy.value.toFixed(2),
    repetition[1]?.value.toFixed(3),
    distinct[1]?.value.toFixed(3),
  ];
}

/** The texts that training/data.py holds out: by their letters alone, one in 47. */
function hiddenIn(file: string): string[] {
  const isHidden = (text: string) => {
    const letters = (text.toLowerCase().match(/[a-z]+/g) ?? []).join('');
    return Number.parseInt(createHash('sha256').update(letters).digest('hex').slice(0, 8), 16) % 47 === 0;
  };
  return file
    .split('<|endoftext|>')
    .map((text) => text.trim())
    .filter((text) => text !== '' && isHidden(text));
}

function mean(all: readonly number[]): number {
  return all.reduce((sum, one) => sum + one, 0) / all.length;
}
