/** What pressing on the canvas does: point, or paint with one of the brushes; and the slots picked so far. */
import { create } from 'zustand';
import { slotsBetween } from '../trace/frame.ts';
import { currentFrame } from './frames.ts';

/** `point` selects; the others act on every slot they are drawn over. */
export const TOOLS = ['point', 'mask', 'word', 'keep', 'order'] as const;
export type Tool = (typeof TOOLS)[number];

export interface ToolState {
  readonly tool: Tool;
  /** Where a span was begun and where it has got to; undefined for a single slot. */
  readonly span: { readonly from: number; readonly to: number } | undefined;
  /** Slots under the brush since it was pressed down, in the order they were touched. */
  readonly stroke: readonly number[];
  /** Where words are to be put, once the brush for that has touched it; in reading order. */
  readonly place: readonly number[];
}

export const useTools = create<ToolState>(() => ({ tool: 'point', span: undefined, stroke: [], place: [] }));

export function takeTool(tool: Tool): void {
  useTools.setState({ tool, span: undefined, stroke: [], place: [] });
}

/** A span of one slot is no span. */
export function pickSpan(from: number, to: number): void {
  useTools.setState({ span: from === to ? undefined : { from, to } });
}

export function dropSpan(): void {
  if (useTools.getState().span) useTools.setState({ span: undefined });
}

/** The slots of the span, in reading order; empty when there is none. */
export function spanSlots({ span }: Pick<ToolState, 'span'> = useTools.getState()): number[] {
  const frame = currentFrame();
  return span && frame ? slotsBetween(frame, span.from, span.to) : [];
}

/** The slots from the first to the last of those touched, for words to be put there. */
export function pickPlace(slots: readonly number[]): void {
  const frame = currentFrame();
  const places = slots.map((slot) => frame?.order.indexOf(slot) ?? -1);
  if (!frame || places.length === 0) return;
  const place = Array.from(frame.order.subarray(Math.min(...places), Math.max(...places) + 1));
  useTools.setState({ place });
}
