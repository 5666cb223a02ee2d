/** The page's end of the worker that runs GPT-2. */
import { UnmaskError } from '../diffusion/error.ts';
import type { Answer, Asked, EventOf, Kind, Letter } from './protocol.ts';

export class Gpt2Client {
  readonly #worker: Worker;
  readonly #pending = new Set<(error: UnmaskError) => void>();

  constructor(worker = new Worker(new URL('./gpt2.worker.ts', import.meta.url), { type: 'module', name: 'gpt2' })) {
    this.#worker = worker;
    worker.onerror = ({ message }) => {
      const error = UnmaskError.from(new Error(message ?? 'The script that runs GPT-2 could not be loaded.'));
      for (const fail of [...this.#pending]) fail(error);
    };
  }

  /** Resolves with the answer. Rejects with an `UnmaskError`; a stopped question is answered all the same. */
  ask<K extends Kind>(
    kind: K,
    asked: Asked<K>,
    { signal, onEvent }: { signal?: AbortSignal; onEvent?: (event: EventOf<K>) => void } = {},
  ): Promise<Answer<K>> {
    const { port1: port, port2 } = new MessageChannel();
    return new Promise<Answer<K>>((resolve, reject) => {
      const stop = () => port.postMessage('stop');
      const end = () => {
        this.#pending.delete(fail);
        signal?.removeEventListener('abort', stop);
        port.close();
      };
      const fail = (error: UnmaskError) => {
        end();
        reject(error);
      };
      this.#pending.add(fail);
      signal?.addEventListener('abort', stop);
      port.onmessage = ({ data }: MessageEvent<Letter<K>>) => {
        if ('event' in data) return onEvent?.(data.event);
        if ('error' in data) return fail(new UnmaskError(data.error));
        end();
        resolve(data.answer);
      };
      this.#worker.postMessage({ kind, asked }, [port2]);
      if (signal?.aborted) stop();
    });
  }
}
