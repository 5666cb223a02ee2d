import { describe, expect, test } from 'vitest';
import { SEES_ALL, SEES_BEFORE, type Sees } from './arch.ts';
import { visibleRuns } from './sees.ts';

const rows = (sees: Sees, length: number) =>
  Array.from({ length }, (_, query) => {
    const row = Array(length).fill(0);
    for (const [from, to] of visibleRuns(sees, query, length)) row.fill(1, from, to);
    return row.join('');
  });

describe('visibleRuns', () => {
  test('everything, everything before, a window', () => {
    expect(rows(SEES_ALL, 3)).toEqual(['111', '111', '111']);
    expect(rows(SEES_BEFORE, 3)).toEqual(['100', '110', '111']);
    expect(rows({ window: [1, 2] }, 5)).toEqual(['11100', '11110', '01111', '00111', '00011']);
  });

  test('blocks see themselves and what came before; the last may be short', () => {
    expect(rows({ blocks: 2 }, 5)).toEqual(['11000', '11000', '11110', '11110', '11111']);
    expect(rows({ blocks: 1 }, 3)).toEqual(rows(SEES_BEFORE, 3));
  });

  test('x_t and x_0 in blocks of two, as dLLM masks them (BD3-LM, figure 3)', () => {
    expect(rows({ noisyAndClean: 2 }, 8)).toEqual([
      '11000000',
      '11000000',
      '00111100',
      '00111100',
      '00001100',
      '00001100',
      '00001111',
      '00001111',
    ]);
  });
});
