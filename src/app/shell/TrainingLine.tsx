/** While a run is learning: how far it is, and the way back to it, in every other view. */
import { m } from '../messages/index.ts';
import { useCompute } from '../session/compute.ts';
import { useTraining } from '../session/training.ts';

export function TrainingLine() {
  const run = useTraining((state) => state.run);
  const used = useCompute((state) => state.model?.id === run?.name);
  if (run === undefined) return null;
  return (
    <p className="training-line">
      <a className="training-link" href="#/train">
        {m.trainingLine.learning(run.name, run.step, run.steps)}
      </a>
      {used && <span>{m.trainingLine.newest}</span>}
    </p>
  );
}
