/** How fast bytes come, and how long the rest will take: the mean over the last seconds, so that a pause shows. */

const WINDOW_MS = 5000;

export class Rate {
  readonly #marks: { readonly at: number; readonly bytes: number }[] = [];

  /** Notes `bytes` in all at time `now` in milliseconds. Returns bytes per second, 0 until that can be said. */
  mark(bytes: number, now: number): number {
    this.#marks.push({ at: now, bytes });
    while (this.#marks.length > 2 && (this.#marks[1]?.at ?? 0) <= now - WINDOW_MS) this.#marks.shift();
    const [first] = this.#marks;
    if (first === undefined || now - first.at < 200) return 0;
    return ((bytes - first.bytes) * 1000) / (now - first.at);
  }
}
