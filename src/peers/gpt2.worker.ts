/** GPT-2 in a worker of its own, so that its runtime and its device are apart from ours and neither slows the other. */

import { memoryDisk } from '../checkpoint/store/disk.ts';
import { opfsDisk } from '../checkpoint/store/opfs.ts';
import { Store } from '../checkpoint/store/store.ts';
import { UnmaskError } from '../diffusion/error.ts';
import type { BackendChoice } from '../worker/protocol.ts';
import { type Ability, fetchGpt2, listHere, lookUp, runsHere, suggest } from './library.ts';
import type { Answer, Asked, EventOf, Kind, Letter } from './protocol.ts';
import { type LoadedGpt2, load, write } from './write.ts';

interface Context<K extends Kind> {
  readonly signal: AbortSignal;
  tell(event: EventOf<K>): void;
}
type Jobs = { readonly [K in Kind]: (asked: Asked<K>, context: Context<K>) => Promise<Answer<K>> };

let opened: Promise<Store> | undefined;
const store = () => (opened ??= opfsDisk().then((disk) => new Store(disk ?? memoryDisk())));

let loaded: { readonly name: string; readonly gpt2: LoadedGpt2 } | undefined;
/** One text at a time: a stopped one ends its pass before the next begins. */
let writing: Promise<unknown> = Promise.resolve();

const jobs: Jobs = {
  here: async () => listHere(await store()),
  async lookUp({ address, backend }, { signal }) {
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
    return { id: listing.id, formats, suggested };
  },
  async download({ address, format }, { signal, tell }) {
    await fetchGpt2(await store(), address, format, { signal, onProgress: tell });
    return undefined;
  },
  async remove({ key }) {
    await (await store()).remove(key);
    return undefined;
  },
  write(asked, context) {
    const mine = writing.then(async () => {
      if (context.signal.aborted) return undefined;
      const { gpt2 } = await take(asked.key, asked.backend);
      return write(gpt2, asked.settings, context.signal, context.tell);
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
  const message = `${id} has weights in 16 bits only, which this machine does not compute with.`;
  return new UnmaskError({ code: 'device', message, remedy: 'Choose another repository, such as Xenova/gpt2.' });
}

self.onmessage = async <K extends Kind>({ data, ports }: MessageEvent<{ kind: K; asked: Asked<K> }>) => {
  const port = ports[0] as MessagePort;
  const stop = new AbortController();
  port.onmessage = () => stop.abort();
  const send = (letter: Letter<K>) => port.postMessage(letter);
  try {
    const tell = (event: EventOf<K>) => send({ event });
    send({ answer: await jobs[data.kind](data.asked, { signal: stop.signal, tell }) });
  } catch (error) {
    // Stopping is no failure: what is here says how far it came.
    if (stop.signal.aborted) send({ answer: undefined as Answer<K> });
    else send({ error: UnmaskError.from(error).toJSON() });
  }
};
