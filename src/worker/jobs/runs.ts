/** Training runs that are kept: the list, a name, deletion, the weights of the last checkpoint as a model, zips of runs. */

import { CONFIG_FILE, parseConfig } from '../../checkpoint/config.ts';
import { present } from '../../checkpoint/damage.ts';
import { memorySource } from '../../checkpoint/sources.ts';
import { busy, type Disk, isFull } from '../../checkpoint/store/disk.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import { said } from '../../text/said.ts';
import { learntFiles } from '../../training/adapting.ts';
import { readSurroundings } from '../../training/model-files.ts';
import { loadCheckpoint } from '../../training/run-files.ts';
import type { LiveRun } from '../train/live.ts';
import { diskSource, listRuns, readRun, removeRun, runDisk, writeRecord } from '../train/run-store.ts';
import type { Job } from './job.ts';

export const runsJob: Job<'runs'> = {
  async run(_, { store, emit }) {
    emit({ kind: 'runs', runs: await listRuns((await store()).disk) });
  },
};

export const editRunJob: Job<'editRun'> = {
  async run({ run, name, ended }, { store }) {
    const files = runDisk((await store()).disk, run);
    const record = await readRun(files);
    await writeRecord(files, { ...record, name: name ?? record.name, ended: ended ? 'stopped' : record.ended });
  },
};

export const removeRunJob: Job<'removeRun'> = {
  async run({ run }, { store }) {
    const { disk } = await store();
    const done = await runDisk(disk, run).exclusive('lock', () => removeRun(disk, run));
    if (done === 'busy') throw busy('This run');
  },
};

export const keepRunJob: Job<'keepRun'> = {
  async run({ run }, { models, store, signal, emit }) {
    const here = await store();
    const files = runDisk(here.disk, run);
    const { name, settings } = await readRun(files);
    const learnt = await filesOf(files, models.live?.id === run ? models.live : undefined);
    const kind = settings.adapter === 'none' ? 'model' : 'adapter';
    const item = await here.put(name, memorySource(learnt, name), [...learnt.keys()], { signal, run, kind });
    // Earlier states of the same run are of no use, and only take room.
    for (const { key, kind: other, run: of, name: called, origin } of await here.list()) {
      // Models that were kept before records had the id of their run are known by its name.
      const earlier = of === run || (of === undefined && origin === undefined && called === name);
      if (kind === other && earlier && key !== item.key) await here.remove(key);
    }
    emit({ kind: 'kept', model: name, key: item.key, step: (await readRun(files)).step });
  },
};

export const exportRunJob: Job<'exportRun'> = {
  async run({ run }, { store, emit }) {
    const { zipSync } = await import('fflate');
    const kept = runDisk((await store()).disk, run);
    const files = await filesOf(kept);
    for (const [name, bytes] of await runFiles(kept)) files.set(RUN_FOLDER + name, bytes);
    // Weights do not compress, so nothing is tried.
    emit({ kind: 'exported', zip: zipSync(Object.fromEntries(files), { level: 0 }) as Uint8Array<ArrayBuffer> });
  },
};

export const exportClusterJob: Job<'exportCluster'> = {
  async run({ run }, { store, signal, emit }) {
    const [{ zipSync }, { clusterOf }] = await Promise.all([import('fflate'), import('../train/cluster.ts')]);
    const files = await clusterOf(await store(), run, signal);
    emit({ kind: 'exported', zip: zipSync(Object.fromEntries(files), { level: 0 }) as Uint8Array<ArrayBuffer> });
  },
};

export const importRunJob: Job<'importRun'> = {
  async run({ run, file }, { store }) {
    const { unzipSync } = await import('fflate');
    const { disk } = await store();
    const files = runDisk(disk, run);
    const taken = (await listRuns(disk)).map(({ name }) => name);
    try {
      const zip = unzipSync(new Uint8Array(await file.arrayBuffer()));
      for (const [name, bytes] of Object.entries(zip)) {
        const kept = name.startsWith(RUN_FOLDER) ? name.slice(RUN_FOLDER.length) : name;
        if (KEPT.test(kept)) await files.put(kept, bytes);
      }
      const record = await readRun(files);
      const checkpoint = await loadCheckpoint(files);
      if (checkpoint === undefined) throw new Error('There is no checkpoint.');
      const { settings, progress } = checkpoint;
      const name = freeName(record.name, taken);
      await writeRecord(files, { ...record, id: run, name, settings, step: progress.step });
    } catch (cause) {
      await removeRun(disk, run);
      if (isFull(cause)) throw cause;
      const message = said`${file.name} holds no training run that was saved here.`;
      throw new UnmaskError(
        { code: 'data', message, remedy: 'Choose a zip that was saved from this list.' },
        { cause },
      );
    }
  },
};

/** Of the zip: what a run needs to go on, its texts included. */
const RUN_FOLDER = 'unmask-run/';
const RUN_FILES = /^(record|journal|data|checkpoint)[.]json([.]copy)?$|^(checkpoint-\d+|reference)[.]safetensors$/;
const KEPT = new RegExp(
  `${RUN_FILES.source}|^(arch|tokenizer|tokenizer_config)[.]json$|^chat_template[.]jinja$|^README[.]md$`,
);

/** Runs are told apart by their names, as models in the list. */
function freeName(name: string, taken: readonly string[]): string {
  for (let count = 1; ; count++) {
    const tried = count === 1 ? name : `${name}-${count}`;
    if (!taken.includes(tried)) return tried;
  }
}

async function runFiles(files: Disk): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const found = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const name of (await files.names()).filter((each) => RUN_FILES.test(each))) {
    const file = await files.open(name);
    if (file) found.set(name, await file.read(0, file.size));
  }
  return found;
}

/**
 * The last checkpoint, or what a run has learnt before its first, in Hugging Face layout, or as PEFT keeps adapters. Throws
 * `UnmaskError`.
 */
async function filesOf(files: Disk, live?: LiveRun): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  // A run that saves just now replaces the file between the two reads: the second attempt finds the new one.
  const checkpoint = await loadCheckpoint(files).catch(() => loadCheckpoint(files));
  const weights = checkpoint?.weights ?? (await live?.weights());
  if (weights === undefined) {
    const message = 'This run has no checkpoint in the storage of this browser.';
    throw new UnmaskError({ code: 'storage', message, remedy: 'Start it anew.' });
  }
  const source = diskSource(files, 'the run');
  const around = await readSurroundings(source);
  const { arch, modelType } = parseConfig(present(around.get(CONFIG_FILE), CONFIG_FILE, source));
  const card = await source.readAll('README.md');
  const words = card instanceof Uint8Array ? new TextDecoder().decode(card) : '';
  const settings = checkpoint?.settings ?? (await readRun(files)).settings;
  const tied = settings.adapter === 'none' ? !weights.has('decoder') : arch.tied;
  return learntFiles(settings, { arch: { ...arch, tied }, modelType }, around, weights, words);
}
