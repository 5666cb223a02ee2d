/** The stage of the training chapter: the reader's text, and what the model writes before and after it has learnt it. */

import { useId } from 'react';
import { useFitting } from '../../fields/fitting.tsx';
import { Words } from '../../figures/MaskedWords.tsx';
import { m } from '../../messages/index.ts';
import { learn } from '../../messages/learnWords.ts';
import { halt, useStage } from './stage.ts';
import { MOST_TEXT, SAMPLE, useBusyElsewhere, useTraining } from './training.ts';

export function TrainingStage() {
  const id = useId();
  const { text, run, status } = useTraining();
  const busy = useBusyElsewhere();
  const waiting = useStage((state) => state.status !== 'idle');
  const samples = run?.journal.samples ?? [];
  const [first, last] = [samples[0], samples.at(-1)];
  const words = learn.view.training;
  const fitting = useFitting(MOST_TEXT, (own) => useTraining.setState({ text: own, run: undefined }));
  return (
    <div className="learn-training">
      {busy && <p role="status">{words.busy}</p>}
      <div className="learn-own" data-target="text">
        <label htmlFor={`${id}-text`}>{words.text}</label>
        <textarea
          id={`${id}-text`}
          rows={4}
          spellCheck={false}
          value={text}
          disabled={waiting}
          onChange={(event) => fitting.change(event.target.value)}
        />
        {fitting.said}
        {text !== SAMPLE && !waiting && (
          <button
            type="button"
            className="quiet"
            onClick={() => useTraining.setState({ text: SAMPLE, run: undefined })}
          >
            {words.sample}
          </button>
        )}
      </div>
      {first && (
        <section data-target="before">
          <h3>{words.before}</h3>
          <Words pieces={first.pieces} />
        </section>
      )}
      {last && last !== first && (
        <section data-target="after">
          <h3>{`${words.after} ${m.train.sample.at(last.step)}`}</h3>
          <Words pieces={last.pieces} />
        </section>
      )}
      {waiting && (
        <p className="learn-line">
          <span>{status === 'learning' ? words.learning : words.preparing}</span>
          <button type="button" className="outline" onClick={halt}>
            {m.controls.stop}
          </button>
        </p>
      )}
    </div>
  );
}
