/**
 * A training run in the worker, from texts to the last event. Everything of tfjs is behind this file, which is loaded
 * when somebody trains. On WebGPU of a real card it takes our training kernels on the device the engine uses; elsewhere,
 * and where asked, tfjs on WebAssembly. Nothing is measured: both are the only way of their kind.
 */
import type { FetchProgress } from '../../checkpoint/hub/download.ts';
import type { FileSource } from '../../checkpoint/model.ts';
import { droppedSource } from '../../checkpoint/sources.ts';
import { busy, type Disk, isFull } from '../../checkpoint/store/disk.ts';
import type { Store } from '../../checkpoint/store/store.ts';
import { putTwice } from '../../checkpoint/store/twice.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import { PackedBase } from '../../engine/base.ts';
import type { EngineDevice } from '../../engine/device.ts';
import { adaptingOf } from '../../training/adapting.ts';
import { activate } from '../../training/backends.ts';
import { cardOf } from '../../training/card.ts';
import { makeTrainable } from '../../training/make-trainable.ts';
import { utf8 } from '../../training/model-files.ts';
import { objectiveOf } from '../../training/objectives/index.ts';
import { keepReference, openReference } from '../../training/preferring.ts';
import { previewOf } from '../../training/preview.ts';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from '../../training/run-files.ts';
import { sampleOf } from '../../training/sample.ts';
import { divide, type Material, openStart, prepare, reopenStart, type Start, wordsOf } from '../../training/start.ts';
import type { Trainable } from '../../training/trainable.ts';
import { train } from '../../training/trainer.ts';
import { adoptWebGpu, freeUnusedBuffers } from '../../training/webgpu-backend.ts';
import { groupWriter } from '../../training/write-groups.ts';
import type { Models } from '../models.ts';
import type { RunFacts, RunJournal, StoredRun, Training, TrainRequest } from '../protocol.train.ts';
import type { ModelSource } from '../protocol.ts';
import { yieldToEvents } from '../yield.ts';
import { keepOrigin, keptOrigin, originOf, textsFrom } from './data.ts';
import { LiveRun } from './live.ts';
import { forgetFile } from './look.ts';
import { held, restOf, takeHaste } from './pace.ts';
import { diskSource, EMPTY_JOURNAL, journalUpTo, readRun, removeRun, runDisk, writeRecord } from './run-store.ts';
import { sourceOf } from './source.ts';
import { TimeLeft } from './time-left.ts';

interface Surroundings {
  readonly models: Models;
  readonly store: Store;
  readonly signal: AbortSignal;
  emit(event: Training): void;
}

/** A page that is closed loses no more than this, and saving takes no more than a twentieth of the time. */
const SAVE_AFTER_MS = 15_000;
const SAVE_SHARE = 20;

type Begin = NonNullable<TrainRequest['begin']>;

/** Throws `UnmaskError`, or the signal's reason before the first step; later an abort saves and ends the run. */
export async function learn(request: TrainRequest, around: Surroundings): Promise<void> {
  forgetFile();
  const files = runDisk(around.store.disk, request.run);
  const done = await files.exclusive('lock', () => learnAlone(request, files, around));
  if (done === 'busy') throw busy('This run');
}

