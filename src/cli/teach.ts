/** What `npm run train` does, for programs that make several runs. */
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { UnmaskError } from '../diffusion/error.ts';
import { PackedBase } from '../engine/base.ts';
import { type EngineDevice, openDevice } from '../engine/device.ts';
import { getGpu } from '../node/dawn.ts';
import { nodeDisk } from '../node/disk.ts';
import { folderSource } from '../node/folder.ts';
import { english } from '../text/said.ts';
import { adaptingOf, learntFiles } from '../training/adapting.ts';
import { activate } from '../training/backends.ts';
import { cardOf } from '../training/card.ts';
import { clusterFiles } from '../training/cluster/files.ts';
import type { Fit } from '../training/fit.ts';
import { makeTrainable, planOf, rowsOf } from '../training/make-trainable.ts';
import { objectiveOf } from '../training/objectives/index.ts';
import { keepReference, openReference } from '../training/preferring.ts';
import {
  type Checkpoint,
  type Evaluation,
  loadCheckpoint,
  type Progress,
  saveCheckpoint,
} from '../training/run-files.ts';
import { sampleOf } from '../training/sample.ts';
import { divide, openStart, prepare, reopenStart, wordsOf } from '../training/start.ts';
import type { TrainSettings } from '../training/train-settings.ts';
import { train } from '../training/trainer.ts';
import type { EndReason, TrainEvent } from '../training/trainer-events.ts';
import { adoptWebGpu } from '../training/webgpu-backend.ts';
import { groupWriter } from '../training/write-groups.ts';
import { folderOf } from './arguments.ts';
import { withFullDisk } from './full-disk.ts';
import type { StatusLine } from './program.ts';
import type { ClusterArguments, TrainArguments } from './train-arguments.ts';
import { aboutTable, readData } from './train-data.ts';

/** Trains; `tell` is given each event. Throws `UnmaskError`. */
export async function teach(
  { settings: asked, out, backend, hub }: TrainArguments,
  status: StatusLine,
  tell: (event: object) => void,
): Promise<void> {
  const found = asked === undefined ? await loadCheckpoint(await nodeDisk(out)) : undefined;
  const settings = asked ?? (found as Checkpoint).settings;
  // Everything is read and checked before the folder is made.
  const adapts = settings.adapter !== 'none';
  // A checkpoint of an adapter is nothing without the model that it learns beside.
  const needsInit = settings.init !== 'fresh' && (adapts || !found);
  const init = needsInit ? await folderSource(folderOf(settings.init, settings.init)) : undefined;
  const data = await readData(settings, hub, status);
  const split = divide(settings, data.texts, data.valid);
  const onProgress = (share: number) => status.show(`reading the text: ${Math.round(100 * share)} %`);
  const { model, around } =
    found && !adapts
      ? await reopenStart(settings, await folderSource(out), found.weights)
      : await openStart(settings, split.train, init ?? 'fresh', { onProgress });
  const material = await prepare(settings, split, model, { onProgress });
  const notes = [...data.notes, ...material.notes];
  for (const line of [...aboutTable(data), ...notes]) status.say(english(line));
  const adapting = adaptingOf(settings, model);
  const device = await startBackend(backend);
  const base = device && adapting && (await PackedBase.create(device, model, { precision: adapting.precision }));
  const card = device?.gpu.limits.maxStorageBufferBindingSize;
  const learnt = adapts ? found?.weights : undefined;
  const trainable = await makeTrainable(settings, model, { kept: learnt, packed: base, card });
  if (found) trainable.restore(found.optimiser);

  const disk = await nodeDisk(out);
  if (!found && !adapts) for (const [name, bytes] of around) await disk.put(name, bytes);
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  const { column, columns } = data;
  const read = { ...sizes(material), column, columns, notes };
  const learns = adapting?.size ?? model.weights.parameters;
  const { memory: expected } = planOf(settings, model, card);
  const most = Object.values(expected).reduce((sum, bytes) => sum + bytes, 0);
  status.say(`${learns} numbers learn; the run takes about ${megabytes(most)}.`);
  tell({ kind: 'started', step: found?.progress.step ?? 0, backend, learns, memory: expected, ...read, settings });
  const predictor = trainable.predictor();
  // Beside an adapter the model itself stays what it was.
  const { reference: compares, batch } = objectiveOf(settings);
  if (compares && !found && !adapts) await keepReference(disk, await trainable.weights());
  const reference = compares && (await openReference(model, adapts ? undefined : disk));
  const preferring = reference && {
    reference,
    pairs: material.pairs,
    networks: { policy: predictor, reference: reference.predictor() },
  };
  const write = batch === 'groups' ? groupWriter(predictor, model, settings) : undefined;
  let progress: Progress | undefined = found?.progress;
  let ended: EndReason = 'steps';
  let taken = 0;
  let cut: Fit | undefined = { rows: rowsOf(settings), blocks: 1 };
  const running = train(
    {
      ...material,
      settings,
      learner: trainable,
      preferring,
      write,
      maskId: model.arch.ids.mask ?? -1,
      vocabSize: model.arch.vocab,
      words: wordsOf(model),
    },
    {
      signal: stop.signal,
      from: found?.progress,
      save: async (checkpoint) => {
        await saveCheckpoint(disk, checkpoint);
        progress = checkpoint.progress;
        const card = cardOf(settings, model, material, checkpoint.progress);
        for (const [name, bytes] of learntFiles(settings, model, around, checkpoint.weights, card))
          await disk.put(name, bytes);
      },
      sample: () => sampleOf(predictor, { settings, model, material, backend }),
    },
  );
  const last = () => progress && `The checkpoint of step ${progress.step} is in ${out}.`;
  for await (const event of withFullDisk(running, last)) {
    tell(lineOf(event, settings));
    if (event.kind === 'step') {
      if (event.fit && JSON.stringify(event.fit) !== JSON.stringify(cut)) status.say(cutWords(event.fit));
      cut = event.fit;
      taken = Math.max(taken, event.memory.bytes);
      const left = ((settings.steps - event.step) * event.milliseconds) / 1000;
      const speed = Math.round((1000 * event.tokens) / event.milliseconds);
      const { reward } = event.told ?? {};
      const learnt = reward === undefined ? `loss ${event.loss.toFixed(3)}` : `reward ${reward.toFixed(2)}`;
      status.show(`step ${event.step} of ${settings.steps}, ${learnt}, ${speed} tokens/s, ${Math.ceil(left)} s left`);
    } else if (event.kind === 'evaluated') {
      status.say(
        `step ${event.step}: held out ${event.nelbo.toFixed(3)}${spread(event.standardError)} ${settings.objective === 'edits' ? 'of loss' : 'nats per token'}${preferenceWords(event)}`,
      );
    } else if (event.kind === 'ended') ended = event.reason;
  }
  if (taken > 0) status.say(`It took at most ${megabytes(taken)} beside texts and program.`);
  process.off('SIGINT', interrupt);
  trainable.dispose();
  reference?.dispose();
  base?.destroy();
  device?.gpu.destroy();
  const kept = last() ?? 'Nothing was saved before.';
  if (ended === 'device') throw deviceError(`The device was lost. ${kept}`);
  if (ended === 'not-finite') {
    const message = `A loss or gradient was not a finite number. ${kept}`;
    throw new UnmaskError({ code: 'internal', message, remedy: 'Try a lower learning rate or a longer warm-up.' });
  }
  status.say(`${ended === 'stopped' ? 'stopped' : 'done'} after step ${progress?.step ?? 0}; ${out}`);
}

