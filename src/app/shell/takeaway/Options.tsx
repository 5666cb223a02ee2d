/** Choices that pictures share. */

import { Segments } from '../../fields/Segments.tsx';
import { m } from '../../messages/index.ts';
import { THEMES, type Theme } from './picture/theme.ts';

export function ThemeChoice({ value, onChoose }: { value: Theme; onChoose: (theme: Theme) => void }) {
  return (
    <Segments
      label={m.takeaway.theme.label}
      options={THEMES}
      words={m.takeaway.theme}
      value={value}
      small
      onChoose={onChoose}
    />
  );
}

export function Check({ label, value, onChoose }: { label: string; value: boolean; onChoose: (on: boolean) => void }) {
  return (
    <label className="takeaway-check">
      <input type="checkbox" checked={value} onChange={(event) => onChoose(event.target.checked)} />
      {label}
    </label>
  );
}

interface NumbersProps {
  readonly label: string;
  readonly options: readonly number[];
  readonly value: number;
  readonly say: (value: number) => string;
  readonly onChoose: (value: number) => void;
}

export function NumberChoice({ label, options, value, say, onChoose }: NumbersProps) {
  return (
    <label className="takeaway-choice">
      {label}
      <select value={value} onChange={(event) => onChoose(Number(event.target.value))}>
        {options.map((one) => (
          <option key={one} value={one}>
            {say(one)}
          </option>
        ))}
      </select>
    </label>
  );
}
