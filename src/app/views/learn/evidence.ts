/**
 * The answers to the questions, read from what the model did. Nothing here knows what "should" come out: with another
 * model other options turn out right, and the page says so.
 */

import { isOpen } from '../../../diffusion/canvas.ts';
import { writtenIn } from '../../../diffusion/ops.ts';
import { repetition } from '../../../diffusion/statistics.ts';
import type { Trace } from '../../../diffusion/trace.ts';
import { hundredths, integer, percent, significant } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import type { TracedRun } from '../../session/comparedRuns.ts';
import { editEvents } from '../../trace/edit-events.ts';
import { ABSENT, frameAt } from '../../trace/frame.ts';
import { wordOf } from '../../trace/words.ts';
import type { Evidence, Finding } from './script.ts';

/** A token as a word to be read. */
export function shown(piece: string): string {
  const { body, sign } = wordOf(piece);
  return sign ? m.canvas[sign] : body;
}

export const pieceOf = ({ pieces }: Trace, id: number) => shown(pieces[id] ?? '');

/** The tokens the first pass thought likeliest for slot number `row` of those it was asked, best first. */
export function likeliest(trace: Trace, row = 0): { id: number; word: string; probability: number }[] {
  const prediction = trace.steps[0]?.prediction;
  if (!prediction) return [];
  return Array.from({ length: prediction.topK }, (_, rank) => {
    const at = row * prediction.topK + rank;
    const id = prediction.topIds[at] as number;
    return { id, word: pieceOf(trace, id), probability: Math.exp(prediction.topLogProbs[at] as number) };
  });
}

/** The likeliest word of the first gap. */
export function firstWord({ trace }: Evidence): Finding {
  const [best, second] = likeliest(trace);
  return {
    answer: best?.word ?? '',
    values: {
      word: best?.word ?? '',
      share: percent(best?.probability ?? 0),
      second: second?.word ?? '',
      secondShare: percent(second?.probability ?? 0),
    },
  };
}

/** The gap that is written first. */
export function firstGap({ trace }: Evidence): Finding {
  const step = trace.steps[0];
  const [first] = step ? writtenIn(step) : [];
  const slot = first?.slot ?? -1;
  const row = step ? Array.from(step.prediction.slots).indexOf(slot) : -1;
  const sure = Math.exp(step?.prediction.logProbs[row] ?? Number.NaN);
  const place = openAtStart(trace).indexOf(slot);
  const word = pieceOf(trace, first?.id ?? -1);
  return { answer: String(place), values: { word, share: percent(sure), place: integer(place + 1) } };
}

export function openAtStart({ start }: Trace): number[] {
  return Array.from(start.states.keys()).filter((slot) => isOpen(start.states[slot] as number));
}

/** How many of the hidden tokens came back as they were. */
function recovered({ trace, original }: Evidence): { right: number; of: number } {
  const { ids } = frameAt(trace, trace.steps.length);
  const hidden = openAtStart(trace).filter((slot) => slot < original.length);
  return { right: hidden.filter((slot) => ids[slot] === original[slot]).length, of: hidden.length };
}

const bands = (share: number) => (share === 1 ? 'all' : share > 0.5 ? 'most' : 'few');

/** all, most (more than half) or few (half or fewer) of the hidden tokens came back. */
export function cameBack(evidence: Evidence): Finding {
  const { right, of } = recovered(evidence);
  return { answer: bands(right / of), values: { right: integer(right), of: integer(of), share: percent(right / of) } };
}

/** same: one token fills more than half of the gaps; mixed: none does. */
export function sameEverywhere({ trace }: Evidence): Finding {
  const gaps = openAtStart(trace);
  const { ids } = frameAt(trace, trace.steps.length);
  const counts = new Map<number, number>();
  for (const slot of gaps) counts.set(ids[slot] as number, (counts.get(ids[slot] as number) ?? 0) + 1);
  const [id, count] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [-1, 0];
  return {
    answer: count > gaps.length / 2 ? 'same' : 'mixed',
    values: { word: pieceOf(trace, id), count: integer(count), of: integer(gaps.length) },
  };
}

/** first, last or even: which half of the steps writes more tokens; a step in the middle belongs to neither. */
export function whenMost({ trace }: Evidence): Finding {
  const counts = trace.steps.map((step) => writtenIn(step).length);
  const half = Math.floor(counts.length / 2);
  const sum = (list: readonly number[]) => list.reduce((total, count) => total + count, 0);
  const [first, last] = [sum(counts.slice(0, half)), sum(counts.slice(counts.length - half))];
  return {
    answer: first > last ? 'first' : last > first ? 'last' : 'even',
    values: { first: integer(first), last: integer(last) },
  };
}

/** few or many: fewer passes than half the tokens, or not. */
export function passesNeeded({ trace }: Evidence): Finding {
  // A step that was answered from memory would have been a pass all the same.
  const passes = trace.steps.length;
  const tokens = openAtStart(trace).length;
  return {
    answer: passes < tokens / 2 ? 'few' : 'many',
    values: { passes: integer(passes), tokens: integer(tokens) },
  };
}

/** block or text: whether the last pass read at most two blocks' worth of rows, or more of the text. */
export function rowsOfLast({ trace }: Evidence): Finding {
  const asked = trace.steps.filter(({ prediction }) => prediction.rows > 0);
  const rows = asked.at(-1)?.prediction.rows ?? 0;
  return {
    answer: rows <= 2 * trace.settings.block ? 'block' : 'text',
    values: { rows: integer(rows), length: integer(trace.start.ids.length), block: integer(trace.settings.block) },
  };
}

