import { describe, expect, test } from 'vitest';
import type { Network } from '../diffusion/network.ts';
import { writtenIdsIn, writtenSlotsIn } from '../diffusion/ops.ts';
import { SETTING_NAMES, SETTINGS, type Settings } from '../diffusion/settings.ts';
import { tableNetwork } from '../diffusion/testing/table-network.ts';
import type { Event, Request } from './protocol.ts';
import { Session, type Surroundings } from './session.ts';
import { fakeBackend, onFallback } from './testing/surroundings.ts';

const DEFAULTS = Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].default])) as unknown as Settings;
const settings: Settings = { ...DEFAULTS, length: 10, steps: 10 };
const load: Request = { id: 1, kind: 'load', source: 'stories', model: 'stories', backend: 'auto' };

/** Depends on the whole canvas, so that a run that went on from a wrong canvas would write something else. */
const table = (): Network =>
  tableNetwork(4096, 4, (ids, slot) => {
    const sum = ids.reduce((total, id, at) => total + id * (at + 1), slot);
    return Float32Array.from({ length: 4096 }, (_, id) => 9 * Math.sin(sum * 0.001 + id));
  });

/** A session on table networks; `devices` collects the devices it opened. */
function tableSession(networks: (nth: number) => Network, more: Partial<Surroundings> = {}) {
  const devices: ReturnType<typeof fakeBackend>[] = [];
  const events: Event[] = [];
  const waiting: { id: number; resolve: () => void }[] = [];
  const session = new Session(
    {
      ...onFallback,
      webgpu: async () => {
        const device = fakeBackend(networks(devices.length));
        devices.push(device);
        return device;
      },
      ...more,
    },
    (event) => {
      events.push(structuredClone(event));
      if (event.kind !== 'done' && event.kind !== 'failed') return;
      for (const { id, resolve } of waiting) if (id === event.id) resolve();
    },
  );
  /** Sends a request and waits for the end of its events. */
  const ask = (request: Request) =>
    new Promise<Event[]>((resolve) => {
      waiting.push({ id: request.id, resolve: () => resolve(events.filter(({ id }) => id === request.id)) });
      session.receive(request);
    });
  return { session, devices, events, ask };
}

const written = (events: readonly Event[]) =>
  events.flatMap((event) => (event.kind === 'step' ? [[writtenSlotsIn(event.step), writtenIdsIn(event.step)]] : []));

describe('Session', () => {
  test('a device lost in mid-run: the run says so, goes on from the last step, and writes what it would have', async () => {
    const calm = tableSession(table);
    await calm.ask(load);
    const expected = written(await calm.ask({ id: 2, kind: 'generate', settings }));

    let writing = false;
    const stormy = tableSession((nth) => {
      let questions = 0;
      const inner = table();
      // The first device dies with the fourth question of the run unanswered.
      return {
        ...inner,
        predict: (...question) => {
          if (nth > 0 || !writing || ++questions < 4) return inner.predict(...question);
          stormy.devices[0]?.lose('the driver was reset');
          return new Promise(() => undefined);
        },
      };
    });
    await stormy.ask(load);
    writing = true;
    const events = await stormy.ask({ id: 2, kind: 'generate', settings });
    expect(written(events)).toEqual(expected);
    expect(events.at(-1)).toEqual({ id: 2, kind: 'done', stopped: false });
    const order = stormy.events.map(({ kind }) => kind);
    expect(order.slice(order.indexOf('started'))).toEqual([
      'started',
      'step',
      'step',
      'step',
      'notice',
      ...Array(7).fill('step'),
      'done',
    ]);
    expect(stormy.events.find(({ kind }) => kind === 'notice')).toMatchObject({
      id: 0,
      message: { values: ['the driver was reset'] },
    });
    expect(stormy.devices).toHaveLength(2);
    expect(stormy.devices[0]?.disposed()).toBe(true);
  });

  test('devices that are lost one after the other: the run goes on without one, writes the same, and the page hears of it', async () => {
    const calm = tableSession(table);
    await calm.ask(load);
    const expected = written(await calm.ask({ id: 2, kind: 'generate', settings }));

    let writing = false;
    const stormy = tableSession(
      (nth) => {
        const inner = table();
        return {
          ...inner,
          predict: (...question) => {
            if (!writing) return inner.predict(...question);
            stormy.devices[nth]?.lose(`loss ${nth}`);
            return new Promise(() => undefined);
          },
        };
      },
      { fallback: async () => fakeBackend(table(), { name: 'wasm', device: 'processor' }) },
    );
    await stormy.ask({ ...load, backend: 'webgpu' });
    writing = true;
    const events = await stormy.ask({ id: 2, kind: 'generate', settings });
    expect(written(events)).toEqual(expected);
    const notices = stormy.events.filter(({ kind }) => kind === 'notice');
    expect(notices.at(-1)).toMatchObject({
      details: { backend: 'wasm', notice: { key: expect.stringContaining('lost again and again') } },
    });
    expect(stormy.devices.every((device) => device.disposed())).toBe(true);
  });

  test('loading frees the model before; dispose frees the last', async () => {
    const { session, devices, ask } = tableSession(table);
    await ask(load);
    await ask({ ...load, id: 2 });
    expect(devices.map((device) => device.disposed())).toEqual([true, false]);
    await session.dispose();
    expect(devices.map((device) => device.disposed())).toEqual([true, true]);
  });

  test('a stop for a run that waits its turn ends it before its first event', async () => {
    const { session, ask } = tableSession(table);
    await ask(load);
    const first = ask({ id: 2, kind: 'generate', settings });
    const second = ask({ id: 3, kind: 'generate', settings });
    session.receive({ id: 4, kind: 'stop', target: 3 });
    expect((await first).at(-1)).toMatchObject({ kind: 'done', stopped: true });
    expect(await second).toEqual([{ id: 3, kind: 'done', stopped: true }]);
  });

  test('a failed load leaves a session that can load again', async () => {
    const { ask } = tableSession(table);
    const failed = await ask({ ...load, source: 'nowhere' });
    expect(failed).toEqual([{ id: 1, kind: 'failed', error: expect.objectContaining({ code: 'network' }) }]);
    expect((await ask({ ...load, id: 2 })).map(({ kind }) => kind)).toContain('loaded');
  });
});
