/** An experiment that is being made as a whole: which of its runs, how far, how long still, and a way out. */
import { sentences } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { stepOf } from '../../session/train/curves.ts';
import { cancelRepeating, secondsLeft, useRepeating } from '../../session/train/repeat.ts';
import { useTrain } from '../../session/train/store.ts';

export function Repeating() {
  const now = useRepeating((state) => state.now);
  const shown = useTrain((state) => state.shown);
  const ofThis = useTrain((state) => state.last?.secondsLeft);
  if (!now?.going) return null;
  const { parts, at, experiment } = now;
  const words = m.train.recorded;
  const left = secondsLeft(now, ofThis);
  const steps = parts[at]?.settings.steps ?? 1;
  const share = shown ? stepOf(shown) / steps : 0;
  return (
    <section className="train-repeating" aria-label={words.experiments[experiment].title}>
      <p role="status">
        {sentences(words.going(at + 1, parts.length), ...(left === undefined ? [] : [words.left(left)]))}
      </p>
      <progress max={parts.length} value={Math.min(at + share, parts.length)} aria-label={words.all} />
      <button type="button" className="outline" onClick={cancelRepeating}>
        {words.cancel}
      </button>
    </section>
  );
}
