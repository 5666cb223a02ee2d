/** Marks that are told apart by shape, so that series survive greyscale, colour blindness and a bad projector. */

const SHAPES = [
  'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z',
  'M-3.600-3.600h7.200v7.200h-7.200z',
  'M0-5 5 3.600H-5z',
  'M0-5 5 0 0 5-5 0z',
  'M0 5 5-3.600H-5z',
  'M-1.400-4.600h2.800v3.200h3.200v2.800h-3.200v3.200h-2.800v-3.200h-3.200v-2.800h3.200z',
  'M-4.600-2.600-2.600-4.600 0-2 2.600-4.600 4.600-2.600 2 0 4.600 2.600 2.600 4.600 0 2-2.600 4.600-4.600 2.600-2 0z',
  'M0-5 4.800-1.500 2.900 4H-2.900L-4.800-1.500z',
] as const;

/** Path of the mark of series number `series`, around the origin; after eight they begin again, hollow. */
export function markPath(series: number): string {
  return SHAPES[series % SHAPES.length] as string;
}

export function isHollow(series: number): boolean {
  return series % (2 * SHAPES.length) >= SHAPES.length;
}

/** A mark in running text, for keys and tables. */
export function Mark({ series }: { series: number }) {
  return (
    <svg className="figure-mark" viewBox="-6 -6 12 12" width="12" height="12" aria-hidden="true">
      <path className={isHollow(series) ? 'mark hollow' : 'mark'} d={markPath(series)} />
    </svg>
  );
}
