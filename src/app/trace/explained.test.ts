import { describe, expect, test } from 'vitest';
import { defaultSettings, SAMPLERS, type SettingName } from '../../diffusion/settings.ts';
import { type Figure, SETTING_FIGURES, samplerFigure } from './explained.ts';

const settings = defaultSettings();
const taken = ({ rows }: Figure, row = 0) =>
  rows[row]?.flatMap(({ look }, slot) => (look === 'now' ? [slot] : [])) ?? [];

describe('the figures beside the controls', () => {
  test.each(Object.keys(SETTING_FIGURES) as (keyof typeof SETTING_FIGURES)[])('%s has marks with heights', (name) => {
    const { rows } = SETTING_FIGURES[name](settings);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      expect(row.length).toBeGreaterThan(1);
      for (const { height } of row) expect(height >= 0 && height <= 1).toBe(true);
    }
  });

  test.each(SAMPLERS)('%s does something on the tiny canvas', (name) => {
    const { rows } = samplerFigure(name, settings);
    expect(rows[0]?.some(({ look }) => look === 'now' || look === 'again')).toBe(true);
  });

  test('are what the rules say', () => {
    const first = (name: Parameters<typeof samplerFigure>[0]) => taken(samplerFigure(name, settings));
    expect(first('left-to-right')).toEqual([0, 1, 2]);
    const sure = samplerFigure('confidence', settings).rows[0] ?? [];
    const least = Math.min(...sure.filter(({ look }) => look === 'now').map(({ height }) => height));
    expect(sure.every(({ look, height }) => look === 'now' || height <= least)).toBe(true);
  });

  test('to the letter, slots that draw [MASK] stay masks', () => {
    const { rows } = SETTING_FIGURES.exact(settings);
    expect(taken({ kind: 'sampler', rows }, 0)).toContain(5);
    expect(taken({ kind: 'sampler', rows }, 1)).not.toContain(5);
  });

  /** Settings shown by two rows must show a difference, or they explain nothing. */
  const compared = (Object.keys(SETTING_FIGURES) as Exclude<SettingName, 'model'>[]).filter((name) => {
    const { rows, kind } = SETTING_FIGURES[name](settings);
    return rows.length === 2 && kind !== 'slots';
  });
  test.each(compared)('rows of %s differ', (name) => {
    const [first, second] = SETTING_FIGURES[name](settings).rows;
    expect(first).not.toEqual(second);
  });
});
