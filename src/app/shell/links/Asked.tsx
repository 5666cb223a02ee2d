/** The question of a class link: before the hour, after it, and the answer as a file. */
import { useId, useRef, useState } from 'react';
import { m } from '../../messages/index.ts';
import { answer, CHOICES, type Choice, forgetAnswer, formatAnswers, useAsked } from '../../session/asked.ts';
import { saveBlob } from '../../session/save.ts';

export function Asked() {
  const place = useRef<HTMLDivElement>(null);
  return (
    <div ref={place} tabIndex={-1} className="asked-place">
      {/* What was pressed goes with its step: the focus stays here, and does not fall back to the top of the page. */}
      <Step onStep={() => place.current?.focus()} />
    </div>
  );
}

function Step({ onStep }: { onStep: () => void }) {
  const asked = useAsked();
  const [ending, setEnding] = useState(false);
  const w = m.classroom.asked;
  if (asked.before === undefined) return <Question when="before" onStep={onStep} />;
  if (asked.after === undefined) {
    if (ending) return <Question when="after" onStep={onStep} />;
    return (
      <p className="lesson-line">
        {w.going}
        <button
          type="button"
          className="link"
          onClick={() => {
            setEnding(true);
            onStep();
          }}
        >
          {w.end}
        </button>
      </p>
    );
  }
  return (
    <div className="lesson-line" role="status">
      {asked.after === 'anywhere' ? w.right : w.wrong}{' '}
      <button
        type="button"
        className="link"
        onClick={() => saveBlob(new Blob([formatAnswers([asked])], { type: 'application/json' }), 'unmask-answer.json')}
      >
        {w.save}
      </button>
      <button
        type="button"
        className="link"
        onClick={() => {
          forgetAnswer();
          setEnding(false);
          onStep();
        }}
      >
        {w.next}
      </button>
    </div>
  );
}

function Question({ when, onStep }: { when: 'before' | 'after'; onStep: () => void }) {
  const [chosen, setChosen] = useState<Choice | undefined>();
  const name = useId();
  const w = m.classroom.asked;
  return (
    <form
      className="asked"
      onSubmit={(event) => {
        event.preventDefault();
        if (!chosen) return;
        answer(when, chosen);
        onStep();
      }}
    >
      <fieldset>
        <legend>
          {w[when]} <b>{w.question}</b>
        </legend>
        {CHOICES.map((choice) => (
          <label key={choice}>
            <input type="radio" name={name} checked={chosen === choice} onChange={() => setChosen(choice)} />{' '}
            {w.choices[choice]}
          </label>
        ))}
      </fieldset>
      <button type="submit" className="outline" disabled={chosen === undefined}>
        {w.answer}
      </button>
      <p className="note">{w.stays}</p>
    </form>
  );
}
