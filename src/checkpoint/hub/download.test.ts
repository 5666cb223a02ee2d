import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { UnmaskError } from '../../diffusion/error.ts';
import { openModel } from '../open.ts';
import { type Disk, memoryDisk } from '../store/disk.ts';
import { Store } from '../store/store.ts';
import { COMMIT, type Fault, type HubRequest, serveHub } from '../testing/hub-server.ts';
import { download, type FetchProgress } from './download.ts';
import { listDataset, listModel } from './hub.ts';
import { lookUpModel } from './preview.ts';
import type { Patience } from './request.ts';

const names = ['config.json', 'tokenizer.json', 'model.safetensors'];
const stories = new Map(
  names.map((name) => [
    name,
    new Uint8Array(readFileSync(new URL(`../../../public/models/stories/${name}`, import.meta.url))),
  ]),
);
const withReadme = new Map([...stories, ['README.md', new TextEncoder().encode('# a card')]]);
const size = stories.get('model.safetensors')!.length;
const ID = 'people/stories';
const patience: Patience = { tries: 3, pauseMs: 1, stallMs: 30_000 };
/** For servers that fall silent; a busy machine may keep another one silent for as long, which is then asked again. */
const brief: Patience = { tries: 6, pauseMs: 1, stallMs: 400 };

const hubWith = (files: ReadonlyMap<string, Uint8Array> = withReadme) => serveHub(ID, files);

async function refusal(work: Promise<unknown>): Promise<UnmaskError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UnmaskError);
  return error as UnmaskError;
}

/** The given answers, one after the other, to requests for the weights' store; then no fault. */
function once(...faults: Fault[]): (request: HubRequest) => Fault | undefined {
  return ({ kind, name }) => (kind === 'store' && name === 'model.safetensors' ? faults.shift() : undefined);
}

async function expectWhole(store: Store): Promise<void> {
  const source = await store.source((await store.newest(ID))?.key ?? ID);
  for (const [name, bytes] of stories)
    expect(Buffer.compare((await source.readAll(name)) as Uint8Array, bytes)).toBe(0);
}

describe('a model on the hub', () => {
  test.each<[string, (hub: { endpoint: string; requests: readonly HubRequest[] }) => Fault]>([
    [
      'names itself as the next page',
      ({ endpoint }) => ({ next: `${endpoint}/api/models/${ID}/tree/${COMMIT}?cursor=a` }),
    ],
    [
      'has always one more page',
      ({ endpoint, requests }) => ({ next: `${endpoint}/api/models/${ID}/tree/${COMMIT}?cursor=${requests.length}` }),
    ],
    ['goes on and on in one page', () => ({ endless: true })],
  ])('a list that %s is refused in words', async (_, fault) => {
    await using hub = await hubWith();
    hub.fault = ({ kind }) => (kind === 'tree' ? fault(hub) : undefined);
    const { message } = await refusal(lookUpModel({ endpoint: hub.endpoint, id: ID }, { patience }));
    expect(message).toMatch(/gives a list for people\/stories that does not end/);
    expect(hub.requests.length).toBeLessThan(150);
  });

  test('is looked up before it is fetched: its commit, its files, its size and its types', async () => {
    await using hub = await hubWith();
    const model = await lookUpModel({ endpoint: `${hub.endpoint}/`, id: ID }, { patience });
    expect(model.commit).toBe(COMMIT);
    expect(model.files.map(({ name }) => name).sort()).toEqual([...names].sort());
    expect(model.bytes).toBe([...stories.values()].reduce((sum, { length }) => sum + length, 0));
    expect(model.parameters).toBeGreaterThan(3e6);
    const moved = hub.requests
      .filter(({ name }) => name === 'model.safetensors')
      .reduce((n, r) => n + r.end - r.start, 0);
    expect(moved).toBeLessThan(size / 20);
  });

  test('comes into the store, in pieces over a redirect to another origin, and opens', async () => {
    await using hub = await hubWith();
    const store = new Store(memoryDisk());
    const seen: FetchProgress[] = [];
    const listing = await listModel({ endpoint: hub.endpoint, id: ID }, { patience });
    const item = await download(store, listing, { patience, onProgress: (progress) => seen.push(progress) });
    expect(item.bytes).toBe(item.have);
    expect(seen.at(-1)).toMatchObject({ loaded: listing.bytes, total: listing.bytes });
    expect(seen.every(({ loaded }, i) => i === 0 || loaded >= (seen[i - 1] as FetchProgress).loaded)).toBe(true);
    await expectWhole(store);
    const model = await openModel(await store.source(item.key), { id: ID });
    expect(model.weights.parameters).toBeGreaterThan(3e6);
    const before = hub.requests.length;
    await download(store, listing, { patience });
    expect(hub.requests).toHaveLength(before);
  });
});

