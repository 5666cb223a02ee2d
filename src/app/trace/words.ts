/** A token's text, cut so that the canvas can draw it: space before, the visible word, line breaks after. */
import { openId } from '../../diffusion/canvas.ts';
import { bytesOnly, CONTINUED, joinBytes } from '../../text/bytes.ts';
import { classesOf, type Frame, Look } from './frame.ts';

/** What models write here is English, whatever the language of the page; a browser must not translate it. */
export const WRITTEN = { lang: 'en', translate: 'no' } as const;

export interface Word {
  readonly lead: string;
  readonly body: string;
  readonly trail: string;
  /** The body is a sign for something invisible. */
  readonly sign: 'newline' | 'space' | 'byte' | undefined;
}

const NEWLINE = '↵';
const SPACE = '␣';
const REST = '·';

export function wordOf(piece: string): Word {
  const bytes = piece === CONTINUED ? REST : bytesOnly(piece);
  if (bytes !== undefined) return { lead: '', body: bytes, trail: '', sign: 'byte' };
  if (/^\s*$/.test(piece)) {
    const breaks = piece.replace(/[^\n]/g, '');
    if (breaks) return { lead: '', body: NEWLINE.repeat(breaks.length), trail: breaks, sign: 'newline' };
    return { lead: '', body: SPACE, trail: '', sign: 'space' };
  }
  const [, lead = '', body = '', trail = ''] = /^(\s*)(.*?)(\s*)$/s.exec(piece) ?? [];
  return { lead, body, trail, sign: undefined };
}

/** End and padding tokens as tokenizers write them: [PAD], [SEP], </s>, <|endoftext|>, <eos>, [/Answer]. */
const ENDING =
  /^\s*(\[(pad|sep|eos|\/answer)\]|<\/s>|<(pad|eos|end_of_turn)>|<\|(endoftext|eot_id|im_end|pad|mdm_mask)\|>)\s*$/i;

export const isEnding = (piece: string): boolean => ENDING.test(piece);

/** Tokens that tokenizers put before a text: [CLS], <s>, <bos>, <|begin_of_text|>. */
export const isBeginning = (piece: string): boolean => /^(\[CLS\]|<s>|<bos>|<\|begin_of_text\|>)$/.test(piece);

/**
 * The place from which a text is only ended, padded, or left open because its answer has ended; behind its last slot when it
 * is not.
 */
export function endingFrom({ order, ids, looks }: Frame, pieces: Readonly<Record<number, string>>): number {
  let from = order.length;
  while (from > 0) {
    const slot = order[from - 1] as number;
    const look = looks[slot] as number;
    const unneeded = (look & Look.Unneeded) !== 0;
    if (!unneeded && (look & (Look.Open | Look.Removed) || !isEnding(pieces[ids[slot] as number] ?? ''))) break;
    from--;
  }
  return from;
}

export type Bound = 'begin' | 'end' | 'more';

/** By slot, what in prose is one quiet mark at either end of a text: 'more' is what follows behind the first that ends it. */
export function boundsOf(frame: Frame, pieces: Readonly<Record<number, string>>): Map<number, Bound> {
  const { order, ids } = frame;
  const ending = Array.from(order.subarray(endingFrom(frame, pieces)));
  const bounds = new Map<number, Bound>(ending.map((slot, place) => [slot, place === 0 ? 'end' : 'more']));
  const first = order[0];
  if (first !== undefined && isBeginning(pieces[ids[first] as number] ?? '')) bounds.set(first, 'begin');
  return bounds;
}

/** The words of a canvas as running text: masks as blocks, and nothing of what begins the text for the model, or ends and pads it. */
export function plainText(
  ids: Int32Array,
  maskId: number | undefined,
  pieces: Readonly<Record<number, string>>,
): string {
  const piece = (place: number) => pieces[ids[place] as number] ?? '';
  const from = isBeginning(piece(0)) ? 1 : 0;
  let to = ids.length;
  while (to > from && ids[to - 1] !== openId(maskId) && isEnding(piece(to - 1))) to--;
  let text = '';
  for (let place = from; place < to; place++) text += ids[place] === openId(maskId) ? ' ▨' : piece(place);
  return joinBytes([text])[0] as string;
}

/** Room for a word that is not known yet: 2.0 em, where the tokens of a story take 1.75 to 1.93 in the mean, punctuation included. */
const UNKNOWN = ' nnr';

/** What takes as much room as a text that is still to be written: `given` as it was typed, and a number of new tokens. */
export const roomFor = (given: string, mask: string, tokens: number): string =>
  given.replaceAll(mask, UNKNOWN) + UNKNOWN.repeat(tokens);

/**
 * What each slot of a frame reads as, by slot, bytes joined; of a masked one the word that will stand there and lends its
 * width.
 */
export function slotTexts(frame: Frame, pieces: Readonly<Record<number, string>>): string[] {
  const joined = joinBytes(
    Array.from(frame.order, (slot) => {
      const id = ((frame.looks[slot] as number) & Look.Open ? frame.later[slot] : frame.ids[slot]) as number;
      return id < 0 ? UNKNOWN : (pieces[id] ?? '');
    }),
  );
  const texts = new Array<string>(frame.ids.length).fill('');
  for (const [place, slot] of frame.order.entries()) texts[slot] = joined[place] as string;
  return texts;
}

/** The classes of a slot that looks so and reads as `text`, one of `slotTexts`. */
export function slotClasses(look: number, text: string): string {
  const { lead, sign } = wordOf(text);
  const names = classesOf(look);
  if (lead === '') names.push('joined');
  const isOpen = (look & Look.Open) !== 0;
  if (sign && !isOpen) names.push('sign');
  if (text === CONTINUED && !isOpen) names.push('rest');
  return names.join(' ');
}

/** What a slot reads as when `id` stands there among its neighbours. */
export function wordIn(frame: Frame, slot: number, id: number, pieces: Readonly<Record<number, string>>): Word {
  const ids = Array.from(frame.order, (one) => frame.ids[one] as number);
  return wordOf(pieceAmong(ids, frame.order.indexOf(slot), id, pieces));
}

/** Bytes of one character stand in four slots at most. */
const REACH = 3;

/** What a slot reads as when `id` stands there among its neighbours: the character that its bytes spell with theirs. */
export function pieceAmong(
  ids: ArrayLike<number>,
  slot: number,
  id: number,
  pieces: Readonly<Record<number, string>>,
): string {
  const alone = pieces[id] ?? '';
  const first = Math.max(0, slot - REACH);
  const row = Array.from({ length: Math.min(ids.length, slot + REACH + 1) - first }, (_, i) =>
    first + i === slot ? alone : (pieces[ids[first + i] as number] ?? ''),
  );
  const joined = joinBytes(row);
  let at = slot - first;
  while (at > 0 && joined[at] === CONTINUED) at--;
  return joined[at] === CONTINUED ? alone : (joined[at] as string);
}
