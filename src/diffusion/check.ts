/** The promises of `Network` about bad input, in one place for every network. */
import { said, type Text } from '../text/said.ts';
import { UnmaskError } from './error.ts';
import {
  type BlockPattern,
  boundary,
  type CacheUse,
  type DrawnSequence,
  MOST_ALTERNATIVES,
  type NetworkInfo,
  type PredictOptions,
  rowOf,
  type Sequence,
} from './network.ts';

/** Throws `UnmaskError` code `canvas` when the model cannot read these ids. */
export function checkCanvas(
  ids: Int32Array,
  { vocabSize, maxLength }: Pick<NetworkInfo, 'vocabSize' | 'maxLength'>,
): void {
  if (ids.length === 0) throw canvasError('The canvas is empty.', 'Write a prompt or ask for at least one token.');
  if (ids.length > maxLength) {
    const message = said`The canvas has ${ids.length} tokens, but this model reads at most ${maxLength}.`;
    throw canvasError(message, 'Shorten the prompt or ask for fewer tokens.');
  }
  const at = ids.findIndex((id) => id < 0 || id >= vocabSize);
  if (at >= 0) {
    const message = said`Slot ${at} holds token id ${ids[at]}, outside this model's vocabulary of ${vocabSize}.`;
    throw canvasError(message, 'Use the tokenizer that belongs to this model.');
  }
}

/** Throws `UnmaskError` code `canvas` or `settings` when this cannot be asked of a network. */
export function checkPredict(batch: readonly DrawnSequence[], options: PredictOptions, info: NetworkInfo): void {
  const { topK } = options;
  if (!Number.isInteger(topK) || topK < 0 || topK > MOST_ALTERNATIVES) {
    throw settingsError(said`${topK} alternatives were asked for.`, said`Ask for 0 to ${MOST_ALTERNATIVES}.`);
  }
  checkSuppressed(options, info);
  for (const sequence of batch) {
    const { ids, draw, guidance, cache } = sequence;
    checkSequence(sequence, info);
    if (!(draw.temperature >= 0 && draw.temperature < Number.POSITIVE_INFINITY)) {
      throw settingsError(said`The temperature is ${draw.temperature}.`, 'Choose 0 or a positive number.');
    }
    if (guidance === undefined) continue;
    if (cache !== undefined) {
      const message = 'A cache cannot be used with guidance, whose second canvas would need one of its own.';
      throw settingsError(message, 'Turn off the cache or the guidance.');
    }
    checkCanvas(guidance.unconditional, info);
    const other = guidance.unconditional.length;
    if (other !== ids.length) {
      const message = said`Guidance needs two canvases of one length, not ${ids.length} and ${other}.`;
      throw canvasError(message, 'Mask the given slots of the canvas, and keep the rest.');
    }
  }
}

/** Throws `UnmaskError` code `canvas` or `settings` when these edits cannot be asked of a network. */
export function checkEdits(batch: readonly DrawnSequence[], options: PredictOptions, info: NetworkInfo): void {
  if (!info.edits) {
    throw settingsError('This model fills masks; it has not learnt to edit.', 'Choose a model that edits.');
  }
  if (batch.some(({ guidance, cache }) => guidance !== undefined || cache !== undefined)) {
    throw settingsError('Edits are asked without guidance and without a cache.', 'Turn them off.');
  }
  // Nothing stands behind a slot that is not there.
  checkPredict(batch, options, { ...info, logitShift: 0 });
}

/** Throws `UnmaskError` code `canvas` or `settings` when these tokens cannot be scored by a network. */
export function checkScore(
  batch: readonly Sequence[],
  targets: readonly Int32Array[],
  options: Pick<PredictOptions, 'suppress'>,
  info: NetworkInfo,
): void {
  checkSuppressed(options, info);
  if (batch.length !== targets.length) {
    throw canvasError('There must be one list of tokens for each canvas.', 'Give as many lists as canvases.');
  }
  for (const [at, sequence] of batch.entries()) {
    checkSequence(sequence, info);
    const wanted = targets[at] as Int32Array;
    if (wanted.length !== sequence.asked.length || wanted.some((id) => id < 0 || id >= info.vocabSize)) {
      const message = 'A token to be scored is missing or not in the vocabulary.';
      throw canvasError(message, 'Give one token of the vocabulary for each asked slot.');
    }
  }
}

