/** The race: the twins, or another causal model and a masked one, write from one prompt, each measured alone, and are shown side by side on one clock. */

import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { writtenIn } from '../../../diffusion/ops.ts';
import { perplexity } from '../../../diffusion/quality.ts';
import { SMALL } from '../../../diffusion/shipped.ts';
import { repetition, tokensPerPass, unigramEntropy } from '../../../diffusion/statistics.ts';
import { Segments } from '../../fields/Segments.tsx';
import { DataTable } from '../../figures/DataTable.tsx';
import { MiniCanvas } from '../../figures/MiniCanvas.tsx';
import { Strips } from '../../figures/Strips.tsx';
import { decimal, hundredths, integer, percent, plain, rate, sentences } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { useReplay } from '../../session/comparedReplay.ts';
import type { TracedRun } from '../../session/comparedRuns.ts';
import { isShipped, useCompute } from '../../session/compute.ts';
import { BARRYS_PROMPT, ready, useOpponent } from '../../session/gpt2.ts';
import { useLent } from '../../session/lent.ts';
import { openModels } from '../../session/models-dialog.ts';
import { useMedia } from '../../session/useMedia.ts';
import { finishes, lastFinish, playheadAt } from '../../trace/elapsed.ts';
import { OPPONENTS, type Opponent, STEPPED, TEN_PASSES, WIDTHS, type Width } from './address.ts';
import { Gpt2Panel } from './Gpt2Panel.tsx';
import { ReplayBar } from './ReplayBar.tsx';
import { RivalPanel, useRivalReady } from './RivalPanel.tsx';
import { type Given, hasTwin, madeWith, race, showRecordedRace, takeBarrysSettings, useRace } from './raceStore.ts';
import { Block, Choice, GivenWords, Numbered, Prompt, Seeded, WorkButtons } from './SharedSettings.tsx';
import { compareWith, useComparison } from './store.ts';
import { stopWork } from './work.ts';

/** Real time, and slower where a graphics card is too quick for the eye. */
const RATES = [0.02, 0.1, 0.25, 0.5, 1, 2, 4];

/** Below it the table of results has no room for its seven columns. */
const PHONE = '(max-width: 760px)';

export function RaceTab() {
  const width = useComparison((state) => state.width);
  const made = useComparison((state) => madeWith(state));
  const opponent = useComparison((state) => state.opponent);
  const gpt2 = opponent === 'gpt2';
  const main = useCompute((state) => state.model?.id);
  useLent(opponent === 'twin' ? SMALL : undefined);
  // Of another tokenizer and other texts. The other models that ship make room for the one that has a twin.
  const foreign = opponent !== 'twin' || (main !== undefined && !hasTwin(main) && !isShipped(main));
  const words = gpt2 ? m.compare.gpt2 : m.compare.own;
  const gpt2Ready = useOpponent(({ here }) => ready(here) !== undefined);
  const rivalReady = useRivalReady();
  const canRace = opponent === 'twin' || (gpt2 ? gpt2Ready : rivalReady);
  const stored = useRace();
  const [speed, setSpeed] = useState(m.compare.times(1));
  // Another opponent's text is not this race's, and a recording only stands for its own settings.
  const same = stored.opponent === opponent && !(stored.recorded && made !== stored.made);
  const append = same ? stored.append : undefined;
  const set = same ? stored.set[width] : undefined;
  const runs = useMemo(() => [append, set].filter((run) => run !== undefined), [append, set]);
  const ends = useMemo(() => runs.map(({ trace }) => finishes(trace, 'milliseconds')), [runs]);
  useEffect(() => void showRecordedRace().catch(() => undefined), []);
  const live = stored.measuring !== undefined;
  const end = lastFinish(ends);
  const table = stepTable(append, set);
  return (
    <>
      <div className="compare-settings top">
        <div className="field choice opponents">
          <span>{m.compare.gpt2.against}</span>
          <Segments
            label={m.compare.gpt2.against}
            options={OPPONENTS}
            words={m.compare.gpt2.opponents}
            value={opponent}
            onChoose={(chosen) => {
              stopWork();
              compareWith({ opponent: chosen });
            }}
          />
        </div>
        {gpt2 && <Gpt2Panel />}
        {opponent === 'own' && <RivalPanel />}
      </div>
      <div className="compare-settings">
        <Prompt />
        <GivenWords name="middle" />
        <GivenWords name="ending" />
        <Numbered name="length" />
        <Choice name="sampler" options={STEPPED} />
        <Block />
        <Numbered name="temperature" />
        {foreign && <Numbered name="topK" />}
        {foreign && <Numbered name="topP" />}
        <Seeded />
        <div className="field choice">
          <span id="race-width">{m.compare.race.width}</span>
          <Segments
            label={m.compare.race.width}
            options={width === TEN_PASSES ? [...WIDTHS, width] : WIDTHS}
            words={{ '1': '1', '2': '2', '4': '4', '8': '8', [TEN_PASSES]: TEN_PASSES }}
            value={width}
            onChoose={(chosen) => compareWith({ width: chosen })}
          />
          <p className="note">{m.compare.race.widthHelp}</p>
        </div>
        <WorkButtons label={m.compare.race.start} disabled={!canRace} onStart={() => void race([width])}>
          {gpt2 && (
            <button
              type="button"
              className="outline"
              onClick={() => takeBarrysSettings(BARRYS_PROMPT)}
              title={m.compare.gpt2.barryHelp}
            >
              {m.compare.gpt2.barry}
            </button>
          )}
          <button
            type="button"
            className="outline"
            disabled={!canRace}
            onClick={() => void race(WIDTHS)}
            title={m.compare.race.allHelp}
          >
            {m.compare.race.all}
          </button>
        </WorkButtons>
      </div>
      {/* Its line is kept while the recording comes, so that nothing jumps. */}
      <p className="note race-note" role="status">
        {made !== stored.made && runs.length > 0
          ? m.compare.stale
          : stored.recorded &&
            same &&
            made === stored.made &&
            m.compare.race.recorded(append?.trace.backend.device ?? '')}
      </p>
      <ReplayBar
        axis="milliseconds"
        end={live ? 0 : end}
        speeds={RATES.map((factor) => ({ name: m.compare.times(factor), rate: factor }))}
        speed={speed}
        onSpeed={setSpeed}
      />
      <p className="hidden" role="status">
        {!live && append?.result && set?.result
          ? m.compare.race.said(append.result.milliseconds, set.result.milliseconds)
          : ''}
      </p>
      <div className="lanes two">
        <Panel
          title={m.compare.race.append}
          help={foreign ? words.appendHelp : m.compare.race.appendHelp}
          run={append}
          untold={same ? stored.given : undefined}
          live={live}
          characters={foreign}
        />
        <Panel
          title={m.compare.race.set}
          help={foreign ? <SetHelp width={Number(width)} /> : m.compare.race.setHelp(Number(width))}
          run={set}
          live={live}
          characters={foreign}
        />
      </div>
      <div className="strips-room">{end > 0 && !live && <Strips runs={runs} ends={ends} end={end} />}</div>
      <p className="note">{foreign ? words.unlike : m.compare.race.alone}</p>
      {same && <Results />}
      {table && !live && <DataTable table={table} />}
    </>
  );
}

