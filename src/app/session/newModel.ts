/** A sheet shows what the model in the header wrote: when another one comes to stay, it is emptied, and undo brings the text back. */
import { useCompute } from './compute.ts';
import { clearRun, useRun } from './run.ts';

export function followNewModel(): () => void {
  return useCompute.subscribe(({ model }, { model: before }) => {
    const { trace, source, status } = useRun.getState();
    if (model?.id === useCompute.getState().lent) return;
    if (!model || !trace || status !== 'idle' || model.id === before?.id || trace.model.id === model.id) return;
    // The reader's own text of last time, or a file, stays until another model is chosen here.
    if (before !== undefined || source === 'recorded') clearRun();
  });
}
