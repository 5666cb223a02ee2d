/** The real programs on a real (or emulated) WebGPU: the page's text from a link, and the logits of another program. */

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { formatLink } from '../diffusion/link.ts';
import { writtenIdsIn, writtenSlotsIn } from '../diffusion/ops.ts';
import { canvasAt } from '../diffusion/replay.ts';
import { defaultSettings } from '../diffusion/settings.ts';
import { decodeTrace } from '../diffusion/trace-decode.ts';
import { createCompute } from '../worker/client.ts';
import { lineTo, onFallback } from '../worker/testing/surroundings.ts';
import { readNpy, start } from './testing/programs.ts';

// A software adapter compiles every kernel anew in every process.
vi.setConfig({ testTimeout: 600_000 });

const scratch = mkdtempSync(join(tmpdir(), 'unmask-cli-gpu-'));
const golden = (name: string) => fileURLToPath(new URL(`../engine/golden/${name}`, import.meta.url));
const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

test('generate writes the text that the page writes for the same link, and records the run', async () => {
  const settings = { ...defaultSettings(), prompt: 'The fox saw', length: 12, steps: 6, seed: 7 };
  const trace = join(scratch, 'trace.json');
  const program = start(
    'generate',
    '--link',
    `https://page.example/#/generate?${formatLink(settings)}`,
    '--trace',
    trace,
  );

  // The page's own session, on its other arithmetic: one link, one text, whatever the machine.
  const page = createCompute(() => lineTo(onFallback));
  await page.load({ source: 'stories', model: 'stories', backend: 'fallback' });
  const written = new Map<number, number>();
  for await (const event of page.generate({ settings })) {
    if (event.kind !== 'step') continue;
    for (const [i, slot] of writtenSlotsIn(event.step).entries())
      written.set(slot, writtenIdsIn(event.step)[i] as number);
  }
  page.dispose();

  const { code, stdout, stderr } = await program;
  expect(stderr).toMatch(/6 forward passes in [\d.]+ s on /);
  expect(code).toBe(0);
  const recorded = decodeTrace(readFileSync(trace, 'utf8'));
  expect(recorded.settings).toEqual(settings);
  const canvas = canvasAt(recorded, recorded.steps.length);
  expect(written.size).toBe(12);
  for (const [slot, id] of written) expect(canvas.ids[slot]).toBe(id);
  const text = [...canvas.ids].map((id) => recorded.pieces[id]).join('');
  expect(stdout).toBe(`${text}\n`);
  expect(stdout.startsWith('The fox saw')).toBe(true);
});

test('forward gives the golden logits of a causal fixture that has no tokenizer', async () => {
  const { ids, rows, logits } = readJson(golden('decoder/expected.json')) as {
    ids: number[];
    rows: number[];
    logits: number[][];
  };
  const out = join(scratch, 'decoder.npy');
  const { code, stdout, stderr } = await start(
    'forward',
    '--model',
    golden('decoder'),
    '--ids',
    ids.join(','),
    '--out',
    out,
  );
  expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '' });
  const { shape, values } = readNpy(readFileSync(out));
  expect(shape).toEqual([ids.length, logits[0]?.length]);
  const columns = shape[1] as number;
  let worst = 0;
  for (const [r, row] of rows.entries()) {
    for (const [id, logit] of (logits[r] as number[]).entries()) {
      worst = Math.max(worst, Math.abs((values[row * columns + id] as number) - logit));
    }
  }
  expect(worst).toBeLessThan(1e-3); // the tolerance of the golden files' README
});

test('forward gives the golden log-probabilities of the shipped model', async () => {
  const expected = readJson(golden('stories.json')) as {
    ids: number[];
    rows: { row: number; logSumExp: number; top: [id: number, logProb: number][] }[];
  };
  const out = join(scratch, 'stories.npy');
  const { code, stderr } = await start('forward', '--ids', expected.ids.join(','), '--out', out);
  expect(code, stderr).toBe(0);
  const { shape, values } = readNpy(readFileSync(out));
  expect(shape[0]).toBe(expected.ids.length);
  const columns = shape[1] as number;
  for (const { row, logSumExp, top } of expected.rows) {
    const logits = values.subarray(row * columns, (row + 1) * columns);
    expect(Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0))).toBeCloseTo(logSumExp, 2);
    for (const [id, logProb] of top) expect((logits[id] as number) - logSumExp).toBeCloseTo(logProb, 2);
  }
});
