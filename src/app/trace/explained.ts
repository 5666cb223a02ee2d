/**
 * The small figures beside the controls, each computed by the very function the control steers: the sampler, the plan,
 * the truncation, the cache rule, asked about one fixed tiny prediction. Nothing here is drawn by hand.
 */
import { layoutOf, nextTurn } from '../../diffusion/blocks.ts';
import { cacheFor } from '../../diffusion/cache.ts';
import { type Canvas, continueCanvas, fillCanvas, isOpen, Slot } from '../../diffusion/canvas.ts';
import { decodeLogits } from '../../diffusion/decode.ts';
import { scheduleOf } from '../../diffusion/drawn-schedule.ts';
import { firstOf } from '../../diffusion/early-stop.ts';
import { leap, leapDraws, surestEdits } from '../../diffusion/edit-flow/leap.ts';
import { endsLast } from '../../diffusion/ends.ts';
import type { Prediction } from '../../diffusion/network.ts';
import { places } from '../../diffusion/patterns.ts';
import { revealPlan } from '../../diffusion/plan.ts';
import { SAMPLER_TABLE } from '../../diffusion/samplers/index.ts';
import { defaultSettings, type SamplerName, type SettingName, type Settings } from '../../diffusion/settings.ts';
import { drawnFrom, truncate } from '../../diffusion/truncate.ts';

/** A bar or a slot: `now` is what is chosen, `open` a mask, `kept` text that stands, `again` text that is masked again. */
export interface Mark {
  /** 0 to 1. */
  readonly height: number;
  readonly look: 'now' | 'open' | 'kept' | 'again' | 'plain';
  readonly label?: string;
}
export interface Figure {
  readonly kind: 'sampler' | 'bars' | 'plan' | 'slots';
  readonly rows: readonly (readonly Mark[])[];
}

const MASK = 6;
const END = 5;
/** What the tiny model thinks of twelve slots: logits of six tokens each, from sure to torn. */
const LOGITS: readonly (readonly number[])[] = [
  [4, 1, 0, 0, 0, -2],
  [2, 1.8, 0, 0, -1, -2],
  [3, 0, 0, 0, 0, -2],
  [1, 0.9, 0.8, 0.7, 0, -2],
  [2.6, 1, 0.5, 0, 0, -2],
  [5, 0, 0, 0, 0, -2],
  [1.5, 1.4, -1, -1, -1, -2],
  [2.2, 0, -1, -1, -1, 2],
  [1.2, 0.6, 0.5, 0, 0, -2],
  [3.4, 2, 0, 0, 0, -2],
  [0.8, 0.7, 0.6, 0.5, 0.4, -2],
  [2.4, 0.3, 0, 0, 0, 4.2],
];
const LENGTH = LOGITS.length;

const tiny = (change: Partial<Settings>): Settings => ({
  ...defaultSettings(),
  length: LENGTH,
  steps: 4,
  block: 0,
  topP: 1,
  temperature: 0,
  ...change,
});

function predict(slots: readonly number[], settings: Settings): Prediction {
  // Only to the letter may [MASK] be drawn; here the model is sure of it in two slots.
  const mask = (slot: number) => (settings.exact ? [slot === 5 || slot === 9 ? 7 : -9] : []);
  const logits = Float32Array.from(slots.flatMap((slot) => [...(LOGITS[slot] ?? []), ...mask(slot)]));
  const draw = { seed: settings.seed, step: 1, temperature: settings.temperature };
  const answer = decodeLogits(
    logits,
    undefined,
    { asked: Int32Array.from(slots), draw },
    { topK: 6 },
    { forwards: 1, rows: LENGTH },
  );
  return truncate(answer, settings, 1);
}