test('a newer commit takes the place of an older one, and fetches only what has changed', async () => {
  await using hub = await hubWith();
  const store = new Store(memoryDisk());
  const listing = await listModel({ endpoint: hub.endpoint, id: ID });
  await download(store, { ...listing, commit: COMMIT.replace('0', 'f') }, { patience }).catch(() => undefined);
  expect(await store.list()).toHaveLength(1); // that commit does not exist, so its download was only begun
  await download(store, listing, { patience });
  expect(await store.list()).toMatchObject([{ commit: COMMIT, complete: true }]);
  await expectWhole(store);
});

test('files of a data set, in folders, come into the same store', async () => {
  const rows = new Uint8Array(9000).map((_, i) => i * 3);
  await using hub = await hubWith(new Map([...stories, ['data/valid.parquet', rows], ['data/train.parquet', rows]]));
  const store = new Store(memoryDisk());
  const address = { endpoint: hub.endpoint, id: ID };
  const listing = await listDataset(address, ['data/train.parquet'], { patience });
  const item = await download(store, listing, { patience });
  expect(item).toMatchObject({ kind: 'dataset', bytes: 9000 });
  expect(await (await store.source(item.key)).read('data/train.parquet', 5, 8)).toEqual(rows.slice(5, 8));
  expect(await store.newest(ID)).toBeUndefined(); // a name alone means a model
  expect((await refusal(listDataset(address, ['data/test.parquet'], { patience }))).message).toContain('no file');
});

