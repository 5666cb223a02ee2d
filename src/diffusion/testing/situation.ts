/** A Situation for tests of single samplers: an empty canvas of open slots in one block, unless told otherwise. */
import { fillCanvas } from '../canvas.ts';
import type { Situation } from '../sampler.ts';
import { scheduleByName } from '../schedule.ts';
import { defaultSettings, type Settings } from '../settings.ts';

/** `steps` is S of the block's grid. */
export function situation(
  slots: number,
  {
    settings,
    steps = 4,
    ...changes
  }: Partial<Omit<Situation, 'settings'>> & {
    settings?: Partial<Settings>;
    steps?: number;
  } = {},
): Situation {
  return {
    canvas: fillCanvas(Array(slots).fill(9), 9),
    candidates: Array.from({ length: slots }, (_, slot) => slot),
    rewritable: [],
    quota: 2,
    block: 0,
    grid: 0,
    lastGrid: steps,
    time: 1,
    remaining: slots,
    from: 0,
    to: slots,
    layout: { start: 0, width: slots, blocks: 1, steps },
    schedule: scheduleByName('linear'),
    settings: { ...defaultSettings(), ...settings },
    step: 0,
    writtenLogProbs: new Float32Array(slots).fill(Number.NaN),
    ...changes,
  };
}
