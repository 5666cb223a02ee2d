/** What the step at the playhead did; shown where the inspector is while no token is pointed at. */

import { writtenIn } from '../../../diffusion/ops.ts';
import { WordBar } from '../../figures/WordBar.tsx';
import { integer, percent } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { useReadsLeft } from '../../session/asWritten.ts';
import { useFrame } from '../../session/frames.ts';
import { select, useRun } from '../../session/run.ts';
import { probabilityOf } from '../../trace/frame.ts';
import { editsText } from '../../trace/resume.ts';
import { summaryOf } from '../../trace/step-summary.ts';
import { wordOf } from '../../trace/words.ts';

/** More rows than this would only scroll. */
const MOST = 12;

export function StepPanel() {
  const frame = useFrame();
  const trace = useRun((state) => state.trace);
  const left = useReadsLeft(trace);
  if (!trace || !frame) return null;
  const { process, sampler } = trace.settings;
  const anyOrder = process === 'masked' && sampler !== 'left-to-right';
  const start = left ? m.step.startLeft : m.step.start;
  const step = trace.steps[frame.playhead - 1];
  const did = step && summaryOf(trace, frame.playhead - 1);
  const masks = frame.masks;
  const written = step ? writtenIn(step) : [];
  return (
    <div className="inspector step-panel">
      <h2>{step ? m.step.title(frame.playhead) : m.step.before}</h2>
      <p className="lead">
        {did
          ? m.step.did(did, masks, editsText(trace.settings))
          : editsText(trace.settings)
            ? m.step.startEdits
            : start(masks)}
      </p>
      {step && (
        <ol className="written">
          {written.slice(0, MOST).map(({ slot, id }) => {
            const { body, sign } = wordOf(trace.pieces[id] ?? '');
            const probability = probabilityOf(trace, frame.playhead - 1, slot);
            const word = sign ? m.canvas[sign] : body;
            return (
              <li key={slot}>
                <button
                  type="button"
                  className="alternative chosen"
                  onClick={() => select(slot)}
                  aria-label={m.step.row(integer(slot + 1), word, percent(probability))}
                >
                  <WordBar word={word} probability={probability} />
                </button>
              </li>
            );
          })}
        </ol>
      )}
      {written.length > MOST && <p className="note">{m.step.others(written.length - MOST)}</p>}
      <p className="note">{m.inspector.none}</p>
      {left ? <p className="note">{m.inspector.whyLeft}</p> : anyOrder && <p className="note">{m.inspector.why}</p>}
    </div>
  );
}
