/** The compute worker itself: a session whose surroundings are the browser's. */
import { httpSource } from '../checkpoint/http-source.ts';
import { openModel } from '../checkpoint/open.ts';
import { memoryDisk } from '../checkpoint/store/disk.ts';
import { opfsDisk } from '../checkpoint/store/opfs.ts';
import { Store } from '../checkpoint/store/store.ts';
import { openFallbackBackend } from './fallback.ts';
import type { Request } from './protocol.ts';
import { Session } from './session.ts';
import { openTuningCache } from './tuning-cache.ts';
import { borrowDevice, openWebGpuBackend } from './webgpu.ts';

const tuning = openTuningCache();

const wasmFiles = async () => (await import('../training/wasm-files.ts')).wasmFiles;

const session = new Session(
  {
    openModel: (url, options) => openModel(httpSource(url), options),
    store: async () => new Store((await opfsDisk()) ?? memoryDisk()),
    webgpu: (model, options) => openWebGpuBackend(navigator.gpu, model, options, tuning),
    device: () => borrowDevice(navigator.gpu),
    wasmFiles,
    fallback: (model, options) => openFallbackBackend(model, options, wasmFiles),
  },
  (event) => self.postMessage(event),
);

self.onmessage = ({ data }: MessageEvent<Request>) => session.receive(data);
