/**
 * Writing from left to right, one token a pass: p(x) = Π p(x_t | x_<t). The steps are those of a canvas whose open slots
 * are written in reading order, so a run is a Trace like any other and can be drawn, replayed and timed beside a masked
 * diffusion run. Temperature, top-k, top-p and the seed mean what they mean there.
 */
import { type Canvas, openSlots, Slot, slotAt } from '../canvas.ts';
import type { NetworkInfo } from '../network.ts';
import type { Process, State, Turn } from '../process.ts';
import type { SettingName, Settings } from '../settings.ts';
import { alternativesKept, truncate, truncates } from '../truncate.ts';

export interface Appending {
  /** Tokens the network reads before the canvas, which are not part of it, such as [CLS]. */
  readonly before?: readonly number[];
  /** Ids that end the text: the run stops after writing one. */
  readonly ends?: readonly number[];
  /** Ids that can never be drawn. */
  readonly suppress?: readonly number[];
}

/**
 * A step for each open slot, first to last. Given slots that come after an open one are read when the writing has reached
 * them. The network is causal: the keys and values of what has been read are asked to be used again.
 */
export function autoregressive(how: Appending = {}): Process {
  return {
    name: 'autoregressive',
    begin(info, canvas, settings, { cursor }) {
      const step = cursor?.step ?? 0;
      // An answer that has ended before the first open slot needs no more.
      const over = step > 0 && endedBefore(canvas, openSlots(canvas)[0] ?? 0, how.ends ?? []);
      return stateOf(info, settings, how, step, over);
    },
  };
}

function stateOf(info: NetworkInfo, settings: Settings, how: Appending, step: number, over: boolean): State {
  return { turn: (canvas) => (over ? undefined : turnOf(info, settings, how, step, canvas)) };
}

function turnOf(info: NetworkInfo, settings: Settings, how: Appending, step: number, canvas: Canvas): Turn | undefined {
  const { before = [], ends = [], suppress = [] } = how;
  const open = openSlots(canvas);
  const [place] = open;
  if (place === undefined) return undefined;
  const ids = Int32Array.from([...before, ...canvas.ids.subarray(0, place)]);
  return {
    asks: 'tokens',
    question: {
      sequence: {
        ids,
        asked: Int32Array.of(ids.length),
        // When truncating, the token is drawn afterwards from the kept alternatives, with the same noise.
        draw: { seed: settings.seed, step, temperature: truncates(settings) ? 0 : settings.temperature },
        cache: { kind: 'exact', prefix: Math.max(0, ids.length - 1) },
      },
      options: { topK: alternativesKept(settings, info.vocabSize - suppress.length), suppress },
    },
    choose(answer) {
      const prediction = truncate({ ...answer, slots: Int32Array.of(place) }, settings, step);
      const id = prediction.ids[0] as number;
      const left = open.length - 1;
      const ended = ends.includes(id);
      return {
        ops: [{ set: slotAt(canvas, place), id }],
        answer: prediction,
        next: { step: step + 1, block: 0, grid: step + 1 },
        state: stateOf(info, settings, how, step + 1, ended),
        ...(ended && left > 0 ? { ended: { from: place, to: place + 1, saved: left } } : {}),
      };
    },
  };
}

function endedBefore({ ids, states }: Canvas, place: number, ends: readonly number[]): boolean {
  return place > 0 && states[place - 1] === Slot.Revealed && ends.includes(ids[place - 1] as number);
}

/**
 * The settings as a causal model follows them: order, pace, schedule and guidance are those of reading, one token a pass,
 * whatever was chosen for canvases; an answer ends where it ends.
 */
export function appending(settings: Settings): Settings {
  return { ...settings, ...READING, steps: settings.length };
}

const READING = {
  process: 'masked',
  sampler: 'left-to-right',
  schedule: 'linear',
  block: 0,
  guidance: 0,
  cache: 'off',
  stochastic: false,
  exact: false,
  earlyStop: true,
} as const satisfies Partial<Settings>;

/** The settings that a causal model does not follow. */
export const NOT_FOLLOWED: readonly SettingName[] = ['steps', ...(Object.keys(READING) as (keyof typeof READING)[])];
