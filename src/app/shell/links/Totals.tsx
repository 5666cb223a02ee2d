/** The answers of a class, read from the files that its people saved, and put together into one. */
import { useState } from 'react';
import { UnmaskError } from '../../../diffusion/error.ts';
import { FileButton } from '../../fields/FileButton.tsx';
import { Icon } from '../../fields/Icon.tsx';
import { integer } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { toldError } from '../../messages/told.ts';
import { type Answer, CHOICES, formatAnswers, merged, readAnswers, totals } from '../../session/asked.ts';
import { saveBlob } from '../../session/save.ts';

export function Totals() {
  const [answers, setAnswers] = useState<readonly Answer[]>([]);
  const [wrong, setWrong] = useState<readonly string[]>([]);
  const w = m.classroom.totals;
  const read = async (files: readonly File[]) => {
    let all = answers;
    const refused: string[] = [];
    for (const file of files) {
      try {
        all = merged(all, await readAnswers(file));
      } catch (cause) {
        refused.push(toldError(UnmaskError.from(cause).toJSON()));
      }
    }
    setAnswers(all);
    setWrong([...new Set(refused)]);
  };
  const counts = totals(answers);
  return (
    <details className="more">
      <summary>
        {w.title}
        <Icon name="down" />
      </summary>
      <p className="note">{w.help}</p>
      <FileButton label={w.open} accept=".json,application/json" multiple onFiles={(files) => void read(files)} />
      {wrong.map((one) => (
        <p key={one} className="wrong" role="alert">
          {one}
        </p>
      ))}
      <div role="status">
        {answers.length > 0 && (
          <>
            <table className="totals">
              <caption>{w.count(answers.length)}</caption>
              <thead>
                <tr>
                  <th scope="col">{w.columns.choice}</th>
                  <th scope="col">{w.columns.before}</th>
                  <th scope="col">{w.columns.after}</th>
                </tr>
              </thead>
              <tbody>
                {CHOICES.map((choice) => (
                  <tr key={choice}>
                    <th scope="row">{m.classroom.asked.choices[choice]}</th>
                    <td>{integer(counts[choice].before)}</td>
                    <td>{integer(counts[choice].after)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <button
              type="button"
              className="outline"
              onClick={() =>
                saveBlob(new Blob([formatAnswers(answers)], { type: 'application/json' }), 'unmask-class.json')
              }
            >
              {w.save}
            </button>
          </>
        )}
      </div>
    </details>
  );
}
