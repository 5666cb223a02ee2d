/** A line that may be longer than its room, scrolls sideways, and fades at the edges where it goes on (`.fades`). */
import { type RefObject, useEffect } from 'react';

/** Marks the element with `data-before` and `data-after` while something of it lies beyond its left or its right edge. */
export function useFading(line: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = line.current;
    if (!element) return undefined;
    const look = () => {
      const right = element.scrollWidth - element.clientWidth - element.scrollLeft;
      element.toggleAttribute('data-before', element.scrollLeft > 1);
      element.toggleAttribute('data-after', right > 1);
    };
    // Sizes change with the window, with the language and with the typeface that arrives.
    const sizes = observer(look);
    for (const one of [element, ...element.children]) sizes?.observe(one);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      sizes?.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [line]);
}

/** None where sizes cannot be observed: a line that does not fade is no reason for its view to fail. */
function observer(look: () => void): ResizeObserver | undefined {
  try {
    return new ResizeObserver(look);
  } catch {
    return undefined;
  }
}
