/** A replay page of a few megabytes that unpacks to gigabytes, after a report of one that took 3.4 GB of memory. */
import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { speak } from '../../messages/index.ts';
import { runIn } from './download.ts';

const page = (packed: Buffer) =>
  `<!doctype html><script type="text/plain" id="run">${packed.toString('base64')}</script>`;

test('a page gives its run', async () => {
  expect(await runIn(page(deflateRawSync('{"format":"…"}')))).toBe('{"format":"…"}');
  expect(await runIn('{}')).toBe('{}');
});

test.each([
  ['zeros', Buffer.alloc(2 ** 28)],
  ['spaces', Buffer.alloc(2 ** 28, ' ')],
])('a page that unpacks to 268 MB of %s is unpacked no further than is read', async (_, whole) => {
  const packed = deflateRawSync(whole, { level: 1 });
  expect(packed.length).toBeLessThan(4e6);
  await expect(runIn(page(packed))).rejects.toMatchObject({
    code: 'trace',
    message: expect.stringContaining('more than is read'),
  });
});

test('a page whose run is cut or none is damaged', async () => {
  await speak('en');
  const packed = deflateRawSync('{"format":"unmask-trace"}'.repeat(100));
  await expect(runIn(page(packed.subarray(0, 20)))).rejects.toMatchObject({ code: 'trace' });
  await expect(runIn(page(Buffer.from([255, 255, 255])))).rejects.toMatchObject({ code: 'trace' });
});
