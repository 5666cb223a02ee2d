/** Starts the bench, and stops it; where it must fail it is not offered, and says why. */
import { useEffect, useId, useState } from 'react';
import { m } from '../../messages/index.ts';
import { runBench, stopBench, useBench } from './store.ts';

export function RunButton() {
  const running = useBench((state) => state.phase === 'running');
  const id = useId();
  const [none, setNone] = useState(false);
  useEffect(() => {
    void hasAdapter().then((found) => setNone(!found));
  }, []);
  return (
    <>
      <button
        type="button"
        className={running ? 'go busy' : 'go'}
        disabled={none}
        aria-describedby={none ? id : undefined}
        onClick={running ? stopBench : runBench}
      >
        {running ? m.bench.stop : m.bench.run}
      </button>
      {none && (
        <p className="note" id={id} role="status">
          {m.bench.noAdapter}
        </p>
      )}
    </>
  );
}

/** Whether there is anything to measure: every program of the bench runs on WebGPU. */
async function hasAdapter(): Promise<boolean> {
  return Boolean(await navigator.gpu?.requestAdapter().catch(() => null));
}