describe('what is told of a repository', () => {
  test.each<[string, Fault, RegExp]>([
    ['that is gated', { status: 401, code: 'GatedRepo' }, /gated/],
    ['that is gated for this person', { status: 403, code: 'GatedRepo' }, /gated/],
    ['that does not exist or is private', { status: 401, code: 'RepoNotFound' }, /no open repository/],
    ['that does not exist', { status: 404, code: 'RepoNotFound' }, /no open repository/],
    ['without the revision', { status: 404, code: 'RevisionNotFound' }, /no such revision/],
    ['on a hub that is asked too often', { status: 429 }, /slow down/],
    ['on a hub in trouble', { status: 503 }, /trouble \(503\)/],
  ])('%s', async (_, fault, words) => {
    await using hub = await hubWith();
    hub.fault = () => fault;
    const error = await refusal(lookUpModel({ endpoint: hub.endpoint, id: ID }, { patience }));
    expect(error.code).toBe('network');
    expect(error.message).toMatch(words);
    expect(error.remedy).toMatch(/\.$/);
    // Only what may pass is asked for again.
    expect(hub.requests).toHaveLength(fault.status === 429 || fault.status === 503 ? patience.tries : 1);
  });

  test('that is another, in its own words: a spelling mistake, no server, no hub, no address', async () => {
    await using hub = await hubWith();
    const look = (endpoint: string, id = ID, revision?: string) =>
      refusal(lookUpModel({ endpoint, id, revision }, { patience }));
    expect((await look(hub.endpoint, 'people/storeis')).message).toContain('no open repository for people/storeis');
    expect((await look(hub.endpoint, ID, 'v2')).message).toContain('no such revision');
    expect((await look(hub.endpoint, '../secrets')).message).toContain('not a hub id');
    expect((await look('ftp://example.org')).message).toContain('not a web address');
    await hub.stop();
    expect((await look(hub.endpoint)).message).toContain('cannot be reached');
  });

  const changed = (change: Record<string, unknown>) => {
    const config = JSON.parse(new TextDecoder().decode(stories.get('config.json'))) as Record<string, unknown>;
    return new Map([...stories, ['config.json', new TextEncoder().encode(JSON.stringify({ ...config, ...change }))]]);
  };
  const withTokenizer = (text: string) => new Map([...stories, ['tokenizer.json', new TextEncoder().encode(text)]]);
  const lacking = (name: string) => new Map([...stories].filter(([other]) => other !== name));

  test.each<[string, ReadonlyMap<string, Uint8Array>, RegExp]>([
    ['of another family', changed({ model_type: 'gpt2' }), /model type is "gpt2"/],
    ['with a tokenizer that cannot be used', withTokenizer('{"model":{"type":"WordLevel","vocab":{}}}'), /WordLevel/],
    ['whose tokenizer has tokens beyond the table', changed({ vocab_size: 4000 }), /but the model knows 4000 tokens/],
    [
      'whose tokenizer was not fetched',
      withTokenizer('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'),
      /Git LFS pointer/,
    ],
    ['without tokenizer.json', lacking('tokenizer.json'), /no tokenizer.json/],
    ['of another shape than its weights', changed({ intermediate_size: 512 }), /has shape/],
    ['without config.json', lacking('config.json'), /no config.json/],
    ['without safetensors', lacking('model.safetensors'), /safetensors format/],
  ])('%s is refused before the download', async (_, files, words) => {
    await using hub = await hubWith(files);
    const error = await refusal(lookUpModel({ endpoint: hub.endpoint, id: ID }, { patience }));
    expect(['checkpoint', 'tokenizer']).toContain(error.code);
    expect(error.message).toMatch(words);
    const weights = hub.requests.filter(({ name }) => name.endsWith('.safetensors'));
    expect(weights.every(({ start, end }) => end - start < 100_000)).toBe(true);
  });
});

describe('an address with a revision', () => {
  test.each([
    ['tree/refs%2Fpr%2F1', 'refs/pr/1'],
    ['tree/refs/pr/1', 'refs/pr/1'],
    ['tree/v2/beta', 'v2/beta'],
    ['blob/v2/beta/config.json', 'v2/beta'],
    ['tree/main/onnx?x=1#files', 'main'],
    [`blob/${COMMIT}/config.json`, COMMIT],
  ])('…/%s is looked up at %s', async (page, revision) => {
    await using hub = await hubWith();
    hub.branches.push('refs/pr/1', 'v2/beta');
    const found = await lookUpModel(
      { endpoint: hub.endpoint, id: `https://huggingface.co/${ID}/${page}` },
      { patience },
    );
    expect(found).toMatchObject({ id: ID, revision, commit: COMMIT });
  });

  test('that the hub does not have is told, and main is not looked up in its place', async () => {
    await using hub = await hubWith();
    for (const id of [`${ID}@v3`, `https://hf.co/${ID}/tree/no/such`, `${ID}/blob/nowhere/config.json`]) {
      expect((await refusal(lookUpModel({ endpoint: hub.endpoint, id }, { patience }))).message).toMatch(
        /no such revision/,
      );
    }
    expect(hub.requests.some(({ kind, name }) => kind === 'info' && name === 'main')).toBe(false);
  });
});

test('shards have the names that their list gives them, and all of them must be there', async () => {
  const weights = stories.get('model.safetensors') as Uint8Array;
  const { weight_map } = {
    weight_map: Object.fromEntries([...headerOf(weights)].map((name) => [name, 'part_1_of_1.safetensors'])),
  };
  const files = new Map(stories);
  files.delete('model.safetensors');
  files.set('model.safetensors.index.json', new TextEncoder().encode(JSON.stringify({ weight_map })));
  await using hub = await hubWith(new Map([...files, ['part_1_of_1.safetensors', weights]]));
  const found = await lookUpModel({ endpoint: hub.endpoint, id: ID }, { patience });
  expect(found.files.map(({ name }) => name)).toContain('part_1_of_1.safetensors');
  await using lame = await hubWith(files);
  const error = await refusal(lookUpModel({ endpoint: lame.endpoint, id: ID }, { patience }));
  expect(error.message).toMatch(/lacks part_1_of_1.safetensors/);
});

