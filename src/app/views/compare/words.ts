/** Names of points and series, in words. */
import type { FrontierPoint } from '../../../diffusion/frontier.ts';
import { clauses, decimal } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';

/** One sentence about a point, for its name in the plots. */
export function pointWords({ series, knob, value, passes }: FrontierPoint, measure: string, number: string): string {
  const point = clauses(seriesName(series), knobWords(knob, value), m.compare.frontier.passes(decimal(passes)));
  return m.compare.frontier.point(point, measure, number);
}

/** What paces a sampler that is not paced by its steps, "Threshold 0.5"; empty for one that is. */
export function knobWords(knob: FrontierPoint['knob'], value: number): string {
  return knob === 'steps' ? '' : m.compare.frontier.knob(m.settings[knob as keyof typeof m.settings][0], value);
}

export function seriesName(series: string): string {
  if (series === 'append') return m.compare.frontier.reference;
  const [sampler = '', block] = series.split(':');
  const name = m.samplers[sampler as keyof typeof m.samplers]?.[0] ?? sampler;
  return block === undefined ? name : m.compare.frontier.inBlocks(name, Number(block));
}
