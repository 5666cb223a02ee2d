/**
 * How much memory a model may take, where the browser gives a hint. WebGPU tells how large one buffer may be but never
 * how much memory there is; Chromium tells the machine's, rounded and, in older versions, never more than 8 GiB.
 */

/** A page shares the machine with the system, the browser and, without a card of its own, the graphics driver. */
const SHARE = 0.5;
const CAP = 8;

/** Bytes, or undefined when nothing is known. `gibibytes`: `navigator.deviceMemory`. */
export function memoryHint(
  gibibytes = (globalThis.navigator as { deviceMemory?: number } | undefined)?.deviceMemory,
): number | undefined {
  return gibibytes === undefined || gibibytes >= CAP ? undefined : SHARE * gibibytes * 2 ** 30;
}
