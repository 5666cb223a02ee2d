/** The points of a drawn curve as numbers that can be typed, beside the sheet. */
import { useState } from 'react';
import { type CurvePoint, curveProblem, rounded } from '../../../diffusion/curve.ts';
import type { Text } from '../../../text/said.ts';
import { Icon } from '../../fields/Icon.tsx';
import { m } from '../../messages/index.ts';
import { told } from '../../messages/told.ts';

interface Props {
  readonly points: readonly CurvePoint[];
  readonly onChange: (points: readonly CurvePoint[]) => void;
  readonly onRemove: (index: number) => void;
}

export function PointTable({ points, onChange, onRemove }: Props) {
  const [problem, setProblem] = useState<Text>();
  const [draft, setDraft] = useState<{ readonly field: string; readonly text: string }>();

  const type = (index: number, axis: 't' | 'p', text: string) => {
    setDraft({ field: `${index}${axis}`, text });
    const value = Number(text);
    const typed = points.map((point, i) => (i === index ? { ...point, [axis]: value } : point));
    const wrong = text.trim() === '' || Number.isNaN(value) ? m.scheduleView.draw.noNumber : curveProblem(typed);
    setProblem(wrong);
    if (wrong === undefined) onChange(typed.map(rounded));
  };
  const cell = (index: number, axis: 't' | 'p', value: number) => {
    const field = `${index}${axis}`;
    return (
      <input
        className="number"
        inputMode="decimal"
        aria-label={m.scheduleView.draw.field[axis](index + 1)}
        value={draft?.field === field ? draft.text : value}
        aria-invalid={(draft?.field === field && problem !== undefined) || undefined}
        onChange={(event) => type(index, axis, event.target.value)}
        onBlur={() => {
          setDraft(undefined);
          setProblem(undefined);
        }}
      />
    );
  };

  return (
    <details className="figure-table">
      <summary>{m.scheduleView.draw.numbers}</summary>
      <table>
        <caption className="hidden">{m.scheduleView.draw.pad}</caption>
        <thead>
          <tr>
            <th scope="col">{m.scheduleView.draw.number}</th>
            <th scope="col">t</th>
            <th scope="col">p(t)</th>
            <th scope="col">
              <span className="hidden">{m.scheduleView.draw.remove}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {points.map(({ t, p }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a point is its number
            <tr key={index}>
              <th scope="row">{index + 1}</th>
              <td>{cell(index, 't', t)}</td>
              <td>{cell(index, 'p', p)}</td>
              <td>
                <button
                  type="button"
                  className="quiet square"
                  aria-label={m.scheduleView.draw.removePoint(index + 1)}
                  onClick={() => onRemove(index)}
                >
                  <Icon name="close" />
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="schedule-error" role="status">
        {problem ? m.scheduleView.draw.problem(told(problem)) : ''}
      </p>
    </details>
  );
}