async function learnAlone({ run: id, begin, backend: choice }: TrainRequest, files: Disk, around: Surroundings) {
  const { store, signal, emit, models } = around;
  const before = begin ? undefined : await readRun(files);
  const found = begin ? undefined : await loadCheckpoint(files);
  let from = begin?.from ?? before?.start;
  if (!found && from === undefined) throw lost();
  const settings = begin?.settings ?? found?.settings ?? (before as StoredRun).settings;
  emit({ kind: 'preparing', stage: 'data' });
  const reading = {
    column: settings.column,
    chats: settings.rows === 'chats',
    signal,
    onProgress: (progress: FetchProgress) => emit({ kind: 'preparing', stage: 'data', ...progress }),
  };
  const origin = begin ? await beginningOf(begin, store, reading) : await keptOrigin(files);
  const { texts, valid, cut, notes } = await textsFrom(origin, store, { signal });
  const split = divide(settings, texts, valid);
  const onProgress = (stage: 'model' | 'tokens') => (share: number) =>
    emit({ kind: 'preparing', stage, loaded: share, total: 1 });
  emit({ kind: 'preparing', stage: 'model' });
  const adapts = settings.adapter !== 'none';
  // An adapter learns beside a model that has to be there when the run goes on.
  if (adapts && typeof from === 'object' && 'files' in from) from = await keptModel(from, settings.init, store, signal);
  const start =
    found && !adapts
      ? await reopenStart(settings, diskSource(files, 'the run'), found.weights)
      : await openStart(settings, split.train, await startOf(from as Begin['from'], store), {
          signal,
          onProgress: onProgress('model'),
        });
  const material = await prepare(settings, split, start.model, { signal, onProgress: onProgress('tokens') });
  const adapting = adaptingOf(settings, start.model);
  await onBackend(choice, models, async (backend, device) => {
    // What a model in use has in memory already is not put there once more.
    const beside = adapting && models.weightsOf(from as ModelSource, adapting.precision);
    const base =
      device &&
      adapting &&
      (beside?.packed?.device === device
        ? beside.packed.share()
        : await PackedBase.create(device, start.model, { precision: adapting.precision, signal }));
    const adapterSoFar = adapts ? found?.weights : undefined;
    const trainable = await makeTrainable(settings, start.model, {
      kept: adapterSoFar,
      packed: base,
      shared: beside?.backend === backend ? beside.parameters : undefined,
      card: device?.gpu.limits.maxStorageBufferBindingSize,
      signal,
    });
    const about = adapting && { ...adapting, id: before?.name ?? begin?.name ?? id, base: settings.init };
    const live = new LiveRun(trainable, id, found?.progress.step ?? 0, about);
    let reference: Trainable | undefined;
    try {
      // Files chosen on this machine are nowhere else; everything else can be opened again.
      const kept = typeof from === 'object' && 'files' in from ? undefined : from;
      const facts = factsOf(settings, start, material, {
        backend,
        device: device?.description ?? '',
        cut,
        notes: [...notes, ...material.notes],
      });
      const run: StoredRun = {
        version: 1,
        id,
        name: before?.name ?? (begin as Begin).name,
        created: before?.created ?? Date.now(),
        step: found?.progress.step ?? 0,
        ended: undefined,
        settings,
        facts,
        start: kept,
        journal: before && found ? journalUpTo(before.journal, found.progress.step) : EMPTY_JOURNAL,
      };
      if (found) trainable.restore(found.optimiser);
      else {
        // The record first: what breaks off from here on is in the list, and can be deleted there.
        await writeRecord(files, run);
        try {
          if (begin) await keepOrigin(files, origin);
          for (const [name, bytes] of start.around) await files.put(name, bytes);
          if (kept === undefined || adapts) await saveCheckpoint(files, await startCheckpoint(settings, trainable));
        } catch (error) {
          if (begin) await removeRun(store.disk, id);
          throw error;
        }
      }
      // Beside an adapter the model itself stays what it was.
      const compares = objectiveOf(settings).reference;
      if (compares && begin && !adapts) await keepReference(files, await trainable.weights());
      if (compares) reference = await openReference(start.model, adapts ? undefined : files, signal);
      models.live = live;
      emit({ kind: 'begun', run });
      await drive(run, { files, trainable, live, reference, start, material, found }, around);
    } finally {
      await live.end();
      if (models.live === live) models.live = undefined;
      trainable.dispose();
      reference?.dispose();
      base?.destroy();
      if (backend === 'webgpu') freeUnusedBuffers();
    }
  }).catch((error: unknown) => {
    throw isFull(error) ? full() : error;
  });
}

/** Where a new run's texts come from, and those to measure on. */
async function beginningOf(
  { data, valid, settings }: Begin,
  store: Store,
  reading: Omit<Parameters<typeof originOf>[2], 'pairs'>,
): Promise<Awaited<ReturnType<typeof originOf>>> {
  const pairs = settings.objective === 'vrpo';
  const origin = await originOf(data, store, { ...reading, pairs });
  if (valid === undefined || origin.kind !== 'texts') return origin;
  const measured = await originOf(valid, store, reading);
  return measured.kind === 'texts' ? { ...origin, valid: measured.texts } : origin;
}

/** The start as a checkpoint: a page that is closed before the first interval can go on. */
async function startCheckpoint(settings: Begin['settings'], trainable: Trainable): Promise<Checkpoint> {
  return {
    settings,
    progress: { step: 0, tokens: 0, milliseconds: 0, evaluations: [] },
    weights: await trainable.weights(),
    optimiser: await trainable.optimiserState(),
  };
}

interface Parts {
  readonly files: Disk;
  readonly trainable: Trainable;
  readonly live: LiveRun;
  /** What the model was at the beginning, where that is compared with. */
  readonly reference: Trainable | undefined;
  readonly start: Start;
  readonly material: Material;
  readonly found: Checkpoint | undefined;
}

