/** How sure the network was of its best guess for one slot at every step, and where it changed its mind. */
import { percent } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import type { Guess } from '../../trace/inspect.ts';
import { wordOf } from '../../trace/words.ts';

const WIDTH = 230;
const HEIGHT = 52;
/** More changes of mind than this would be noise. */
const MOST = 3;

interface Props {
  readonly guesses: readonly Guess[];
  readonly written: number;
  readonly pieces: Readonly<Record<number, string>>;
}

export function GuessCurve({ guesses, written, pieces }: Props) {
  const first = guesses[0] as Guess;
  const last = guesses.at(-1) as Guess;
  const span = Math.max(1, last.step - first.step);
  const x = ({ step }: Guess) => ((step - first.step) / span) * WIDTH;
  const y = ({ probability }: Guess) => (1 - probability) * HEIGHT;
  // The pen is lifted over the steps that did not ask, because the slot was written then.
  const stroke = (guess: Guess, at: number) => {
    const goesOn = guesses[at - 1]?.step === guess.step - 1;
    return `${goesOn ? 'L' : 'M'}${x(guess).toFixed(1)} ${y(guess).toFixed(1)}`;
  };
  const changes = guesses.filter((guess, at) => at === 0 || guess.id !== guesses[at - 1]?.id);
  const word = ({ id }: Guess) => wordOf(pieces[id] ?? '').body;
  return (
    <section className="guesses">
      <h3>{m.inspector.guesses}</h3>
      <svg
        viewBox={`-5 -5 ${WIDTH + 10} ${HEIGHT + 10}`}
        role="img"
        aria-label={m.inspector.guessesAlt(percent(first.probability), percent(last.probability))}
      >
        <path className="axis" d={`M0 ${HEIGHT}H${WIDTH}`} />
        <path className="curve" d={guesses.map(stroke).join('')} />
        {changes.slice(1).map((guess) => (
          <circle key={guess.step} className="change" cx={x(guess)} cy={y(guess)} r="2.2" />
        ))}
        <circle className={written >= 0 ? 'here' : 'here open'} cx={x(last)} cy={y(last)} r="4" />
      </svg>
      <ul>
        {changes.slice(-MOST).map((guess) => (
          <li key={guess.step}>{m.inspector.changedMind(word(guess), guess.step + 1)}</li>
        ))}
      </ul>
    </section>
  );
}
