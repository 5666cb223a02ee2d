/** A way to a worker's end: a worker in the page, a message port in tests. */
import type { Event, JobTable, Request } from './messages.ts';

export interface Line<T extends JobTable<T>> {
  post(request: Request<T>): void;
  onEvent: ((event: Event<T>) => void) | undefined;
  /** Called when the other end is gone for good, with words about why. */
  onCrash: ((message: string) => void) | undefined;
  close(): void;
}

export function lineTo<T extends JobTable<T>>(worker: Worker): Line<T> {
  const line: Line<T> = {
    post: (request) => worker.postMessage(request),
    onEvent: undefined,
    onCrash: undefined,
    close: () => worker.terminate(),
  };
  worker.onmessage = ({ data }: MessageEvent<Event<T>>) => line.onEvent?.(data);
  // A script that cannot be fetched gives an error event without words.
  worker.onerror = ({ message }) => line.onCrash?.(message ?? 'its script could not be loaded');
  worker.onmessageerror = () => line.onCrash?.('a message could not be read');
  return line;
}
