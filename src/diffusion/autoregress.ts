/**
 * Writing from left to right, one token a pass: p(x) = Π p(x_t | x_<t). The steps are those of a canvas whose open slots
 * are written in reading order, so a run is a Trace like any other and can be drawn, replayed and timed beside a masked
 * diffusion run. Temperature, top-k, top-p and the seed mean what they mean there.
 */
import { type Canvas, copyCanvas, openSlots, Slot } from './canvas.ts';
import { type Network, predictOne } from './network.ts';
import { writeStep } from './replay.ts';
import type { SettingName, Settings } from './settings.ts';
import type { Cursor, Step } from './trace.ts';
import { alternativesKept, truncate, truncates } from './truncate.ts';

export interface AutoregressOptions {
  /** Tokens the network reads before the canvas, which are not part of it, such as [CLS]. */
  readonly before?: readonly number[];
  /** Ids that end the text: the run stops after writing one. */
  readonly ends?: readonly number[];
  /** Ids that can never be drawn. */
  readonly suppress?: readonly number[];
  /** Go on from here. */
  readonly cursor?: Pick<Cursor, 'step'> | undefined;
  /** Stops before the next pass; the step in flight is still finished and yielded. */
  readonly signal?: AbortSignal | undefined;
  /** Clock in milliseconds. */
  readonly now?: () => number;
}

/**
 * Yields a step for each open slot of `canvas`, first to last; `canvas` itself is not changed. Given slots that come
 * after an open one are read when the writing has reached them. Throws what `Network.predict` throws.
 * `network` is causal: the keys and values of what has been read are asked to be used again.
 */
export async function* autoregress(
  network: Pick<Network, 'info' | 'predict'>,
  canvas: Canvas,
  settings: Settings,
  { before = [], ends = [], suppress = [], cursor, signal, now = () => performance.now() }: AutoregressOptions = {},
): AsyncGenerator<Step, void> {
  const work = copyCanvas(canvas);
  const open = openSlots(work);
  // An answer that has ended before the first open slot needs no more.
  if (cursor && cursor.step > 0 && endedBefore(work, open[0] ?? 0, ends)) return;
  const first = cursor?.step ?? 0;
  const topK = alternativesKept(settings, network.info.vocabSize - suppress.length);
  for (const [at, slot] of open.entries()) {
    if (signal?.aborted) return;
    const index = first + at;
    const began = now();
    const ids = Int32Array.from([...before, ...work.ids.subarray(0, slot)]);
    // When truncating, the token is drawn afterwards from the kept alternatives, with the same noise.
    const draw = { seed: settings.seed, step: index, temperature: truncates(settings) ? 0 : settings.temperature };
    const cache = { kind: 'exact', prefix: Math.max(0, ids.length - 1) } as const;
    const answer = await predictOne(
      network,
      { ids, asked: Int32Array.of(ids.length), draw, cache },
      { topK, suppress },
    );
    const prediction = truncate({ ...answer, slots: Int32Array.of(slot) }, settings, index);
    const id = prediction.ids[0] as number;
    const change = { revealed: [slot], revealedIds: [id], remasked: [] };
    writeStep(work, change, undefined);
    const left = open.length - at - 1;
    const ended = ends.includes(id);
    yield {
      index,
      block: 0,
      quota: 1,
      ...change,
      prediction,
      next: { step: index + 1, block: 0, grid: index + 1 },
      forwards: prediction.forwards,
      milliseconds: now() - began,
      ...(ended && left > 0 ? { ended: { from: slot, to: slot + 1, saved: left } } : {}),
    };
    if (ended) return;
  }
}

function endedBefore({ ids, states }: Canvas, slot: number, ends: readonly number[]): boolean {
  return slot > 0 && states[slot - 1] === Slot.Revealed && ends.includes(ids[slot - 1] as number);
}

/**
 * The settings as a causal model follows them: order, pace, schedule and guidance are those of reading, one token a pass,
 * whatever was chosen for canvases; an answer ends where it ends.
 */
export function appending(settings: Settings): Settings {
  return { ...settings, ...READING, steps: settings.length };
}

const READING = {
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
