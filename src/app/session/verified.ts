/** What the self-test said, per device and build of the kernels: a new driver name or another kernel must prove itself anew. */
import { create } from 'zustand';
import type { DeviceReport } from '../../worker/protocol.ts';
import { recall, remember } from './remember.ts';

export interface Verdict {
  readonly device: string;
  readonly kernels: string;
  readonly software: boolean;
  readonly checks: number;
  readonly failed: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** As many devices as one browser may meet. */
const MOST = 8;

export const useVerified = create<{ readonly verdicts: readonly Verdict[] }>(() => {
  const { verdicts } = recall('verified', { verdicts: [] as readonly Verdict[] });
  return { verdicts: Array.isArray(verdicts) ? verdicts.filter(isVerdict) : [] };
});

export function keepVerdict(verdict: Verdict): void {
  const others = useVerified.getState().verdicts.filter(({ device }) => device !== verdict.device);
  const verdicts = [verdict, ...others].slice(0, MOST);
  useVerified.setState({ verdicts });
  remember('verified', { verdicts });
}

/** Undefined where these kernels were not tested on this device. */
export function useVerdict(on: Pick<DeviceReport, 'device' | 'kernels'> | undefined): Verdict | undefined {
  return useVerified(({ verdicts }) =>
    verdicts.find(({ device, kernels }) => device === on?.device && kernels === on?.kernels),
  );
}

function isVerdict(value: unknown): value is Verdict {
  const { device, kernels, checks, failed, at } = (value ?? {}) as Record<string, unknown>;
  const names = [device, kernels].every((name) => typeof name === 'string');
  return names && [checks, failed, at].every((number) => Number.isFinite(number));
}
