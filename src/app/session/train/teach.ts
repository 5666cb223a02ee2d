/**
 * A run of some twenty seconds on a text of the reader's: an ordinary run of the trainer, kept and shown in Train like any
 * other, with as many steps as this device makes in that time. A link carries the text and the seed; weights are learnt anew.
 */

import { formatLink } from '../../../diffusion/link.ts';
import { MOST_LINK, type Pair, readPairs } from '../../../diffusion/link-text.ts';
import { SETTINGS, type Settings } from '../../../diffusion/settings.ts';
import { defaultTrainSettings, type TrainSettings } from '../../../worker/protocol.train.ts';
import { addressOf } from '../linkAddress.ts';
import { estimateSeconds } from './estimate.ts';

export const SECONDS = 20;
/** With more steps a short text is only learnt by heart. */
const MOST_STEPS = 160;
/**
 * From the fastest device to the slowest: what a step learns, as few steps as show something, and how many canvases are written
 * beside the one before the first step. A canvas costs as much as several steps, so that a slow device writes one, at the end.
 */
const SHAPES = [
  { batch: 4, length: 48, least: 24, canvases: 5 },
  { batch: 4, length: 32, least: 16, canvases: 2 },
  { batch: 2, length: 32, least: 12, canvases: 1 },
] as const;
/** Characters that give enough to learn: a few sentences. */
export const LEAST_TEXT = 120;
export const MOST_TEXT = 50_000;

/** `passMilliseconds` is that of the model that learns; undefined where it is not known. */
export function teachSettings(seed: number, passMilliseconds: number | undefined): TrainSettings {
  const of = (steps: number, { batch, length, canvases }: (typeof SHAPES)[number]): TrainSettings => ({
    ...defaultTrainSettings(),
    data: 'pasted text',
    objective: 'mdlm',
    weighting: 'uniform',
    batch,
    length,
    lr: 2e-3,
    evalEvery: 0,
    saveEvery: 0,
    steps,
    sampleEvery: Math.ceil(steps / canvases),
    seed,
  });
  const [, middle, last] = SHAPES;
  if (passMilliseconds === undefined) return of(middle.least, middle);
  const fits = (settings: TrainSettings) => estimateSeconds(settings, passMilliseconds) <= SECONDS;
  const shape = SHAPES.find((one) => fits(of(one.least, one))) ?? last;
  let steps: number = MOST_STEPS;
  while (steps > shape.least && !fits(of(steps, shape))) steps -= 4;
  return of(steps, shape);
}

const KEY = 'teach';

/** The address of a link with this text; undefined when it is too long to be sent. */
export function teachLink(settings: Settings, seed: number, text: string): string | undefined {
  const words: Pair = [KEY, text.trim()];
  const address = addressOf('generate', formatLink({ ...settings, seed }, {}, [words]));
  return address.length > MOST_LINK ? undefined : address;
}

/** What a link wants to have learnt. */
export function taughtIn(query: string): { readonly text: string; readonly seed: number } | undefined {
  const given = new Map(readPairs(query).pairs);
  const text = given.get(KEY)?.slice(0, MOST_TEXT);
  if (text === undefined) return undefined;
  try {
    return { text, seed: SETTINGS.seed.parse(given.get(SETTINGS.seed.key) ?? '') };
  } catch {
    return { text, seed: SETTINGS.seed.default };
  }
}

/** The beginning of a text, of so many words, to have the model go on from. */
export function beginningOf(text: string, words = 3): string {
  return text.trim().split(/\s+/).slice(0, words).join(' ');
}
