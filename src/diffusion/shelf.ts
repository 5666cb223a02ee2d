/**
 * What the shelf beside the canvas offers to begin with: things that are asked of a whole page at once. A number stands for
 * so many masks. `select` is what the reader puts something of their own in place of.
 */
export interface Opening {
  readonly name: (typeof SHELF_NAMES)[number];
  readonly mode: 'continue' | 'fill';
  readonly parts: readonly (string | number)[];
  readonly select?: string;
}

export const SHELF_NAMES = ['gaps', 'ending', 'word', 'dialogue', 'list', 'name'] as const;

export const SHELF: readonly [Opening, ...Opening[]] = [
  {
    name: 'gaps',
    mode: 'fill',
    parts: ['Once upon a time, there was a', 2, ' who lived in', 3, '. One day,', 6, ', and they were very happy.'],
  },
  {
    name: 'ending',
    mode: 'fill',
    parts: ['One morning, Tom found a key in the garden.', 36, ' Then they laughed, and everybody went home.'],
  },
  { name: 'word', mode: 'fill', parts: ['The little girl', 16, ' moon', 20, '.'], select: 'moon' },
  {
    name: 'dialogue',
    mode: 'fill',
    parts: ['"Who are you?" asked the girl.\n"', 7, '," said the frog.\n"', 8, '?" asked the girl.\n"', 9, '."'],
  },
  {
    name: 'list',
    mode: 'fill',
    parts: ['Mia packed her bag. She took a', 2, ', a', 2, ', a', 2, ' and a', 3, '. Then she', 10, '.'],
  },
  {
    name: 'name',
    mode: 'continue',
    parts: ['Once upon a time, there was a child named Robin. Robin loved to'],
    select: 'Robin',
  },
];

/** Its text for a model whose mask token is written so. */
export function openingText({ parts }: Pick<Opening, 'parts'>, mask: string): string {
  return parts.map((part) => (typeof part === 'number' ? mask.repeat(part) : part)).join('');
}
