/** Starts the bench, and stops it. */
import { m } from '../../messages/index.ts';
import { runBench, stopBench, useBench } from './store.ts';

export function RunButton() {
  const running = useBench((state) => state.phase === 'running');
  return (
    <button type="button" className={running ? 'go busy' : 'go'} onClick={running ? stopBench : runBench}>
      {running ? m.bench.stop : m.bench.run}
    </button>
  );
}
