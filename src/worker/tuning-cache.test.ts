import { IDBFactory } from 'fake-indexeddb';
import { expect, test } from 'vitest';
import { openTuningCache } from './tuning-cache.ts';

test('what was measured is there at the next visit, each card by itself', async () => {
  const factory = new IDBFactory();
  const first = openTuningCache(factory);
  expect(await first.get('a card')).toBeUndefined();
  await first.set('a card', 'few,some');
  await first.set('another', 'many');
  await first.set('a card', 'some,few');

  const second = openTuningCache(factory);
  expect(await second.get('a card')).toBe('some,few');
  expect(await second.get('another')).toBe('many');
  expect(await second.get('a third')).toBeUndefined();
  expect(await openTuningCache(new IDBFactory()).get('a card')).toBeUndefined();
});

test('a verdict kept in another form is measured again', async () => {
  const factory = new IDBFactory();
  await openTuningCache(factory).set('a card', { tiles: 'few' } as unknown as string);
  expect(await openTuningCache(factory).get('a card')).toBeUndefined();
});

test('without a database, or with one that refuses, verdicts are kept for this visit', async () => {
  const refusing = {
    open() {
      throw new DOMException('no storage here', 'SecurityError');
    },
  } as unknown as globalThis.IDBFactory;
  for (const factory of [undefined, refusing]) {
    const cache = openTuningCache(factory);
    expect(await cache.get('a card')).toBeUndefined();
    await cache.set('a card', 'few,some');
    expect(await cache.get('a card')).toBe('few,some');
    expect(await openTuningCache(factory).get('a card')).toBeUndefined();
  }
});
