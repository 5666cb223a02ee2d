import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { download } from '../checkpoint/hub/download.ts';
import { listModel } from '../checkpoint/hub/hub.ts';
import { offeredModels } from '../checkpoint/hub/list.ts';
import { lookUpModel } from '../checkpoint/hub/preview.ts';
import { openModel } from '../checkpoint/open.ts';
import { Store } from '../checkpoint/store/store.ts';
import { threefry2x32 } from '../diffusion/rng.ts';
import { nodeDisk } from '../node/disk.ts';
import { modelServer, rangeOf } from '../node/model-server.ts';
import { findModels } from '../node/served-models.ts';
import { parseServe } from './arguments.ts';

const root = new URL('../..', import.meta.url);
const shipped = (name: string) => new Uint8Array(readFileSync(new URL(`public/models/stories/${name}`, root)));
const folder = mkdtempSync(join(tmpdir(), 'unmask-serve-'));
const models = join(folder, 'models');

let server: Server;
let endpoint: string;

beforeAll(async () => {
  const stories = join(models, 'class/stories');
  mkdirSync(stories, { recursive: true });
  for (const name of ['config.json', 'tokenizer.json', 'model.safetensors']) {
    writeFileSync(join(stories, name), shipped(name));
  }
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  symlinkSync(join(folder, 'secret.txt'), join(stories, 'link.txt'));
  symlinkSync(folder, join(models, 'class/outside'));
  server = modelServer(await findModels(models));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  rmSync(folder, { recursive: true });
});

test('the page finds a model there, stores it in a folder, and opens it', async () => {
  const listing = await lookUpModel({ endpoint, id: 'class/stories' });
  const store = new Store(await nodeDisk(join(folder, 'store')));
  const item = await download(store, listing);
  expect(item).toMatchObject({ complete: true, have: listing.bytes });
  const model = await openModel(await store.source((await store.newest('class/stories'))?.key ?? ''), {
    id: 'class/stories',
  });
  expect(model.weights.parameters).toBe(listing.parameters);
  expect(await model.weights.read('finalNorm')).toHaveLength(model.arch.width * 2);
  await store.remove(item.key);
  expect(await store.disk.names()).toEqual([]);
});

/** As it stands on the wire: `fetch` would tidy the path before it is sent. */
function raw(path: string, options: { method?: string; range?: string } = {}) {
  return new Promise<{ status: number; body: string; headers: Record<string, unknown> }>((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const headers = options.range === undefined ? {} : { Range: options.range };
    const sent = request({ port, host: '127.0.0.1', path, method: options.method ?? 'GET', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString('latin1'),
          headers: response.headers,
        }),
      );
    });
    sent.on('error', reject).end();
  });
}

const file = '/class/stories/resolve/main';

test.each([
  `${file}/../../../../secret.txt`,
  `${file}/..%2f..%2f..%2f..%2fsecret.txt`,
  `${file}/%2e%2e/%2e%2e/%2e%2e/secret.txt`,
  `${file}/..%5c..%5csecret.txt`,
  `${file}/link.txt`,
  `${file}//etc/passwd`,
  `${file}/%2fetc%2fpasswd`,
  `${file}/config.json%00.txt`,
  '/class/outside/resolve/main/secret.txt',
  '/../secret.txt',
  '/secret.txt',
  `${file}/%E0%A4%A`,
])('no path leaves the folder: %s', async (path) => {
  const { status, body } = await raw(path);
  expect([400, 404]).toContain(status);
  expect(body).not.toContain('secret');
  expect(body).not.toContain('root:');
});

test('a page that asks is told which models there are, and how large; so is who opens the address', async () => {
  expect(await offeredModels(`${endpoint}/`)).toEqual([
    {
      id: 'class/stories',
      bytes: ['config.json', 'tokenizer.json', 'model.safetensors'].reduce(
        (sum, name) => sum + shipped(name).length,
        0,
      ),
    },
  ]);
  const { status, body, headers } = await raw('/');
  expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(body).toContain('<b>class/stories</b>');
  expect(body).toContain('href="/class/stories/resolve/main/config.json"');
});

test('a hub that does not say that its list is short is not read', async () => {
  const other = createServer((_, response) => response.end('[{"id":"one/of-a-million"}]'));
  await new Promise<void>((ready) => other.listen(0, '127.0.0.1', ready));
  expect(await offeredModels(`http://127.0.0.1:${(other.address() as AddressInfo).port}`)).toBeUndefined();
  other.close();
});

