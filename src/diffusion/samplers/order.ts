/**
 * An order of one's own: rows, columns, a checkerboard, from the centre out, or drawn slot by slot. The network fills in
 * but has no say in where; as `random` and `left-to-right` show, any order that does not look at the drawn tokens is
 * exact one token at a time. The patterns are in `patterns.ts`.
 */
import { places } from '../patterns.ts';
import { byScore } from '../sampler.ts';
import type { Settings } from '../settings.ts';

/** The places of a run are the same at every step. */
const known = new WeakMap<Settings, Float64Array>();

function placesOf(settings: Settings, length: number): Float64Array {
  let found = known.get(settings);
  if (found?.length !== length) {
    found = places(settings, length);
    known.set(settings, found);
  }
  return found;
}

export const orderSampler = byScore(
  {
    name: 'order',
    source: 'Any-order reading of masked diffusion (MDLM, arXiv 2406.07524); patterns by hand',
    exactFor: true,
    wholeText: true,
    uses: ['pattern', 'order', 'width'],
  },
  (prediction, row, { settings, canvas, layout }) => {
    const offset = (prediction.slots[row] as number) - layout.start;
    // Masks typed into the prompt come first, from left to right.
    return -(placesOf(settings, canvas.ids.length - layout.start)[offset] ?? offset - canvas.ids.length);
  },
);
