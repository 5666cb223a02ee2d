/** Our engine as a contestant. */

import type { Weights } from '../checkpoint/model.ts';
import type { EngineDevice } from '../engine/device.ts';
import { Engine } from '../engine/engine.ts';
import type { Arch } from '../model/arch.ts';
import type { Contestant } from './contestant.ts';
import type { Precision } from './names.ts';

/** Weights in f32 are taken as they are, so `weights` should be f32. */
export async function openUnmask(
  device: EngineDevice,
  model: { readonly arch: Arch; readonly weights: Weights },
  precision: Precision,
): Promise<Contestant> {
  const engine = await Engine.create(device, model, {
    precision: precision === 'f32' ? 'stored' : precision,
    tuning: { get: () => undefined, set: () => {} },
  });
  // As in the page, which tries its kernels on a card before the first run and leaves a processor alone.
  if (!device.software) for (const tokens of [64, 256, 512]) await engine.warm(tokens);
  return {
    program: 'unmask',
    network: engine,
    forward: (ids, slots) =>
      engine.predict([{ ids, asked: slots, draw: { seed: 1, step: 0, temperature: 1 } }], { topK: 32, fresh: true }),
    async dispose() {
      engine.destroy();
    },
  };
}
