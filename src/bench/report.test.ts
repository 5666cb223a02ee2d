import { expect, test } from 'vitest';
import { isSameBench, markdown, mergeReports, type Report, rowOf, taskName } from './report.ts';

const report: Report = {
  version: 1,
  date: '2026-11-22T00:00:00.000Z',
  device: 'a card',
  software: false,
  where: 'a browser',
  model: { name: 'narrow', parameters: 1_240_000, layers: 22, hidden: 64, vocabulary: 4096 },
  programs: { unmask: 'Unmask', onnxruntime: 'ORT', tfjs: 'tfjs' },
  absent: [{ program: 'onnxruntime', precision: 'f16', why: 'no shader-f16.' }],
  differences: [],
  cells: [
    {
      task: { kind: 'forward', tokens: 64, asked: 16 },
      precision: 'f32',
      times: { unmask: [10, 12, 11], onnxruntime: [22, 22, 22], tfjs: [5.5, 5.5, 5.5] },
    },
    { task: { kind: 'generate', tokens: 128, steps: 32 }, precision: 'f16', times: { unmask: [900] } },
  ],
  complete: true,
};

test('a ratio is the time of the peer divided by ours; a program that did not run has none', () => {
  const [first, second] = report.cells.map(rowOf);
  expect(first?.ratios.onnxruntime?.median).toBe(2);
  expect(first?.ratios.tfjs?.median).toBe(0.5);
  expect(second?.ratios).toEqual({});
});

test('the table names device, model and every cell, and says who did not run', () => {
  const text = markdown(report);
  expect(text).toContain('a card; a browser; 2026-11-22. Model narrow: 22 layers, width 64, vocabulary 4096, 1.24 M');
  expect(text).toContain('| forward, 64 tokens, 16 asked | f32 | 11.0 (10.5–11.5) | 22.0 (22.0–22.0) | 2.00 × (');
  expect(text).toContain('| 128 new tokens in 32 steps | f16 | 900 (900–900) | – | – | – | – |');
  expect(text).toContain('ORT is not timed in f16: no shader-f16.');
  expect(text).not.toContain('stopped');
});

test('a bench run in parts is one report: new cells replace old ones, in the order of the whole', () => {
  const [forward, generation] = report.cells as [Report['cells'][number], Report['cells'][number]];
  const again = { ...forward, times: { unmask: [7, 7, 7] } };
  const late = { ...forward, task: { kind: 'forward', tokens: 512, asked: 128 } } as const;
  const now: Report = {
    ...report,
    absent: [],
    differences: [{ program: 'onnxruntime', precision: 'f16', difference: 0.01 }],
    cells: [late, again],
  };
  const whole = [forward, late, generation];
  const merged = mergeReports(report, now, whole);
  expect(merged.cells.map(({ task }) => taskName(task))).toEqual(['forward-64-16', 'forward-512-128', 'generate-32']);
  expect(merged.cells[0]?.times.unmask).toEqual([7, 7, 7]);
  expect(merged.complete).toBe(true);
  expect(merged.absent).toEqual([]); // what was tried again and ran is no longer absent
  expect(mergeReports(report, { ...now, cells: [again] }, whole).complete).toBe(false);
  expect(isSameBench(report, { ...now, device: 'another card' })).toBe(false);
});
