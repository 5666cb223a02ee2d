/** The events of one request on their way to one reader: written whenever they come, read one at a time. */
export class EventQueue<T> {
  readonly #events: T[] = [];
  #reader: { resolve: (event: T) => void; reject: (error: unknown) => void } | undefined;
  #failure: { readonly error: unknown } | undefined;

  put(event: T): void {
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader === undefined) this.#events.push(event);
    else reader.resolve(event);
  }

  /** Nothing more will come: what has arrived can still be taken, then `take` rejects. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#reader?.reject(error);
    this.#reader = undefined;
  }

  /** The next event. One reader at a time. */
  take(): Promise<T> {
    if (this.#events.length > 0) return Promise.resolve(this.#events.shift() as T);
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }
}
