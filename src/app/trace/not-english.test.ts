import { expect, test } from 'vitest';
import { OPENINGS } from '../../diffusion/openings.ts';
import { openingText, SHELF } from '../../diffusion/shelf.ts';
import { notEnglish } from './not-english.ts';

test.each([
  'Es war einmal ein kleines Mädchen, das nicht schlafen konnte',
  'Il était une fois une petite fille qui vivait dans la forêt',
  'Érase una vez una niña que vivía con los lobos',
  'C’era una volta un re che non sono riuscito a trovare, il più triste della terra',
  'Era uma vez os três porquinhos que',
  'Het meisje en een hond van de buren',
  'Однажды',
  '从前有一个小女孩',
  'Once upon a time, 猫',
])('%s is not English', (text) => expect(notEnglish(text)).toBe(true));

test.each(['', 'Robin', 'My friend Les met Der Spiegel', 'I ate a crème brûlée à la carte', 'No! “Yes,” said Zoë.'])(
  '%s is taken as English',
  (text) => expect(notEnglish(text)).toBe(false),
);

test('so are the openings of the page', () => {
  const shelf = SHELF.map((opening) => openingText(opening, '[MASK]'));
  expect([...OPENINGS, ...shelf].filter(notEnglish)).toEqual([]);
});
