/**
 * Up to four settings on one prompt and seed, or on one text to be repaired, replayed together by steps or by time; what
 * differs from the first is marked.
 */
import { useEffect, useId, useMemo, useState } from 'react';
import { idleSettings } from '../../../diffusion/idle-settings.ts';
import { formatLink } from '../../../diffusion/link.ts';
import { perplexity } from '../../../diffusion/quality.ts';
import { EDIT_WAYS, PROCESSES, SAMPLERS, type SettingName } from '../../../diffusion/settings.ts';
import { EDITOR, FIRST } from '../../../diffusion/shipped.ts';
import { repetition, unigramEntropy } from '../../../diffusion/statistics.ts';
import type { Written } from '../../../worker/protocol.ts';
import { Icon } from '../../fields/Icon.tsx';
import { Segments } from '../../fields/Segments.tsx';
import { EditLog } from '../../figures/EditLog.tsx';
import { MiniCanvas } from '../../figures/MiniCanvas.tsx';
import { decimal, hundredths, integer, percent } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { readAdapters, useAdapters } from '../../session/adapters.ts';
import { seek, useReplay } from '../../session/comparedReplay.ts';
import type { TracedRun } from '../../session/comparedRuns.ts';
import { useCompute } from '../../session/compute.ts';
import { useLent } from '../../session/lent.ts';
import { useSettings } from '../../session/settings.ts';
import { type Axis, finishes, lastFinish, playheadAt } from '../../trace/elapsed.ts';
import { editsText } from '../../trace/resume.ts';
import { type Column, MOST_COLUMNS, type RepairColumn, TASKS, type Task } from './address.ts';
import { type ColumnRun, columnRuns, keyOf, runColumns, useColumnRuns } from './columnsStore.ts';
import { ReplayBar } from './ReplayBar.tsx';
import { Mistaken, Numbered, NumberInput, Prompt, SamplerSelect, Seeded, WorkButtons } from './SharedSettings.tsx';
import { compareWith, useComparison } from './store.ts';
import { stopWork } from './work.ts';

const AXES = ['steps', 'milliseconds'] as const;
const speedsOf = {
  steps: () => [2, 4, 8, 16, 32].map((each) => ({ name: m.time.speeds(each), rate: each / 1000 })),
  milliseconds: () => [0.1, 0.5, 1, 2, 4].map((factor) => ({ name: m.compare.times(factor), rate: factor })),
} as const;

/** Changes the columns of what is compared now. */
function changeColumns(change: <C extends Column | RepairColumn>(columns: readonly C[]) => readonly C[]): void {
  const { task, columns, repairs } = useComparison.getState();
  compareWith(task === 'edit' ? { repairs: change(repairs) } : { columns: change(columns) });
}

/** Each task by the model that ships for it; a model of the reader's own stays. */
function useTaskModel(task: Task): void {
  const asked = useSettings((state) => state.settings.model);
  useLent(task === 'edit' ? EDITOR : asked === EDITOR ? FIRST : undefined);
}

export function SamplersTab() {
  const comparison = useComparison();
  const { task } = comparison;
  const all = columnRuns(comparison);
  const { runs, measuring } = useColumnRuns();
  const [axis, setAxis] = useState<Axis>('steps');
  const [speeds, setSpeeds] = useState({ steps: m.time.speeds(8), milliseconds: m.compare.times(1) });
  const keys = all.map(keyOf).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the keys say all of the columns
  const shown = useMemo(() => all.map((column) => runs[keyOf(column)]), [keys, runs]);
  const ends = useMemo(() => shown.map((run) => run && finishes(run.trace, axis)), [shown, axis]);
  const end = measuring ? 0 : lastFinish(ends.filter((one) => one !== undefined));
  const first = shown[0] && ends[0] ? { run: shown[0], ends: ends[0] } : undefined;

  useTaskModel(task);
  useEffect(() => void readAdapters(), []);
  const change = (index: number, part: ColumnPart) =>
    changeColumns((columns) => columns.map((column, at) => (at === index ? { ...column, ...part } : column)));
  const remove = (index: number) => changeColumns((columns) => columns.filter((_, at) => at !== index));
  const add = () => changeColumns((columns) => [...columns, ...columns.slice(-1)]);

  return (
    <>
      <div className="compare-settings">
        <div className="field">
          <span>{m.controls.mode}</span>
          <Segments
            small
            label={m.controls.mode}
            options={TASKS}
            words={m.controls.modes}
            value={task}
            onChoose={(chosen) => {
              stopWork();
              compareWith({ task: chosen });
            }}
          />
        </div>
        {task === 'edit' ? (
          <Mistaken />
        ) : (
          <>
            <Prompt />
            <Numbered name="length" />
            <Numbered name="topP" />
          </>
        )}
        <Seeded />
        <WorkButtons
          label={task === 'edit' ? m.compare.samplers.repair : m.compare.samplers.start}
          onStart={() => void runColumns()}
        >
          <button type="button" className="outline" disabled={all.length >= MOST_COLUMNS} onClick={add}>
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
      <div className={`lanes columns-${all.length}`}>
        {all.map((column, index) => (
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
            onRemove={all.length > 1 ? () => remove(index) : undefined}
          />
        ))}
      </div>
      <p className="note">{task === 'edit' ? m.compare.samplers.repairHelp : m.compare.samplers.help}</p>
    </>
  );
}