/** Some of the text is written where a sampler may write again; otherwise all twelve slots are open. */
function samplerRow(name: SamplerName, change: Partial<Settings> = {}): Mark[] {
  const sampler = SAMPLER_TABLE[name];
  const settings = tiny({ sampler: name, ...change });
  const canvas: Canvas = {
    ids: new Int32Array(LENGTH).fill(MASK),
    states: new Uint8Array(LENGTH).fill(Slot.Masked),
  };
  const written = new Float32Array(LENGTH).fill(Number.NaN);
  if (sampler.revisits) {
    for (const slot of [0, 2, 3, 6, 8, 10]) {
      // Slot 6 holds another token than the one the model would now take, slot 10 one it hardly believes in.
      canvas.ids[slot] = slot === 6 ? 1 : slot === 10 ? 4 : 0;
      canvas.states[slot] = Slot.Revealed;
      written[slot] = Math.log(slot === 10 ? 0.1 : slot === 3 ? 0.3 : 0.8);
    }
  }
  const layout = layoutOf(canvas, settings);
  const cursor = { step: 1, block: 0, grid: sampler.revisits ? 2 : 0, time: 0.5 };
  const turn = nextTurn(canvas, layout, cursor, settings, settings.exact, sampler);
  if (!turn) return [];
  const situation = { ...turn, canvas, layout, settings, step: 1, writtenLogProbs: written };
  const asked = sampler.asks?.(situation) ?? turn.candidates;
  const prediction = endsLast(predict(asked, settings), { endIds: [END], maskId: MASK }, settings);
  const choice = sampler.choose(situation, prediction);
  const { remask } = choice;
  // As the loop does: a drawn [MASK] leaves its slot as it is.
  const reveal = choice.reveal.filter(({ id }) => id !== MASK);
  const rowOf = new Map(asked.map((slot, row) => [slot, row]));
  const place = new Map(reveal.map(({ slot }, at) => [slot, String(at + 1)]));
  return Array.from({ length: LENGTH }, (_, slot) => {
    const row = rowOf.get(slot);
    const sure = row === undefined ? written[slot] : prediction.logProbs[row];
    const height = Number.isFinite(sure) ? Math.exp(sure as number) : isOpen(canvas.states[slot] as number) ? 0 : 1;
    const label = place.get(slot);
    if (remask.includes(slot)) return { height, look: 'again' };
    if (label !== undefined) return { height, look: 'now', label };
    return { height, look: isOpen(canvas.states[slot] as number) ? 'open' : 'kept' };
  });
}

const sampled = (name: SamplerName, ...changes: Partial<Settings>[]): Figure => ({
  kind: 'sampler',
  rows: (changes.length > 0 ? changes : [{}]).map((change) => samplerRow(name, change)),
});

const planRow = (change: Partial<Settings>, steps: number, stochastic = false): Mark[] => {
  const seed = { seed: 3, block: 0 };
  const plan = revealPlan(scheduleOf(tiny(change)), 24, steps, 0, stochastic ? seed : undefined);
  const counts = Array.from({ length: steps }, (_, grid) => plan.find((one) => one.grid === grid)?.count ?? 0);
  const most = Math.max(...counts);
  return counts.map((count) => ({ height: count / most, look: 'plain', label: String(count) }));
};
const planned = (...rows: Mark[][]): Figure => ({ kind: 'plan', rows });

/** Probabilities a token is drawn from in slot 8, where several compete; those cut off are left empty. */
function drawnRow(change: Partial<Settings>): Mark[] {
  const settings = tiny({ temperature: 1, ...change });
  const { probabilities } = drawnFrom(predict([8], settings), 0, settings);
  return Array.from({ length: 6 }, (_, rank) => {
    const p = probabilities[rank];
    return {
      height: p ?? 0,
      look: p === undefined ? 'open' : 'now',
      label: p === undefined ? '' : `${Math.round(p * 100)}%`,
    };
  });
}
const drawn = (...changes: Partial<Settings>[]): Figure => bars(...changes.map(drawnRow));

/** Rows of probabilities, the greatest of them as high as there is room. */
function bars(...rows: Mark[][]): Figure {
  const most = Math.max(...rows.flat().map(({ height }) => height));
  return { kind: 'bars', rows: rows.map((row) => row.map((mark) => ({ ...mark, height: mark.height / most }))) };
}

/** The softmax with guidance 0 and with guidance `scale`, of one slot whose prompt speaks for the second token. */
function guided(scale: number): Mark[] {
  const request = { asked: Int32Array.of(0), draw: { seed: 0, step: 0, temperature: 0 } };
  const guidance = { unconditional: new Int32Array(1), scale };
  const answer = decodeLogits(
    Float32Array.of(1, 1.6, 0.4, 0),
    Float32Array.of(1.4, 0.4, 0.6, 0),
    { ...request, guidance },
    { topK: 4 },
    { forwards: 2, rows: 2 },
  );
  return Array.from(answer.topIds)
    .map((id, at) => ({ id, p: Math.exp(answer.topLogProbs[at] as number) }))
    .sort((a, b) => a.id - b.id)
    .map(({ p }) => ({ height: p, look: 'now', label: `${Math.round(p * 100)}%` }));
}

