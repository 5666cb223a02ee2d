/**
 * A Trace as JSON text. Typed arrays become plain lists; float32 values are written with the nine digits that tell every
 * float32 from its neighbours, and −∞ (a place without an alternative) as null.
 */
import type { Trace } from '../diffusion/trace.ts';

export function traceText(trace: Trace): string {
  return JSON.stringify(trace, (_, value: unknown) => {
    if (value instanceof Float32Array) return Array.from(value, (number) => Number(number.toPrecision(9)));
    return value instanceof Int32Array || value instanceof Uint8Array ? [...value] : value;
  });
}
