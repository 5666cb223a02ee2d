/** The forward process on the visitor's own sentence: a slider over time masks and uncovers its tokens. */

import { useEffect, useId, useMemo, useState } from 'react';
import { openId } from '../../../diffusion/canvas.ts';
import { corrupt } from '../../../diffusion/corrupt.ts';
import { scheduleOf } from '../../../diffusion/drawn-schedule.ts';
import { type ErrorData, UnmaskError } from '../../../diffusion/error.ts';
import { useFitting } from '../../fields/fitting.tsx';
import { SeedField } from '../../fields/SeedField.tsx';
import { DataTable } from '../../figures/DataTable.tsx';
import { hundredths, integer, percent } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { useCompute } from '../../session/compute.ts';
import { MOST_TEXT, TIME_STEP } from '../../session/scheduleLink.ts';
import { useSettings } from '../../session/settings.ts';
import { WRITTEN } from '../../trace/words.ts';
import { guessMasks } from './guesses.ts';
import { Notice } from './Notice.tsx';
import { ScheduleSelect } from './ScheduleSelect.tsx';
import { look, useSchedule } from './state.ts';
import { useTokens } from './tokens.ts';
import { type Guess, Words } from './Words.tsx';

export function Sentence() {
  const { text, t } = useSchedule();
  const settings = useSettings((state) => state.settings);
  const maskId = useCompute((state) => state.model?.maskId);
  const { tokens, error } = useTokens(text);
  const [asking, setAsking] = useState(false);
  const fitting = useFitting(MOST_TEXT, (own) => look({ text: own }));
  const id = useId();
  const schedule = scheduleOf(settings);
  const rate = schedule.maskRate(t);
  const { seed } = settings;
  const corrupted = useMemo(() => corrupt(tokens?.ids ?? [], openId(maskId), rate, seed), [tokens, maskId, rate, seed]);
  const masked = useMemo(() => new Set(corrupted.masked), [corrupted]);
  const { guesses, failure } = useGuesses(asking, corrupted.ids, masked.size, maskId);
  const count = tokens?.ids.length ?? 0;

  return (
    <section className="schedule-part" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{m.scheduleView.sentence.title}</h2>
      <p className="lead">{m.scheduleView.sentence.lead}</p>
      <div className="sentence">
        <div className="sentence-sheet">
          <label htmlFor={`${id}-text`}>{m.scheduleView.sentence.text}</label>
          <textarea
            id={`${id}-text`}
            {...WRITTEN}
            rows={2}
            spellCheck={false}
            value={text}
            onChange={(event) => fitting.change(event.target.value)}
          />
          {fitting.said}
          <div className="paper">
            {tokens && count > 0 ? (
              <Words
                label={m.scheduleView.sentence.corrupted}
                pieces={tokens.pieces}
                masked={(slot) => masked.has(slot)}
                guess={asking ? (slot) => guesses.get(slot) : undefined}
              />
            ) : (
              <p className="note">
                {text.trim() === '' ? m.scheduleView.sentence.empty : m.scheduleView.sentence.waiting}
              </p>
            )}
          </div>
          <Notice error={error ?? failure} />
        </div>
        <div className="sentence-controls">
          <div className="slider-field">
            <label htmlFor={`${id}-t`}>{m.scheduleView.sentence.time}</label>
            <output htmlFor={`${id}-t`}>{hundredths(t)}</output>
            <input
              id={`${id}-t`}
              className="range"
              type="range"
              min={0}
              max={1}
              step={TIME_STEP}
              value={t}
              aria-valuetext={m.scheduleView.sentence.timeValue(hundredths(t), percent(rate))}
              onChange={(event) => look({ t: Number(event.target.value) })}
            />
          </div>
          <dl className="rates">
            <div>
              <dt>{m.scheduleView.sentence.expected}</dt>
              <dd data-rate="expected">{percent(rate)}</dd>
            </div>
            <div>
              <dt>{m.scheduleView.sentence.actual}</dt>
              <dd data-rate="actual">{count > 0 ? percent(masked.size / count) : '–'}</dd>
            </div>
            <div>
              <dt>{m.scheduleView.sentence.masks}</dt>
              <dd>{m.scheduleView.sentence.of(integer(masked.size), integer(count))}</dd>
            </div>
          </dl>
          <ScheduleSelect />
          <SeedField idle={false} />
          <p className="note">{m.scheduleView.sentence.draw}</p>
          <label className="check">
            <input type="checkbox" checked={asking} onChange={(event) => setAsking(event.target.checked)} />
            {m.scheduleView.sentence.ask}
          </label>
          {asking && <p className="note">{m.scheduleView.sentence.askHelp}</p>}
        </div>
      </div>
      {tokens && (
        <DataTable
          table={{
            caption: m.scheduleView.sentence.table,
            columns: [
              m.scheduleView.sentence.slot,
              m.scheduleView.sentence.token,
              m.scheduleView.sentence.state,
              ...(asking ? [m.scheduleView.sentence.guess, m.scheduleView.sentence.probability] : []),
            ],
            rows: tokens.pieces.map((piece, slot) => {
              const guess = guesses.get(slot);
              const state = masked.has(slot) ? m.canvas.mask : m.scheduleView.sentence.visible;
              const row = [integer(slot + 1), piece.trim() || '␣', state];
              if (!asking) return row;
              return [...row, guess ? guess.piece.trim() || '␣' : '', guess ? percent(guess.probability) : ''];
            }),
          }}
        />
      )}
    </section>
  );
}

const NONE: ReadonlyMap<number, Guess> = new Map();
/** A dragged slider asks once it rests. */
const REST = 250;

/** The model's guesses for the canvas as it stands; those of an earlier canvas are not shown. */
function useGuesses(asking: boolean, ids: Int32Array, masks: number, maskId: number | undefined) {
  const [found, setFound] = useState<{ ids: Int32Array; guesses: ReadonlyMap<number, Guess> }>();
  const [failure, setFailure] = useState<ErrorData>();
  useEffect(() => {
    if (!asking || masks === 0 || maskId === undefined) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      guessMasks(ids, maskId, stop.signal).then(
        (guesses) => !stop.signal.aborted && setFound({ ids, guesses }),
        (cause: unknown) => !stop.signal.aborted && setFailure(UnmaskError.from(cause).toJSON()),
      );
    }, REST);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [asking, ids, masks, maskId]);
  return { guesses: asking && found?.ids === ids ? found.guesses : NONE, failure: asking ? failure : undefined };
}