/** Which masked model runs, and the way to another one. */
function SetHelp({ width }: { width: number }) {
  // One that writes from left to right cannot be this side.
  const model = useCompute((state) => (state.model?.causal ? undefined : state.model?.id));
  return (
    <>
      {m.compare.gpt2.setHelp(model ?? m.compare.gpt2.noModel, width)}{' '}
      <button type="button" className="quiet inline" onClick={() => openModels()}>
        {m.compare.gpt2.otherModel}
      </button>
    </>
  );
}

interface PanelProps {
  readonly title: string;
  readonly help: ReactNode;
  readonly run: TracedRun | undefined;
  readonly live: boolean;
  /** What had to stand in the text and this writer could not be told. */
  readonly untold?: Given | undefined;
  /** Says characters per second, too, which models with different tokenizers share. */
  readonly characters: boolean;
}

function Panel({ title, help, run, live, characters, untold }: PanelProps) {
  const ends = useMemo(() => run && finishes(run.trace, 'milliseconds'), [run]);
  const playhead = useReplay(({ at }) => (ends ? (live ? ends.length : playheadAt(ends, at)) : 0));
  const own = ends ? (ends[playhead - 1] ?? 0) : 0;
  const over = ends !== undefined && playhead === ends.length && run?.result !== undefined;
  const steps = run?.trace.steps.slice(0, playhead) ?? [];
  const passes = steps.reduce((sum, { forwards }) => sum + forwards, 0);
  const tokens = steps.reduce((sum, step) => sum + writtenIn(step).length, 0);
  return (
    <section className="lane" aria-label={title} data-writer={run?.writer}>
      <h2>{title}</h2>
      <p className="note lane-help">{help}</p>
      <div className="sheet small">
        {run ? (
          <MiniCanvas trace={run.trace} playhead={playhead} writer={run.writer} />
        ) : (
          <p className="sheet-none">{m.compare.race.empty}</p>
        )}
        {run && untold && (untold.middle || untold.ending) && (
          <p className="note untold">
            {sentences(
              ...(['middle', 'ending'] as const).flatMap((where) =>
                untold[where] === '' ? [] : [m.compare.race.untold[where](untold[where])],
              ),
            )}
          </p>
        )}
      </div>
      <ul className="counters">
        <li data-fact="time">
          <b>{m.compare.seconds(own)}</b> {over ? m.compare.race.finished : ''}
        </li>
        <li>
          <b>{integer(passes)}</b> {m.time.passes(passes)}
        </li>
        <li>
          <b>{passes > 0 ? decimal(tokensPerPass(steps)) : '–'}</b> {m.time.perPass}
        </li>
        <li>
          <b>{own > 0 ? rate((tokens / own) * 1000) : '–'}</b> {m.time.perSecond}
        </li>
        {characters && (
          <li>
            <b>{over && run?.result ? charactersPerSecond(run.result) : '–'}</b> {m.compare.gpt2.charactersPerSecond}
          </li>
        )}
      </ul>
    </section>
  );
}

