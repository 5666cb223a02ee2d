/** From values to pixels and back, and the round numbers that stand along an axis. */
import { greatest, least } from '../../diffusion/extremes.ts';

export interface Axis {
  /** What is measured, with its unit. */
  readonly label: string;
  readonly domain: readonly [number, number];
  /** Logarithmic axes need a domain above 0; values at or below 0 are drawn at its lower end. */
  readonly log?: boolean;
  readonly format: (value: number) => string;
  /** Where to put ticks; round numbers when absent. */
  readonly ticks?: readonly number[];
}

export interface Scale {
  /** Pixel of a value. Values outside the domain are drawn at its ends. */
  place(value: number): number;
  /** Value at a pixel, within the domain. */
  value(pixel: number): number;
}

export function scaleOf({ domain: [low, high], log = false }: Axis, from: number, to: number): Scale {
  const bend = (value: number) => (log ? Math.log(Math.max(value, low)) : value);
  const [a, b] = [bend(low), bend(high)];
  const span = b - a || 1;
  return {
    place: (value) => from + (Math.min(Math.max((bend(value) - a) / span, 0), 1) || 0) * (to - from),
    value(pixel) {
      const along = Math.min(Math.max((pixel - from) / (to - from), 0), 1);
      const bent = a + along * span;
      return log ? Math.exp(bent) : bent;
    },
  };
}

/** Steps of 1, 2 or 5 times a power of ten, about `wanted` of them; on a logarithmic axis powers of ten. */
export function ticksOf({ domain: [low, high], log = false, ticks }: Axis, wanted = 5): readonly number[] {
  if (ticks !== undefined) return ticks;
  if (!(high > low)) return [low];
  if (log) {
    const decades = Math.floor(Math.log10(high) + 1e-9) - Math.ceil(Math.log10(low) - 1e-9) + 1;
    if (decades >= 2) {
      const every = Math.ceil(decades / wanted);
      return steps(Math.ceil(Math.log10(low) - 1e-9), every, Math.log10(high) + 1e-9).map((power) => 10 ** power);
    }
  }
  const rough = (high - low) / wanted;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * ([1, 2, 5, 10].find((times) => times * unit >= rough * 0.8) as number);
  const first = Math.ceil(low / step - 1e-9);
  return steps(first, 1, high / step + 1e-9).map((count) => Number((count * step).toPrecision(12)));
}

function steps(from: number, every: number, most: number): number[] {
  const found: number[] = [];
  for (let at = from; at <= most; at += every) found.push(at);
  return found;
}

/** The smallest domain that holds all values, with a little air; `[0, 1]` when there are none. */
export function domainOf(values: readonly number[], { zero = false, log = false } = {}): [number, number] {
  const finite = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
  if (finite.length === 0) return log ? [0.1, 1] : [0, 1];
  let low = least(finite);
  let high = greatest(finite);
  if (log) return low === high ? [low / 2, high * 2] : [low / 1.15, high * 1.15];
  if (zero) low = Math.min(low, 0);
  if (low === high) high = low + (Math.abs(low) || 1);
  const air = (high - low) * 0.06;
  return [zero && low === 0 ? 0 : low - air, high + air];
}
