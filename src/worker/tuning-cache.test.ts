import { expect, test } from 'vitest';
import { openTuningCache } from './tuning-cache.ts';

test('without a database, or with one that refuses, verdicts are kept for this visit', async () => {
  const refusing = {
    open() {
      throw new DOMException('no storage here', 'SecurityError');
    },
  } as unknown as IDBFactory;
  for (const factory of [undefined, refusing]) {
    const cache = openTuningCache(factory);
    expect(await cache.get('a card')).toBeUndefined();
    await cache.set('a card', 'few,some');
    expect(await cache.get('a card')).toBe('few,some');
  }
});