/** Everything measured with these settings so far: speed beside quality, so that fast but bad is seen. */
function Results() {
  const { append, set, opponent } = useRace();
  const foreign =
    opponent !== 'twin' || (set !== undefined && !Object.values(set).every((run) => hasTwin(run.trace.model.id)));
  const columns = foreign ? m.compare.gpt2.columns : m.compare.race.columns;
  const width = useComparison((state) => state.width);
  const rows: [key: 'append' | Width, name: string, run: TracedRun][] = [];
  if (append?.result) rows.push(['append', appends(opponent, append), append]);
  for (const one of [...WIDTHS, TEN_PASSES] as const) {
    const run = set[one];
    if (run?.result) rows.push([one, m.compare.race.setRow(Number(one)), run]);
  }
  const narrow = useMedia(PHONE);
  if (rows.length === 0) return null;
  const lines = rows.map(([key, name, { result }]) => ({
    key,
    shown: key === width || key === 'append' ? 'shown' : '',
    head:
      key === 'append' ? (
        name
      ) : (
        <button type="button" className="quiet" onClick={() => compareWith({ width: key })}>
          {name}
        </button>
      ),
    cells: result ? cells(result, foreign) : [],
  }));
  return (
    <section className="compare-scroll" aria-label={m.compare.race.results}>
      <table className={narrow ? 'compare-table turned' : 'compare-table'}>
        <caption>{m.compare.race.caption}</caption>
        {narrow ? (
          // A run is a column, so that speed and quality are seen without scrolling sideways.
          <>
            <thead>
              <tr>
                <td />
                {lines.map(({ key, shown, head }) => (
                  <th key={key} scope="col" className={shown}>
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {columns.slice(1).map(([name, help], at) => (
                <tr key={name}>
                  <th scope="row" title={help}>
                    {name}
                  </th>
                  {lines.map(({ key, shown, cells: all }) => (
                    <td key={key} className={shown}>
                      {all[at]}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </>
        ) : (
          <>
            <thead>
              <tr>
                {columns.map(([name, help]) => (
                  <th key={name} scope="col" title={help}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {lines.map(({ key, shown, head, cells: all }) => (
                <tr key={key} className={shown}>
                  <th scope="row">{head}</th>
                  {all.map((cell, at) => (
                    <td key={columns[at + 1]?.[0]}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </>
        )}
      </table>
    </section>
  );
}

/** Which model it was that appended. */
function appends(opponent: Opponent, { trace }: TracedRun): string {
  if (opponent === 'own') return m.compare.own.row(trace.model.id);
  return opponent === 'gpt2' ? m.compare.gpt2.row : m.compare.race.append;
}

type Result = NonNullable<TracedRun['result']>;

function charactersPerSecond({ text, milliseconds }: Result): string {
  return rate(([...text].length / milliseconds) * 1000);
}

/** What tokens have to do with says nothing between two tokenizers, so with another model quality is left to the reader. */
function cells(result: Result, foreign: boolean): string[] {
  const { milliseconds, forwards, written, logProbs, ids } = result;
  const speed = [
    m.compare.seconds(milliseconds),
    integer(forwards),
    decimal(written / forwards),
    rate((written / milliseconds) * 1000),
  ];
  if (foreign) return [...speed, charactersPerSecond(result)];
  return [
    ...speed,
    logProbs.length > 0 ? decimal(perplexity(logProbs)) : '–',
    hundredths(unigramEntropy(ids)),
    percent(repetition(ids, 3)),
  ];
}

/** Every step with its measured time: what the clock adds up. */
function stepTable(append: TracedRun | undefined, set: TracedRun | undefined) {
  if (!append?.result || !set?.result) return undefined;
  const rows = (
    [
      ['append', append],
      ['set', set],
    ] as const
  ).flatMap(([writer, { trace }]) => {
    const ends = finishes(trace, 'milliseconds');
    return trace.steps.map((step) => [
      `${m.compare.race[writer]}, ${m.compare.stepsMade(step.index + 1)}`,
      integer(writtenIn(step).length),
      plain(step.milliseconds.toFixed(3)),
      plain((ends[step.index] as number).toFixed(3)),
    ]);
  });
  return { caption: m.compare.race.stepTable, columns: m.compare.race.stepColumns, rows };
}