function cutWords({ rows, blocks }: Fit): string {
  const layers = blocks > 1 ? `, and the layers in ${blocks} blocks whose activations are computed twice` : '';
  return `So that it fits, ${rows === 1 ? 'one row is' : `${rows} rows are`} learnt at a time${layers}.`;
}

/** One text has no spread. */
function spread(standardError: number): string {
  return Number.isNaN(standardError) ? '' : ` ± ${standardError.toFixed(3)}`;
}

function preferenceWords({ preference }: Pick<Evaluation, 'preference'>): string {
  if (preference === undefined) return '';
  const { accuracy, margin, divergence } = preference;
  const kl = divergence === undefined ? '' : `, KL ${divergence.value.toFixed(3)} nats`;
  return `; pairs ${(100 * accuracy.value).toFixed(0)} % right, margin ${margin.value.toFixed(2)}${kl}`;
}

/** Makes it the current backend of tfjs; answers with the device, if there is one. Throws `UnmaskError`: device. */
async function startBackend(backend: TrainArguments['backend']): Promise<EngineDevice | undefined> {
  if (backend !== 'webgpu') {
    if (await activate(backend)) return undefined;
    throw deviceError(`The tfjs backend ${backend} does not run here.`);
  }
  const all = await getGpu({ zeroWorkgroups: true });
  // tfjs looks here to see whether there is WebGPU at all.
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: all, userAgent: 'node' }, configurable: true });
  const device = await openDevice(all);
  await adoptWebGpu(device.gpu);
  return device;
}

/** The folder that trains the same with dLLM. */
export async function forCluster({ cluster: settings, out, hub }: ClusterArguments, status: StatusLine): Promise<void> {
  const init = settings.init === 'fresh' ? 'fresh' : await folderSource(folderOf(settings.init, settings.init));
  const data = await readData(settings, hub, status);
  const split = divide(settings, data.texts, data.valid);
  const start = await openStart(settings, split.train, init);
  const files = await clusterFiles({ name: basename(out), settings, start, split, begunAt: 0 });
  for (const [path, bytes] of files) {
    const file = resolve(out, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  status.say(`${files.size} files in ${out}; its README.md says how to go on.`);
}

function sizes({ train: learnt, heldOut, references }: Awaited<ReturnType<typeof prepare>>) {
  return { rows: learnt.count, tokens: learnt.tokens, heldOutRows: heldOut.count, references };
}

export function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}

function deviceError(message: string): UnmaskError {
  return new UnmaskError({ code: 'device', message, remedy: 'Go on with --resume, or choose another --backend.' });
}

/** An event as a line of output. What edits are measured by is their loss, and is called so. */
function lineOf(event: TrainEvent, { objective }: TrainSettings): object {
  if (event.kind === 'sample') {
    const { kind, step, pieces, given } = event;
    return { kind, step, text: pieces.join(''), ...(given && { given: pieces.slice(0, given).join('') }) };
  }
  if (event.kind !== 'evaluated' || objective !== 'edits') return event;
  const { nelbo: loss, ...rest } = event;
  return { ...rest, loss };
}
