/** Recorded runs of chapters whose model does not come with the page. They are trace files like any other. */
import type { Trace } from '../../../diffusion/trace.ts';
import { decodeTrace } from '../../../diffusion/trace-decode.ts';

const FILES = {
  repair: () => import('./recorded/repair.json?raw'),
  leap: () => import('./recorded/leap.json?raw'),
};
export type RecordedName = keyof typeof FILES;

/** Rejects where the file can not be fetched. */
export async function recordedRun(name: RecordedName): Promise<Trace> {
  return decodeTrace((await FILES[name]()).default);
}
