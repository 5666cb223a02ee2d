/**
 * What the size of a block costs and buys (BD3-LM, arXiv 2503.09573): the shipped model goes on learning for a few steps with
 * each of several block sizes, then its bound on held-out text is measured and it writes some texts, judged by its
 * autoregressive twin. `npm run bench:blocks -- [--logs FOLDER] [--texts N]`; runs in the folder that ended are read, not made again.
 * It writes what the Schedule view draws.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openModel } from '../src/checkpoint/open.ts';
import { canvasFor } from '../src/checkpoint/prompt.ts';
import { generate } from '../src/diffusion/generate.ts';
import { OPENINGS } from '../src/diffusion/openings.ts';
import { qualityOf } from '../src/diffusion/quality.ts';
import { applyStep } from '../src/diffusion/replay.ts';
import { defaultSettings, type Settings } from '../src/diffusion/settings.ts';
import { folderSource } from '../src/node/folder.ts';
import { openFallbackBackend } from '../src/worker/fallback.ts';
import { type Event, eventsOf } from './trained.ts';

const RESULTS = 'src/app/views/schedule/blocks.json';
const LENGTH = 64;
const SIZES = [1, 4, 16, LENGTH];
/** Short: every number of it is that of a model that has hardly begun to write so. */
const RECIPE =
  `--data sample --init stories --objective bd3lm --length ${LENGTH} --batch 4 --steps 12 --lr 0.0005 --held-out 0.2 --eval-every 12 --eval-texts 16 --sample-every 0 --save-every 0`.split(
    ' ',
  );

const { values } = parseArgs({
  options: { logs: { type: 'string', default: '.cache/blocks' }, texts: { type: 'string', default: '6' } },
});
const logs = resolve(values.logs);
await mkdir(logs, { recursive: true });
const judge = await openModel(await folderSource('public/models/stories-ar'), { id: 'stories-ar' });
const judging = await openFallbackBackend(judge, {});
const points = [];
for (const block of SIZES) {
  const events = await eventsOfBlock(block);
  const bound = events.findLast(({ kind }) => kind === 'evaluated');
  const before = events.find(({ kind }) => kind === 'evaluated');
  points.push({
    block,
    before: round(before?.['nelbo']),
    nelbo: round(bound?.['nelbo']),
    standardError: round(bound?.['standardError']),
    ...(await texts(block)),
  });
  console.log(points.at(-1));
}
judging.dispose();
const recipe = `npm run train -- ${RECIPE.join(' ')} --block N`;
const report = { command: `npm run bench:blocks -- --texts ${values.texts}`, recipe, length: LENGTH, points };
await writeFile(RESULTS, `${JSON.stringify(report, undefined, 2)}\n`);

/** Texts of the trained model, in blocks: passes and rows of the network for each token, and what the judge makes of them. */
async function texts(block: number) {
  const model = await openModel(await folderSource(join(logs, `block-${block}`)), { id: `block-${block}` });
  const { network, dispose } = await openFallbackBackend(model, {});
  const [cls] = [judge.arch.ids.cls];
  const judged = [];
  let [passes, rows, tokens] = [0, 0, 0];
  for (const [seed, prompt] of OPENINGS.slice(0, Number(values.texts)).entries()) {
    const length = LENGTH - model.tokenizer.encode(prompt).length;
    const how = { process: 'blocks', block, length, steps: length, temperature: 1, topP: 0.9 } as const;
    const settings: Settings = { ...defaultSettings(), ...how, prompt, seed };
    const start = canvasFor(settings, model.tokenizer, model.arch);
    let canvas = start;
    for await (const step of generate(network, start, settings, { fresh: true })) {
      passes += step.prediction.forwards;
      rows += step.prediction.rows;
      canvas = applyStep(canvas, step, network.info.maskId);
    }
    tokens += length;
    const from = canvas.ids.length - length;
    const ids = Int32Array.from([...(cls === undefined ? [] : [cls]), ...canvas.ids]);
    const asked = Int32Array.from({ length }, (_, i) => ids.length - length + i);
    const [logProbs] = await judging.network.score([{ ids, asked }], [canvas.ids.slice(from)]);
    judged.push({ ids: [...canvas.ids.slice(from)], logProbs: [...(logProbs as Float32Array)], group: prompt });
  }
  dispose();
  const { perplexity, entropy } = qualityOf(judged);
  return {
    passesPerToken: round(passes / tokens),
    rowsPerToken: round(rows / tokens),
    perplexity: { value: round(perplexity.value), low: round(perplexity.low), high: round(perplexity.high) },
    entropy: round(entropy.value),
    texts: judged.length,
  };
}

function eventsOfBlock(block: number): Promise<Event[]> {
  // Single tokens are always masked: autoregression.
  const own = ['--block', String(block), ...(block === 1 ? ['--first-time', '1'] : [])];
  return eventsOf(logs, `block-${block}`, [...RECIPE, ...own]);
}

function round(value: unknown): number {
  return Number((value as number).toFixed(3));
}
