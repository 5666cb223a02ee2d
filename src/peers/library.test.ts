import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { memoryDisk } from '../checkpoint/store/disk.ts';
import { Store } from '../checkpoint/store/store.ts';
import { serveHub } from '../checkpoint/testing/hub-server.ts';
import type { FetchProgress } from '../worker/protocol.ts';
import { fetchGpt2, listHere, lookUp, runsHere, suggest } from './library.ts';
import { TinyGpt2 } from './testing/tiny-gpt2.ts';

const ID = 'people/gpt2';
const tokenizer = new Uint8Array(readFileSync(new URL('../../public/models/stories/tokenizer.json', import.meta.url)));
const files = new TinyGpt2({ vocab: 4096, positions: 64, layers: 1, heads: 1, width: 8 }).files(tokenizer, 3);
const total = [...files.values()].reduce((sum, { length }) => sum + length, 0);

describe('GPT-2 on a hub', () => {
  test('is looked up, fetched, listed, read back and removed', async () => {
    await using hub = await serveHub(ID, files);
    const address = { endpoint: hub.endpoint, id: ID };
    const { found } = await lookUp(address);
    expect(found.map(({ format, chunks, bytes }) => [format, chunks, bytes])).toEqual([['fp32', 1, total]]);

    const store = new Store(memoryDisk());
    const told: FetchProgress[] = [];
    await fetchGpt2(store, address, 'fp32', { onProgress: (progress) => told.push(progress) });
    expect(told.at(-1)).toMatchObject({ loaded: total, total });
    const [here, ...others] = await listHere(store);
    expect(others).toEqual([]);
    expect(here).toMatchObject({ id: ID, format: 'fp32', endpoint: hub.endpoint, bytes: total, have: total });

    const { key = '' } = here ?? {};
    const source = await store.source(key);
    for (const [name, bytes] of files)
      expect(Buffer.compare((await source.readAll(name)) as Uint8Array, bytes)).toBe(0);
    // It is no model of ours: nothing that asks for a model by its name finds it.
    expect(await store.newest(ID)).toBeUndefined();
    await store.remove(key);
    expect(await listHere(store)).toEqual([]);
  });

  test('a download that is stopped leaves what has come, and is not taken for the whole', async () => {
    await using hub = await serveHub(ID, files);
    const store = new Store(memoryDisk());
    const stop = new AbortController();
    hub.fault = ({ kind, name }) => {
      if (kind === 'store' && name.endsWith('.onnx_data')) stop.abort();
      return undefined;
    };
    const address = { endpoint: hub.endpoint, id: ID };
    await expect(fetchGpt2(store, address, 'fp32', { signal: stop.signal })).rejects.toThrow('abort');
    const [here] = await listHere(store);
    expect(here?.have).toBeGreaterThan(0);
    expect(here?.have).toBeLessThan(total);
  });

  test('without ONNX files, or without the format, it is refused in words', async () => {
    await using other = await serveHub(ID, new Map([...files].filter(([name]) => !name.startsWith('onnx/'))));
    await expect(lookUp({ endpoint: other.endpoint, id: ID })).rejects.toThrow('no weights in ONNX format');
    await using hub = await serveHub(ID, files);
    const store = new Store(memoryDisk());
    const tree = (status: number) => (asked: { kind: string }) =>
      asked.kind === 'tree' && hub.requests.filter(({ kind }) => kind === 'tree').length > 1 ? { status } : undefined;
    hub.fault = tree(404); // what the public hub says of a folder that is missing
    await expect(lookUp({ endpoint: hub.endpoint, id: ID })).rejects.toMatchObject({
      code: 'checkpoint',
      file: 'onnx',
    });
    hub.fault = () => undefined;
    await expect(fetchGpt2(store, { endpoint: hub.endpoint, id: ID }, 'q4', {})).rejects.toThrow('format q4');
  });
});

test('a card with 16 bits takes them, one without does not, and the processor takes 8 bits', () => {
  const all = ['fp32', 'fp16', 'q8', 'q4'] as const;
  expect(suggest(all, { webgpu: true, halves: true })).toBe('fp16');
  expect(suggest(all, { webgpu: true, halves: false })).toBe('fp32');
  expect(suggest(all, { webgpu: false, halves: false })).toBe('q8');
  expect(suggest(['fp32'], { webgpu: false, halves: false })).toBe('fp32');
  expect(suggest([], { webgpu: true, halves: true })).toBeUndefined();
  expect(runsHere('fp16', { webgpu: true, halves: false })).toBe(false);
});
