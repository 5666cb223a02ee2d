/** One quiet sentence about what looks odd at this moment, with the reason a press away. */
import { useState } from 'react';
import { Icon } from '../../fields/Icon.tsx';
import { m } from '../../messages/index.ts';
import { useFrame } from '../../session/frames.ts';
import { useRule } from '../../session/lesson.ts';
import { recall, remember } from '../../session/remember.ts';
import { useRun } from '../../session/run.ts';
import { type Odd, type OddKind, oddAt } from '../../trace/anomalies.ts';
import { wordOf } from '../../trace/words.ts';

export function OddLine() {
  useFrame();
  const trace = useRun((state) => state.trace);
  const playhead = useRun((state) => state.playhead);
  const moving = useRun((state) => state.playing);
  const [silent, setSilent] = useState<ReadonlySet<OddKind>>(
    () => new Set(recall<{ kinds: OddKind[] }>('odd', { kinds: [] }).kinds),
  );
  const [open, setOpen] = useState<OddKind>();
  const steers = useRule('steer') === 'free';
  // While the text moves nobody can read along, and a sentence that comes and goes would only distract.
  const odd = trace && !moving ? oddAt(trace, playhead, silent) : undefined;
  if (!trace || moving) return null;
  if (!odd) return steers ? <p>{m.tools.hint.point}</p> : null;
  const words = m.odd[odd.kind];
  const dismiss = () => {
    const kinds = [...silent, odd.kind];
    setSilent(new Set(kinds));
    remember('odd', { kinds });
  };
  return (
    <div className="odd">
      <p>
        <span>{sentence(odd, trace.pieces)}</span>{' '}
        <button
          type="button"
          className="link"
          aria-expanded={open === odd.kind}
          onClick={() => setOpen(open === odd.kind ? undefined : odd.kind)}
        >
          {m.odd.why}
        </button>
        <button
          type="button"
          className="link quiet-x"
          onClick={dismiss}
          aria-label={m.odd.dismiss}
          title={m.odd.dismiss}
        >
          <Icon name="close" />
        </button>
      </p>
      {open === odd.kind && <p className="note">{words.why}</p>}
    </div>
  );
}

function sentence(odd: Odd, pieces: Readonly<Record<number, string>>): string {
  const word = (id: number) => wordOf(pieces[id] ?? '').body;
  switch (odd.kind) {
    case 'endsFirst':
      return m.odd.endsFirst.said(odd.count);
    case 'lingers':
      return m.odd.lingers.said(odd.slot, odd.waited);
    case 'repeats':
      return m.odd.repeats.said(
        odd.ids
          .map((id) => pieces[id] ?? '')
          .join('')
          .trim(),
        odd.times,
      );
    case 'short':
      return m.odd.short.said(odd.text, odd.all);
    case 'leftBehind':
      return m.odd.leftBehind.said(odd.masks);
    case 'tail':
      return m.odd.tail.said(word(odd.id), odd.probability, odd.slot);
    case 'same':
      return m.odd.same.said(word(odd.id), odd.slot);
  }
}
