/** What this view has asked the worker: facts about the device, a self-test, a profile. One of the last two runs at a time. */
import { create } from 'zustand';
import { type ErrorData, UnmaskError } from '../../../diffusion/error.ts';
import { SMALL } from '../../../diffusion/shipped.ts';
import type { Check, DeviceFacts, Profile } from '../../../worker/protocol.ts';
import { compute, loadModel, shippedFolder, useCompute } from '../../session/compute.ts';
import { keepVerdict } from '../../session/verified.ts';

interface HoodState {
  readonly facts: DeviceFacts | undefined;
  /** `none`: this browser has no WebGPU adapter. */
  readonly asked: 'not yet' | 'here' | 'none' | 'failed';
  readonly doing: 'nothing' | 'test' | 'profile';
  readonly checks: readonly Check[];
  readonly stopped: boolean;
  readonly profile: Profile | undefined;
  readonly error: { readonly of: 'device' | 'test' | 'profile'; readonly data: ErrorData } | undefined;
}

export const useHood = create<HoodState>(() => ({
  facts: undefined,
  asked: 'not yet',
  doing: 'nothing',
  checks: [],
  stopped: false,
  profile: undefined,
  error: undefined,
}));

let running: AbortController | undefined;

function failed(of: 'device' | 'test' | 'profile', cause: unknown): void {
  useHood.setState({ error: { of, data: UnmaskError.from(cause).toJSON() } });
}

/** Loads the model if need be, then asks what it runs on. */
export async function inspect(): Promise<void> {
  await loadModel().catch(() => undefined); // the model's own trouble is told where the model is
  try {
    for await (const { facts } of (await compute()).run('inspect', {})) {
      useHood.setState({ facts, asked: facts ? 'here' : 'none' });
    }
  } catch (cause) {
    useHood.setState({ asked: 'failed' });
    failed('device', cause);
  }
}

export function stop(): void {
  running?.abort();
}

async function alone(doing: 'test' | 'profile', work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  if (useHood.getState().doing !== 'nothing') return;
  const controller = new AbortController();
  running = controller;
  useHood.setState({ doing, error: undefined });
  try {
    await work(controller.signal);
  } catch (cause) {
    failed(doing, cause);
  } finally {
    useHood.setState({ doing: 'nothing' });
    useCompute.setState({ recovering: undefined });
  }
  await inspect(); // memory and forms may have changed
}

export function runTest(): Promise<void> {
  return alone('test', async (signal) => {
    useHood.setState({ checks: [], stopped: false });
    const shipped = shippedFolder(SMALL);
    const events = (await compute()).run('selfTest', { shipped }, signal);
    let on: { device: string; software: boolean; kernels: string } | undefined;
    for (;;) {
      const { done, value } = await events.next();
      if (done) {
        if (value.stopped) useHood.setState({ stopped: true });
        else if (on) keep(on);
        return;
      }
      if (value.kind === 'testing') on = { device: value.device, software: value.software, kernels: value.kernels };
      else useHood.setState(({ checks }) => ({ checks: [...checks, value.check] }));
    }
  });
}

function keep(on: { device: string; software: boolean; kernels: string }): void {
  const { checks } = useHood.getState();
  const wrong = checks.filter(({ passed }) => !passed).length;
  keepVerdict({ ...on, checks: checks.length, failed: wrong, at: Date.now() });
}

export function runProfile(length: number): Promise<void> {
  return alone('profile', async (signal) => {
    await loadModel();
    for await (const { profile } of (await compute()).run('profile', { length }, signal)) useHood.setState({ profile });
  });
}
