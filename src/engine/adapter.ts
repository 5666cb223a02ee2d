/**
 * What the forms of the kernels depend on before anything is measured: a card, or a processor that plays one. On a
 * processor every read of memory is checked and gathered lane by lane, and barriers cost dearly, so that handing values
 * over by shuffles, where it has them, is by far the best (bench/README.md).
 */
import type { EngineDevice } from './device.ts';

export type Adapter = 'card' | 'processor' | 'shuffling processor';

export function adapterOf({ software, gpu }: Pick<EngineDevice, 'software' | 'gpu'>): Adapter {
  if (!software) return 'card';
  return gpu.features.has('subgroups') ? 'shuffling processor' : 'processor';
}
