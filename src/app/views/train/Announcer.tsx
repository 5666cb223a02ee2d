/** Tells people who listen when a run begins, is measured, and ends; a measurement at most every twenty seconds. */
import { useEffect, useState } from 'react';
import { m } from '../../messages/index.ts';
import { useTrain } from '../../session/train/store.ts';
import { stateOf } from './Buttons.tsx';

const EVERY_MS = 20_000;

export function Announcer() {
  const [said, setSaid] = useState('');
  useEffect(() => {
    let last = Number.NEGATIVE_INFINITY;
    return useTrain.subscribe(({ status, shown, preparing }, before) => {
      const measured = shown?.journal.evaluations.at(-1);
      if (status === 'preparing' && (before.status !== status || before.preparing.stage !== preparing.stage)) {
        setSaid(m.train.preparing[preparing.stage]);
      } else if (shown && status !== before.status) {
        setSaid(status === 'running' ? m.train.began(shown.name) : stateOf(shown, status));
      } else if (status === 'running' && measured && measured !== before.shown?.journal.evaluations.at(-1)) {
        if (performance.now() - last < EVERY_MS) return;
        last = performance.now();
        setSaid(m.train.plot.words(measured.step, [[m.train.plot.heldOut, measured.nelbo]]));
      }
    });
  }, []);
  return (
    <p className="hidden" role="status">
      {said}
    </p>
  );
}
