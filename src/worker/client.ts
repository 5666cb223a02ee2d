/** The page's end of the line to the compute worker, which is watched: see `rpc/client.ts`. */
import { UnmaskError } from '../diffusion/error.ts';
import { withHubs } from '../offline/policy.ts';
import { Client } from '../rpc/client.ts';
import { type Line as AnyLine, lineTo } from '../rpc/line.ts';
import { said } from '../text/said.ts';
import script from './compute.worker.ts?worker&url';
import type {
  Compute,
  DeviceReport,
  JobRequest,
  JobTable,
  LoadedModel,
  LoadRequest,
  Progress,
  RequestOf,
} from './protocol.ts';
import { WATCH } from './watch.ts';

export type Line = AnyLine<JobTable>;

/** Starts no worker yet; `open` does, when the first request is made. */
export function createCompute(
  open: (hubs: ReadonlySet<string>) => Line = openWorker,
  { watch = WATCH, hubs = [] }: { readonly watch?: typeof WATCH; readonly hubs?: readonly string[] } = {},
): Compute {
  return new ComputeClient(open, watch, hubs);
}

class ComputeClient extends Client<JobTable> implements Compute {
  onRecovering: Compute['onRecovering'];
  refuses: Compute['refuses'];

  constructor(open: (hubs: ReadonlySet<string>) => Line, watch: typeof WATCH, hubs: readonly string[]) {
    super(open, {
      watch,
      hubs,
      hubOf,
      brief: ['load', 'storage', 'runs', 'tokenize', 'countPrompt', 'lookUp', 'offers'],
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

/** The hub that a request asks. */
function hubOf(request: JobRequest): string | undefined {
  switch (request.kind) {
    case 'lookUp':
    case 'download':
      return request.address.endpoint;
    case 'offers':
    case 'fetchData':
      return request.endpoint;
    case 'evaluate':
      return request.tasks.flatMap(({ data }) => (data.kind === 'hub' ? [data.endpoint] : []))[0];
    case 'train':
      return request.begin?.data.kind === 'wikitext' ? request.begin.data.endpoint : undefined;
    default:
      return undefined;
  }
}

const openWorker = (hubs: ReadonlySet<string>) =>
  lineTo<JobTable>(new Worker(withHubs(script, location.href, hubs), { type: 'module', name: 'compute' }));