const cells = ({ states }: Canvas, label: (slot: number) => string | undefined = () => undefined): Mark[] =>
  Array.from(states, (state, slot) => {
    const text = label(slot);
    return { height: 1, look: isOpen(state) ? 'open' : 'kept', ...(text === undefined ? {} : { label: text }) };
  });
const slots = (...rows: Mark[][]): Figure => ({ kind: 'slots', rows });

function blockCells(width: number): Mark[] {
  const canvas = continueCanvas([], LENGTH, MASK);
  const layout = layoutOf(canvas, tiny({ block: width }));
  return cells(canvas, (slot) => String(Math.floor((slot - layout.start) / layout.width) + 1));
}

function cacheCells(cache: Settings['cache']): Mark[] {
  const settings = tiny({ cache, block: 4 });
  const canvas = continueCanvas([], LENGTH, MASK);
  const asked = [4, 5, 6, 7];
  const use = cacheFor(canvas, asked, 1, layoutOf(canvas, settings), settings, { maskId: MASK });
  const { from, to } = use?.kind === 'anchored' ? use : { from: 0, to: LENGTH };
  return Array.from({ length: LENGTH }, (_, slot) => ({ height: 1, look: slot >= from && slot < to ? 'now' : 'kept' }));
}

/** Blocks of four while the second is written: what is remembered, what is computed, and what is not read yet. */
function readByBlocks(): Mark[] {
  const { start, width } = layoutOf(continueCanvas([], LENGTH, MASK), tiny({ block: 4 }));
  const look = (block: number) => (['kept', 'now'] as const)[block] ?? 'open';
  return Array.from({ length: LENGTH }, (_, slot) => ({ height: 1, look: look(Math.floor((slot - start) / width)) }));
}

/** Edits a tiny model expects in a text of twelve tokens: three mistakes, and a little everywhere. */
const EXPECTED = [0.05, 0.1, 0.9, 0.05, 0.2, 0.1, 0.6, 0.05, 0.3, 0.05, 0.8, 0.1];

function editCells(way: Settings['editWay'], above: number): Mark[] {
  const none = new Float32Array(LENGTH);
  const drawn = { ids: new Int32Array(LENGTH) };
  const answer = { rates: { set: Float32Array.from(EXPECTED), remove: none, insert: none }, set: drawn, insert: drawn };
  const made =
    way === 'surest'
      ? surestEdits(answer, { given: 0, above })
      : leap(answer, leapDraws(1, 0), { t: 0.5, tau: 0.25, given: 0 });
  const places = new Set(made.map(({ slot }) => slot));
  return EXPECTED.map((_, slot) => ({ height: 1, look: places.has(slot) ? 'now' : 'kept' }));
}

function patternCells(change: Partial<Settings>): Mark[][] {
  const settings = tiny({ width: 6, ...change });
  const found = places(settings, LENGTH);
  const rank = new Map(
    [...found.keys()].sort((a, b) => (found[a] as number) - (found[b] as number)).map((slot, at) => [slot, at + 1]),
  );
  const marks = Array.from(
    { length: LENGTH },
    (_, slot): Mark => ({ height: 1, look: 'plain', label: String(rank.get(slot)) }),
  );
  return Array.from({ length: Math.ceil(LENGTH / settings.width) }, (_, row) =>
    marks.slice(row * settings.width, (row + 1) * settings.width),
  );
}

export function samplerFigure(name: SamplerName, settings: Settings): Figure {
  const { pattern, threshold, factor, gamma } = settings;
  return sampled(name, { pattern, width: 4, threshold, factor, gamma });
}

/** An answer of three tokens and its end on a canvas of twelve, written from left to right. */
function answerCells(early: boolean): Mark[] {
  const answer = [1, 1, 1, 1, 1, 1, 1, END, ...Array<number>(4).fill(early ? MASK : END)];
  const stopped = early && firstOf([END])(answer);
  return cells(fillCanvas(answer, MASK)).map((mark, slot) => ({
    ...mark,
    look: stopped && slot >= stopped.to ? 'open' : slot < 4 ? 'kept' : 'now',
  }));
}

