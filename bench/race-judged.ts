/**
 * What the twin thinks of the two texts of the recorded race (`public/recorded/race-*.json`): log p of each token that was
 * written, given what stands before it, as the worker asks for a race of this device. Written to
 * `src/app/views/compare/judged.json`; to be run anew when the race is recorded anew: `npm run bench:race`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { openModel } from '../src/checkpoint/open.ts';
import { openingOf } from '../src/checkpoint/prompt.ts';
import { currentTrace } from '../src/diffusion/branches.ts';
import { writtenSlotsIn } from '../src/diffusion/ops.ts';
import { perplexity } from '../src/diffusion/quality.ts';
import { canvasAt } from '../src/diffusion/replay.ts';
import { TWIN } from '../src/diffusion/shipped.ts';
import { decodeTree } from '../src/diffusion/trace-decode.ts';
import { folderSource } from '../src/node/folder.ts';
import { openFallbackBackend } from '../src/worker/fallback.ts';

const FILE = 'src/app/views/compare/judged.json';

const judge = await openModel(await folderSource(`public/models/${TWIN}`), { id: TWIN });
const judging = await openFallbackBackend(judge, {});
const judged: Record<string, { ids: readonly number[]; logProbs: readonly number[] }> = {};
for (const writer of ['append', 'set'] as const) {
  const trace = currentTrace(decodeTree(await readFile(`public/recorded/race-${writer}.json`, 'utf8')));
  const { ids } = canvasAt(trace, trace.steps.length);
  const written = Int32Array.from(new Set(trace.steps.flatMap(writtenSlotsIn))).sort();
  const targets = written.map((slot) => ids[slot] as number);
  const before = openingOf(judge, judge.tokenizer.encode(trace.settings.prompt));
  const read = Int32Array.from([...before, ...ids]);
  const [logProbs] = await judging.network.score(
    [{ ids: read, asked: written.map((slot) => slot + before.length) }],
    [targets],
  );
  judged[writer] = {
    ids: [...targets],
    logProbs: [...(logProbs as Float32Array)].map((nats) => Number(nats.toFixed(4))),
  };
  console.log(`${writer}: perplexity ${perplexity(judged[writer].logProbs).toFixed(2)} over ${targets.length} tokens`);
}
judging.dispose();
await writeFile(FILE, `${JSON.stringify(judged)}\n`);