/** Names of the tensors in a file. */
function headerOf(bytes: Uint8Array): string[] {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const json = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as object;
  return Object.keys(json).filter((name) => name !== '__metadata__');
}

describe('a download survives', () => {
  test.each<[string, Fault[]]>([
    ['a connection that drops', [{ dropAfter: 1_000_000 }, { dropAfter: 5 }]],
    ['ranges cut short', [{ cutAfter: 100_000 }, { cutAfter: 0 }]],
    ['silence', [{ silentAfter: 70_000 }]],
    ['a server in trouble', [{ status: 500 }, { status: 408 }]],
    ['a signed address that has run out', [{ status: 403 }]],
    ['a busy hub', [{ status: 429 }]],
    ['a server that ignores ranges, after a break', [{ dropAfter: 1_000_000 }, { whole: true }]],
    ['another range than was asked for', [{ shift: 7 }]],
  ])('%s', async (_, faults) => {
    await using hub = await hubWith();
    hub.fault = once(...faults);
    const store = new Store(memoryDisk());
    const patient = faults.some(({ silentAfter }) => silentAfter !== undefined) ? brief : patience;
    await download(store, await listModel({ endpoint: hub.endpoint, id: ID }), { patience: patient });
    await expectWhole(store);
  });

  test('the server dying at half the way: it goes on where it was, in a new store on the same disk', async () => {
    await using hub = await hubWith();
    hub.fault = ({ kind, name, start }) => {
      if (kind !== 'store' || name !== 'model.safetensors') return undefined;
      if (start === 0) return { dropAfter: size / 2 };
      void hub.stop();
      return { silentAfter: 0 };
    };
    const disk = memoryDisk();
    const listing = await listModel({ endpoint: hub.endpoint, id: ID });
    const halfway = download(new Store(disk), listing, { patience });
    expect((await refusal(halfway)).message).toContain('cannot be reached');
    const [partial] = await new Store(disk).list();
    expect(partial).toMatchObject({ complete: false, name: ID });
    expect(await new Store(disk).find(ID)).toBeUndefined();

    await hub.start();
    hub.fault = () => undefined;
    hub.requests.length = 0;
    const store = new Store(disk);
    await download(store, listing, { patience });
    const resumed = hub.requests.find(({ kind, name }) => kind === 'store' && name === 'model.safetensors');
    expect(resumed?.start).toBeGreaterThan(size / 3);
    await expectWhole(store);
  });

  test('being cancelled: the reason comes through, and what has come stays', async () => {
    await using hub = await hubWith();
    hub.fault = once({ silentAfter: size / 2 });
    const store = new Store(memoryDisk());
    const stop = new AbortController();
    const onProgress = ({ loaded }: FetchProgress) => loaded > size / 3 && stop.abort(new Error('enough'));
    const listing = await listModel({ endpoint: hub.endpoint, id: ID });
    await expect(download(store, listing, { patience, signal: stop.signal, onProgress })).rejects.toThrow('enough');
    expect((await store.list())[0]?.have).toBeGreaterThan(size / 4);
    await download(store, listing, { patience });
    await expectWhole(store);
  });

  test('a full disk: the rest stays in memory, and the next visit needs only the rest', async () => {
    await using hub = await hubWith();
    const disk = memoryDisk();
    const listing = await listModel({ endpoint: hub.endpoint, id: ID });
    const seen: FetchProgress[] = [];
    const store = new Store(limited(disk, size / 2));
    const item = await download(store, listing, { patience, onProgress: (progress) => seen.push(progress) });
    expect(item).toMatchObject({ inMemory: true, complete: false });
    expect(seen.at(-1)).toMatchObject({ inMemory: true, loaded: listing.bytes });
    await expectWhole(store);
    const source = await store.source(item.key);
    const middle = await source.read('model.safetensors', size / 2 - 50_000, size / 2 + 50_000);
    expect(
      Buffer.compare(middle, stories.get('model.safetensors')!.subarray(size / 2 - 50_000, size / 2 + 50_000)),
    ).toBe(0);

    hub.requests.length = 0;
    const roomier = new Store(disk);
    expect(await roomier.find(ID)).toBeUndefined();
    await download(roomier, listing, { patience });
    expect(hub.requests.find(({ kind }) => kind === 'store')?.start).toBeGreaterThan(size / 4);
    await expectWhole(roomier);
  });
});