function checkSuppressed({ suppress = [] }: Pick<PredictOptions, 'suppress'>, { vocabSize }: NetworkInfo): void {
  if (suppress.some((id) => !(Number.isInteger(id) && id >= 0 && id < vocabSize))) {
    throw settingsError('A suppressed id is outside the vocabulary.', 'Suppress ids of this model only.');
  }
}

function checkSequence({ ids, positions, asked, sees, cache }: Sequence, info: NetworkInfo): void {
  checkCanvas(ids, info);
  if (sees) checkBlocks(sees, info);
  const end = ids.length + info.logitShift;
  let last = -1;
  for (const slot of asked) {
    if (slot <= last || slot >= end) {
      const message = said`Slot ${slot} cannot be asked of a canvas of ${ids.length} tokens, after slot ${last}.`;
      throw canvasError(message, 'Ask for slots of the canvas, each once, in ascending order.');
    }
    last = slot;
  }
  if (positions) checkPositions(ids, positions, info);
  if (cache?.kind === 'exact') checkExact(ids, cache, sees, info);
  if (cache?.kind === 'anchored') checkAnchored(ids, asked, cache, info);
}

function checkPositions(ids: Int32Array, positions: Int32Array, { tellsPositions, maxLength }: NetworkInfo): void {
  if (!tellsPositions && positions.some((position, slot) => position !== slot)) {
    throw settingsError('This network counts positions from 0.', 'Leave the positions out.');
  }
  if (positions.length !== ids.length || positions.some((position) => position < 0 || position >= maxLength)) {
    throw canvasError('A position is missing or beyond those that this model knows.', 'Give one for each token.');
  }
}

function checkBlocks({ blocks, offset }: BlockPattern, { causal }: NetworkInfo): void {
  if (causal) {
    const message = 'This network sees only what stands before a token, so it cannot read by blocks.';
    throw settingsError(message, 'Choose a network that sees both ways.');
  }
  if (!(Number.isInteger(blocks) && Number.isInteger(offset) && blocks >= 1 && offset >= 0 && offset < blocks)) {
    const message = said`There are no blocks of ${blocks} that begin at ${offset}.`;
    throw settingsError(message, 'Give a whole number of positions, and an offset below it.');
  }
}

function checkExact(
  ids: Int32Array,
  { prefix }: CacheUse & { kind: 'exact' },
  sees: BlockPattern | undefined,
  { causal }: NetworkInfo,
): void {
  if (!causal && !(sees && boundary(sees, prefix) === prefix)) {
    const message = 'In a network that sees both ways, no part of a text keeps its keys and values when it goes on.';
    throw settingsError(message, 'Use an approximate cache, or none.');
  }
  if (!(Number.isInteger(prefix) && prefix >= 0 && prefix <= ids.length)) {
    throw canvasError(said`A text of ${ids.length} tokens has no beginning of ${prefix}.`, 'Give a part of the text.');
  }
}

/** The rows of the asked slots must be among those that go through the network. */
function checkAnchored(
  ids: Int32Array,
  asked: Int32Array,
  { anchor, from, to }: CacheUse & { kind: 'anchored' },
  info: NetworkInfo,
): void {
  checkCanvas(anchor, info);
  if (anchor.length !== ids.length) {
    const message = said`The cache is of a canvas of ${anchor.length} tokens, not ${ids.length}.`;
    throw canvasError(message, 'Use a pass over a canvas of the same length.');
  }
  const inside = asked.every((slot) => rowOf(slot, info) >= from && rowOf(slot, info) < to);
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= ids.length && inside)) {
    const message = said`Rows ${from} to ${to} of ${ids.length} do not hold the asked slots.`;
    throw canvasError(message, 'Ask for slots of the rows that are run anew.');
  }
}

function canvasError(message: Text, remedy: string): UnmaskError {
  return new UnmaskError({ code: 'canvas', message, remedy });
}

function settingsError(message: Text, remedy: Text): UnmaskError {
  return new UnmaskError({ code: 'settings', message, remedy });
}
