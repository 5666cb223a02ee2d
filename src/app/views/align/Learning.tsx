/** What the lessons that make a run share: its button and progress, how long it is, and what learns. */
import { useId, useState } from 'react';
import { Segments } from '../../fields/Segments.tsx';
import { duration } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { LEARNERS, type Learner, type Learning } from './runs.ts';

interface LearnProps {
  readonly words: string;
  readonly learning: Learning | undefined;
  readonly disabled: boolean;
  readonly onLearn: () => void;
  readonly onStop: () => void;
}

export function LearnButton({ words, learning, disabled, onLearn, onStop }: LearnProps) {
  return (
    <div className="align-learn">
      {learning ? (
        <>
          <button type="button" className="go busy" onClick={onStop}>
            {m.align.taste.stop}
          </button>
          <progress value={learning.step / learning.steps} max={1} aria-label={m.align.taste.progress} />
          <p className="note" aria-live="polite">
            {m.align.taste.step(
              learning.step,
              learning.steps,
              learning.left === undefined ? '' : duration(learning.left),
            )}
          </p>
        </>
      ) : (
        <button type="button" className="go" disabled={disabled} onClick={onLearn}>
          {words}
        </button>
      )}
    </div>
  );
}

const MOST_STEPS = 500;

export function StepsField({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const [draft, setDraft] = useState<string>();
  return (
    <label>
      <span>{m.align.taste.steps}</span>
      <input
        type="number"
        min={1}
        max={MOST_STEPS}
        value={draft ?? value}
        onChange={({ target }) => {
          setDraft(target.value);
          const steps = Number(target.value);
          if (/^\d+$/.test(target.value) && steps >= 1 && steps <= MOST_STEPS) onChange(steps);
        }}
        onBlur={() => setDraft(undefined)}
      />
    </label>
  );
}

export function LearnerChoice({ value, onChoose }: { value: Learner; onChoose: (value: Learner) => void }) {
  const id = useId();
  return (
    <div>
      <span id={id}>{m.align.taste.learner}</span>
      <Segments
        label={m.align.taste.learner}
        options={LEARNERS}
        words={m.align.taste.learners}
        value={value}
        onChoose={onChoose}
      />
    </div>
  );
}
