/** The question of a class link: before the hour, after it, and the answer as a file. */
import { useId, useState } from 'react';
import { m } from '../../messages/index.ts';
import { answer, CHOICES, type Choice, forgetAnswer, formatAnswers, useAsked } from '../../session/asked.ts';
import { saveBlob } from '../../session/save.ts';

export function Asked() {
  const asked = useAsked();
  const [ending, setEnding] = useState(false);
  const w = m.classroom.asked;
  if (asked.before === undefined) return <Question when="before" />;
  if (asked.after === undefined) {
    if (ending) return <Question when="after" />;
    return (
      <p className="lesson-line">
        {w.going}
        <button type="button" className="link" onClick={() => setEnding(true)}>
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
        }}
      >
        {w.next}
      </button>
    </div>
  );
}

function Question({ when }: { when: 'before' | 'after' }) {
  const [chosen, setChosen] = useState<Choice | undefined>();
  const name = useId();
  const w = m.classroom.asked;
  return (
    <form
      className="asked"
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen) answer(when, chosen);
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