async function drive(run: StoredRun, parts: Parts, { signal, emit }: Surroundings): Promise<void> {
  const { files, trainable, live, reference, start, material, found } = parts;
  const { settings } = run;
  const { arch } = start.model;
  const predictor = trainable.predictor();
  const journal = {
    points: [...run.journal.points],
    evaluations: [...run.journal.evaluations],
    samples: [...run.journal.samples],
  } satisfies RunJournal;
  let saved = run.step;
  let savedAt = performance.now();
  let saving = 0;
  const save = async (checkpoint: Checkpoint) => {
    const begun = performance.now();
    // The journal first: what it knows beyond the checkpoint is left out when the run goes on.
    await putTwice(files, 'journal.json', utf8(JSON.stringify(journal)));
    await files.put('README.md', utf8(cardOf(settings, start.model, material, checkpoint.progress)));
    await saveCheckpoint(files, checkpoint);
    saved = checkpoint.progress.step;
    const { name } = await readRun(files); // it may have been renamed meanwhile
    await writeRecord(files, { ...run, name, step: saved });
    savedAt = performance.now();
    saving = savedAt - begun;
  };
  /** Between those of the settings: after a while, as long as saving stays a small part of the work; or when it is asked for. */
  const saveNow = () => takeHaste() || performance.now() - savedAt > Math.max(SAVE_AFTER_MS, SAVE_SHARE * saving);
  const sample = () => sampleOf(predictor, { settings, model: start.model, material, backend: run.facts.backend });
  const preferring = reference && {
    reference,
    pairs: material.pairs,
    networks: { policy: predictor, reference: reference.predictor() },
  };
  const writes = objectiveOf(settings).batch === 'groups';
  const events = train(
    {
      ...material,
      settings,
      learner: trainable,
      preferring,
      write: writes ? groupWriter(predictor, start.model, settings) : undefined,
      maskId: arch.ids.mask ?? -1,
      vocabSize: arch.vocab,
      words: wordsOf(start.model),
    },
    {
      signal,
      from: found && found.progress.step > 0 ? found.progress : undefined,
      save,
      saveNow,
      sample,
    },
  );
  const left = new TimeLeft(settings);
  let asked = performance.now();
  for await (const event of events) {
    // What a step has written is told before it; its time is the step's.
    if (event.kind !== 'ended' && event.kind !== 'wrote') left.mark(event.kind, performance.now() - asked);
    if (event.kind === 'sample') {
      const { kind, ...made } = event;
      journal.samples.push(made);
      emit({ kind, ...made });
    } else {
      if (event.kind === 'step') {
        live.step = event.step;
        journal.points.push(event);
      }
      if (event.kind === 'evaluated') journal.evaluations.push(event);
      if (event.kind === 'ended' && event.reason !== 'stopped') {
        const { name } = await readRun(files);
        // With another device it can go on; what is not finite now would be so again.
        const ended = event.reason === 'device' ? undefined : event.reason;
        await writeRecord(files, { ...run, name, step: saved, ended });
      }
      emit(event.kind === 'step' ? { ...event, secondsLeft: left.after(event.step) } : event);
    }
    await yieldToEvents();
    if (event.kind === 'step') await restOf(event.milliseconds, signal);
    await held(signal);
    if (event.kind !== 'wrote') asked = performance.now();
  }
}

/** Makes a backend of tfjs current and runs `work` on it. Throws `UnmaskError` code `device` when none runs. */
async function onBackend(
  choice: TrainRequest['backend'],
  models: Models,
  work: (backend: string, device: EngineDevice | undefined) => Promise<void>,
): Promise<void> {
  let taken = false;
  if (choice !== 'fallback') {
    const onCard = models.withDevice(async (device) => {
      if (device.software && choice !== 'webgpu') return;
      await adoptWebGpu(device.gpu);
      taken = true;
      await work('webgpu', device);
    });
    await onCard.catch((error: unknown) => {
      if (taken || choice === 'webgpu') throw error;
    });
  }
  if (taken) return;
  const wasmFiles = await models.wasmFiles();
  if (choice !== 'webgpu' && (await activate('wasm', { wasmFiles }))) return work('wasm', undefined);
  throw new UnmaskError({
    code: 'device',
    message: choice === 'webgpu' ? 'There is no WebGPU here to train on.' : 'WebAssembly does not run here.',
    remedy: 'Choose the automatic way at the top of the page, or another browser.',
  });
}

function factsOf(
  settings: Begin['settings'],
  { model }: Start,
  { train: learnt, heldOut, references }: Material,
  { backend, device, cut, notes }: Pick<RunFacts, 'backend' | 'device' | 'cut' | 'notes'>,
): RunFacts {
  const { vocab: vocabSize, ids } = model.arch;
  const about = { settings, train: learnt, maskId: ids.mask ?? -1, vocabSize, words: wordsOf(model) };
  return {
    parameters: model.weights.parameters,
    vocabSize,
    backend,
    device,
    trainRows: learnt.count,
    trainTokens: learnt.tokens,
    heldOutRows: heldOut.count,
    heldOutTokens: heldOut.tokens,
    cut,
    ...(notes && notes.length > 0 ? { notes } : {}),
    references,
    preview: previewOf(about, model.tokenizer),
  };
}

async function startOf(from: Begin['from'], store: Store): Promise<FileSource | 'fresh'> {
  return from === 'fresh' ? from : sourceOf(from, store);
}

/** Files chosen on this machine as a model of the store. */
async function keptModel(
  { files }: { readonly files: readonly File[] },
  name: string,
  store: Store,
  signal: AbortSignal,
) {
  const names = files.map((file) => file.name);
  const { key } = await store.put(name, droppedSource(files), names, { signal });
  return { stored: key };
}

function lost(): UnmaskError {
  const message = 'This run has no checkpoint in the storage of this browser.';
  return new UnmaskError({ code: 'storage', message, remedy: 'Start it anew.' });
}

function full(): UnmaskError {
  const message = 'The storage of this browser is full, so no further checkpoint can be kept.';
  return new UnmaskError({ code: 'storage', message, remedy: 'Delete models or runs, then go on with this run.' });
}
