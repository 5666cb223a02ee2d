/** Where the time of a step goes: rounds of whole steps, then rounds between the card's own timestamps. */
import type { Engine } from '../../engine/engine.ts';
import { kernelFingerprint } from '../../engine/fingerprint.ts';
import { deviceClock, type KernelTime } from '../../engine/profile.ts';
import type { Profile } from '../protocol.ts';
import type { Job } from './job.ts';

/** A slow device is measured less often, a fast one often enough to even out clocks that browsers make coarse. */
const BUDGET = 1500;
const FEWEST = 3;
const MOST = 40;
const TOP = 8;

export const profileJob: Job<'profile'> = {
  device: 'measured',
  needs: () => ['main'],
  async run({ length: asked }, { models, signal, emit }) {
    const { model } = models.require();
    const length = Math.max(1, Math.min(asked, model.arch.maxLength));
    const profile = await models.withEngine(signal, async (engine): Promise<Profile> => {
      await engine.warm(length);
      const ids = new Int32Array(length).fill(engine.info.maskId ?? 0);
      const steps = await rounds(signal, () => wholeStep(engine, ids));
      const times = deviceClock(engine.device.gpu) ? await rounds(signal, () => engine.profile(ids)) : undefined;
      const { description: device, software } = engine.device;
      return {
        ...{ model: model.id, device, software, length, kernels: kernelFingerprint() },
        rounds: (times ?? steps).length,
        step: steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] as number,
        times: times && meanOf(times),
      };
    });
    emit({ kind: 'profiled', profile });
  },
};

/** The first one compiles and is not counted. */
async function rounds<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T[]> {
  await work();
  const found: T[] = [];
  const began = performance.now();
  while (found.length < FEWEST || (found.length < MOST && performance.now() - began < BUDGET)) {
    signal.throwIfAborted();
    found.push(await work());
  }
  return found;
}

async function wholeStep(engine: Engine, ids: Int32Array): Promise<number> {
  const began = performance.now();
  const draw = { seed: 0, step: 0, temperature: 1 };
  // In a causal network the last slots are asked that are answered by all rows.
  const asked = Int32Array.from(ids.keys(), (row) => row + engine.info.logitShift);
  await engine.predict([{ ids, asked, draw }], { topK: TOP, fresh: true });
  return performance.now() - began;
}

function meanOf(found: readonly (readonly KernelTime[])[]): KernelTime[] {
  const [first = []] = found;
  const mean = first.map((kernel) => {
    const times = found.map((round) => round.find(({ name }) => name === kernel.name)?.milliseconds ?? 0);
    return { ...kernel, milliseconds: times.reduce((sum, time) => sum + time, 0) / found.length };
  });
  return mean.toSorted((a, b) => b.milliseconds - a.milliseconds);
}
