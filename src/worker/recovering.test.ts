import { afterEach, describe, expect, test, vi } from 'vitest';
import { UnmaskError } from '../diffusion/error.ts';
import type { Network } from '../diffusion/network.ts';
import { type Asked, ask } from '../diffusion/testing/ask.ts';
import { tableNetwork } from '../diffusion/testing/table-network.ts';
import type { Text } from '../text/said.ts';
import { RecoveringNetwork } from './recovering.ts';
import { fakeBackend } from './testing/surroundings.ts';
import { yieldToEvents } from './yield.ts';

const request: Asked = {
  ids: Int32Array.of(0, 1),
  asked: Int32Array.of(1),
  draw: { seed: 0, step: 0, temperature: 0 },
  topK: 1,
};
const table = () => tableNetwork(3, 0, () => [0, 1, 2]);
/** A network whose device has gone without a word: it never answers. */
const silent = (): Network => ({
  ...table(),
  predict: () => new Promise(() => undefined),
  score: () => new Promise(() => undefined),
});
const failing = (code: 'device' | 'canvas'): Network => ({
  ...table(),
  predict: () => Promise.reject(new UnmaskError({ code, message: 'gone', remedy: 'none' })),
});

afterEach(() => {
  vi.useRealTimers();
});

describe('RecoveringNetwork', () => {
  test('asks a new device again when the old one is lost without an answer', async () => {
    const [old, next] = [fakeBackend(silent()), fakeBackend(table())];
    const reasons: Text[] = [];
    const network = new RecoveringNetwork(old, async (reason) => {
      reasons.push(reason);
      return next;
    });
    const answer = ask(network, request);
    old.lose('driver reset');
    expect([...(await answer).ids]).toEqual([2]);
    expect(reasons).toEqual(['driver reset']);
    expect(old.disposed()).toBe(true);
    network.dispose();
    expect(next.disposed()).toBe(true);
  });

  test('scores are asked again, too', async () => {
    const [old, next] = [fakeBackend(silent()), fakeBackend(table())];
    const network = new RecoveringNetwork(old, async () => next);
    expect(network.info).toBe(old.network.info);
    const scores = network.score([{ ids: Int32Array.of(0, 1), asked: Int32Array.of(1) }], [Int32Array.of(2)]);
    old.lose('driver reset');
    expect((await scores)[0]?.[0]).toBeCloseTo(2 - Math.log(1 + Math.E + Math.E ** 2), 6);
  });

  test('waits half a second for the news of a loss that comes after the failure, and no longer', async () => {
    vi.useFakeTimers();
    const old = fakeBackend(failing('device'));
    const network = new RecoveringNetwork(old, async () => fakeBackend(table()));
    const answer = ask(network, request);
    await yieldToEvents();
    await vi.advanceTimersByTimeAsync(499);
    old.lose('late');
    expect((await answer).forwards).toBe(1);

    const well = new RecoveringNetwork(fakeBackend(failing('device')), () => Promise.reject(new Error('not asked')));
    const refused = expect(ask(well, request)).rejects.toMatchObject({ code: 'device', message: 'gone' });
    await yieldToEvents();
    await vi.advanceTimersByTimeAsync(500);
    await refused;
  });

  test('a job of many questions of one that never waits hears between two of them that it is stopped', async () => {
    const network = new RecoveringNetwork(fakeBackend(table()), () => Promise.reject(new Error('not asked')));
    const { port1, port2 } = new MessageChannel();
    let stopped = false;
    port1.onmessage = () => {
      stopped = true;
    };
    let asked = 0;
    port2.postMessage('stop');
    for (; asked < 1000 && !stopped; asked++) await ask(network, request);
    port1.close();
    expect(asked).toBeLessThan(1000);
  });

  test('two questions that meet one loss share one rebuilding', async () => {
    const old = fakeBackend(silent());
    let rebuilt = 0;
    const network = new RecoveringNetwork(old, async () => {
      rebuilt++;
      return fakeBackend(table());
    });
    const answers = Promise.all([ask(network, request), ask(network, request)]);
    old.lose('sleep');
    await answers;
    expect(rebuilt).toBe(1);
  });

  test('hands on what a new device would not cure', async () => {
    const canvas = new RecoveringNetwork(fakeBackend(failing('canvas')), () => Promise.reject(new Error('not asked')));
    await expect(ask(canvas, request)).rejects.toMatchObject({ code: 'canvas' });
    const memory = new RecoveringNetwork(fakeBackend(failing('device')), () => Promise.reject(new Error('not asked')));
    await expect(ask(memory, request)).rejects.toMatchObject({ code: 'device', message: 'gone' });
  });

  test('asks for device after device, saying how many were lost, and gives up after six losses in a row', async () => {
    const losses: number[] = [];
    const lostAtOnce = () => {
      const backend = fakeBackend(silent());
      setTimeout(() => backend.lose('again'), 0);
      return backend;
    };
    const network = new RecoveringNetwork(lostAtOnce(), async (_, nth) => {
      losses.push(nth);
      return lostAtOnce();
    });
    await expect(ask(network, request)).rejects.toMatchObject({ code: 'device', message: /again and again/ });
    expect(losses).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('a rebuilding that fails is told, and tried again with the next question', async () => {
    const old = fakeBackend(silent());
    let attempts = 0;
    const network = new RecoveringNetwork(old, async () => {
      if (++attempts === 1) throw new Error('no adapter');
      return fakeBackend(table());
    });
    old.lose('sleep');
    await expect(ask(network, request)).rejects.toThrow('no adapter');
    expect((await ask(network, request)).forwards).toBe(1);
  });
});
