/** Up to four settings on one prompt and seed, replayed together by steps or by time; what differs from the first is marked. */
import { useEffect, useId, useMemo, useState } from 'react';
import { formatLink } from '../../../diffusion/link.ts';
import { perplexity } from '../../../diffusion/quality.ts';
import { SAMPLERS } from '../../../diffusion/settings.ts';
import { repetition, unigramEntropy } from '../../../diffusion/statistics.ts';
import { Icon } from '../../fields/Icon.tsx';
import { Segments } from '../../fields/Segments.tsx';
import { MiniCanvas } from '../../figures/MiniCanvas.tsx';
import { decimal, hundredths, integer, percent } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { readAdapters, useAdapters } from '../../session/adapters.ts';
import { useReplay } from '../../session/comparedReplay.ts';
import type { TracedRun } from '../../session/comparedRuns.ts';
import { type Axis, finishes, lastFinish, playheadAt } from '../../trace/elapsed.ts';
import { type Column, MOST_COLUMNS } from './address.ts';
import { keyOf, runColumns, settingsOf, useColumnRuns } from './columnsStore.ts';
import { ReplayBar } from './ReplayBar.tsx';
import { Numbered, NumberInput, Prompt, SamplerSelect, Seeded, WorkButtons } from './SharedSettings.tsx';
import { compareWith, useComparison } from './store.ts';

const AXES = ['steps', 'milliseconds'] as const;
const speedsOf = {
  steps: () => [2, 4, 8, 16, 32].map((each) => ({ name: m.time.speeds(each), rate: each / 1000 })),
  milliseconds: () => [0.1, 0.5, 1, 2, 4].map((factor) => ({ name: m.compare.times(factor), rate: factor })),
} as const;

export function SamplersTab() {
  const settings = useComparison((state) => state.settings);
  const columns = useComparison((state) => state.columns);
  const { runs, measuring } = useColumnRuns();
  const [axis, setAxis] = useState<Axis>('steps');
  const [speeds, setSpeeds] = useState({ steps: m.time.speeds(8), milliseconds: m.compare.times(1) });
  const shown = useMemo(
    () => columns.map((column) => runs[keyOf(settingsOf(settings, column), column)]),
    [columns, runs, settings],
  );
  const ends = useMemo(() => shown.map((run) => run && finishes(run.trace, axis)), [shown, axis]);
  const end = measuring ? 0 : lastFinish(ends.filter((one) => one !== undefined));
  const first = shown[0] && ends[0] ? { run: shown[0], ends: ends[0] } : undefined;

  useEffect(() => void readAdapters(), []);
  const change = (index: number, part: Partial<Column>) =>
    compareWith({ columns: columns.map((column, at) => (at === index ? { ...column, ...part } : column)) });
  const add = () => compareWith({ columns: [...columns, columns.at(-1) as Column] });
  const remove = (index: number) => compareWith({ columns: columns.filter((_, at) => at !== index) });

  return (
    <>
      <div className="compare-settings">
        <Prompt />
        <Numbered name="length" />
        <Numbered name="topP" />
        <Seeded />
        <WorkButtons label={m.compare.samplers.start} onStart={() => void runColumns()}>
          <button type="button" className="outline" disabled={columns.length >= MOST_COLUMNS} onClick={add}>
            {m.compare.samplers.add}
          </button>
        </WorkButtons>
      </div>
      <div className="compare-axis">
        <Segments
          small
          label={m.compare.samplers.axis}
          options={AXES}
          words={m.compare.samplers.axes}
          value={axis}
          onChoose={setAxis}
        />
        <ReplayBar
          axis={axis}
          end={end}
          speeds={speedsOf[axis]()}
          speed={speeds[axis]}
          onSpeed={(speed) => setSpeeds((before) => ({ ...before, [axis]: speed }))}
        />
      </div>
      <div className={`lanes columns-${columns.length}`}>
        {columns.map((column, index) => (
          <ColumnPanel
            // biome-ignore lint/suspicious/noArrayIndexKey: columns keep their place
            key={index}
            place={index}
            column={column}
            run={shown[index]}
            ends={ends[index]}
            live={measuring}
            first={index > 0 ? first : undefined}
            onChange={(part) => change(index, part)}
            onRemove={columns.length > 1 ? () => remove(index) : undefined}
          />
        ))}
      </div>
      <p className="note">{m.compare.samplers.help}</p>
    </>
  );
}

