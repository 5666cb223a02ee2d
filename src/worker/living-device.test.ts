import { expect, test } from 'vitest';
import { UnmaskError } from '../diffusion/error.ts';
import type { EngineDevice } from '../engine/device.ts';
import type { Text } from '../text/said.ts';
import type { BorrowedDevice } from './living-device.ts';
import { onLivingDevice } from './living-device.ts';

const waits = [0, 0, 0];
const lostError = (message: string) => new UnmaskError({ code: 'device', message, remedy: '' });

/** Devices in a row; `lose` takes the last one away. */
function card() {
  const given: { back: boolean; lose: (reason: string) => void }[] = [];
  const borrow = async (): Promise<BorrowedDevice> => {
    let lose: (reason: string) => void = () => undefined;
    const lost = new Promise<UnmaskError>((resolve) => {
      lose = (reason) => resolve(lostError(reason));
    });
    const about = { back: false, lose };
    given.push(about);
    const giveBack = () => {
      about.back = true;
    };
    return { device: { lost } as EngineDevice, giveBack };
  };
  return { given, borrow, lose: (reason: string) => given.at(-1)?.lose(reason) };
}

test('work whose device is lost, with or without an answer, is done again on another; each loss is told', async () => {
  const { given, borrow, lose } = card();
  const told: Text[] = [];
  const work = async () => {
    if (given.length === 1) {
      lose('one');
      await new Promise(() => undefined); // no answer ever comes
    }
    if (given.length === 2) {
      lose('two');
      throw lostError('mapAsync failed');
    }
    return given.length;
  };
  expect(await onLivingDevice(borrow, work, { waits, onLost: (reason) => told.push(reason) })).toBe(3);
  expect(told).toEqual(['one', 'two']);
  expect(given.map(({ back }) => back)).toEqual([true, true, false]);
});

test('what fails on a device that lives is told at once', async () => {
  const { given, borrow } = card();
  const full = () => Promise.reject(lostError('The graphics card has too little memory.'));
  await expect(onLivingDevice(borrow, full, { waits })).rejects.toThrow('too little memory');
  const damaged = () => Promise.reject(new UnmaskError({ code: 'checkpoint', message: 'damaged', remedy: '' }));
  await expect(onLivingDevice(borrow, damaged, { waits })).rejects.toThrow('damaged');
  expect(given.map(({ back }) => back)).toEqual([true, true]);
});

test('after a loss a browser may need a while to offer a device again; one that offers none in the end has none', async () => {
  const { given, borrow, lose } = card();
  let asked = 0;
  const slow = async () => (++asked === 2 || asked === 3 ? undefined : borrow());
  const work = async () => {
    if (given.length > 1) return 'done';
    lose('crashed');
    return new Promise<string>(() => undefined);
  };
  expect(await onLivingDevice(slow, work, { waits })).toBe('done');

  const withheld = { nth: 0 };
  const none = async () => (withheld.nth++ === 0 ? borrow() : undefined);
  const first = async () => {
    lose('crashed');
    return new Promise<string>(() => undefined);
  };
  expect(await onLivingDevice(none, first, { waits })).toBeUndefined();
  // Where there never was one, nobody waits.
  let tries = 0;
  expect(await onLivingDevice(async () => void tries++, first, { waits })).toBeUndefined();
  expect(tries).toBe(1);
});

test('devices that are lost again and again end in words, and an abort ends the wait', async () => {
  const { borrow, lose } = card();
  const work = async () => {
    lose('the driver was reset');
    return new Promise<string>(() => undefined);
  };
  await expect(onLivingDevice(borrow, work, { waits })).rejects.toMatchObject({
    code: 'device',
    message: /again and again \(the driver was reset\)/,
  });
  const stop = new AbortController();
  const waiting = onLivingDevice(borrow, work, { waits: [60_000], signal: stop.signal });
  setTimeout(() => stop.abort(), 5);
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
});
