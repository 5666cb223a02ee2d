/** The learning rate over a run: it rises in a straight line, then falls to zero in a line or half a cosine, or stays. */
import type { TrainSettings } from './train-settings.ts';

type Shape = Pick<TrainSettings, 'lr' | 'warmup' | 'decay' | 'steps'>;

/** Of step `step`, from 0. The first step of the fall, or of the flat, has the full rate. */
export function learningRate(step: number, { lr, warmup, decay, steps }: Shape): number {
  const rising = Math.round(warmup * steps);
  if (step < rising) return (lr * (step + 1)) / (rising + 1);
  const gone = (step - rising) / Math.max(1, steps - rising);
  if (decay === 'constant') return lr;
  return lr * (decay === 'linear' ? 1 - gone : (1 + Math.cos(Math.PI * gone)) / 2);
}
