/**
 * Fetches the files of a listing into the store: piece by piece, checked as they come, and from where it stopped when it
 * was stopped before. Progress counts the bytes of all files together, those that were here already included.
 */

import { busy } from '../store/disk.ts';
import type { Store, StoredFile, StoredItem, StoreRecord } from '../store/store.ts';
import { keyOf } from '../store/store.ts';
import { fileUrl, type Listing } from './hub.ts';
import { range } from './range.ts';
import { Rate } from './rate.ts';
import { type Asking, PATIENCE, patiently } from './request.ts';

export interface FetchProgress {
  readonly file: string;
  readonly loaded: number;
  readonly total: number;
  /** Bytes per second over the last seconds; 0 until known. */
  readonly rate: number;
  /** Seconds left at this rate; undefined until known. */
  readonly secondsLeft: number | undefined;
  /** True once the disk is full and the rest is kept in memory. */
  readonly inMemory: boolean;
}

export interface FetchOptions extends Asking {
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined;
  /** What it is kept as, when that is not what the hub calls it. */
  readonly as?: StoreRecord['kind'] | undefined;
}

/** Bytes asked for at once: few enough requests for the hub's limits, and what a broken line repeats is nothing. */
const RANGE = 2 ** 26;

/** Throws `UnmaskError` (network, storage, checkpoint) or the signal's reason; what has come stays in the store. */
export async function download(store: Store, listing: Listing, options: FetchOptions = {}): Promise<StoredItem> {
  const { id, name = id, commit, endpoint, revision, files } = listing;
  const { as: kind = listing.kind } = options;
  const record = { kind, name, commit, origin: { endpoint, revision }, files, date: Date.now() };
  const done = await store.disk.exclusive(keyOf(record), async () => {
    await store.begin(record);
    const report = reporter(listing.bytes, options);
    // Small files first: what is wrong with them is known before the long wait.
    try {
      for (const file of [...files].sort((a, b) => a.size - b.size)) {
        await fetchFile(store, listing, file, options, report);
      }
    } finally {
      report.end();
    }
    return store.complete(record);
  });
  if (done !== 'busy' && done.complete) await removeOlder(store, done);
  if (done === 'busy') throw busy(name);
  return done;
}

/** Another commit of the same repository, whole or begun, is not needed any more. */
async function removeOlder(store: Store, { key, kind, name }: StoredItem): Promise<void> {
  const others = (await store.list()).filter((item) => item.kind === kind && item.name === name && item.key !== key);
  for (const other of others) await store.remove(other.key).catch(() => undefined); // in use by another tab: it stays
}

interface Report {
  (file: string, have: number, inMemory: boolean): void;
  /** Nothing is said any more. */
  end(): void;
}

async function fetchFile(store: Store, listing: Listing, file: StoredFile, options: FetchOptions, report: Report) {
  const writer = await store.writer(file);
  if (writer === undefined) return report(file.name, file.size, false);
  const { patience = PATIENCE } = options;
  const remote = { name: file.name, url: fileUrl(listing, file.name), size: file.size };
  try {
    report(file.name, writer.have, false);
    while (writer.have < file.size) {
      const piece = async (signal: AbortSignal) => {
        const end = Math.min(file.size, writer.have + RANGE);
        for await (const bytes of range(remote, writer.have, end, signal, patience)) {
          await writer.append(bytes);
          report(file.name, writer.have, writer.tail !== undefined);
        }
      };
      await patiently(piece, options, () => writer.have);
    }
    await writer.finish(file.name);
    store.keep(file, writer);
  } finally {
    await writer.close();
  }
}

/** Adds up the files; speaks ten times a second, and at every megabyte. Where bytes stop coming, the last are told as well. */
function reporter(total: number, { onProgress }: FetchOptions): Report {
  const have = new Map<string, number>();
  const rate = new Rate();
  let loaded = 0;
  let last = Number.NEGATIVE_INFINITY;
  let told = 0;
  let spilled = false;
  let late: ReturnType<typeof setTimeout> | undefined;
  const tell = (file: string, inMemory: boolean, now: number) => {
    clearTimeout(late);
    late = undefined;
    last = now;
    told = loaded;
    spilled ||= inMemory;
    const speed = rate.mark(loaded, now);
    const secondsLeft = speed > 0 ? (total - loaded) / speed : undefined;
    onProgress?.({ file, loaded, total, rate: speed, secondsLeft, inMemory: spilled });
  };
  const report = (file: string, bytes: number, inMemory: boolean) => {
    loaded += bytes - (have.get(file) ?? 0);
    have.set(file, bytes);
    const now = performance.now();
    const turned = inMemory && !spilled;
    if (now - last < 100 && loaded - told < 2 ** 20 && loaded < total && !turned)
      late ??= setTimeout(() => tell(file, inMemory, performance.now()), 100);
    else tell(file, inMemory, now);
  };
  return Object.assign(report, { end: () => clearTimeout(late) });
}
