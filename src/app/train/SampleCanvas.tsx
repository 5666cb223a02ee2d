/** The canvas written every so often from one seed, and a slider over the steps it was written after. */
import { useState } from 'react';
import type { StoredRun } from '../../worker/protocol.train.ts';
import { m } from '../messages/index.ts';
import { Words } from './Words.tsx';

export function SampleCanvas({ run: { journal, settings } }: { run: StoredRun }) {
  const { samples } = journal;
  const [asked, setAsked] = useState<number>();
  if (settings.objective === 'next-token') return <p className="note">{m.train.sample.causal}</p>;
  const latest = samples.length - 1;
  const at = Math.min(asked ?? latest, latest);
  const sample = samples[at];
  if (sample === undefined) return <p className="note">{m.train.sample.none}</p>;
  return (
    <>
      <div className="train-line">
        <input
          className="range"
          type="range"
          min={0}
          max={Math.max(latest, 0)}
          step={1}
          value={at}
          disabled={latest < 1}
          aria-label={m.train.sample.slider}
          aria-valuetext={m.train.sample.at(sample.step)}
          // At its right end it follows the run.
          onChange={(event) => setAsked(Number(event.target.value) === latest ? undefined : Number(event.target.value))}
        />
        <span className="train-at">{m.train.sample.at(sample.step)}</span>
      </div>
      <Words pieces={sample.pieces} />
      <p className="note">{m.train.sample.help}</p>
    </>
  );
}
