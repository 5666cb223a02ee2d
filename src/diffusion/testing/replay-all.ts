/** Every canvas of a run, from the start to the end, rebuilt from its steps alone. */
import { type Canvas, copyCanvas } from '../canvas.ts';
import { applyStep } from '../replay.ts';
import type { Step } from '../trace.ts';
import { MASK } from './arbitrary.ts';

export async function replayAll(start: Canvas, steps: AsyncIterable<Step>): Promise<Canvas[]> {
  const canvases = [copyCanvas(start)];
  for await (const step of steps) canvases.push(applyStep(canvases.at(-1) as Canvas, step, MASK));
  return canvases;
}