/** A figure for every setting; the model itself has none, because nothing small is like it. */
export const SETTING_FIGURES: { readonly [K in Exclude<SettingName, 'model'>]: (settings: Settings) => Figure } = {
  mode: () =>
    slots(
      cells(continueCanvas([1, 1, 1, 1], 8, MASK)),
      cells(fillCanvas([1, 1, MASK, MASK, 1, 1, 1, MASK, 1, 1, MASK, 1], MASK)),
    ),
  prompt: () => slots(cells(continueCanvas([1, 1, 1, 1], 8, MASK))),
  system: () => slots(cells(continueCanvas([1, 1, 1, 1, 1, 1], 6, MASK))),
  turns: () => slots(cells(continueCanvas([1, 1, 1, 1, 1, 1, 1, 1], 4, MASK))),
  length: () => slots(cells(continueCanvas([1, 1, 1, 1], 4, MASK)), cells(continueCanvas([1, 1, 1, 1], 8, MASK))),
  steps: () => planned(planRow({}, 12), planRow({}, 4)),
  block: () => slots(blockCells(0), blockCells(4)),
  process: () => slots(cells(continueCanvas([], LENGTH, MASK)), readByBlocks()),
  editWay: () => slots(editCells('surest', 0.5), editCells('leap', 0.5)),
  editAbove: () => slots(editCells('surest', 0.5), editCells('surest', 0.2)),
  editsFrom: () => slots(cells(continueCanvas([1, 1, 1, 1], 8, MASK)), cells(continueCanvas([1, 1, 1, 1], 0, MASK))),
  sampler: (settings) => samplerFigure(settings.sampler, settings),
  schedule: ({ schedule, curve }) => planned(planRow({ schedule, curve }, 8)),
  curve: ({ curve }) => planned(planRow({ schedule: 'drawn', curve }, 8)),
  temperature: () => drawn({ temperature: 0.5 }, { temperature: 1 }, { temperature: 2 }),
  topK: () => drawn({ topK: 2 }, { topK: 4 }),
  topP: () => drawn({ topP: 0.5 }, { topP: 0.9 }),
  guidance: () => bars(guided(0), guided(2)),
  cache: () => slots(cacheCells('off'), cacheCells('prefix'), cacheCells('dual')),
  threshold: () => sampled('threshold', { threshold: 0.9 }, { threshold: 0.6 }),
  factor: () => sampled('factor', { factor: 1 }, { factor: 2 }),
  gamma: () => sampled('entropy-bounded', { gamma: 0.5 }, { gamma: 2 }),
  eta: () => sampled('remdm-rescale', { eta: 0.1 }, { eta: 1 }),
  tOn: () => sampled('remdm-loop', { tOn: 0.6 }, { tOn: 0.45 }),
  tOff: () => sampled('remdm-loop', { tOff: 0.05 }, { tOff: 0.52 }),
  alphaOn: () => sampled('remdm-loop', { alphaOn: 0.9, eta: 0.5 }, { alphaOn: 0.5, eta: 0.5 }),
  editThreshold: () => sampled('token-editing', { editThreshold: 0.9 }, { editThreshold: 0.4 }),
  pattern: ({ pattern, order }) => slots(...patternCells({ pattern, order })),
  order: ({ order }) => slots(...patternCells({ pattern: 'drawn', order: order || '11-8,0-3' })),
  width: () => slots(...patternCells({ pattern: 'checkerboard', width: 4 })),
  generations: () => sampled('game-of-life', { width: 4 }),
  ends: () => sampled('confidence', { ends: 'off' }, { ends: 'late' }),
  orderTemperature: () => sampled('confidence', { orderTemperature: 0 }, { orderTemperature: 0.5 }),
  stochastic: () => planned(planRow({}, 8), planRow({}, 8, true)),
  exact: () => sampled('confidence', { exact: false }, { exact: true }),
  earlyStop: () => slots(answerCells(false), answerCells(true)),
  seed: () => sampled('random', { seed: 1 }, { seed: 2 }),
};
