/** What the WebGPU device of this machine can do, and what our engine made of it. */
import { FEATURES, LIMITS } from '../../engine/device.ts';
import { kernelFingerprint } from '../../engine/fingerprint.ts';
import type { DeviceFacts } from '../protocol.ts';
import type { Job } from './job.ts';

export const inspectJob: Job<'inspect'> = {
  needs: () => ['main'],
  async run(_, { models, emit }) {
    const engine = models.has() ? models.require().network.engine : undefined;
    const facts = await models.withDevice<DeviceFacts>(async ({ gpu, description, software }) => ({
      device: description,
      software,
      kernels: kernelFingerprint(),
      features: FEATURES.filter((feature) => gpu.features.has(feature)),
      limits: Object.fromEntries(LIMITS.map((limit) => [limit, gpu.limits[limit]])),
      model: engine && { memory: engine.memory, choices: engine.choices },
    }));
    emit({ kind: 'inspected', facts });
  },
};
