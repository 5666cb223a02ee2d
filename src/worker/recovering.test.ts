import { afterEach, describe, expect, test, vi } from 'vitest';
import { blankPrediction, type Denoiser, type PredictRequest } from '../diffusion/denoiser.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { tableDenoiser } from '../diffusion/testing/table-denoiser.ts';
import type { Text } from '../text/said.ts';
import { RecoveringDenoiser } from './recovering.ts';
import { fakeBackend } from './testing/surroundings.ts';

const request: PredictRequest = {
  ids: Int32Array.of(0, 1),
  slots: Int32Array.of(1),
  draw: { seed: 0, step: 0, temperature: 0 },
  topK: 1,
};
const table = () => tableDenoiser(3, 0, () => [0, 1, 2]);
/** A denoiser whose device has gone without a word: it never answers. */
const silent = (): Denoiser => ({ ...table(), predict: () => new Promise(() => undefined) });
const failing = (code: 'device' | 'canvas'): Denoiser => ({
  ...table(),
  predict: () => Promise.reject(new UnmaskError({ code, message: 'gone', remedy: 'none' })),
});

afterEach(() => {
  vi.useRealTimers();
});

describe('RecoveringDenoiser', () => {
  test('asks a new device again when the old one is lost without an answer', async () => {
    const [old, next] = [fakeBackend(silent()), fakeBackend(table())];
    const reasons: Text[] = [];
    const denoiser = new RecoveringDenoiser(old, async (reason) => {
      reasons.push(reason);
      return next;
    });
    const answer = denoiser.predict(request);
    old.lose('driver reset');
    expect([...(await answer).ids]).toEqual([2]);
    expect(reasons).toEqual(['driver reset']);
    expect(old.disposed()).toBe(true);
    denoiser.dispose();
    expect(next.disposed()).toBe(true);
  });

  test('the autoregressor of a causal model outlives its device too', async () => {
    const answer = blankPrediction(Int32Array.of(2), 1, { forwards: 1, rows: 2 });
    const causal = { vocabSize: 3, maxLength: 9, next: async () => answer, score: async () => Float32Array.of(-1) };
    const silentOne = { ...causal, next: () => new Promise<never>(() => undefined) };
    const [old, next] = [
      { ...fakeBackend(silent()), autoregressor: silentOne },
      { ...fakeBackend(table()), autoregressor: causal },
    ];
    const denoiser = new RecoveringDenoiser(old, async () => next);
    const asked = denoiser.autoregressor?.next({ ids: Int32Array.of(0, 1), draw: request.draw, topK: 1 });
    old.lose('driver reset');
    expect(await asked).toBe(answer);
    expect(await denoiser.autoregressor?.score(Int32Array.of(0, 1))).toEqual(Float32Array.of(-1));
    expect(new RecoveringDenoiser(fakeBackend(table()), async () => next).autoregressor).toBeUndefined();
  });

  test('waits half a second for the news of a loss that comes after the failure, and no longer', async () => {
    vi.useFakeTimers();
    const old = fakeBackend(failing('device'));
    const denoiser = new RecoveringDenoiser(old, async () => fakeBackend(table()));
    const answer = denoiser.predict(request);
    await vi.advanceTimersByTimeAsync(499);
    old.lose('late');
    expect((await answer).forwards).toBe(1);

    const well = new RecoveringDenoiser(fakeBackend(failing('device')), () => Promise.reject(new Error('not asked')));
    const refused = expect(well.predict(request)).rejects.toMatchObject({ code: 'device', message: 'gone' });
    await vi.advanceTimersByTimeAsync(500);
    await refused;
  });

  test('two questions that meet one loss share one rebuilding', async () => {
    const old = fakeBackend(silent());
    let rebuilt = 0;
    const denoiser = new RecoveringDenoiser(old, async () => {
      rebuilt++;
      return fakeBackend(table());
    });
    const answers = Promise.all([denoiser.predict(request), denoiser.predict(request)]);
    old.lose('sleep');
    await answers;
    expect(rebuilt).toBe(1);
  });

  test('hands on what a new device would not cure', async () => {
    const canvas = new RecoveringDenoiser(fakeBackend(failing('canvas')), () => Promise.reject(new Error('not asked')));
    await expect(canvas.predict(request)).rejects.toMatchObject({ code: 'canvas' });
    const memory = new RecoveringDenoiser(fakeBackend(failing('device')), () => Promise.reject(new Error('not asked')));
    await expect(memory.predict(request)).rejects.toMatchObject({ code: 'device', message: 'gone' });
  });

  test('asks for device after device, saying how many were lost, and gives up after six losses in a row', async () => {
    const losses: number[] = [];
    const lostAtOnce = () => {
      const backend = fakeBackend(silent());
      setTimeout(() => backend.lose('again'), 0);
      return backend;
    };
    const denoiser = new RecoveringDenoiser(lostAtOnce(), async (_, nth) => {
      losses.push(nth);
      return lostAtOnce();
    });
    await expect(denoiser.predict(request)).rejects.toMatchObject({ code: 'device', message: /again and again/ });
    expect(losses).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('a rebuilding that fails is told, and tried again with the next question', async () => {
    const old = fakeBackend(silent());
    let attempts = 0;
    const denoiser = new RecoveringDenoiser(old, async () => {
      if (++attempts === 1) throw new Error('no adapter');
      return fakeBackend(table());
    });
    old.lose('sleep');
    await expect(denoiser.predict(request)).rejects.toThrow('no adapter');
    expect((await denoiser.predict(request)).forwards).toBe(1);
  });
});
