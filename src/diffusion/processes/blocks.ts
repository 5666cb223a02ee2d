/**
 * Block diffusion (BD3-LM, arXiv 2503.09573 §4; dllm/core/samplers/bd3lm.py): blocks from left to right, and in each a
 * masked diffusion that reads its own block and all before it. Whatever stands behind a block is not read, so finished
 * blocks keep their keys and values exactly, and a step costs the rows of its block. Blocks of one token are
 * autoregression, one block is masked diffusion. The first block of the prompt may be shorter, so that the prompt ends with
 * one (dLLM pads it to the left instead). In a block the settings' sampler and schedule write as everywhere.
 *
 * A text that has ended is written on to the end of its block, as there. Declared: a pad that was written is read like any
 * token, where dLLM hides it from the blocks that follow and gives it no position. A pattern here is whole blocks, in every
 * kernel and in the caches, and a finished block keeps its keys and values, which there are made anew for each block. It
 * shows only where a text goes on after a pad without having ended; the tests pin down where (`padRuns`).
 */
import { type Layout, layoutOf } from '../blocks.ts';
import { openSlots } from '../canvas.ts';
import { type BlockPattern, boundary } from '../network.ts';
import type { Process } from '../process.ts';
import { bySampler } from './masked.ts';

export const blocks: Process = bySampler('blocks', {
  layout: layoutOf,
  read({ canvas, slots, block, layout, settings, info }) {
    const sees = patternOf(layout);
    const end = Math.min(layout.start + (block + 1) * layout.width, canvas.ids.length);
    const read = { ids: canvas.ids.slice(0, end), sees };
    if (settings.guidance > 0) return read;
    const row = Math.max(0, (slots[0] as number) - info.logitShift);
    return { ...read, cache: { kind: 'exact', prefix: boundary(sees, row) } };
  },
  isOver(canvas, layout, { to }) {
    const { start, width } = layout;
    return openSlots(canvas, start, start + Math.ceil((to - start) / width) * width).length === 0;
  },
  stopsEarly: ({ earlyStop, exact }, { revisits }) => earlyStop && !exact && !revisits,
});

/** What the blocks of a run let a network see. */
export function patternOf({ start, width }: Layout): BlockPattern {
  return { blocks: width, offset: start % width };
}
