/** The program of the compute worker: a session whose surroundings are the browser's. */
import { httpSource } from '../checkpoint/http-source.ts';
import { openModel } from '../checkpoint/open.ts';
import { memoryDisk } from '../checkpoint/store/disk.ts';
import { opfsDisk } from '../checkpoint/store/opfs.ts';
import { Store } from '../checkpoint/store/store.ts';
import { openFallbackBackend } from './fallback.ts';
import type { Request } from './protocol.ts';
import { Session } from './session.ts';
import { sweep } from './sweep.ts';
import { openTuningCache } from './tuning-cache.ts';
import { borrowDevice, openWebGpuBackend } from './webgpu.ts';

const tuning = openTuningCache();

const wasmFiles = async () => (await import('../training/wasm-files.ts')).wasmFiles;

/** What an earlier visit left half-done is swept away before anything is listed. */
async function openStore(): Promise<Store> {
  const store = new Store((await opfsDisk()) ?? memoryDisk());
  await sweep(store).catch(() => undefined); // a disk that cannot be swept may still be read
  return store;
}

const session = new Session(
  {
    openModel: (url, options) => openModel(httpSource(url), options),
    store: openStore,
    webgpu: (model, options) => openWebGpuBackend(navigator.gpu, model, options, tuning),
    device: () => borrowDevice(navigator.gpu),
    wasmFiles,
    fallback: (model, options) => openFallbackBackend(model, options, wasmFiles),
  },
  (event) => self.postMessage(event),
);

/** Takes what has come already, and everything from now on. */
export function start(early: readonly MessageEvent<Request>[]): void {
  self.onmessage = ({ data }: MessageEvent<Request>) => session.receive(data);
  for (const { data } of early) session.receive(data);
}
