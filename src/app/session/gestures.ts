/**
 * Pressing and dragging on the canvas. With the pointer a drag picks a span (mouse and pen; a finger scrolls); with a
 * brush every slot that is passed over joins the stroke, and letting go acts on all of them at once, which is one entry
 * for undo.
 */
import type { PointerEvent } from 'react';
import { applyTool } from './current.ts';
import { useRun } from './run.ts';
import { pickSpan, useTools } from './tools.ts';

/** A fast finger reports places far apart; what lies between was meant too. */
const SPACING = 6;

export function slotOf(target: EventTarget | null): number | undefined {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-slot]') : null;
  return element ? Number(element.dataset['slot']) : undefined;
}

interface Drag {
  readonly pointer: number;
  readonly from: number | undefined;
  x: number;
  y: number;
  moved: boolean;
}

export function createGestures() {
  let drag: Drag | undefined;

  const extend = (slot: number) => {
    const { tool, stroke } = useTools.getState();
    if (tool === 'point') {
      if (drag?.from !== undefined && (drag.moved || slot !== drag.from)) {
        drag.moved = true;
        pickSpan(drag.from, slot);
      }
    } else if (!stroke.includes(slot)) useTools.setState({ stroke: [...stroke, slot] });
  };

  return {
    /** True while a click that follows belongs to a drag. */
    moved: () => drag?.moved ?? false,

    onPointerDown(event: PointerEvent<HTMLElement>): void {
      const { tool } = useTools.getState();
      const brush = tool !== 'point';
      drag = undefined;
      if (event.button !== 0 || (!brush && (event.pointerType === 'touch' || event.shiftKey))) return;
      const slot = slotOf(event.target);
      drag = { pointer: event.pointerId, from: slot, x: event.clientX, y: event.clientY, moved: brush };
      event.currentTarget.setPointerCapture(event.pointerId);
      if (brush) useTools.setState({ stroke: slot === undefined ? [] : [slot], place: [] });
    },

    onPointerMove(event: PointerEvent<HTMLElement>): void {
      if (drag?.pointer !== event.pointerId || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
      const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
      const places = Math.max(1, Math.ceil(Math.hypot(dx, dy) / SPACING));
      for (let place = 1; place <= places; place++) {
        const share = place / places;
        const under = document.elementFromPoint(drag.x + dx * share, drag.y + dy * share);
        const slot = event.currentTarget.contains(under) ? slotOf(under) : undefined;
        if (slot !== undefined) extend(slot);
      }
      drag.x = event.clientX;
      drag.y = event.clientY;
    },

    onPointerUp(event: PointerEvent<HTMLElement>): void {
      if (drag?.pointer !== event.pointerId) return;
      event.currentTarget.releasePointerCapture(event.pointerId);
      const { tool, stroke, span } = useTools.getState();
      if (tool !== 'point') {
        useTools.setState({ stroke: [] });
        applyTool(stroke);
      } else if (drag.moved && span) useRun.setState({ selected: span.to });
    },

    onPointerCancel(): void {
      drag = undefined;
      useTools.setState({ stroke: [] });
    },
  };
}
