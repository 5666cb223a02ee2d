/**
 * Which texts are kept back to measure with: those whose hash falls below a share. A text is on the same side wherever it
 * stands in a file, whatever else the file holds, and all copies of one text are on one side. Where there are too few
 * texts for that, they are cut into pieces, unless they have to stay whole; where even these are too few, all is learnt.
 */

import { threefry2x32 } from '../../diffusion/rng.ts';
import { said, type Text } from '../../text/said.ts';
import { piecesOf } from './pieces.ts';
import { dataError } from './problem.ts';

export interface Split {
  readonly train: readonly string[];
  readonly heldOut: readonly string[];
  /** Pairs that are held out, where pairs are learnt from. */
  readonly pairs?: readonly string[];
  /** What a person should know about how it was made, one sentence each. */
  readonly notes: readonly Text[];
}

/** Characters below which a share of a text says nothing about it. */
const LITTLE = 1000;
/** Into how many pieces a short text is cut, and how long those of a longer one are at most, characters. */
const PIECES = 40;
const LONGEST = 600;
/** Fewest pieces of which some are kept back. */
const FEWEST = 8;

/**
 * Throws `UnmaskError` code `data` when there are no texts. Nothing is held out when there is too little of them; those that
 * mean nothing in part, such as conversations, stay `whole`.
 */
export function splitTexts(texts: readonly string[], share: number, seed: number, { whole = false } = {}): Split {
  if (texts.length === 0) throw dataError('There is no text yet.', 'Paste some, or choose a file.');
  const notes = notesOnCopies(texts);
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  if (characters < LITTLE)
    notes.push(said`There is little text, ${characters} characters: it will be learnt by heart.`);
  const hashed = byHash(texts, share, seed);
  if (hashed.train.length > 0 && hashed.heldOut.length > 0) return { ...hashed, notes };
  const longest = Math.min(LONGEST, Math.max(100, Math.ceil(characters / PIECES)));
  const pieces = characters < LITTLE ? [] : whole ? texts : texts.flatMap((text) => piecesOf(text, longest));
  const distinct = [...new Map(pieces.map((piece) => [piece.trim(), wordOf(piece, seed)]))];
  if (distinct.length < FEWEST) {
    return {
      train: texts,
      heldOut: [],
      notes: [...notes, 'There are too few different texts to keep some back, so nothing is measured.'],
    };
  }
  const count = Math.min(distinct.length - 1, Math.max(1, Math.round(share * distinct.length)));
  const chosen = new Set(
    distinct
      .toSorted(([, a], [, b]) => a - b)
      .slice(0, count)
      .map(([piece]) => piece),
  );
  const kept = (piece: string) => chosen.has(piece.trim());
  return {
    train: pieces.filter((piece) => !kept(piece)),
    heldOut: pieces.filter(kept),
    notes: whole
      ? notes
      : [...notes, said`It is cut into ${pieces.length} pieces, so that some of them can be kept back.`],
  };
}

function byHash(texts: readonly string[], share: number, seed: number) {
  const [train, heldOut]: [string[], string[]] = [[], []];
  for (const text of texts) (wordOf(text, seed) < share * 2 ** 32 ? heldOut : train).push(text);
  return { train, heldOut };
}

/** Texts among which copies are counted; of more of them it would take too much memory. */
const COMPARED = 2 ** 18;

function notesOnCopies(texts: readonly string[]): Text[] {
  if (texts.length > COMPARED) return [];
  const distinct = new Set(texts.map((text) => text.trim())).size;
  if (texts.length > 1 && distinct === 1) return [said`All ${texts.length} texts are the same text.`];
  const copies = texts.length - distinct;
  return copies > 0.1 * texts.length ? [said`${copies} of ${texts.length} texts are copies of others.`] : [];
}

/** 32 bits that a text has under a seed. */
function wordOf(text: string, seed: number): number {
  return threefry2x32([seed, 0], [hash(text), text.length])[0];
}

/** FNV-1a over UTF-16 units, 32 bits; leading and trailing space is no difference. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (const unit of text.trim()) h = Math.imul(h ^ (unit.codePointAt(0) as number), 0x01000193);
  return h >>> 0;
}
