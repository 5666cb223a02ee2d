/** The run that is learning now, for views that know nothing else of training. */
import { create } from 'zustand';

interface TrainingNow {
  readonly run: { readonly name: string; readonly step: number; readonly steps: number } | undefined;
}

export const useTraining = create<TrainingNow>(() => ({ run: undefined }));
