/** The base of an adapter on the card, in its bits. */
import type { Model } from '../../checkpoint/model.ts';
import { PRECISIONS } from '../../checkpoint/precision.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import { PackedBase } from '../../engine/base.ts';
import type { EngineDevice } from '../../engine/device.ts';
import { said } from '../../text/said.ts';
import type { FrozenBits } from '../../training/frozen.ts';

/** Throws `UnmaskError`, or what reading the weights throws. */
export async function packBase(
  device: EngineDevice,
  model: Pick<Model, 'arch' | 'weights'>,
  bits: FrozenBits,
  signal?: AbortSignal,
): Promise<PackedBase> {
  const precision = PRECISIONS.find((name) => name === bits);
  if (precision !== undefined) return PackedBase.create(device, model, { precision, signal });
  const message = said`The graphics card holds no weights in ${bits} here.`;
  throw new UnmaskError({
    code: 'settings',
    message,
    remedy: 'Take 8 or 16 bits, or train without the graphics card.',
  });
}
