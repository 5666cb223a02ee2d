import { unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { memorySource } from '../checkpoint/sources.ts';
import { type Disk, memoryDisk } from '../checkpoint/store/disk.ts';
import { Store } from '../checkpoint/store/store.ts';
import { defaultSettings } from '../diffusion/settings.ts';
import { defaultTrainSettings } from '../training/train-settings.ts';
import type { StoredRun, Training, TrainRequest } from './protocol.train.ts';
import type { Event, JobRequest } from './protocol.ts';
import { Session } from './session.ts';
import { sweep } from './sweep.ts';
import { onFallback } from './testing/surroundings.ts';

const TEXT = Array.from({ length: 30 }, (_, i) => `Day ${i}: the cat sat by the river and was glad.`).join('\n\n');

const begin: NonNullable<TrainRequest['begin']> = {
  name: 'cats',
  settings: {
    ...defaultTrainSettings(),
    init: 'fresh',
    size: 'mini',
    tokenizer: 'characters',
    steps: 6,
    batch: 2,
    length: 16,
    heldOut: 0.3,
    evalEvery: 3,
    evalTexts: 4,
    sampleEvery: 0,
    saveEvery: 2,
  },
  data: { kind: 'text', text: TEXT },
  from: 'fresh',
};

/** The same with a text before the first step and after the last. */
const sampling: typeof begin = { ...begin, settings: { ...begin.settings, sampleEvery: 6 } };

/** A session on a disk of its own or a given one, as after a reload. */
function worker(disk = memoryDisk()) {
  const waiting = new Map<number, { events: Event[]; ended: (event: Event) => void; seen?: (event: Event) => void }>();
  const session = new Session({ ...onFallback, store: async () => new Store(disk) }, (event) => {
    const own = waiting.get(event.id);
    own?.events.push(event);
    own?.seen?.(event);
    if (event.kind === 'done' || event.kind === 'failed') own?.ended(event);
  });
  let last = 0;
  const ask = (request: JobRequest, seen?: (event: Event, id: number) => void) => {
    const id = ++last;
    return new Promise<Event[]>((resolve) => {
      const events: Event[] = [];
      waiting.set(id, { events, ended: () => resolve(events), seen: (event) => seen?.(event, id) });
      session.receive({ id, ...request });
    });
  };
  return { ask, stop: (target: number) => session.receive({ id: ++last, kind: 'stop', target }), disk };
}

const trainings = (events: readonly Event[]): Training[] =>
  events.flatMap((event) => (event.kind === 'training' ? [event.event] : []));
const losses = (events: readonly Event[]) =>
  trainings(events).flatMap((event) => (event.kind === 'step' ? [[event.step, event.loss]] : []));

async function runsOf({ ask }: ReturnType<typeof worker>): Promise<readonly StoredRun[]> {
  const [event] = await ask({ kind: 'runs' });
  return event?.kind === 'runs' ? event.runs : [];
}

test('a run that is paused goes on in another session with the losses of one that never stopped', async () => {
  const whole = await worker().ask({ kind: 'train', run: 'a', begin: sampling, backend: 'fallback' });
  expect(whole.at(-1)).toMatchObject({ kind: 'done', stopped: false });
  expect(trainings(whole).at(-1)).toMatchObject({ kind: 'ended', reason: 'steps', step: 6 });

  const first = worker();
  const part = await first.ask({ kind: 'train', run: 'a', begin: sampling, backend: 'fallback' }, (event, id) => {
    if (event.kind === 'training' && event.event.kind === 'step' && event.event.step === 3) first.stop(id);
  });
  expect(part.at(-1)).toMatchObject({ kind: 'done', stopped: true });
  const second = worker(first.disk);
  const [kept] = await runsOf(second);
  expect(kept?.name).toBe('cats');
  expect(kept?.ended).toBeUndefined();
  const made = kept?.step as number;
  expect(made).toBeGreaterThanOrEqual(3);
  expect(made).toBeLessThan(6);
  expect(kept?.journal.points.map(({ step }) => step)).toEqual(Array.from({ length: made }, (_, i) => i + 1));

  const rest = await second.ask({ kind: 'train', run: 'a', backend: 'fallback' });
  expect([...losses(part), ...losses(rest)]).toEqual(losses(whole));
  const [done] = await runsOf(second);
  expect(done).toMatchObject({ ended: 'steps', step: 6 });
  expect(done?.journal.evaluations.map(({ step }) => step)).toEqual([0, 3, 6]);
});

const PAIRS = ['river', 'hill', 'road', 'lake'].map((place) =>
  JSON.stringify({ prompt: `The cat sat by the ${place}`, chosen: ' and was glad.', rejected: ' and was sad.' }),
);

test.each([
  [
    'vrpo',
    { kind: 'file', file: new File([PAIRS.join('\n')], 'pairs.jsonl') },
    { draws: 2, heldOut: 0.25, length: 48 },
  ],
  ['grpo', { kind: 'text', text: 'The cat sat' }, { group: 3, updates: 2, words: 'e', length: 24, evalEvery: 2 }],
] as const)(
  '%s compares with what the model was at the beginning, also after a pause',
  async (objective, data, own) => {
    const settings = { ...begin.settings, objective, steps: 4, evalEvery: 2, sampleEvery: 0, batch: 1, ...own };
    const valid = { kind: 'text', text: TEXT } as const;
    const learning = { ...begin, settings, data, valid };
    const whole = await worker().ask({ kind: 'train', run: 'a', begin: learning, backend: 'fallback' });
    expect(trainings(whole).at(-1)).toMatchObject({ kind: 'ended', reason: 'steps', step: 4 });
    const first = worker();
    const part = await first.ask({ kind: 'train', run: 'a', begin: learning, backend: 'fallback' }, (event, id) => {
      if (event.kind === 'training' && event.event.kind === 'step' && event.event.step === 2) first.stop(id);
    });
    const rest = await worker(first.disk).ask({ kind: 'train', run: 'a', backend: 'fallback' });
    const told = (events: readonly Event[]) =>
      trainings(events).flatMap((event): unknown[] => {
        if (event.kind === 'step') return [[event.step, event.loss, event.told]];
        if (event.kind === 'wrote') return [[event.step, event.texts]];
        return event.kind === 'evaluated' ? [[event.step, event.nelbo, event.preference]] : [];
      });
    expect([...told(part), ...told(rest)]).toEqual(told(whole));
  },
);

test('a page that dies between the first journal and its checkpoint begins again, and measures the beginning once', async () => {
  const disk = memoryDisk();
  let noted = false;
  const dying: Disk = {
    ...disk,
    async put(name, bytes) {
      const journal = name.includes('journal.json');
      if (noted && !journal) throw new Error('The page is closed.');
      noted ||= journal;
      await disk.put(name, bytes);
    },
  };
  const events = await worker(dying).ask({ kind: 'train', run: 'a', begin: sampling, backend: 'fallback' });
  expect(events.at(-1)?.kind).toBe('failed');
  const after = worker(disk);
  const [kept] = await runsOf(after);
  expect(kept?.step).toBe(0);
  expect(kept?.journal.evaluations.map(({ step }) => step)).toEqual([0]);

  await after.ask({ kind: 'train', run: 'a', backend: 'fallback' });
  const [done] = await runsOf(after);
  expect(done?.journal.points.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(done?.journal.evaluations.map(({ step }) => step)).toEqual([0, 3, 6]);
  expect(done?.journal.samples.map(({ step }) => step)).toEqual([0, 6]);
});

/** A disk on which writing goes wrong: from the `nth` write on, or of files that `fails` names. */
function failing(disk: Disk, fails: (name: string, nth: number) => Error | undefined): Disk {
  let nth = 0;
  const check = (name: string) => {
    const error = fails(name, ++nth);
    if (error) throw error;
  };
  return {
    ...disk,
    async put(name, bytes) {
      check(name);
      await disk.put(name, bytes);
    },
    async writer(name) {
      check(name);
      return disk.writer(name);
    },
  };
}
const ofRun = async (disk: Disk, id: string) => (await disk.names()).filter((name) => name.startsWith(`run-${id}-`));

test('a page that is killed in the first moments of a run leaves what the list shows, or what the next start sweeps', async () => {
  for (const last of [0, 1, 2, 3, 5]) {
    const disk = memoryDisk();
    // A killed page does not tidy up behind itself.
    const dying = {
      ...failing(disk, (_, nth) => (nth > last ? new Error('killed') : undefined)),
      remove: async () => undefined,
    };
    await worker(dying).ask({ kind: 'train', run: 'a', begin, backend: 'fallback' });
    const after = worker(disk);
    await sweep(new Store(disk));
    const listed = (await runsOf(after)).map(({ id }) => id);
    expect(listed, `${last} writes`).toEqual(last < 2 ? [] : ['a']);
    if (listed.length === 0) expect(await ofRun(disk, 'a')).toEqual([]);
    await after.ask({ kind: 'removeRun', run: 'a' });
    expect(await ofRun(disk, 'a')).toEqual([]);
  }
});

test('a start that does not fit leaves nothing; a checkpoint that does not fit leaves the one before, and no part of itself', async () => {
  const full = () => new DOMException('The disk is full.', 'QuotaExceededError');
  const small = memoryDisk();
  const none = await worker(failing(small, (name) => (name.endsWith('data.json') ? full() : undefined))).ask({
    kind: 'train',
    run: 'a',
    begin,
    backend: 'fallback',
  });
  expect(none.at(-1)).toMatchObject({ kind: 'failed', error: { code: 'storage' } });
  expect(await ofRun(small, 'a')).toEqual([]);

  const disk = memoryDisk();
  const limited: Disk = {
    ...disk,
    async writer(name) {
      const writer = await disk.writer(name);
      const write: typeof writer.write = async (bytes, at) => {
        await writer.write(bytes.subarray(0, 10), at);
        throw full();
      };
      return name.includes('checkpoint-4') ? { ...writer, write } : writer;
    },
  };
  const events = await worker(limited).ask({ kind: 'train', run: 'a', begin, backend: 'fallback' });
  expect(events.at(-1)).toMatchObject({ kind: 'failed', error: { code: 'storage' } });
  const tensors = (await ofRun(disk, 'a')).filter((name) => name.endsWith('.safetensors'));
  expect(tensors).toEqual(['run-a-checkpoint-2.safetensors']);
  // With room again it goes on from there.
  const rest = await worker(disk).ask({ kind: 'train', run: 'a', backend: 'fallback' });
  expect(losses(rest).map(([step]) => step)).toEqual([3, 4, 5, 6]);
});

/** What the page shows, what lies there, and which files belong to nothing that is listed. */
async function accounts(disk: Disk) {
  const { ask } = worker(disk);
  const [stored] = await ask({ kind: 'storage' });
  if (stored?.kind !== 'storage') throw new Error('no answer');
  const { total, runs, items } = stored.storage;
  const sizes = new Map<string, number>();
  for (const name of await disk.names()) sizes.set(name, (await disk.open(name))?.size ?? 0);
  const ids = (await runsOf({ ask } as ReturnType<typeof worker>)).map(({ id }) => `run-${id}-`);
  const sums = items.flatMap(({ files }) => files.map(({ sum }) => sum.hex));
  const listed = (name: string) =>
    /^record-/.test(name) || ids.some((id) => name.startsWith(id)) || sums.some((hex) => name.includes(hex));
  return {
    shown: total + runs,
    used: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    ghosts: [...sizes.keys()].filter((name) => !listed(name)),
  };
}

test('what is shown adds up to what is used, whatever broke off', async () => {
  const disk = memoryDisk();
  const add = async () => {
    const { shown, used } = await accounts(disk);
    expect(shown).toBe(used);
    return used;
  };
  const bytes = new Uint8Array(9 * 2 ** 20).map((_, i) => i % 251);
  const source = memorySource(new Map([['model.safetensors', bytes]]), 'here');
  const store = new Store(disk);
  await store.put('a/whole', source, ['model.safetensors']);
  expect(await add()).toBeGreaterThan(bytes.length);

  // A copy that is killed leaves more bytes on the disk than its journal vouches for.
  const dying = failing(disk, (_, nth) => (nth > 3 ? new Error('killed') : undefined));
  const other = memorySource(new Map([['model.safetensors', bytes.map((byte) => byte ^ 1)]]), 'here');
  await new Store({ ...dying, remove: async () => undefined })
    .put('a/part', other, ['model.safetensors'])
    .catch(() => undefined);
  const [part] = (await store.list()).filter(({ name }) => name === 'a/part');
  expect(part?.have).toBeLessThan(await add());

  // A checkpoint that does not fit, and a page that is killed in the first moments of a run and in the midst of saving.
  const full = () => new DOMException('The disk is full.', 'QuotaExceededError');
  for (const [run, torn] of [
    ['a', failing(disk, (name) => (name.includes('checkpoint-4') ? full() : undefined))],
    ['b', { ...failing(disk, (_, nth) => (nth > 1 ? new Error('killed') : undefined)), remove: async () => undefined }],
    [
      'c',
      {
        ...failing(disk, (name) => (name.endsWith('checkpoint.json') ? new Error('killed') : undefined)),
        remove: async () => undefined,
      },
    ],
  ] as const) {
    const events = await worker(torn).ask({ kind: 'train', run, begin, backend: 'fallback' });
    expect(events.at(-1)?.kind, run).toBe('failed');
    await add();
  }
  const before = await accounts(disk);
  expect(before.ghosts.length).toBeGreaterThan(0);
  await sweep(new Store(disk));
  const after = await accounts(disk);
  expect(after).toEqual({ shown: after.used, used: after.used, ghosts: [] });
  expect((await runsOf(worker(disk))).map(({ id }) => id).sort()).toEqual(['a', 'c']);

  // All of it can be deleted, and then nothing is left.
  for (const { key } of await store.list()) await worker(disk).ask({ kind: 'remove', key });
  for (const run of ['a', 'c']) await worker(disk).ask({ kind: 'removeRun', run });
  expect(await accounts(disk)).toEqual({ shown: 0, used: 0, ghosts: [] });
});

test('the start of a run is no checkpoint of its own where it is kept elsewhere; a run without one begins again', async () => {
  const disk = memoryDisk();
  const seen: string[][] = [];
  const first = worker(disk);
  const part = await first.ask({ kind: 'train', run: 'a', begin, backend: 'fallback' }, (event) => {
    if (event.kind === 'training' && event.event.kind === 'begun')
      void ofRun(disk, 'a').then((names) => seen.push(names));
  });
  expect(seen[0]?.some((name) => name.endsWith('.safetensors'))).toBe(false);
  // As if the page had been killed before the first checkpoint.
  for (const name of await ofRun(disk, 'a')) if (name.includes('checkpoint')) await disk.remove(name);
  const again = await worker(disk).ask({ kind: 'train', run: 'a', backend: 'fallback' });
  expect(losses(again)).toEqual(losses(part));
});

test('a run can be renamed, taken over as a model, exported and deleted', async () => {
  const session = worker();
  await session.ask({
    kind: 'train',
    run: 'b',
    begin: { ...begin, settings: { ...begin.settings, steps: 1 } },
    backend: 'fallback',
  });
  await session.ask({ kind: 'editRun', run: 'b', name: 'felines' });
  const kept = await session.ask({ kind: 'keepRun', run: 'b' });
  expect(kept[0]).toMatchObject({ kind: 'kept', model: 'felines', step: 1 });
  const loaded = await session.ask({
    kind: 'load',
    source: { stored: keyIn(kept) },
    model: 'felines',
    backend: 'fallback',
  });
  expect(loaded.at(-2)).toMatchObject({ kind: 'loaded', model: { id: 'felines' } });
  const [exported] = await session.ask({ kind: 'exportRun', run: 'b' });
  const names = exported?.kind === 'exported' ? Object.keys(unzipSync(exported.zip)).sort() : [];
  expect(names.filter((name) => !name.includes('/'))).toEqual([
    'README.md',
    'config.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  const zip = exported?.kind === 'exported' ? exported.zip : new Uint8Array();
  await session.ask({ kind: 'importRun', run: 'e', file: new File([zip], 'felines.zip') });
  const [before, again] = (await runsOf(session)).toSorted((one, other) => (one.id < other.id ? -1 : 1));
  expect(again).toEqual({ ...before, id: 'e', name: 'felines-2' });
  const damaged = await session.ask({ kind: 'importRun', run: 'f', file: new File(['no zip'], 'x.zip') });
  expect(damaged.at(-1)).toMatchObject({ kind: 'failed', error: { code: 'data' } });
  await session.ask({ kind: 'removeRun', run: 'e' });
  await session.ask({ kind: 'removeRun', run: 'b' });
  expect(await runsOf(session)).toEqual([]);
  expect((await session.disk.names()).filter((name) => name.startsWith('run-b-'))).toEqual([]);
});

const keyIn = (events: readonly Event[]) =>
  events.flatMap((event) => (event.kind === 'kept' ? [event.key] : []))[0] ?? '';

test('an adapter learns beside a model of the store, goes on after a pause, and is kept as PEFT keeps it', async () => {
  const first = worker();
  const short = { ...begin, settings: { ...begin.settings, steps: 1, evalEvery: 0, sampleEvery: 0 } };
  await first.ask({ kind: 'train', run: 'a', begin: short, backend: 'fallback' });
  const [base] = await first.ask({ kind: 'keepRun', run: 'a' });
  if (base?.kind !== 'kept') throw new Error('The model was not kept.');
  const adapter = {
    name: 'tame cats',
    settings: {
      ...begin.settings,
      init: 'cats',
      adapter: 'lora',
      rank: 4,
      alpha: 8,
      bits: '8',
      lr: 0.01,
      loraDropout: 0.1,
    },
    data: begin.data,
    from: { stored: base.key },
  } as const;
  const whole = await first.ask({ kind: 'train', run: 'b', begin: adapter, backend: 'fallback' });
  expect(whole.at(-1)).toMatchObject({ kind: 'done', stopped: false });
  const part = await first.ask({ kind: 'train', run: 'c', begin: adapter, backend: 'fallback' }, (event, id) => {
    if (event.kind === 'training' && event.event.kind === 'step' && event.event.step === 3) first.stop(id);
  });
  const second = worker(first.disk);
  const rest = await second.ask({ kind: 'train', run: 'c', backend: 'fallback' });
  expect([...losses(part), ...losses(rest)]).toEqual(losses(whole));
  // What a checkpoint holds is the adapter: low ranks and their moments, a small part of the model.
  const bytes = async (run: string) => {
    const names = (await first.disk.names()).filter((name) => name.startsWith(`run-${run}-checkpoint-`));
    return (await first.disk.open(names[0] as string))?.size as number;
  };
  expect(await bytes('b')).toBeLessThan(0.1 * (await bytes('a')));

  const [kept] = await second.ask({ kind: 'keepRun', run: 'b' });
  if (kept?.kind !== 'kept') throw new Error('The adapter was not kept.');
  const item = await new Store(first.disk).find(kept.key);
  expect(item).toMatchObject({ kind: 'adapter', name: 'tame cats', run: 'b' });
  // Beside the model in use it is a number; merged it is a model of its own, and a zip is the folder.
  const source = { stored: base.key };
  await second.ask({ kind: 'load', source, model: 'cats', backend: 'fallback' });
  const [adapted] = await second.ask({ kind: 'adapt', adapter: kept.key, weight: 0.5 });
  expect(adapted).toMatchObject({ kind: 'adapted', adapter: { id: 'tame cats', weight: 0.5, rank: 4, modules: 17 } });
  expect((await second.ask({ kind: 'adapt', adapter: undefined, weight: 0 }))[0]).toMatchObject({ adapter: undefined });
  const merging = { adapter: kept.key, weight: 1, source, name: 'merged' };
  const [merged] = await second.ask({ kind: 'mergeAdapter', ...merging });
  if (merged?.kind !== 'merged') throw new Error('The adapter was not merged.');
  const loaded = await second.ask({
    kind: 'load',
    source: { stored: merged.key },
    model: 'merged',
    backend: 'fallback',
  });
  expect(loaded.some((event) => event.kind === 'loaded')).toBe(true);
  const [zipped] = await second.ask({ kind: 'zipItem', key: kept.key });
  expect(zipped?.kind === 'zipped' && Object.keys(unzipSync(new Uint8Array(await zipped.zip.arrayBuffer())))).toContain(
    'adapter_config.json',
  );
  expect(item?.files.map(({ name }) => name).sort()).toEqual([
    'README.md',
    'adapter_config.json',
    'adapter_model.safetensors',
  ]);
});

test('an adapter that is learning is in use beside its model, whose weights it shares', async () => {
  const { ask, stop } = worker();
  const short = { ...begin, settings: { ...begin.settings, steps: 1, evalEvery: 0, sampleEvery: 0 } };
  await ask({ kind: 'train', run: 'a', begin: short, backend: 'fallback' });
  const from = { stored: keyIn(await ask({ kind: 'keepRun', run: 'a' })) };
  const adapter = (steps: number) => ({
    ...begin,
    settings: {
      ...short.settings,
      steps,
      saveEvery: 0,
      init: 'cats',
      adapter: 'lora',
      rank: 2,
      bits: '8',
      lr: 0.01,
    } as const,
    from,
  });
  const bytesOf = (events: readonly Event[]) =>
    trainings(events).flatMap((event) => (event.kind === 'step' ? [event.memory.bytes] : []))[0] as number;
  const load = (precision: 'stored' | 'int8') =>
    ask({ kind: 'load', source: from, model: 'cats', backend: 'fallback', precision });
  await load('stored');
  const apart = bytesOf(await ask({ kind: 'train', run: 'b', begin: adapter(1), backend: 'fallback' }));
  await load('int8');
  const settings = { ...defaultSettings(), length: 4, steps: 1, temperature: 0 };
  const write = async () => {
    const events = await ask({ kind: 'generate', settings });
    const learnt = events.flatMap((event) => (event.kind === 'started' ? [event.learnt] : []))[0];
    return {
      learnt,
      logProbs: events.flatMap((event) => (event.kind === 'step' ? [...event.step.prediction.logProbs] : [])),
    };
  };
  const base = await write();
  const written: Awaited<ReturnType<typeof write>>[] = [];
  let writing: Promise<void> | undefined;
  const run = await ask({ kind: 'train', run: 'c', begin: adapter(5000), backend: 'fallback' }, (event, id) => {
    if (event.kind !== 'training' || event.event.kind !== 'step' || event.event.step !== 2) return;
    writing = (async () => {
      const key = keyIn(await ask({ kind: 'keepRun', run: 'c' }));
      await ask({ kind: 'adapt', adapter: key, weight: 1 });
      written.push(await write(), await write());
    })().finally(() => stop(id));
  });
  await writing;
  expect(bytesOf(run)).toBeLessThan(apart);
  const [one, two] = written;
  expect(one?.learnt).toBeGreaterThanOrEqual(2);
  expect(two?.learnt).toBeGreaterThanOrEqual(one?.learnt as number);
  expect(one?.logProbs).not.toEqual(base.logProbs);
  // It stays in use as it was in the end.
  const after = await write();
  expect(after.learnt).toBeUndefined();
  const key = keyIn(await ask({ kind: 'keepRun', run: 'c' }));
  await ask({ kind: 'adapt', adapter: key, weight: 1 });
  expect(await write()).toEqual(after);
  // A text that is asked for at once waits until the adapter is off.
  const off = ask({ kind: 'adapt', adapter: key, weight: 0 });
  expect((await write()).logProbs).toEqual(base.logProbs);
  await off;
  await ask({ kind: 'adapt', adapter: undefined, weight: 0 });
  expect((await write()).logProbs).toEqual(base.logProbs);
});

test('a run saves after the step in flight when the page is hidden or closed', async () => {
  const { ask } = worker();
  const run = { ...begin, settings: { ...begin.settings, steps: 6, saveEvery: 0, sampleEvery: 0, evalEvery: 0 } };
  const all = await ask({ kind: 'train', run: 'h', begin: run, backend: 'fallback' }, (event) => {
    if (event.kind === 'training' && event.event.kind === 'step' && event.event.step === 2)
      void ask({ kind: 'pace', slow: false, save: true });
  });
  const saved = trainings(all).flatMap((event) => (event.kind === 'saved' ? [event.step] : []));
  expect(saved).toHaveLength(2);
  expect(saved[0]).toBeLessThan(5);
});

test('while a run learns, its model writes with the weights of the moment, and with the last ones after', async () => {
  const { ask, stop } = worker();
  const settings = { ...defaultSettings(), length: 6, steps: 2, temperature: 0 };
  let key = '';
  const load = () => ask({ kind: 'load', source: { stored: key }, model: 'cats', backend: 'fallback' });
  const keep = async (run = 'g') => {
    key = keyIn(await ask({ kind: 'keepRun', run }));
  };
  const written = async () =>
    (await ask({ kind: 'generate', settings })).flatMap((event) =>
      event.kind === 'step' ? [[...event.step.prediction.logProbs]] : [],
    );
  const canvases: number[][][] = [];
  let writing: Promise<void> | undefined;
  // The only checkpoint is that of the end; what is kept before it are the weights of that moment.
  const run = { ...begin, settings: { ...begin.settings, steps: 5000, saveEvery: 0, sampleEvery: 0, evalEvery: 0 } };
  // However slow the machine, it learns until its model has written.
  await ask({ kind: 'train', run: 'g', begin: run, backend: 'fallback' }, (event, id) => {
    if (event.kind !== 'training' || event.event.kind !== 'step' || event.event.step !== 2) return;
    writing = (async () => {
      await keep();
      await load();
      canvases.push(await written());
    })().finally(() => stop(id));
  });
  await writing;
  canvases.push(await written());
  await keep();
  await load();
  const atEnd = await written();
  // A step of no length leaves the weights that both runs began with.
  const still = { ...run, settings: { ...run.settings, steps: 1, lr: 0 } };
  await ask({ kind: 'train', run: 'still', begin: still, backend: 'fallback' });
  await keep('still');
  await load();
  const atStart = await written();
  const [during, after] = canvases;
  expect(during).toHaveLength(2);
  expect(during).not.toEqual(atStart);
  expect(atEnd).not.toEqual(atStart);
  expect(after).toEqual(atEnd);
});

test('what cannot be trained or is not there fails in words', async () => {
  const { ask } = worker();
  const empty = await ask({
    kind: 'train',
    run: 'c',
    begin: { ...begin, data: { kind: 'text', text: ' \n' } },
    backend: 'fallback',
  });
  expect(empty.at(-1)).toMatchObject({ kind: 'failed', error: { code: 'data' } });
  expect((await ask({ kind: 'train', run: 'd', backend: 'fallback' })).at(-1)).toMatchObject({
    kind: 'failed',
    error: { code: 'storage' },
  });
  expect((await ask({ kind: 'train', run: '../x', backend: 'fallback' })).at(-1)).toMatchObject({
    kind: 'failed',
    error: { code: 'arguments' },
  });
});

test('a look before the run shows its first batch, and what it would fail for', async () => {
  const { ask } = worker();
  const { settings, from, data } = begin;
  const [, memory, looked] = await ask({ kind: 'lookAtData', settings, data, from });
  expect(memory).toMatchObject({ kind: 'memory', memory: { base: 0, fit: { rows: 2, blocks: 1 } } });
  const look = looked?.kind === 'looked' ? looked.look : undefined;
  expect(look).toMatchObject({ more: false, exact: true });
  expect((look?.learnt.texts ?? 0) + (look?.heldOut.texts ?? 0)).toBe(30);
  const events = await ask({
    kind: 'train',
    run: 'g',
    begin: { ...begin, settings: { ...settings, steps: 1, accumulation: 2 } },
    backend: 'fallback',
  });
  const begun = trainings(events).find(({ kind }) => kind === 'begun');
  const run = begun?.kind === 'begun' ? begun.run : undefined;
  const [, , again] = await ask({ kind: 'lookAtData', settings: run!.settings, data: { kind: 'run', run: 'g' }, from });
  expect(again).toMatchObject({ look: { preview: run!.facts.preview, vocabSize: run!.facts.vocabSize } });

  const csv = new File(
    [
      `who,says\n${TEXT.split('\n\n')
        .map((text, i) => `${i},"${text}, twice"`)
        .join('\n')}`,
    ],
    'animals.csv',
  );
  const table = await ask({ kind: 'lookAtData', settings, data: { kind: 'file', file: csv }, from });
  expect(table[0]).toMatchObject({ table: { columns: ['says'], column: 'says' } });
  expect(table[2]).toMatchObject({ kind: 'looked', look: { exact: true } });
  const wikitext = { kind: 'wikitext', name: 'wikitext-2', endpoint: 'http://127.0.0.1:1' } as const;
  expect((await ask({ kind: 'lookAtData', settings, data: wikitext, from }))[0]).toMatchObject({
    kind: 'looked',
    look: undefined,
  });
  const lone = { kind: 'text', text: 'Only one text.' } as const;
  const little = (await ask({ kind: 'lookAtData', settings, data: lone, from })).find(({ kind }) => kind === 'looked');
  expect(little).toMatchObject({ kind: 'looked', look: { heldOut: { texts: 0 } } });
  const said = little?.kind === 'looked' ? little.look?.notes.map(String).join(' ') : '';
  expect(said).toMatch(/nothing is measured/);
  const empty = { kind: 'text', text: ' \n ' } as const;
  expect((await ask({ kind: 'lookAtData', settings, data: empty, from })).at(-1)).toMatchObject({
    kind: 'failed',
    error: { code: 'data' },
  });

  // A column that is not there is refused, with those that are to choose from.
  const asked = { ...settings, column: 'nothing' };
  const other = await ask({ kind: 'lookAtData', settings: asked, data: { kind: 'file', file: csv }, from });
  expect(other[0]).toMatchObject({
    table: { columns: ['says'], first: [expect.stringContaining(', twice'), expect.anything(), expect.anything()] },
  });
  expect(other.at(-1)).toMatchObject({ kind: 'failed', error: { code: 'data' } });
  // And what cannot be read tells of no columns.
  const torn = new File(['PAR1 and no more'], 'torn.parquet');
  expect(await ask({ kind: 'lookAtData', settings, data: { kind: 'file', file: torn }, from })).toMatchObject([
    { kind: 'failed', error: { code: 'data' } },
  ]);
});

test('a next-token model appends its samples, and a step says how long the run still takes', async () => {
  const settings = { ...begin.settings, objective: 'next-token', steps: 3, sampleEvery: 3 } as const;
  const events = trainings(
    await worker().ask({ kind: 'train', run: 'h', begin: { ...begin, settings }, backend: 'fallback' }),
  );
  const samples = events.filter(({ kind }) => kind === 'sample');
  expect(samples).toHaveLength(2);
  for (const sample of samples) {
    const pieces = sample.kind === 'sample' ? sample.pieces : [];
    expect(pieces.length).toBeLessThanOrEqual(16);
    expect(pieces.join('').length).toBeGreaterThan(0);
    expect(pieces).not.toContain('[MASK]');
  }
  const left = events.flatMap((event) => (event.kind === 'step' ? [event.secondsLeft ?? Number.NaN] : []));
  expect(left[0]).toBeGreaterThan(0);
  expect(left.at(-1)).toBe(0);
});

test('a rate that is far too high ends the run at its last good checkpoint', async () => {
  const session = worker();
  const settings = {
    ...begin.settings,
    lr: 1e6,
    warmup: 0,
    decay: 'constant',
    clip: 0,
    sampleEvery: 0,
    saveEvery: 0,
  } as const;
  const events = trainings(
    await session.ask({ kind: 'train', run: 'n', begin: { ...begin, settings }, backend: 'fallback' }),
  );
  expect(events.at(-1)).toMatchObject({ kind: 'ended', reason: 'not-finite' });
  const [run] = await runsOf(session);
  expect(run).toMatchObject({ ended: 'not-finite', step: 0 });
  // The start is no checkpoint: it is the model that the run began with.
  expect((await session.ask({ kind: 'keepRun', run: 'n' })).at(-1)).toMatchObject({
    kind: 'failed',
    error: { code: 'storage' },
  });
});
