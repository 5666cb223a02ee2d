/** Classroom packs: made from the store and the models of the page, and opened into both. */

import { type AppFile, makePack, openPack } from '../../checkpoint/pack.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import { SHELF, shelfKey } from '../../offline/shelf.ts';
import { said } from '../../text/said.ts';
import type { Job } from './job.ts';

export const makePackJob: Job<'makePack'> = {
  latest: true,
  async run({ models, page, app, lessons }, { store, signal, emit }) {
    const files = await Promise.all(app.map((path) => appFile(page, path, signal)));
    const onProgress = throttled((done, total) => emit({ kind: 'packing', done, total }));
    const pack = await makePack(await store(), models, files, lessons, { signal, onProgress });
    emit({ kind: 'packed', pack });
  },
};

export const openPackJob: Job<'openPack'> = {
  latest: true,
  async run({ pack, page }, { store, signal, emit }) {
    // Where the page may keep no files (an address without https), its own models come over the network as before.
    const shelf = await globalThis.caches?.open(SHELF).catch(() => undefined);
    const takeApp = async ({ path, bytes }: AppFile, hash: string) => {
      await shelf?.put(shelfKey(new URL(path, page), hash), new Response(bytes)).catch(() => undefined);
    };
    const onProgress = throttled((done, total) => emit({ kind: 'packing', done, total }));
    emit({ kind: 'unpacked', opened: await openPack(await store(), pack, takeApp, { signal, onProgress }) });
  },
};

async function appFile(page: string, path: string, signal: AbortSignal): Promise<AppFile> {
  const answer = await fetch(new URL(path, page), { signal });
  if (!answer.ok) {
    throw new UnmaskError({
      code: 'network',
      message: said`${path} did not come from the server of this page (${answer.status}).`,
      remedy: 'Reload the page with a network, then make the pack again.',
      file: path,
    });
  }
  return { path, bytes: new Uint8Array(await answer.arrayBuffer()) };
}

/** Ten times a second is enough for a bar; the last call always comes through. */
function throttled(tell: (done: number, total: number) => void) {
  let last = Number.NEGATIVE_INFINITY;
  return (done: number, total: number) => {
    const now = performance.now();
    if (now - last < 100 && done < total) return;
    last = now;
    tell(done, total);
  };
}
