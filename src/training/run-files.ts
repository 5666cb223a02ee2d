/**
 * A checkpoint on a `Disk` (a folder under Node, the browser's own file system, memory): everything a run needs to go on
 * as if it had never stopped. Weights and the optimiser's moments lie in one safetensors file per checkpoint; the
 * manifest that names it is written last, and twice, so a run that breaks off while saving still has the checkpoint before.
 */

import { damaged, isObject, parseObject } from '../checkpoint/damage.ts';
import { fromFloat32, toFloat32 } from '../checkpoint/half.ts';
import type { FileSource } from '../checkpoint/model.ts';
import { readHeader } from '../checkpoint/safetensors.ts';
import { memorySource } from '../checkpoint/sources.ts';
import type { Disk } from '../checkpoint/store/disk.ts';
import { sha256 } from '../checkpoint/store/hash.ts';
import { putTwice, readEither } from '../checkpoint/store/twice.ts';
import { writeSafetensors } from '../checkpoint/write-safetensors.ts';
import { said, type Text } from '../text/said.ts';
import type { OptimiserState } from './adamw.ts';
import type { PreferenceMeasure } from './preferring.ts';
import { parseTrainSettings, TRAIN_SETTING_NAMES, TRAIN_SETTINGS, type TrainSettings } from './train-settings.ts';

export interface Evaluation {
  readonly step: number;
  /** Of edits: their loss. */
  readonly nelbo: number;
  readonly standardError: number;
  /** Of pairs that are held out, where those are learnt from. */
  readonly preference?: PreferenceMeasure;
}

/** Where a run stands. Data order and all chance follow from the seed and the step. */
export interface Progress {
  /** Steps made. */
  readonly step: number;
  /** Tokens read and time taken by them, in milliseconds. */
  readonly tokens: number;
  readonly milliseconds: number;
  readonly evaluations: readonly Evaluation[];
}

export interface Checkpoint {
  readonly settings: TrainSettings;
  readonly progress: Progress;
  /** Names and layout of `Weights`. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly optimiser: OptimiserState;
}

const MANIFEST = 'checkpoint.json';
const TENSORS = /^checkpoint-\d+\.safetensors$/;
const VERSION = 1;

/** Writes a checkpoint and removes the ones before. Throws what the disk throws; the one before is then still whole. */
export async function saveCheckpoint(
  disk: Disk,
  { settings, progress, weights, optimiser }: Checkpoint,
): Promise<void> {
  const parts = { weights, first: optimiser.first, second: optimiser.second };
  const tensors = Object.entries(parts).flatMap(([part, values]) =>
    [...values].map(([name, each]) => {
      return [
        `${part}.${name}`,
        { dtype: 'F32' as const, shape: [each.length], bytes: fromFloat32(each, 'F32') },
      ] as const;
    }),
  );
  const bytes = writeSafetensors(tensors);
  const file = `checkpoint-${progress.step}.safetensors`;
  const isNew = (await disk.open(file)) === undefined;
  try {
    const writer = await disk.writer(file);
    try {
      await writer.truncate(0);
      await writer.write(bytes, 0);
      await writer.flush();
    } finally {
      await writer.close();
    }
  } catch (error) {
    // What did not fit would only take room from the checkpoint before.
    if (isNew) await disk.remove(file).catch(() => undefined);
    throw error;
  }
  const format = (name: (typeof TRAIN_SETTING_NAMES)[number]) =>
    [TRAIN_SETTINGS[name].key, (TRAIN_SETTINGS[name].format as (value: unknown) => string)(settings[name])] as const;
  const manifest = {
    format: 'unmask-run',
    version: VERSION,
    settings: Object.fromEntries(TRAIN_SETTING_NAMES.map(format)),
    progress,
    updates: optimiser.steps,
    file,
    sha256: await sha256(bytes),
  };
  await putTwice(disk, MANIFEST, new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 1)}\n`));
  for (const name of await disk.names()) if (TENSORS.test(name) && name !== file) await disk.remove(name);
}

/** The last checkpoint, or undefined when there is none. Throws `UnmaskError` code `checkpoint` when it is damaged. */
export async function loadCheckpoint(disk: Disk): Promise<Checkpoint | undefined> {
  const manifest = await readEither(disk, MANIFEST, parseManifest);
  if (manifest === undefined) return undefined;
  const { settings, progress, updates, file, sha256: sum } = manifest;
  const bytes = await readWhole(disk, file);
  if (bytes === undefined) throw broken(file, said`${file} is missing beside its manifest.`);
  if ((await sha256(bytes)) !== sum)
    throw broken(file, said`${file} is damaged: its checksum is not that of its manifest.`);
  const source = memorySource(new Map([[file, bytes]]), 'the checkpoint');
  const [weights, first, second] = await Promise.all(
    ['weights', 'first', 'second'].map((part) => readPart(source, file, part)),
  );
  return {
    settings: parseTrainSettings(settings),
    progress,
    weights: weights as Map<string, Float32Array>,
    optimiser: {
      steps: updates,
      first: first as Map<string, Float32Array>,
      second: second as Map<string, Float32Array>,
    },
  };
}

/** Name of the file that the last checkpoint lies in; undefined when there is none. Throws when that cannot be read. */
export async function checkpointFile(disk: Disk): Promise<string | undefined> {
  return (await readEither(disk, MANIFEST, parseManifest))?.file;
}

interface Manifest {
  readonly settings: Record<string, unknown>;
  readonly progress: Progress;
  readonly updates: number;
  readonly file: string;
  readonly sha256: unknown;
}

function parseManifest(bytes: Uint8Array): Manifest {
  const { format, version, settings, progress, updates, file, sha256 } = parseObject(MANIFEST, bytes);
  const right = format === 'unmask-run' && version === VERSION && isObject(settings) && isProgress(progress);
  if (right && typeof file === 'string' && TENSORS.test(file) && Number.isInteger(updates)) {
    return { settings, progress, updates: updates as number, file, sha256 };
  }
  throw broken(MANIFEST, said`${MANIFEST} does not describe a training run.`);
}

async function readPart(source: FileSource, file: string, part: string): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  for (const [name, { start, end }] of await readHeader(source, file)) {
    if (!name.startsWith(`${part}.`)) continue;
    values.set(name.slice(part.length + 1), toFloat32(await source.read(file, start, end), 'F32'));
  }
  return values;
}

async function readWhole(disk: Disk, name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const file = await disk.open(name);
  return file && (await file.read(0, file.size));
}

function isProgress(value: unknown): value is Progress {
  if (!isObject(value)) return false;
  const { step, tokens, milliseconds, evaluations } = value;
  return Number.isInteger(step) && [tokens, milliseconds].every(Number.isFinite) && Array.isArray(evaluations);
}

function broken(file: string, message: Text) {
  return damaged(file, message, { remedy: 'Start the run anew, or go on from a copy of it.' });
}
