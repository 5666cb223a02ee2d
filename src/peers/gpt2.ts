/** GPT-2 in a worker of its own, so that its runtime and its device are apart from ours and neither slows the other. */

import { memoryDisk } from '../checkpoint/store/disk.ts';
import { opfsDisk } from '../checkpoint/store/opfs.ts';
import { Store } from '../checkpoint/store/store.ts';
import { UnmaskError } from '../diffusion/error.ts';
import type { Request } from '../rpc/messages.ts';
import { Server } from '../rpc/server.ts';
import { said } from '../text/said.ts';
import type { BackendChoice, FetchProgress } from '../worker/protocol.ts';
import { type Ability, fetchGpt2, listHere, lookUp, runsHere, suggest } from './library.ts';
import type { Gpt2Jobs } from './protocol.ts';
import { type LoadedGpt2, load, write } from './write.ts';

type Jobs = {
  readonly [K in keyof Gpt2Jobs]: (
    request: Gpt2Jobs[K]['request'],
    context: { readonly signal: AbortSignal; emit(event: Gpt2Jobs[K]['event']): void },
  ) => Promise<void>;
};

let opened: Promise<Store> | undefined;
const store = () => (opened ??= opfsDisk().then((disk) => new Store(disk ?? memoryDisk())));

let loaded: { readonly name: string; readonly gpt2: LoadedGpt2 } | undefined;
/** One text at a time: a stopped one ends its pass before the next begins. */
let writing: Promise<unknown> = Promise.resolve();

const jobs: Jobs = {
  here: async (_, { emit }) => emit({ kind: 'here', here: await listHere(await store()) }),
  async lookUp({ address, backend }, { signal, emit }) {
    const { listing, found } = await lookUp(address, { signal });
    const able = await ability(backend);
    const formats = found
      .filter(({ format }) => runsHere(format, able))
      .map(({ format, bytes }) => ({ format, bytes }));
    const suggested = suggest(
      formats.map(({ format }) => format),
      able,
    );
    if (suggested === undefined) throw noFormat(listing.id);
    emit({ kind: 'found', found: { id: listing.id, formats, suggested } });
  },
  async download({ address, format }, { signal, emit }) {
    const onProgress = (progress: FetchProgress) => emit({ kind: 'fetching', progress });
    await fetchGpt2(await store(), address, format, { signal, onProgress });
  },
  remove: async ({ key }) => (await store()).remove(key),
  write({ key, settings, backend }, { signal, emit }) {
    const mine = writing.then(async () => {
      if (signal.aborted) return;
      const { gpt2 } = await take(key, backend);
      const result = await write(gpt2, settings, signal, emit);
      if (result) emit({ kind: 'written', result });
    });
    writing = mine.catch(() => undefined);
    return mine;
  },
};

async function take(key: string, backend: BackendChoice) {
  const able = await ability(backend);
  const format = (await listHere(await store())).find((one) => one.key === key)?.format;
  const device = able.webgpu && format !== 'q8' ? 'webgpu' : 'wasm';
  const name = `${key} ${device}`;
  if (loaded?.name !== name) {
    const before = loaded;
    loaded = undefined;
    await before?.gpt2.gpt2.dispose();
    loaded = { name, gpt2: await load(await store(), key, device, device === 'webgpu' ? able.adapter : '') };
  }
  return loaded;
}

/** WebGPU where there is a card, or where it is asked for by name. */
async function ability(backend: BackendChoice): Promise<Ability & { readonly adapter: string }> {
  const adapter = backend === 'fallback' ? null : await navigator.gpu?.requestAdapter().catch(() => null);
  const software = adapter?.info.isFallbackAdapter ?? false;
  if (!adapter || (software && backend === 'auto')) return { webgpu: false, halves: false, adapter: '' };
  const { description, vendor, architecture } = adapter.info;
  const words = description || [vendor, architecture].filter(Boolean).join(' ');
  return { webgpu: true, halves: adapter.features.has('shader-f16'), adapter: words };
}

function noFormat(id: string): UnmaskError {
  const message = said`${id} has weights in 16 bits only, which this machine does not compute with.`;
  return new UnmaskError({ code: 'device', message, remedy: 'Choose another repository, such as Xenova/gpt2.' });
}

const server = new Server<Gpt2Jobs>(
  {
    run: ({ kind, ...request }, { signal, emit }) => (jobs[kind] as Jobs['write'])(request as never, { signal, emit }),
  },
  (event) => self.postMessage(event),
);
/** Takes what has come already, and everything from now on. */
export function start(early: readonly MessageEvent<Request<Gpt2Jobs>>[]): void {
  self.onmessage = ({ data }: MessageEvent<Request<Gpt2Jobs>>) => server.receive(data);
  for (const { data } of early) server.receive(data);
}
