/** How long a run will take, before anything has been learnt: judged by how fast the model in use writes on this device. */
import { sampleEvery, type TrainSettings } from '../../../worker/protocol.train.ts';
import type { LoadedModel } from '../../../worker/protocol.ts';

/** Tokens of the pass that is timed when a model has been loaded (`timePass`). */
const TIMED_TOKENS = 72;
/**
 * A token that is learnt takes this many times as long as one that is read, forward, backward and update together: 2.8 by
 * processor time with the shipped model on WebAssembly. On a graphics card other kernels learn than write, so it is rougher.
 */
const LEARNING = 2.8;
/** Tokens of a sample canvas, written in half as many passes. */
const CANVAS = 64;

/** Milliseconds of a pass of the model `name`, where it is the one that is here. */
export function passOf(name: string, { id, passMilliseconds }: LoadedModel): number | undefined {
  return id === name ? passMilliseconds : undefined;
}

type Asked = Pick<
  TrainSettings,
  'steps' | 'batch' | 'accumulation' | 'length' | 'evalEvery' | 'evalTexts' | 'sampleEvery'
>;

/** A first run should be over before somebody leaves: three minutes, unless so few steps would teach nothing. */
export const FIRST_SECONDS = 180;
const FEWEST_STEPS = 30;

/** Steps of a run for which nobody has chosen their number: those of `settings`, or as many tens as fit into that time. */
export function stepsThatFit(settings: Asked, passMilliseconds: number): number {
  let { steps } = settings;
  while (steps > FEWEST_STEPS && estimateSeconds({ ...settings, steps }, passMilliseconds) > FIRST_SECONDS) steps -= 10;
  return steps;
}

/** Seconds of the whole run, measurements and canvases included. `passMilliseconds`: of the model that goes on learning. */
export function estimateSeconds(settings: Asked, passMilliseconds: number): number {
  const { steps, batch, accumulation, length, evalEvery, evalTexts } = settings;
  const perToken = passMilliseconds / TIMED_TOKENS;
  const times = (every: number) => (every === 0 ? 0 : 1 + Math.ceil(steps / every));
  const learnt = steps * batch * accumulation * length * LEARNING;
  const measured = times(evalEvery) * evalTexts * length;
  const canvas = Math.min(length, CANVAS);
  const samples = times(sampleEvery(settings)) * (canvas / 2) * canvas;
  return ((learnt + measured + samples) * perToken) / 1000;
}