/** exp of the mean negative log-likelihood under the judge; NaN where nobody judged. */
export function perplexityOf({ result }: TracedRun): number {
  const logProbs = result?.logProbs ?? [];
  return Math.exp(-logProbs.reduce((sum, value) => sum + value, 0) / logProbs.length);
}

/** Which of two lanes reads likelier to the twin, first or second, and how many pairs of neighbours each says again. */
export function likelier({ lanes }: Evidence): Finding {
  const [first, second] = lanes.map(perplexityOf) as [number, number];
  const pairs = lanes.map(({ result }) => Math.max(0, (result?.ids.length ?? 0) - 1));
  const [firstAgain, secondAgain] = lanes.map(({ result }, lane) =>
    Math.round(repetition(result?.ids ?? [], 2) * (pairs[lane] as number)),
  ) as [number, number];
  return {
    answer: first < second ? 'first' : 'second',
    values: {
      first: significant(first),
      second: significant(second),
      firstAgain: integer(firstAgain),
      secondAgain: integer(secondAgain),
      pairs: integer(pairs[0] ?? 0),
    },
  };
}

/** How the last lane's perplexity compares with the first's: better, alike (less than double), or worse. */
export function costOfFew({ lanes }: Evidence): Finding {
  const all = lanes.map(perplexityOf);
  const [first = Number.NaN, last = Number.NaN] = [all[0], all.at(-1)];
  return {
    answer: last < first ? 'better' : last < 2 * first ? 'alike' : 'worse',
    values: { first: significant(first), last: significant(last), times: significant(last / first) },
  };
}

/** append or set: who has written all its tokens in less measured time. */
export function fastest({ lanes }: Evidence): Finding {
  const time = (writer: TracedRun['writer']) =>
    lanes.find((lane) => lane.writer === writer)?.result?.milliseconds ?? Number.NaN;
  const [append, set] = [time('append'), time('set')];
  return {
    answer: append < set ? 'append' : 'set',
    values: { append: m.compare.seconds(append), set: m.compare.seconds(set) },
  };
}

/** little, half or most of the loss is gone at the end: less than a quarter, up to three quarters, more. */
export function lossFell({ losses }: Evidence): Finding {
  const mean = (list: readonly number[]) => list.reduce((sum, loss) => sum + loss, 0) / list.length;
  const some = Math.max(1, Math.round(losses.length / 10));
  const [before, after] = [mean(losses.slice(0, some)), mean(losses.slice(-some))];
  const gone = 1 - after / before;
  return {
    answer: gone < 0.25 ? 'little' : gone < 0.75 ? 'half' : 'most',
    values: { before: hundredths(before), after: hundredths(after) },
  };
}

/** more, fewer or as many tokens are hidden as the straight line would hide at this time. */
export function hiddenAgainst(linear: number) {
  return ({ trace, original }: Evidence): Finding => {
    const hidden = openAtStart(trace).length;
    const share = hidden / original.length;
    return {
      answer: share > linear + 0.05 ? 'more' : share < linear - 0.05 ? 'fewer' : 'alike',
      values: { hidden: integer(hidden), of: integer(original.length), share: percent(share) },
    };
  };
}

/** yes or no: somewhere two neighbouring gaps were filled with the same token in one pass. */
export function sameNeighbours({ trace }: Evidence): Finding {
  const { ids, writtenAt } = frameAt(trace, trace.steps.length);
  const slot = openAtStart(trace).find(
    (one) => ids[one] === ids[one + 1] && writtenAt[one] !== -1 && writtenAt[one] === writtenAt[one + 1],
  );
  return {
    answer: slot === undefined ? 'no' : 'yes',
    values: { word: slot === undefined ? '' : pieceOf(trace, ids[slot] as number) },
  };
}

/** set, insert or remove: the kind of the last edit of the run. */
export function lastKind({ trace }: Evidence): Finding {
  const [last] = editEvents(trace, trace.steps.length);
  const piece = (id: number | undefined) => pieceOf(trace, id ?? -1);
  return {
    answer: last?.kind ?? '',
    values: {
      before: piece(last?.before),
      after: piece(last?.after),
      step: integer((last?.step ?? -1) + 1),
      passes: integer(trace.steps.reduce((sum, { forwards }) => sum + forwards, 0)),
    },
  };
}

/** all, most (more than half) or few of the tokens of the start stand at the end as they were. */
export function wordsKept({ trace }: Evidence): Finding {
  const frame = frameAt(trace, trace.steps.length);
  const { ids } = trace.start;
  // Slots of the start are numbered by place.
  const kept = Array.from(ids.keys()).filter((slot) => frame.states[slot] !== ABSENT && frame.ids[slot] === ids[slot]);
  return {
    answer: bands(kept.length / ids.length),
    values: {
      kept: integer(kept.length - 1),
      of: integer(ids.length - 1),
      edits: integer(editEvents(trace, trace.steps.length).length),
    },
  };
}

/**
 * anywhere: some tokens were written while the place to their left was still open; left: none was, one came behind the other;
 * once: all came in one pass.
 */
export function whereWritten(trace: Trace): Finding {
  const { writtenAt } = frameAt(trace, trace.steps.length);
  const open = openAtStart(trace);
  const ahead = open.filter(
    (slot) => open.includes(slot - 1) && (writtenAt[slot - 1] as number) > (writtenAt[slot] as number),
  );
  return {
    answer: trace.steps.length < 2 ? 'once' : ahead.length > 0 ? 'anywhere' : 'left',
    values: { ahead: integer(ahead.length), of: integer(open.length) },
  };
}
