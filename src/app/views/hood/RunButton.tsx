/** Starts a measurement, and stops it while it runs; what the other one does, it waits for. */
import { m } from '../../messages/index.ts';
import { told, toldError } from '../../messages/told.ts';
import { useCompute } from '../../session/compute.ts';
import { stop, useHood } from './store.ts';

interface Props {
  readonly of: 'test' | 'profile';
  readonly label: string;
  readonly onRun: () => void;
}

export function RunButton({ of, label, onRun }: Props) {
  const doing = useHood((state) => state.doing);
  const possible = useHood((state) => state.asked === 'here');
  const running = doing === of;
  return (
    <button
      type="button"
      className={running ? 'go busy' : 'go'}
      disabled={!running && (!possible || doing !== 'nothing')}
      onClick={running ? stop : onRun}
    >
      {running ? m.hood.stop : label}
    </button>
  );
}

export function Failure({ of }: { of: 'device' | 'test' | 'profile' }) {
  const error = useHood((state) => state.error);
  const doing = useHood((state) => state.doing);
  const recovering = useCompute((state) => state.recovering);
  // A lost device is waited for; why it takes longer is told.
  if (doing === of && recovering !== undefined) {
    return (
      <p className="note warn" role="status">
        {told(recovering)}
      </p>
    );
  }
  if (error?.of !== of) return null;
  return (
    <p className="hood-error" role="alert">
      {toldError(error.data)}
    </p>
  );
}
