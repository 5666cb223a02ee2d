/** The canvas written every so often from one seed, and a slider over the steps it was written after. */
import { useEffect, useState } from 'react';
import type { StoredRun } from '../../../worker/protocol.train.ts';
import { Words } from '../../figures/MaskedWords.tsx';
import { m } from '../../messages/index.ts';

const HELP: Readonly<Partial<Record<StoredRun['settings']['objective'], 'causal' | 'edits'>>> = {
  'next-token': 'causal',
  edits: 'edits',
};

/** Milliseconds between two samples when they are played. */
const BEAT_MS = 700;

export function SampleCanvas({ run: { journal, settings } }: { run: StoredRun }) {
  const { samples } = journal;
  const latest = samples.length - 1;
  const [asked, setAsked] = useState<number>();
  const [playing, setPlaying] = useState(false);
  const at = Math.min(asked ?? latest, latest);
  const sample = samples[at];
  // What it wrote before it had learnt anything stands beside what it writes now.
  const first = samples[0]?.step === 0 ? samples[0] : undefined;
  // At its right end the slider follows the run.
  const choose = (index: number) => setAsked(index >= latest ? undefined : index);
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setTimeout(() => {
      choose(at + 1);
      if (at + 1 >= latest) setPlaying(false);
    }, BEAT_MS);
    return () => clearTimeout(timer);
  });
  const { sample: words } = m.train;
  if (sample === undefined) {
    return <p className="note train-empty">{settings.sampleEvery === 0 ? words.off : words.none}</p>;
  }
  return (
    <div className="train-sample">
      {first && at > 0 ? (
        <div className="train-two">
          {[first, sample].map((one) => (
            <section key={one.step} aria-label={words.at(one.step)}>
              <h4>{words.at(one.step)}</h4>
              <Words pieces={one.pieces} given={one.given} />
            </section>
          ))}
        </div>
      ) : (
        <Words pieces={sample.pieces} given={sample.given} />
      )}
      <div className="train-line">
        <button
          type="button"
          className="outline"
          disabled={latest < 1}
          onClick={() => {
            if (!playing) setAsked(0);
            setPlaying(!playing);
          }}
        >
          {playing ? words.halt : words.play}
        </button>
        <input
          className="range"
          type="range"
          min={0}
          max={Math.max(latest, 1)}
          step={1}
          value={latest < 1 ? 1 : at}
          disabled={latest < 1}
          aria-label={words.slider}
          aria-valuetext={words.at(sample.step)}
          onChange={(event) => {
            setPlaying(false);
            choose(Number(event.target.value));
          }}
        />
        <span className="train-at">{words.at(sample.step)}</span>
      </div>
      <p className="note">{words[sample.given ? 'continued' : (HELP[settings.objective] ?? 'help')]}</p>
    </div>
  );
}
