/** Where two runs differ, each at a moment of its own, told by slot: slots may have come and gone in either. */
import { type Canvas, nextSlot, slotAt } from '../../diffusion/canvas.ts';
import { type CanvasDiff, diffCanvases, Mark } from '../../diffusion/diff.ts';
import { canvasAt } from '../../diffusion/replay.ts';
import type { Trace } from '../../diffusion/trace.ts';

/** The marks of each side are by slot; `Open` stands where a slot is not on its canvas. */
export function diffOf(own: Trace, at: number, other: Trace, there: number): CanvasDiff {
  const [left, right] = [canvasAt(own, at), canvasAt(other, there)];
  const diff = diffCanvases(left, right);
  const bySlot = (canvas: Canvas, marks: Uint8Array) => {
    if (canvas.order === undefined) return marks;
    const named = new Uint8Array(nextSlot(canvas)).fill(Mark.Open);
    for (const [place, mark] of marks.entries()) named[slotAt(canvas, place)] = mark;
    return named;
  };
  return { ...diff, left: bySlot(left, diff.left), right: bySlot(right, diff.right) };
}
