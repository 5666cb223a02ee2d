import { expect, test } from 'vitest';
import { continueCanvas, copyCanvas } from '../../../diffusion/canvas.ts';
import { generate } from '../../../diffusion/generate.ts';
import { scheduleByName } from '../../../diffusion/schedule.ts';
import { defaultSettings } from '../../../diffusion/settings.ts';
import { hashNetwork, MASK } from '../../../diffusion/testing/arbitrary.ts';
import type { Step } from '../../../diffusion/trace.ts';
import { PLAN, planOf } from '../../figures/scheduleCurves.ts';
import { frameAt, shortSettings } from './shortRun.ts';

test.each(['cosine', 'cosine-mdlm'] as const)(
  'a run with %s is at its plan at every time, whatever steps it skipped',
  async (name) => {
    const start = continueCanvas([1, 2, 3], PLAN.masks, MASK);
    const settings = shortSettings({ ...defaultSettings(), sampler: 'threshold', steps: 3, seed: 9 }, name);
    const steps: Step[] = [];
    for await (const step of generate(hashNetwork(4), copyCanvas(start), settings)) steps.push(step);
    const run = { start, maskId: MASK, steps, pieces: {} };
    const plan = planOf(scheduleByName(name));
    let left: number = PLAN.masks;
    expect(frameAt(run, 0).masks).toBe(left);
    plan.forEach((count, grid) => {
      left -= count;
      const { masks, now } = frameAt(run, grid + 1);
      expect(masks).toBe(left);
      expect(now.size).toBe(count);
    });
    expect(left).toBe(0);
  },
);
