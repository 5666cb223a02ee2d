/** The tfjs fallback as a `Backend`. Everything of tfjs, its .wasm files included, is downloaded only when asked for. */
import type { Model } from '../checkpoint/model.ts';
import { inPrecision } from '../checkpoint/precision.ts';
import type { Backend, OpenOptions } from './backend.ts';

const DEVICES: Readonly<Record<string, string>> = {
  wasm: 'processor (WebAssembly)',
  webgl: 'graphics card (WebGL)',
  cpu: 'processor (JavaScript)',
};

/** For people: what a tfjs backend computes on. */
export function fallbackDevice(backend: string): string {
  return DEVICES[backend] ?? backend;
}

const FALLBACKS = ['wasm', 'webgl', 'cpu'] as const;

/** `wasmFiles` gives the addresses of tfjs's .wasm files; without it (Node) tfjs finds them beside its own code. */
export async function openFallbackBackend(
  model: Model,
  { signal, onProgress, like, precision, tables }: OpenOptions,
  wasmFiles?: () => Promise<Readonly<Record<string, string>>>,
): Promise<Backend> {
  const [{ openFallback }, files] = await Promise.all([import('../training/backends.ts'), wasmFiles?.()]);
  const candidates = FALLBACKS.filter((name) => name === like);
  onProgress?.({ stage: 'upload' });
  const { network, backend } = await openFallback(
    { ...model, weights: inPrecision(model.arch, model.weights, { precision, tables }) },
    {
      signal,
      wasmFiles: files,
      candidates: candidates.length > 0 ? candidates : undefined,
      onMeasure: () => onProgress?.({ stage: 'measure' }),
    },
  );
  return {
    network,
    name: backend,
    device: fallbackDevice(backend),
    software: false,
    parameters: network.parameters,
    setAdapter: (adapter, weight) => network.setAdapter(adapter, weight),
    lost: new Promise(() => undefined),
    dispose: () => network.dispose(),
  };
}