describe('answers', () => {
  test('carry what a page on another origin may read, refusals too', async () => {
    for (const path of [`${file}/config.json`, '/api/models/class/stories', '/nobody/nothing/resolve/main/x']) {
      const { headers } = await raw(path);
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers['access-control-expose-headers']).toContain('Content-Range');
    }
    expect((await raw('/nobody/nothing/resolve/main/x')).headers['x-error-code']).toBe('RepoNotFound');
    expect((await raw(`${file}/absent`)).headers['x-error-code']).toBe('EntryNotFound');
    expect((await raw('/class/stories/resolve/v2/config.json')).headers['x-error-code']).toBe('RevisionNotFound');
    expect((await raw(`${file}/config.json`, { method: 'PUT' })).status).toBe(405);
    expect((await raw(`${file}/config.json`, { method: 'OPTIONS' })).status).toBe(204);
  });

  test('are the bytes asked for', async () => {
    const bytes = Buffer.from(shipped('config.json')).toString('latin1');
    expect((await raw(`${file}/config.json`)).body).toBe(bytes);
    const part = await raw(`${file}/config.json`, { range: 'bytes=5-9' });
    expect([part.status, part.body]).toEqual([206, bytes.slice(5, 10)]);
    expect(part.headers['content-range']).toBe(`bytes 5-9/${bytes.length}`);
    const beyond = await raw(`${file}/config.json`, { range: `bytes=${bytes.length}-` });
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, `bytes */${bytes.length}`]);
    const head = await raw(`${file}/config.json`, { method: 'HEAD' });
    expect([head.body, head.headers['content-length']]).toEqual(['', String(bytes.length)]);
  });

  test.each([
    [undefined, undefined],
    ['bytes=0-0', { start: 0, end: 1 }],
    ['bytes=4-', { start: 4, end: 10 }],
    ['bytes=4-99', { start: 4, end: 10 }],
    ['bytes=-3', { start: 7, end: 10 }],
    ['bytes=-99', { start: 0, end: 10 }],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=5-4', undefined],
    ['bytes=0-1,4-5', undefined],
    ['lines=0-1', undefined],
  ])('of the range %j of ten bytes: %j', (header, expected) => {
    expect(rangeOf(header, 10)).toEqual(expected);
  });
});

test('arguments', () => {
  expect(parseServe(['here', '--port', '0'])).toEqual({ folder: 'here', port: 0, host: '127.0.0.1' });
  for (const open of [
    ['here', '--host'],
    ['--host', '--port', '8399', 'here'],
    ['here', '--host', '0.0.0.0'],
  ])
    expect(parseServe(open)).toEqual({ folder: 'here', port: 8399, host: '0.0.0.0' });
  expect(parseServe(['--host', '::1', 'here'])).toMatchObject({ folder: 'here', host: '::1' });
  for (const wrong of [[], ['a', 'b'], ['a', '--port', '70000'], ['a', '--port', 'x'], ['a', '--nothing']]) {
    expect(() => parseServe(wrong)).toThrow(/folder|port|nothing/);
  }
});

test('the program is killed at half the download and started again: the download goes on and is verified', async () => {
  const big = join(folder, 'big/class/random');
  mkdirSync(big, { recursive: true });
  for (const name of ['config.json', 'tokenizer.json']) writeFileSync(join(big, name), '{}');
  writeFileSync(join(big, 'model.safetensors'), seeded(24_000_000));
  const started = await start(join(folder, 'big'), 0);
  const listing = await listModel({ endpoint: started.endpoint, id: 'class/random' });
  const disk = await nodeDisk(join(folder, 'half'));
  const patience = { tries: 2, pauseMs: 10, stallMs: 2000 };
  const first = download(new Store(disk), listing, {
    patience,
    onProgress: ({ loaded, total }) => loaded > total / 4 && started.program.kill('SIGKILL'),
  });
  await expect(first).rejects.toMatchObject({ code: 'network' });
  const have = (await new Store(disk).list())[0]?.have ?? 0;
  expect(have).toBeGreaterThan(0);
  expect(have).toBeLessThan(listing.bytes);

  const again = await start(join(folder, 'big'), Number(new URL(started.endpoint).port));
  const seen: number[] = [];
  const item = await download(new Store(disk), listing, { patience, onProgress: ({ loaded }) => seen.push(loaded) });
  again.program.kill('SIGKILL');
  expect(item.complete).toBe(true);
  expect(Math.max(...seen.slice(0, 2))).toBeGreaterThan(have - 1); // what was there was not fetched again
  const store = new Store(disk);
  const source = await store.source((await store.newest('class/random'))?.key ?? '');
  expect(Buffer.compare((await source.readAll('model.safetensors')) as Uint8Array, seeded(24_000_000))).toBe(0);
});

/** Bytes that compress and repeat nowhere. */
function seeded(length: number): Uint8Array {
  const words = new Uint32Array(length / 4);
  for (let i = 0; i < words.length; i += 2) words.set(threefry2x32([7, 0], [i, 0]), i);
  return new Uint8Array(words.buffer);
}

async function start(dir: string, port: number): Promise<{ program: ChildProcess; endpoint: string }> {
  const program = spawn(
    process.execPath,
    ['--import', 'tsx', '--import', './src/node/raw-hooks.mjs', 'src/cli/serve-models.ts', dir, '--port', String(port)],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const address = await new Promise<string>((resolve, reject) => {
    program.stdout?.once('data', (line: Buffer) => resolve(line.toString().trim()));
    program.once('exit', (code) => reject(new Error(`serve-models ended with ${code}`)));
  });
  return { program, endpoint: address };
}
