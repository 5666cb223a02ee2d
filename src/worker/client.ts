/** The page's end of the line to the compute worker, which is watched: see `rpc/client.ts`. */
import { UnmaskError } from '../diffusion/error.ts';
import { said } from '../diffusion/said.ts';
import { Client } from '../rpc/client.ts';
import { type Line as AnyLine, lineTo } from '../rpc/line.ts';
import type { Compute, DeviceReport, JobTable, LoadedModel, LoadRequest, Progress, RequestOf } from './protocol.ts';
import { WATCH } from './watch.ts';

export type Line = AnyLine<JobTable>;

/** Starts no worker yet; `open` does, when the first request is made. */
export function createCompute(open: () => Line = openWorker, watch = WATCH): Compute {
  return new ComputeClient(open, watch);
}

class ComputeClient extends Client<JobTable> implements Compute {
  onRecovering: Compute['onRecovering'];
  refuses: Compute['refuses'];

  constructor(open: () => Line, watch: typeof WATCH) {
    super(open, {
      watch,
      closed: 'The compute worker was closed.',
      crashed,
      onNotice: (message, details) => this.onRecovering?.(message, details as DeviceReport | undefined),
      refuses: (request) => this.refuses?.(request),
    });
  }

  /** Rejects with `UnmaskError`, or with an `AbortError` when another load took its place or the client was disposed. */
  async load(request: LoadRequest, onProgress?: (progress: Progress) => void): Promise<LoadedModel> {
    let model: LoadedModel | undefined;
    for await (const event of this.run('load', request)) {
      if (event.kind === 'progress') onProgress?.(event.progress);
      else model = event.model;
    }
    if (model === undefined) throw new DOMException('Another model was asked for.', 'AbortError');
    return model;
  }

  generate(request: RequestOf<'generate'>, signal?: AbortSignal) {
    return this.run('generate', request, signal);
  }

  async tokenize(text: string): Promise<{ readonly ids: readonly number[]; readonly pieces: readonly string[] }> {
    return (await this.ask('tokenize', { text })) ?? { ids: [], pieces: [] };
  }

  rest(rest: boolean): void {
    this.tell('rest', { rest });
  }
}

function crashed(message: string): UnmaskError {
  return new UnmaskError({
    code: 'internal',
    message: said`The compute worker stopped: ${message}`,
    remedy: 'The model is loaded again; if this happens once more, reload the page.',
  });
}

const openWorker = () =>
  lineTo<JobTable>(new Worker(new URL('./compute.worker.ts', import.meta.url), { type: 'module', name: 'compute' }));
