/** A text with mistakes that the network in training repairs, always the same, so that it is seen improving. */
import { editTexts } from '../diffusion/edit-flow/repair.ts';
import type { Network } from '../diffusion/network.ts';
import { rowsOf } from './data/batches.ts';
import type { Dataset } from './data/dataset.ts';
import { pairsOf } from './objectives/edits.ts';
import type { WordsOfModel } from './objectives/objective.ts';
import type { TrainSettings } from './train-settings.ts';

/** Not a run's: the text stays the same when the seed changes. */
const SEED = 0x45444954;
const STEPS = 8;
const TAU = 0.05;

/** The tokens of the first held-out row after the edits that the network makes to its beginning. */
export async function repairedPieces(
  network: Network,
  data: Dataset,
  words: WordsOfModel & { readonly tokenizer: { piece(id: number): string } },
  settings: Pick<TrainSettings, 'corrupt' | 'mistakes' | 'editMasks' | 'seed'>,
): Promise<string[]> {
  const rows = rowsOf(data, [0], data.length);
  const { maskId = -1 } = network.info;
  const [pair] = pairsOf(rows, settings, { seed: SEED, step: 0 }, { maskId, words });
  if (pair === undefined) return [];
  const writes = settings.corrupt === 'empty' || settings.corrupt === 'masks';
  const how = writes ? ({ way: 'leap', tau: TAU } as const) : ({ way: 'surest', above: 0.5, steps: STEPS } as const);
  const [edited] = await editTexts(network, [pair.from], how, {
    seed: settings.seed,
    temperature: 0,
    suppress: maskId < 0 ? [] : [maskId],
  });
  return Array.from(edited?.ids.slice(1) ?? [], (id) => words.tokenizer.piece(id));
}
