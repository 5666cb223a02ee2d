/**
 * The page's end of the line to the compute worker: requests with ids go out, each one's events come back into its own
 * mailbox. The worker starts with the first request, and again with the first one after it has crashed.
 */
import { UnmaskError } from '../diffusion/error.ts';
import { Mailbox } from './mailbox.ts';
import type {
  Compute,
  Event,
  EventOf,
  GenerateRequest,
  JobKind,
  JobRequest,
  LoadedModel,
  LoadRequest,
  Progress,
  Request,
  RequestOf,
} from './protocol.ts';

/** A way to a session: a worker in the page, a message port in tests. */
export interface Line {
  post(request: Request): void;
  onEvent: ((event: Event) => void) | undefined;
  /** Called when the other end is gone for good, with words about why. */
  onCrash: ((message: string) => void) | undefined;
  close(): void;
}

type Body =
  | JobRequest
  | { readonly kind: 'stop'; readonly target: number }
  | { readonly kind: 'rest'; readonly rest: boolean };

/** Starts no worker yet; `open` does, when the first request is made. */
export function createCompute(open: () => Line = openWorker): Compute {
  return new Client(open);
}

class Client implements Compute {
  onRecovering: ((message: string) => void) | undefined;
  readonly #open: () => Line;
  #line: Line | undefined;
  #lastId = 0;
  readonly #mail = new Map<number, Mailbox<Event>>();
  #disposed = false;

  constructor(open: () => Line) {
    this.#open = open;
  }

  /** The request goes out with the first `next()`. */
  async *run<K extends JobKind>(
    kind: K,
    request: RequestOf<K>,
    signal?: AbortSignal,
  ): AsyncGenerator<EventOf<K>, { stopped: boolean }> {
    if (signal?.aborted) return { stopped: true };
    const { id, mail } = this.#ask({ ...request, kind } as JobRequest);
    const stop = () => this.#post({ kind: 'stop', target: id });
    signal?.addEventListener('abort', stop);
    let ended = false;
    try {
      for (;;) {
        const event = await mail.take();
        ended = event.kind === 'done' || event.kind === 'failed';
        if (ends(event)) return { stopped: event.stopped };
        yield event as EventOf<K>;
      }
    } finally {
      signal?.removeEventListener('abort', stop);
      this.#mail.delete(id);
      if (!ended) stop();
    }
  }

  /** Rejects with `UnmaskError`, or with an `AbortError` when another load took its place or the client was disposed. */
  async load(request: LoadRequest, onProgress?: (progress: Progress) => void): Promise<LoadedModel> {
    let model: LoadedModel | undefined;
    for await (const event of this.run('load', request)) {
      if (event.kind === 'progress') onProgress?.(event.progress);
      else model = event.model;
    }
    if (model === undefined) throw aborted('Another model was asked for.');
    return model;
  }

  generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<EventOf<'generate'>, { stopped: boolean }> {
    return this.run('generate', request, signal);
  }

  async tokenize(text: string): Promise<{ readonly ids: readonly number[]; readonly pieces: readonly string[] }> {
    let answer: { ids: readonly number[]; pieces: readonly string[] } = { ids: [], pieces: [] };
    for await (const { ids, pieces } of this.run('tokenize', { text })) answer = { ids, pieces };
    return answer;
  }

  rest(rest: boolean): void {
    this.#post({ kind: 'rest', rest });
  }

  dispose(): void {
    this.#disposed = true;
    this.#hangUp(aborted('The compute worker was closed.'));
  }

  #ask(body: Body): { id: number; mail: Mailbox<Event> } {
    if (this.#disposed) throw aborted('The compute worker was closed.');
    const mail = new Mailbox<Event>();
    const id = ++this.#lastId;
    this.#mail.set(id, mail);
    this.#line ??= this.#connect();
    this.#line.post({ ...body, id });
    return { id, mail };
  }

  /** A request whose end nobody awaits; nothing to stop when the line is down. */
  #post(body: Body): void {
    this.#line?.post({ ...body, id: ++this.#lastId });
  }

  #connect(): Line {
    const line = this.#open();
    line.onEvent = (event) => {
      if (event.kind === 'recovering') this.onRecovering?.(event.message);
      else this.#mail.get(event.id)?.put(event);
    };
    line.onCrash = (message) => {
      if (this.#line === line) this.#hangUp(crashed(message));
    };
    return line;
  }

  #hangUp(error: unknown): void {
    this.#line?.close();
    this.#line = undefined;
    for (const mail of this.#mail.values()) mail.fail(error);
  }
}

/** True at the end of a request's events; a failure is thrown. */
function ends(event: Event): event is Extract<Event, { kind: 'done' }> {
  if (event.kind === 'failed') throw new UnmaskError(event.error);
  return event.kind === 'done';
}

function aborted(message: string): DOMException {
  return new DOMException(message, 'AbortError');
}

function crashed(message: string): UnmaskError {
  return new UnmaskError({
    code: 'internal',
    message: `The compute worker stopped: ${message}`,
    remedy: 'Load the model again; if that does not help, reload the page.',
  });
}

function openWorker(): Line {
  const worker = new Worker(new URL('./compute.worker.ts', import.meta.url), { type: 'module', name: 'compute' });
  const line: Line = {
    post: (request) => worker.postMessage(request),
    onEvent: undefined,
    onCrash: undefined,
    close: () => worker.terminate(),
  };
  worker.onmessage = ({ data }: MessageEvent<Event>) => line.onEvent?.(data);
  // A script that cannot be fetched gives an error event without words.
  worker.onerror = ({ message }) => line.onCrash?.(message ?? 'its script could not be loaded');
  worker.onmessageerror = () => line.onCrash?.('a message could not be read');
  return line;
}