type ColumnPart = Partial<Column & RepairColumn>;

interface PanelProps {
  readonly place: number;
  readonly column: ColumnRun;
  readonly run: TracedRun | undefined;
  readonly ends: Float64Array | undefined;
  readonly live: boolean;
  readonly first: { readonly run: TracedRun; readonly ends: Float64Array } | undefined;
  readonly onChange: (part: ColumnPart) => void;
  readonly onRemove: (() => void) | undefined;
}

function ColumnPanel({ place, column, run, ends, live, first, onChange, onRemove }: PanelProps) {
  const playhead = useReplay(({ at }) => (ends ? (live ? ends.length : playheadAt(ends, at)) : 0));
  const firstPlayhead = useReplay(({ at }) => (first ? (live ? first.ends.length : playheadAt(first.ends, at)) : 0));
  const name = m.compare.samplers.column(place + 1);
  const edits = run !== undefined && editsText(run.trace.settings);
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
      {run?.result && <Counters result={run.result} repaired={run.trace.settings.mode === 'edit'} />}
      {edits && <EditLog trace={run.trace} playhead={playhead} onPick={({ step }) => seek(ends?.[step] ?? 0)} />}
    </section>
  );
}

/** Of a repaired text, whose words are nearly all the reader's own, only what it took and how likely it is. */
function Counters({ result, repaired }: { readonly result: Written; readonly repaired: boolean }) {
  return (
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
      {!repaired && (
        <>
          <li title={m.compare.frontier.help.entropy}>
            <b>{hundredths(unigramEntropy(result.ids))}</b> {m.compare.frontier.measures.entropy}
          </li>
          <li title={m.compare.frontier.help.repetition}>
            <b>{percent(repetition(result.ids, 3))}</b> {m.compare.samplers.repeated}
          </li>
        </>
      )}
    </ul>
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

const NUMBERS = ['steps', 'temperature', 'block', 'editAbove'] as const;

/** The controls of what sets a column apart; what its other settings leave without effect is not shown. */
function ColumnSettings({
  name,
  column: { settings, adapter },
  onChange,
  onRemove,
}: Pick<PanelProps, 'column' | 'onChange' | 'onRemove'> & { name: string }) {
  const id = useId();
  const editing = useCompute((state) => state.model?.edits === true);
  const idle = new Set<SettingName>(idleSettings(settings).map(({ setting }) => setting));
  const repairs = settings.mode === 'edit';
  const processes = PROCESSES.filter((one) => one !== 'edits' || editing || settings.process === 'edits');
  return (
    <fieldset className="column-settings">
      <legend className="hidden">{name}</legend>
      <div className="column-head">
        {repairs ? (
          <select
            aria-label={m.settings.editWay[0]}
            value={settings.editWay}
            onChange={({ target }) => onChange({ editWay: target.value as RepairColumn['editWay'] })}
          >
            {EDIT_WAYS.map((way) => (
              <option key={way} value={way}>
                {m.editWays[way]}
              </option>
            ))}
          </select>
        ) : (
          <select
            aria-label={m.settings.process[0]}
            value={settings.process}
            onChange={({ target }) => onChange({ process: target.value as Column['process'] & string })}
          >
            {processes.map((process) => (
              <option key={process} value={process}>
                {m.processes[process][0]}
              </option>
            ))}
          </select>
        )}
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
      {!idle.has('sampler') && (
        <div className="column-head">
          <label className="hidden" htmlFor={`${id}-sampler`}>
            {m.settings.sampler[0]}
          </label>
          <SamplerSelect
            id={`${id}-sampler`}
            value={settings.sampler}
            options={SAMPLERS}
            onChange={(sampler) => onChange({ sampler })}
          />
        </div>
      )}
      {!repairs && <AdapterChoice name={adapter} onChange={(chosen) => onChange({ adapter: chosen })} />}
      <div className="column-numbers">
        {NUMBERS.filter((setting) => !idle.has(setting)).map((setting) => (
          <div key={setting}>
            <label className="column-label" htmlFor={`${id}-${setting}`} title={m.settings[setting][1]}>
              {m.settings[setting][0]}
            </label>
            <NumberInput
              name={setting}
              value={settings[setting]}
              labelled={`${id}-${setting}`}
              onChange={(value) => onChange({ [setting]: value })}
            />
          </div>
        ))}
      </div>
    </fieldset>
  );
}
