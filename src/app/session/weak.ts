/**
 * Smaller defaults for weak machines. Once a model is here and a pass has been measured, settings nobody has touched get
 * fewer steps, until a run takes half a minute at most; it is said, and can be taken back.
 */
import { create } from 'zustand';
import { defaultsOf } from '../../diffusion/chat-defaults.ts';
import type { Settings } from '../../diffusion/settings.ts';
import { affordableSteps } from './affordable.ts';
import { useCompute } from './compute.ts';
import { backendChoice } from './preferences.ts';
import { setSettings, useSettings } from './settings.ts';

interface Weak {
  /** What was chosen instead of the usual; undefined where the machine is fast enough, or it was taken back. */
  readonly chosen: { readonly steps: number; readonly usual: number; readonly passMilliseconds: number } | undefined;
}

export const useWeak = create<Weak>(() => ({ chosen: undefined }));

const untouched = (settings: Settings) => {
  const usual = defaultsOf(settings.mode, settings.model);
  return settings.steps === usual.steps && settings.length === usual.length;
};

export function startWeak(): () => void {
  const look = (model: ReturnType<typeof useCompute.getState>['model']) => {
    if (model?.passMilliseconds === undefined) return;
    const { settings, linked } = useSettings.getState();
    // Who sent a link, or chose how to compute, meant what they chose.
    if (linked || backendChoice() !== 'auto' || !untouched(settings)) return;
    const usual = settings.steps;
    const steps = affordableSteps(usual, model.passMilliseconds);
    if (steps === usual) return;
    setSettings({ steps });
    useWeak.setState({ chosen: { steps, usual, passMilliseconds: model.passMilliseconds } });
  };
  look(useCompute.getState().model);
  return useCompute.subscribe(({ model }, before) => {
    if (model !== before.model) look(model);
  });
}

export function takeUsual(): void {
  const { chosen } = useWeak.getState();
  if (chosen) setSettings({ steps: chosen.usual });
  useWeak.setState({ chosen: undefined });
}

export function dismissWeak(): void {
  useWeak.setState({ chosen: undefined });
}
