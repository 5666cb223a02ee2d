/** The adapters of `src/training/golden`: what PEFT makes of the tiny models there. */
import { readFileSync } from 'node:fs';
import type { Adapter } from '../../checkpoint/adapter/adapter.ts';
import { openAdapter } from '../../checkpoint/adapter/open.ts';
import { toFloat32 } from '../../checkpoint/half.ts';
import { readHeader } from '../../checkpoint/safetensors.ts';
import { memorySource } from '../../checkpoint/sources.ts';
import { lowRankNames } from '../low-rank.ts';
import { type GoldenGradients, openGradients } from './gradients.ts';

export const ADAPTERS = ['modernbert', 'bert', 'qwen3'] as const;
type Name = (typeof ADAPTERS)[number] | 'whole';

export interface GoldenAdapter {
  readonly base: GoldenGradients;
  readonly adapter: Adapter;
  /** By the names of `lowRankNames`: the adapter's own values. */
  readonly start: ReadonlyMap<string, Float32Array>;
  /** Of three steps. */
  readonly losses: readonly number[];
  readonly gradNorms: readonly number[];
  readonly gradients: ReadonlyMap<string, Float32Array>;
  /** Of every row of the question's canvases, `[B·T, V]`: on, off, and at half its weight. */
  readonly logits: ReadonlyMap<string, Float32Array>;
}

const folderOf = (name: Name) => new URL(`../golden/lora-${name}/`, import.meta.url);
const fileOf = (name: Name, file: string) => new Uint8Array(readFileSync(new URL(file, folderOf(name))));

export function adapterSource(name: Name) {
  const files = ['adapter_config.json', 'adapter_model.safetensors'];
  return memorySource(new Map(files.map((file) => [file, fileOf(name, file)])), name);
}

export async function openGoldenAdapter(name: Name): Promise<GoldenAdapter> {
  const { base: folder, ...step } = JSON.parse(new TextDecoder().decode(fileOf(name, 'step.json')));
  const base = await openGradients(folder);
  const adapter = await openAdapter(adapterSource(name), base, { id: name });
  const start = new Map<string, Float32Array>();
  for (const [i, { a, b }] of lowRankNames(adapter.lowRank).entries()) {
    start.set(a, adapter.lowRank[i]?.a as Float32Array).set(b, adapter.lowRank[i]?.b as Float32Array);
  }
  const gradients = name === 'whole' ? new Map() : await tensorsOf(name, 'gradients.safetensors');
  return { base, adapter, start, ...step, gradients, logits: await tensorsOf(name, 'logits.safetensors') };
}

async function tensorsOf(name: Name, file: string): Promise<Map<string, Float32Array>> {
  const source = memorySource(new Map([[file, fileOf(name, file)]]), name);
  const values = new Map<string, Float32Array>();
  for (const [tensor, { start, end }] of await readHeader(source, file)) {
    values.set(tensor, toFloat32(await source.read(file, start, end), 'F32'));
  }
  return values;
}

/** Largest difference, beside the largest value. */
export function farthest(got: Float32Array, want: Float32Array): number {
  if (got.length !== want.length) return Number.NaN;
  const most = want.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return want.reduce((worst, value, i) => Math.max(worst, Math.abs((got[i] as number) - value)), 0) / most;
}
