import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { UnmaskError } from '../diffusion/error.ts';
import { httpSource } from './http-source.ts';
import { type Manners, serve } from './testing/server.ts';

const letters = new TextEncoder().encode('abcdefghij');
const files = new Map([
  ['letters.bin', letters],
  ['empty.bin', new Uint8Array(0)],
  ['big.bin', new Uint8Array(300_000).map((_, i) => i % 251)],
]);
const text = (bytes: Uint8Array | string) => (typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes));

async function refusal(promise: Promise<unknown>): Promise<UnmaskError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UnmaskError);
  return error as UnmaskError;
}

describe.each<[string, Manners]>([
  ['a server with ranges', { ranges: true }],
  ['a server that ignores ranges', {}],
  ['a server with ranges that hides their total', { ranges: true, hideTotal: true }],
  ['a server that does not say how long its answers are', { ranges: true, chunked: true }],
  ['a server without ranges or lengths', { chunked: true }],
])('from %s', (_, manners) => {
  test('files have a size, and any part of them can be read', async () => {
    await using server = await serve(files, manners);
    const source = httpSource(server.url);
    expect(await source.size('letters.bin')).toBe(10);
    expect(text(await source.read('letters.bin', 2, 5))).toBe('cde');
    expect(text(await source.read('letters.bin', 0, 10))).toBe('abcdefghij');
    expect(await source.read('letters.bin', 4, 4)).toHaveLength(0);
    expect(text(await source.readAll('letters.bin'))).toBe('abcdefghij');
    expect(await source.read('big.bin', 251, 502)).toEqual(files.get('big.bin')?.slice(0, 251));
  });

  test('an empty file is empty, and a missing one is missing', async () => {
    await using server = await serve(files, manners);
    const source = httpSource(server.url);
    expect(await source.size('empty.bin')).toBe(0);
    expect(await source.readAll('empty.bin')).toHaveLength(0);
    expect(await source.size('none.bin')).toBeUndefined();
    expect(await source.readAll('none.bin')).toBe('missing');
    expect((await refusal(source.read('none.bin', 0, 1))).message).toMatch(/none.bin is missing/);
  });

  test('reading past the end is refused, not filled up', async () => {
    await using server = await serve(files, manners);
    const source = httpSource(server.url);
    expect((await refusal(source.read('letters.bin', 8, 12))).message).toMatch(/2 bytes came where 4 were expected/);
    expect((await refusal(source.read('letters.bin', 20, 22))).code).toBe('checkpoint');
  });

  test('a file beyond the limit is not kept', async () => {
    await using server = await serve(files, manners);
    const source = httpSource(server.url);
    expect(await source.readAll('big.bin', { maxBytes: 299_999 })).toBe('large');
    expect(await source.readAll('big.bin', { maxBytes: 300_000 })).toHaveLength(300_000);
  });
});

test('a server that ignores ranges is asked once for a file', async () => {
  await using server = await serve(files);
  const source = httpSource(server.url);
  await source.size('big.bin');
  await source.read('big.bin', 0, 10);
  await source.read('big.bin', 1000, 2000);
  await source.readAll('big.bin');
  expect(server.requests).toEqual(['big.bin bytes=0-0']);
});

test('a server with ranges sends only the bytes asked for', async () => {
  await using server = await serve(files, { ranges: true });
  const source = httpSource(server.url);
  await source.size('big.bin');
  await source.size('big.bin');
  await source.read('big.bin', 1000, 2000);
  expect(server.requests).toEqual(['big.bin bytes=0-0', 'big.bin bytes=1000-1999']);
});

test('progress rises to the size of the file', async () => {
  await using server = await serve(files, { ranges: true });
  const seen: [number, number][] = [];
  await httpSource(server.url).readAll('big.bin', { onProgress: (loaded, total) => seen.push([loaded, total]) });
  expect(seen.at(-1)).toEqual([300_000, 300_000]);
  expect(seen.every(([loaded, total], i) => total === 300_000 && loaded >= (seen[i - 1]?.[0] ?? 0))).toBe(true);
});

