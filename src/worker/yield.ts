/**
 * Lets waiting messages in. The fallback computes without ever waiting, so a stop would go unheard until the run had
 * ended; timers are no help, because browsers hold nested ones back for 4 ms.
 */
export function yieldToEvents(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Runs rest between two steps while the page is hidden, when the person wants that; what is stopped goes on to its end. */
export class Rest {
  #wake: (() => void) | undefined;
  #resting: Promise<void> | undefined;

  set(rest: boolean): void {
    if (rest) {
      this.#resting ??= new Promise((resolve) => {
        this.#wake = resolve;
      });
    } else {
      this.#wake?.();
      this.#resting = undefined;
    }
  }

  async yieldToEvents(signal: AbortSignal): Promise<void> {
    await yieldToEvents();
    while (this.#resting && !signal.aborted) {
      const stopped = new AbortController();
      const aborted = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true, signal: stopped.signal });
      });
      await Promise.race([this.#resting, aborted]);
      stopped.abort();
    }
  }
}
