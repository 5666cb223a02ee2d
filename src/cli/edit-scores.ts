/**
 * Scores a model that edits without a page: `npm run edit-scores -- --model DIR --data FILE`. Mistakes are put into texts
 * that training with the same share and seed holds out, and the model repairs them.
 */
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openModel } from '../checkpoint/open.ts';
import type { EditWay } from '../diffusion/edit-flow/repair.ts';
import type { Network } from '../diffusion/network.ts';
import { type EditScore, kindsOf, type Repair, repairTexts, scoreOf, stretches } from '../evaluation/edits.ts';
import { folderSource } from '../node/folder.ts';
import { splitTexts } from '../training/data/split.ts';
import { readTexts } from '../training/data/texts.ts';
import { wordsOf } from '../training/start.ts';
import { openFallbackBackend } from '../worker/fallback.ts';
import { argumentError } from './arguments.ts';
import { EDIT_SCORES_HELP, type EditScoresArguments, parseEditScores } from './edit-scores-arguments.ts';
import { writeWhole } from './full-disk.ts';
import { putOnGpu } from './model-on-gpu.ts';
import { run, type StatusLine } from './program.ts';

const SAMPLE = fileURLToPath(new URL('../../public/data/sample.txt', import.meta.url));
/** More rounds are not needed: most repairs end after two. */
const ROUNDS = 10;

await run(async (status) => {
  const given = parseEditScores(process.argv.slice(2));
  if (given === 'help') process.stdout.write(`${EDIT_SCORES_HELP}\n`);
  else await measure(given, status);
});

async function measure(given: EditScoresArguments, status: StatusLine): Promise<void> {
  const { folder, corrupt, mistakes, seed, out, show } = given;
  const texts = await textsOf(given);
  const model = await openModel(await folderSource(folder), { id: basename(folder) });
  if (!model.arch.edits) throw argumentError(`${folder} holds a model that does not edit.`, 'Give one that does.');
  const { network, device, close } = await open(model, given, status);
  const how: EditWay =
    given.way === 'surest' ? { way: 'surest', above: given.above, steps: ROUNDS } : { way: 'leap', tau: given.tau };
  try {
    const found: { kind: string; score: EditScore; repairs: Repair[] }[] = [];
    for (const kind of kindsOf(corrupt)) {
      const repairs = await repairTexts(network, wordsOf(model), texts, { kind, rate: mistakes, seed }, how, {
        onProgress: (done) => status.show(`${kind}: ${done} of ${texts.length} texts`),
      });
      const score = scoreOf(repairs);
      found.push({ kind, score, repairs });
      process.stdout.write(`${lineOf(kind, score)}\n`);
    }
    for (const { given: before, made, right } of found
      .at(-1)
      ?.repairs.filter(({ before }) => before > 0)
      .slice(0, show) ?? []) {
      process.stdout.write(
        `\n  given  ${before}\n  made   ${made}\n  ${made === right ? 'right' : `right  ${right}`}\n`,
      );
    }
    const recipe = { ...given, folder: basename(folder), out: undefined, device, rounds: ROUNDS };
    if (out !== undefined) await writeWhole(out, `${JSON.stringify({ recipe, kinds: found }, undefined, 1)}\n`);
  } finally {
    close();
  }
}

/** Stretches of the texts that are held out, spread over them. */
async function textsOf({ data, heldOut, seed, characters, texts: most }: EditScoresArguments): Promise<string[]> {
  const file = data === 'sample' ? SAMPLE : resolve(data);
  const { texts } = await readTexts(await folderSource(dirname(file)), basename(file), {});
  const kept = heldOut === 1 ? texts : splitTexts(texts, heldOut, seed).heldOut;
  const all = kept.flatMap((text) => stretches(text, characters));
  if (all.length === 0)
    throw argumentError('Nothing is held out of these texts.', 'Give a larger file, or --held-out 1.');
  const count = Math.min(most, all.length);
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)] as string);
}

async function open(
  model: Awaited<ReturnType<typeof openModel>>,
  { backend: name, bits }: EditScoresArguments,
  status: StatusLine,
): Promise<{ network: Network; device: string; close(): void }> {
  if (name === 'webgpu') {
    const { engine, device, close } = await putOnGpu(model, status, bits);
    return { network: engine, device, close };
  }
  const { network, name: backend, dispose } = await openFallbackBackend(model, bits);
  return { network, device: `tfjs, ${backend}`, close: dispose };
}

function lineOf(kind: string, { texts, untouched, mistaken, before, after, characters, forwards }: EditScore): string {
  const share = (part: number, of: number) => (of === 0 ? '–' : `${((100 * part) / of).toFixed(1)} %`);
  const per = (distance: number) => ((100 * distance) / characters).toFixed(2);
  return [
    kind.padEnd(7),
    `repaired exactly ${mistaken.repaired} of ${mistaken.texts} (${share(mistaken.repaired, mistaken.texts)})`,
    `nearer ${mistaken.better}, farther ${mistaken.worse}`,
    `left alone ${untouched.kept} of ${untouched.texts} right ones`,
    `distance ${per(before)} → ${per(after)} of 100 characters`,
    `${(forwards / texts).toFixed(1)} passes a text`,
  ].join('; ');
}