test.each([0, 400, 3000, 200_000, 1_000_000])('with room for %i bytes only, a model still runs', async (room) => {
  await using hub = await hubWith();
  const store = new Store(limited(memoryDisk(), room));
  const listing = await listModel({ endpoint: hub.endpoint, id: ID });
  expect(await download(store, listing, { patience })).toMatchObject({ inMemory: true, complete: false });
  await expectWhole(store);
  expect(await store.list()).toMatchObject([{ name: ID, inMemory: true }]);
  await store.remove((await store.list())[0]!.key);
  expect(await store.list()).toEqual([]);
});

describe('a download fails in words when', () => {
  test.each<[string, Fault, string, RegExp]>([
    ['a byte is wrong', { damage: true }, 'checkpoint', /checksum/],
    ['a page comes in the place of a file', { page: true }, 'network', /web page/],
    ['the server stays silent', { silentAfter: 0 }, 'network', /No byte of/],
    ['the server gives nothing', { cutAfter: 0 }, 'network', /cut short/],
    ['the store refuses for good', { status: 403 }, 'network', /403/],
  ])('%s', async (_, fault, code, words) => {
    await using hub = await hubWith();
    hub.fault = ({ kind }) => (kind === 'store' ? fault : undefined);
    const store = new Store(memoryDisk());
    const listing = await listModel({ endpoint: hub.endpoint, id: ID });
    const patient = fault.silentAfter === undefined ? patience : { ...brief, tries: 2 };
    const error = await refusal(download(store, listing, { patience: patient }));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(words);
    expect((await store.list())[0]?.complete).toBe(false);
    await expect(store.source((await store.newest(ID))?.key ?? ID)).rejects.toMatchObject({ code: 'storage' });
    hub.fault = () => undefined;
    await download(store, await listModel({ endpoint: hub.endpoint, id: ID }), { patience });
    await expectWhole(store);
  });

  test('another tab downloads the same', async () => {
    await using hub = await hubWith();
    const store = new Store(memoryDisk());
    const listing = await listModel({ endpoint: hub.endpoint, id: ID });
    const first = download(store, listing, { patience });
    expect((await refusal(download(store, listing, { patience }))).message).toContain('another tab');
    await first;
  });
});

/** A disk with room for so many bytes in all, which fails as Chromium's does: also when a file is only opened. */
function limited(disk: Disk, bytes: number): Disk {
  const sizes = new Map<string, number>();
  const check = (name: string, size: number) => {
    const others = [...sizes].reduce((sum, [other, taken]) => sum + (other === name ? 0 : taken), 0);
    if (others + size > bytes) throw new DOMException('No room.', 'QuotaExceededError');
    sizes.set(name, Math.max(size, sizes.get(name) ?? 0));
  };
  return {
    ...disk,
    async put(name, part) {
      check(name, part.length);
      return disk.put(name, part);
    },
    async writer(name) {
      check(name, 1);
      const writer = await disk.writer(name);
      return {
        ...writer,
        write(part, at) {
          check(name, at + part.length);
          return writer.write(part, at);
        },
        truncate(size) {
          sizes.set(name, Math.min(size, sizes.get(name) ?? 0));
          return writer.truncate(size);
        },
      };
    },
  };
}
