/** Names of points and series, in words. */
import type { FrontierPoint } from '../../diffusion/frontier.ts';
import { decimal } from '../messages/format.ts';
import { m } from '../messages/index.ts';

/** One sentence about a point, for its name in the plots. */
export function pointWords({ series, knob, value, passes }: FrontierPoint, measure: string, number: string): string {
  const setting = knob === 'steps' ? '' : ` ${m.compare.frontier.knob(knob, value)}`;
  return `${seriesName(series)}${setting}, ${m.compare.frontier.passes(decimal(passes))}: ${measure} ${number}`;
}

export function seriesName(series: string): string {
  if (series === 'append') return m.compare.frontier.reference;
  const [sampler = '', block] = series.split(':');
  const name = m.samplers[sampler as keyof typeof m.samplers]?.[0] ?? sampler;
  return block === undefined ? name : m.compare.frontier.inBlocks(name, Number(block));
}