test('a folder address may lack its last slash, and names are escaped', async () => {
  await using server = await serve(new Map([['a b#c.bin', letters]]));
  const source = httpSource(server.url.slice(0, -1));
  expect(text(await source.readAll('a b#c.bin'))).toBe('abcdefghij');
});

test('a compressed answer is unpacked, and its length is not taken for the file’s', async () => {
  const { createServer } = await import('node:http');
  const body = gzipSync(new Uint8Array(5000));
  const server = createServer((_, response) =>
    response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': String(body.length) }).end(body),
  );
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as { port: number };
  const source = httpSource(`http://127.0.0.1:${port}/`);
  const totals = new Set<number>();
  expect(await source.readAll('zeros.bin', { onProgress: (_, total) => totals.add(total) })).toHaveLength(5000);
  expect([...totals]).toEqual([0]);
  expect(await source.readAll('zeros.bin', { maxBytes: 4000 })).toBe('large');
  expect(await source.size('zeros.bin')).toBe(5000);
  server.closeAllConnections();
  server.close();
});

describe('told apart in words:', () => {
  test('a page in the place of a file', async () => {
    await using server = await serve(files, { pageForMissing: true });
    const source = httpSource(server.url);
    expect(await source.readAll('config.json')).toBe('page');
    expect(await source.size('config.json')).toBeUndefined();
  });

  test.each([
    [403, /does not give letters.bin to this page \(403\)/],
    [401, /does not give letters.bin to this page \(401\)/],
    [500, /answered 500 when asked for letters.bin/],
    [503, /answered 503/],
  ])('status %d', async (status, words) => {
    await using server = await serve(files, { status });
    const source = httpSource(server.url);
    for (const attempt of [
      source.readAll('letters.bin'),
      source.size('letters.bin'),
      source.read('letters.bin', 0, 1),
    ]) {
      const error = await refusal(attempt);
      expect(error).toMatchObject({ code: 'network', file: 'letters.bin' });
      expect(error.message).toMatch(words);
    }
  });

  test('too many requests', async () => {
    await using server = await serve(files, { status: 429 });
    expect((await refusal(httpSource(server.url).readAll('letters.bin'))).remedy).toMatch(/wait some minutes/);
  });

  test('a connection that breaks off', async () => {
    await using server = await serve(files, { dropAfter: 1000 });
    const error = await refusal(httpSource(server.url).readAll('big.bin'));
    expect(error.code).toBe('network');
    expect(error.message).toMatch(/broke off after \d+ of 300000 bytes/);
  });

  test('a range that comes back short', async () => {
    await using server = await serve(files, { ranges: true, shortBy: 3 });
    const error = await refusal(httpSource(server.url).read('letters.bin', 0, 8));
    expect(error.message).toMatch(/5 bytes came where 8 were expected/);
  });

  test('a range that starts elsewhere', async () => {
    await using server = await serve(files, { ranges: true, shiftBy: 2 });
    const error = await refusal(httpSource(server.url).read('letters.bin', 0, 8));
    expect(error).toMatchObject({ code: 'network', message: expect.stringContaining('another part') });
  });

  test('a server that is not there', async () => {
    const server = await serve(files);
    const { url } = server;
    await server[Symbol.asyncDispose]();
    const error = await refusal(httpSource(url).readAll('letters.bin'));
    expect(error).toMatchObject({ code: 'network', file: 'letters.bin' });
    expect(error.message).toMatch(/cannot be reached or forbids this page/);
  });

  test.each(['', 'models/stories', 'file:///etc/', 'javascript:alert(1)', 'https://'])(
    'the address "%s"',
    (address) => {
      expect(() => httpSource(address)).toThrow(/not a web address/);
    },
  );
});

test('aborting before and during a download rejects with the reason of the signal', async () => {
  await using server = await serve(files, { dropAfter: 200_000 });
  const source = httpSource(server.url);
  const early = AbortSignal.abort(new Error('not now'));
  await expect(source.readAll('letters.bin', { signal: early })).rejects.toThrow('not now');
  const controller = new AbortController();
  const download = source.readAll('big.bin', {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  });
  await expect(download).rejects.toThrow('enough');
});
