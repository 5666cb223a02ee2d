/** What is known about the token under the pointer or in focus, and what can be done with it. */
import { lazy, Suspense } from 'react';
import { Slot } from '../../../diffusion/canvas.ts';
import { hundredths, integer, percent } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { useFrame } from '../../session/frames.ts';
import { useRun } from '../../session/run.ts';
import { useTools } from '../../session/tools.ts';
import { type Inspection, inspect } from '../../trace/inspect.ts';
import { wordOf } from '../../trace/words.ts';
import { Alternatives } from './Alternatives.tsx';
import { GuessCurve } from './GuessCurve.tsx';
import { SlotActions } from './SlotActions.tsx';
import { StepPanel } from './StepPanel.tsx';

// Most visitors never pick a span.
const SpanPanel = lazy(async () => ({ default: (await import('./SpanPanel.tsx')).SpanPanel }));

export function useInspection(): Inspection | undefined {
  const frame = useFrame();
  const trace = useRun((state) => state.trace);
  const slot = useRun((state) => state.hovered ?? state.selected);
  return trace && frame && slot !== undefined ? inspect(trace, frame, slot) : undefined;
}

export function Inspector() {
  const shown = useInspection();
  const spanned = useTools((state) => state.span !== undefined);
  if (spanned) {
    return (
      <Suspense fallback={null}>
        <SpanPanel />
      </Suspense>
    );
  }
  if (!shown) return <StepPanel />;
  return <InspectedSlot key={shown.slot} shown={shown} />;
}

function InspectedSlot({ shown }: { shown: Inspection }) {
  const pieces = useRun((state) => state.trace?.pieces) ?? {};
  const { slot, open, state } = shown;
  const { body, sign } = wordOf(pieces[shown.id] ?? '');
  const note = noteFor(shown);
  return (
    <div className="inspector">
      <h2>{m.inspector.slot(slot)}</h2>
      <p className={open ? 'big open' : 'big'}>
        {open ? (
          <>
            <i className="hatch" aria-hidden="true" /> {m.inspector.masked}
          </>
        ) : sign ? (
          m.canvas[sign]
        ) : (
          body
        )}
      </p>
      <Facts shown={shown} />
      <SlotActions shown={shown} />
      {note && <p className="note">{note}</p>}
      {shown.alternatives.length > 0 && (
        <Alternatives
          title={open || state === Slot.Pinned ? m.inspector.thinks : m.inspector.could}
          slot={slot}
          list={shown.alternatives}
          pieces={pieces}
        />
      )}
      {shown.guesses.length > 1 && <GuessCurve guesses={shown.guesses} written={shown.writtenAt} pieces={pieces} />}
    </div>
  );
}

function noteFor({ state, open, asked }: Inspection): string | undefined {
  if (state === Slot.Given) return m.inspector.given;
  if (state === Slot.Pinned) return m.inspector.yours;
  if (open && asked < 0) return m.inspector.notAsked;
  return undefined;
}

function Facts({ shown }: { shown: Inspection }) {
  const rows: [string, string, string?][] = [];
  if (shown.writtenAt >= 0) rows.push([m.inspector.writtenAt, integer(shown.writtenAt + 1)]);
  else if (shown.open && shown.asked >= 0) rows.push([m.inspector.askedAt, integer(shown.asked + 1)]);
  if (!Number.isNaN(shown.probability)) rows.push([m.inspector.probability, percent(shown.probability)]);
  if (!Number.isNaN(shown.entropy)) {
    rows.push([m.inspector.entropy, m.inspector.nats(hundredths(shown.entropy)), m.inspector.entropyHelp]);
  }
  if (rows.length === 0) return null;
  return (
    <dl>
      {rows.map(([name, value, help]) => (
        <div key={name} title={help}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
