/**
 * Keeps the canvas as tall as it has been during a run. Words are wider or narrower than the masks they replace, so lines
 * come and go while the model writes; what stands below the sheet shall not dance with them.
 */
import type { Canvas } from '../../diffusion/canvas.ts';

export class Room {
  readonly #element: HTMLElement;
  readonly #observer: ResizeObserver;
  #start: Canvas | undefined;
  #width = 0;
  #height = 0;

  constructor(element: HTMLElement) {
    this.#element = element;
    this.#observer = new ResizeObserver(() => {
      // Another width breaks the lines anew.
      if (element.clientWidth !== this.#width) this.#reset();
    });
    this.#observer.observe(element);
  }

  /** After each painting; `start` tells one run from the next. */
  keep(start: Canvas): void {
    if (start !== this.#start) {
      this.#start = start;
      this.#reset();
    }
    if (this.#element.classList.contains('grid')) return;
    const height = this.#element.offsetHeight;
    if (height <= this.#height) return;
    this.#height = height;
    this.#element.style.setProperty('--room', `${height}px`);
  }

  /** The sheet was emptied. */
  forget(): void {
    this.#start = undefined;
    this.#reset();
  }

  release(): void {
    this.#observer.disconnect();
  }

  #reset(): void {
    this.#width = this.#element.clientWidth;
    this.#height = 0;
    this.#element.style.removeProperty('--room');
  }
}
