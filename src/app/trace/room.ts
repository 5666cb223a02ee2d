/**
 * Keeps the canvas as tall as it has been during a run. Words are wider or narrower than the masks they replace, so lines
 * come and go while the model writes; what stands below the sheet shall not dance with them.
 */
import type { Canvas } from '../../diffusion/canvas.ts';
import { onNewWidth } from './newWidth.ts';

export class Room {
  readonly #element: HTMLElement;
  /** Ends the watch over its width. */
  readonly release: () => void;
  #start: Canvas | undefined;
  #height = 0;

  constructor(element: HTMLElement) {
    this.#element = element;
    this.release = onNewWidth(element, () => this.#reset());
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

  #reset(): void {
    this.#height = 0;
    this.#element.style.removeProperty('--room');
  }
}