interface PanelProps {
  readonly place: number;
  readonly column: Column;
  readonly run: TracedRun | undefined;
  readonly ends: Float64Array | undefined;
  readonly live: boolean;
  readonly first: { readonly run: TracedRun; readonly ends: Float64Array } | undefined;
  readonly onChange: (part: Partial<Column>) => void;
  readonly onRemove: (() => void) | undefined;
}

function ColumnPanel({ place, column, run, ends, live, first, onChange, onRemove }: PanelProps) {
  const playhead = useReplay(({ at }) => (ends ? (live ? ends.length : playheadAt(ends, at)) : 0));
  const firstPlayhead = useReplay(({ at }) => (first ? (live ? first.ends.length : playheadAt(first.ends, at)) : 0));
  const name = m.compare.samplers.column(place + 1);
  const result = run?.result;
  return (
    <section className="lane" aria-label={name}>
      <ColumnSettings name={name} column={column} onChange={onChange} onRemove={onRemove} />
      <div className="sheet small">
        {run ? (
          <MiniCanvas
            trace={run.trace}
            playhead={playhead}
            writer="set"
            against={first && { trace: first.run.trace, playhead: firstPlayhead }}
          />
        ) : (
          <p className="sheet-none">{m.compare.race.empty}</p>
        )}
      </div>
      {run && (
        <p className="column-step">
          {m.time.step(playhead, run.trace.steps.length)}
          <a href={`#/generate?${formatLink({ ...run.trace.settings, model: run.trace.model.id })}`}>
            {m.compare.openInGenerate}
          </a>
        </p>
      )}
      {result && (
        <ul className="counters">
          <li>
            <b>{integer(result.forwards)}</b> {m.time.passes(result.forwards)}
          </li>
          <li>
            <b>{m.compare.seconds(result.milliseconds)}</b>
          </li>
          <li title={m.compare.frontier.help.perplexity}>
            <b>{result.logProbs.length > 0 ? decimal(perplexity(result.logProbs)) : '–'}</b>{' '}
            {m.compare.frontier.measures.perplexity}
          </li>
          <li title={m.compare.frontier.help.entropy}>
            <b>{hundredths(unigramEntropy(result.ids))}</b> {m.compare.frontier.measures.entropy}
          </li>
          <li title={m.compare.frontier.help.repetition}>
            <b>{percent(repetition(result.ids, 3))}</b> {m.compare.samplers.repeated}
          </li>
        </ul>
      )}
    </section>
  );
}

/** Which adapter stands beside the model in a column, where there are any. */
function AdapterChoice({ name, onChange }: { readonly name: string; readonly onChange: (name: string) => void }) {
  const id = useId();
  const { items = [] } = useAdapters();
  const names = new Set([...items.map((item) => item.name), ...(name === '' ? [] : [name])]);
  if (names.size === 0) return null;
  return (
    <div className="column-adapter">
      <label className="column-label" htmlFor={id}>
        {m.adapters.which}
      </label>
      <select id={id} value={name} onChange={({ target }) => onChange(target.value)}>
        <option value="">{m.adapters.none}</option>
        {[...names].map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </div>
  );
}

function ColumnSettings({
  name,
  column,
  onChange,
  onRemove,
}: Pick<PanelProps, 'column' | 'onChange' | 'onRemove'> & { name: string }) {
  const id = useId();
  return (
    <fieldset className="column-settings">
      <legend className="hidden">{name}</legend>
      <div className="column-head">
        <label className="hidden" htmlFor={`${id}-sampler`}>
          {m.settings.sampler[0]}
        </label>
        <SamplerSelect
          id={`${id}-sampler`}
          value={column.sampler}
          options={SAMPLERS}
          onChange={(sampler) => onChange({ sampler })}
        />
        {onRemove && (
          <button
            type="button"
            className="quiet square"
            onClick={onRemove}
            aria-label={m.compare.samplers.remove(name)}
          >
            <Icon name="close" />
          </button>
        )}
      </div>
      <AdapterChoice name={column.adapter ?? ''} onChange={(adapter) => onChange({ adapter })} />
      <div className="column-numbers">
        {(['steps', 'temperature', 'block'] as const).map((setting) => (
          <div key={setting}>
            <label className="column-label" htmlFor={`${id}-${setting}`} title={m.settings[setting][1]}>
              {m.settings[setting][0]}
            </label>
            <NumberInput
              name={setting}
              value={column[setting]}
              labelled={`${id}-${setting}`}
              onChange={(value) => onChange({ [setting]: value })}
            />
          </div>
        ))}
      </div>
    </fieldset>
  );
}
