import { describe, expect, test } from 'vitest';
import { droppedSource, memorySource } from './sources.ts';

const bytes = Uint8Array.of(1, 2, 3, 4);

describe.each([
  ['memory', memorySource(new Map([['a.bin', bytes]]), 'here')],
  ['memory, as Node’s Buffer', memorySource(new Map([['a.bin', Buffer.from(bytes)]]), 'here')],
  ['dropped files', droppedSource([new File([bytes], 'a.bin')], 'here')],
])('files in %s', (_, source) => {
  test('have sizes and can be read in parts', async () => {
    expect(await source.size('a.bin')).toBe(4);
    expect([...(await source.readAll('a.bin'))]).toEqual([...bytes]);
    expect(await source.read('a.bin', 1, 3)).toEqual(bytes.slice(1, 3));
  });

  test('may be missing, too large, or shorter than asked for', async () => {
    expect(await source.size('b.bin')).toBeUndefined();
    expect(await source.readAll('b.bin')).toBe('missing');
    expect(await source.readAll('a.bin', { maxBytes: 3 })).toBe('large');
    await expect(source.read('a.bin', 2, 6)).rejects.toThrow('a.bin is cut short');
    await expect(source.read('b.bin', 0, 1)).rejects.toThrow('b.bin is missing from here');
  });

  test('give bytes of their own', async () => {
    const part = await source.read('a.bin', 0, 4);
    part.fill(9);
    expect(await source.read('a.bin', 0, 4)).toEqual(bytes);
  });
});
