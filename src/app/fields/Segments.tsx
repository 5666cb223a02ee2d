/** A few choices side by side, one of them pressed. */

interface Props<T extends string> {
  readonly label: string;
  readonly options: readonly T[];
  readonly words: Readonly<Record<T, string>>;
  readonly value: T;
  readonly small?: boolean;
  readonly onChoose: (value: T) => void;
}

export function Segments<T extends string>({ label, options, words, value, small = false, onChoose }: Props<T>) {
  return (
    <fieldset className={small ? 'segments small' : 'segments'} aria-label={label}>
      {options.map((one) => (
        <button key={one} type="button" aria-pressed={one === value} onClick={() => onChoose(one)}>
          {words[one]}
        </button>
      ))}
    </fieldset>
  );
}
