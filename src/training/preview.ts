/** What the network is asked in the first batch, for people to look at. */
import type { Tokenizer } from '../checkpoint/model.ts';
import { Batches } from './data/batches.ts';
import { aboutOf, objectiveOf } from './objectives/index.ts';
import type { EditTargets, Question } from './objectives/objective.ts';
import type { TrainRun } from './trainer.ts';

/** One row of the first batch: the text of its tokens, and which of them the network sees as masks. */
export interface PreviewRow {
  readonly pieces: readonly string[];
  readonly masked: readonly boolean[];
  /** Tokens whose loss counts. */
  readonly scored: readonly boolean[];
}

const ROWS = 4;
/** Characters that a look cuts into tokens on either side of the split. */
const MOST_CUT = 2 ** 17;

/** As many texts as `MOST_CUT` allows, one at least; of a longer one its beginning. */
export function beginning(texts: readonly string[]): readonly string[] {
  let characters = 0;
  const end = texts.findIndex((text) => {
    const full = characters >= MOST_CUT;
    characters += text.length;
    return full;
  });
  const first = end < 0 ? texts : texts.slice(0, end);
  return characters <= MOST_CUT ? first : first.map((text) => text.slice(0, MOST_CUT));
}

/** Up to four rows of the batch of step 0, with the masks that step 0 draws. */
export function previewOf(
  {
    settings,
    train,
    maskId,
    vocabSize,
    words,
  }: Pick<TrainRun, 'settings' | 'train' | 'maskId' | 'vocabSize' | 'words'>,
  { piece }: Pick<Tokenizer, 'piece'>,
): PreviewRow[] {
  const size = settings.batch * settings.accumulation;
  const rows = new Batches(train, size, settings.seed).at(0);
  const about = aboutOf(settings, train, { maskId, vocabSize, ...(words && { words }) });
  const question = objectiveOf(settings).ask(rows, { seed: settings.seed, step: 0 }, about);
  const { inputs, length, scored } = question;
  if (question.edits) return editRows({ ...question, edits: question.edits }, piece);
  const counted = new Set(scored);
  return Array.from({ length: Math.min(ROWS, size) }, (_, row) => {
    // Of block diffusion's question the first half: the clean text stands behind it.
    const slots = Array.from({ length: rows.length }, (_, i) => i);
    const asked = slots.map((slot) => row * length + slot);
    return {
      pieces: slots.map((slot) => piece(rows.ids[row * rows.length + slot] as number)),
      masked: asked.map((place) => inputs[place] === maskId),
      scored: asked.map((place) => counted.has(place)),
    };
  });
}

/** Of a text on its way: what stands there, and where something is left to do. */
function editRows(
  { inputs, length, scored, edits }: Question & { readonly edits: EditTargets },
  piece: Tokenizer['piece'],
) {
  const touched = new Set([...scored, ...edits.removed.scored, ...edits.inserted.scored]);
  return Array.from(edits.lengths.subarray(0, ROWS), (tokens, row): PreviewRow => {
    // The token that begins every text says nothing.
    const places = Array.from({ length: tokens - 1 }, (_, i) => row * length + 1 + i);
    const marks = places.map((place, i) => touched.has(place) || (i === 0 && touched.has(place - 1)));
    return { pieces: places.map((place) => piece(inputs[place] as number)), masked: marks, scored: marks };
  });
}
