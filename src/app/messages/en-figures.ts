/** What figures of every view say about themselves. */
export const figures = {
  asTable: 'As a table',
  pointHint: 'Point at a mark, or go to it with the arrow keys, to read it.',
  pointKeys: 'Arrow keys go from point to point.',
} as const;
