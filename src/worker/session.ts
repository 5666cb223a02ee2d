/**
 * What the compute worker does with each request: it loads one model at a time, runs one canvas at a time, and answers
 * in events. It knows nothing of workers, so that Node and the tests drive the very same session.
 */
import type { Model } from '../checkpoint/model.ts';
import type { DownloadProgress } from '../checkpoint/open.ts';
import { canvasFor } from '../checkpoint/prompt.ts';
import { copyCanvas } from '../diffusion/canvas.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { generate } from '../diffusion/generate.ts';
import { type Openers, openBackend } from './backend.ts';
import { breathe } from './breathe.ts';
import { Pieces } from './pieces.ts';
import type { DeviceReport, Event, GenerateRequest, LoadedModel, LoadRequest, Progress, Request } from './protocol.ts';
import { RecoveringDenoiser } from './recovering.ts';

export interface Surroundings extends Openers {
  openModel(
    url: string,
    options: { id: string; signal: AbortSignal; onProgress: (progress: DownloadProgress) => void },
  ): Promise<Model>;
}

interface Loaded {
  readonly model: Model;
  readonly denoiser: RecoveringDenoiser;
}

interface Job {
  readonly kind: 'load' | 'generate';
  readonly controller: AbortController;
}

export class Session {
  readonly #surroundings: Surroundings;
  readonly #emit: (event: Event) => void;
  /** Loads and runs that have not ended; they take turns. */
  readonly #jobs = new Map<number, Job>();
  #turn: Promise<void> = Promise.resolve();
  #loading: Promise<void> = Promise.resolve();
  #loaded: Loaded | undefined;

  constructor(surroundings: Surroundings, emit: (event: Event) => void) {
    this.#surroundings = surroundings;
    this.#emit = emit;
  }

  /** Takes one request; every outcome, failures included, is an event. */
  receive({ id, ...request }: Request): void {
    if (request.kind === 'stop') {
      this.#jobs.get(request.target)?.controller.abort();
      this.#emit({ id, kind: 'done', stopped: false });
    } else if (request.kind === 'tokenize') {
      void this.#loading.then(() => this.#answer(id, undefined, async () => this.#tokenize(id, request.text)));
    } else if (request.kind === 'load') {
      this.#stop('load', 'generate');
      this.#loading = this.#enqueue(id, 'load', (signal) => this.#load(id, request, signal));
    } else {
      this.#stop('generate');
      void this.#enqueue(id, 'generate', (signal) => this.#generate(id, request, signal));
    }
  }

  /** Stops what runs and frees the device. */
  async dispose(): Promise<void> {
    this.#stop('load', 'generate');
    await this.#turn;
    this.#free();
  }

  #stop(...kinds: Job['kind'][]): void {
    for (const { kind, controller } of this.#jobs.values()) if (kinds.includes(kind)) controller.abort();
  }

  #enqueue(id: number, kind: Job['kind'], work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const controller = new AbortController();
    this.#jobs.set(id, { kind, controller });
    this.#turn = this.#turn.then(async () => {
      await this.#answer(id, controller.signal, work);
      this.#jobs.delete(id);
    });
    return this.#turn;
  }

  /** Ends a request with `done` or `failed`. What was aborted is stopped, whatever it threw on the way out. */
  async #answer(
    id: number,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    try {
      if (!signal?.aborted) await work(signal ?? new AbortController().signal);
      this.#emit({ id, kind: 'done', stopped: signal?.aborted ?? false });
    } catch (error) {
      if (signal?.aborted) this.#emit({ id, kind: 'done', stopped: true });
      else this.#emit({ id, kind: 'failed', error: UnmaskError.from(error).toJSON() });
    }
  }

  async #load(id: number, request: LoadRequest, signal: AbortSignal): Promise<void> {
    this.#free();
    const onProgress = (progress: Progress) => this.#emit({ id, kind: 'progress', progress });
    const model = await this.#surroundings.openModel(request.url, {
      id: request.model,
      signal,
      onProgress: (progress) => onProgress({ stage: 'download', ...progress }),
    });
    const open = (options: { signal?: AbortSignal; onProgress?: typeof onProgress }) =>
      openBackend(model, request.backend, this.#surroundings, options);
    const { backend, report } = await open({ signal, onProgress });
    const denoiser = new RecoveringDenoiser(backend, async (reason) => {
      const say = (message: string) => this.#emit({ id: 0, kind: 'recovering', message });
      say(`${reason.replace(/\.$/, '')}; it is being rebuilt.`);
      const reopened = await open({});
      if (reopened.report.backend !== report.backend) say(reopened.report.notice ?? 'The run goes on.');
      return reopened.backend;
    });
    this.#loaded = { model, denoiser };
    if (signal.aborted) this.#free();
    else this.#emit({ id, kind: 'loaded', model: describe(model, report) });
  }

  async #generate(id: number, { settings, from }: GenerateRequest, signal: AbortSignal): Promise<void> {
    const { model, denoiser } = this.#require();
    const start = copyCanvas(from?.canvas ?? canvasFor(settings, model.tokenizer, model.config));
    const pieces = new Pieces(model.tokenizer);
    this.#emit({ id, kind: 'started', start, pieces: pieces.fresh(start.ids) });
    const options = { signal, ...(from === undefined ? {} : { cursor: from.cursor }) };
    for await (const step of generate(denoiser, copyCanvas(start), settings, options)) {
      const { ids, topIds } = step.prediction;
      this.#emit({ id, kind: 'step', step, pieces: pieces.fresh(step.revealedIds, ids, topIds) });
      await breathe();
    }
  }

  #tokenize(id: number, text: string): void {
    const { tokenizer } = this.#require().model;
    const ids = tokenizer.encode(text);
    this.#emit({ id, kind: 'tokens', ids, pieces: ids.map((token) => tokenizer.piece(token)) });
  }

  #require(): Loaded {
    if (this.#loaded !== undefined) return this.#loaded;
    throw new UnmaskError({ code: 'checkpoint', message: 'No model is loaded.', remedy: 'Load a model first.' });
  }

  #free(): void {
    this.#loaded?.denoiser.dispose();
    this.#loaded = undefined;
  }
}

function describe({ id, config, weights, chat }: Model, device: DeviceReport): LoadedModel {
  return {
    id,
    parameters: weights.parameters,
    vocabSize: config.vocabSize,
    maxLength: config.maxLength,
    maskId: config.ids.mask ?? -1,
    causal: config.causal,
    chat: chat ?? false,
    device,
  };
}
