/** The events of one request on their way to one reader: written whenever they come, read one at a time. */
export class Mailbox<T> {
  readonly #letters: T[] = [];
  #waiting: { resolve: (letter: T) => void; reject: (error: unknown) => void } | undefined;
  #failure: { readonly error: unknown } | undefined;

  put(letter: T): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#letters.push(letter);
    else waiting.resolve(letter);
  }

  /** Nothing more will come: what has arrived can still be taken, then `take` rejects. */
  fail(error: unknown): void {
    this.#failure = { error };
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  /** The next letter. One reader at a time. */
  take(): Promise<T> {
    if (this.#letters.length > 0) return Promise.resolve(this.#letters.shift() as T);
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }
}
