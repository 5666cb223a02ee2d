/** What a pass of block diffusion reads at a moment: finished blocks are remembered, later ones are not read yet. */
import { layoutOf } from '../../diffusion/blocks.ts';
import type { Trace } from '../../diffusion/trace.ts';

export interface Reading {
  /** Of each slot: remembered, computed, or not read yet. */
  readonly of: ReadonlyMap<number, 'kept' | 'now' | 'ahead'>;
  /** The first slot of every block of the new text. */
  readonly edges: ReadonlyMap<number, string>;
  /** Of the block being written, from 0, and how many there are. */
  readonly block: number;
  readonly blocks: number;
  /** Positions that the last pass computed, and those that it remembered; NaN before the first. */
  readonly computed: number;
  readonly remembered: number;
}

/** undefined of other processes, which read the whole text. */
export function readingAt(trace: Trace, playhead: number): Reading | undefined {
  const { settings, start, steps } = trace;
  if (settings.process !== 'blocks') return undefined;
  const layout = layoutOf(start, settings);
  const last = steps[Math.min(playhead, steps.length) - 1];
  const next = steps[playhead];
  const block = Math.min((next ?? last)?.next.block ?? 0, layout.blocks - 1);
  const first = layout.start + block * layout.width;
  const end = Math.min(first + layout.width, start.ids.length);
  const of = new Map<number, 'kept' | 'now' | 'ahead'>();
  for (const slot of start.ids.keys()) of.set(slot, slot < first ? 'kept' : slot < end ? 'now' : 'ahead');
  const edges = new Map(
    Array.from({ length: layout.blocks }, (_, n) => [layout.start + n * layout.width, String(n + 1)]),
  );
  const computed = last ? last.prediction.rows : Number.NaN;
  const read = last ? Math.min(layout.start + (last.next.block + 1) * layout.width, start.ids.length) : Number.NaN;
  return { of, edges, block, blocks: layout.blocks, computed, remembered: Math.max(0, read - computed) };
}
