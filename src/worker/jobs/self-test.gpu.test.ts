/** The self-test on devices that go away in the middle of it. */
import { beforeAll, expect, test } from 'vitest';
import { openGolden } from '../../checkpoint/testing/golden.ts';
import type { Check, Trial } from '../../engine/self-test.ts';
import { getGpu } from '../../node/dawn.ts';
import { Models } from '../models.ts';
import type { EventOf } from '../protocol.ts';
import { onFallback } from '../testing/surroundings.ts';
import { borrowDevice } from '../webgpu.ts';
import { runTrials } from './self-test.ts';

let gpu: GPU;
beforeAll(async () => {
  gpu = await getGpu();
});

const golden = (name: 'single' | 'odd'): Trial => ({ name, open: () => openGolden(name) });
const nameOf = ({ trial, what }: Check) => `${trial} ${what}`;

/** Loses the device in use after so many checks, each once. */
async function testing(trials: readonly Trial[], losses: readonly number[], signal = new AbortController().signal) {
  const said: string[] = [];
  const events: EventOf<'selfTest'>[] = [];
  const devices: GPUDevice[] = [];
  const device = async () => {
    const borrowed = await borrowDevice(gpu);
    if (borrowed) devices.push(borrowed.device.gpu);
    return borrowed;
  };
  const models = new Models({ ...onFallback, device }, (message) => said.push(String(message)));
  const checks = () => events.flatMap((event) => (event.kind === 'checked' ? [event.check] : []));
  await runTrials(trials, {
    models,
    signal,
    emit(event) {
      events.push(event);
      if (event.kind === 'checked' && losses.includes(checks().length)) devices.at(-1)?.destroy();
    },
  });
  return { said, checks: checks(), begun: events.filter(({ kind }) => kind === 'testing').length, devices };
}

test('each check is told once and passes, though the device is lost within a trial and between two', async () => {
  const { said, checks, begun, devices } = await testing([golden('single'), golden('odd')], [1, 2]);
  expect(checks.map(nameOf)).toEqual(['single logits', 'single answers', 'odd logits', 'odd answers']);
  expect(checks.filter(({ passed }) => !passed)).toEqual([]);
  expect(begun).toBe(1);
  expect(devices).toHaveLength(3);
  expect(said).toHaveLength(2);
  for (const sentence of said) expect(sentence).toMatch(/begins again on another device/);
});

test('a wrong answer is a verdict, and no reason to take another device', async () => {
  const off: Trial = {
    name: 'off',
    async open() {
      const { logits, ...known } = await openGolden('single');
      return { ...known, logits: logits.map((row) => row.map((each, i) => (i === 17 ? each + 1 : each))) };
    },
  };
  const { checks, devices, said } = await testing([off], []);
  expect(checks[0]).toMatchObject({ what: 'logits', passed: false });
  expect([devices.length, said]).toEqual([1, []]);
});
