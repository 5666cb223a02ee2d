/** Where the time of a step goes: a bar per kernel, with its share and its rates. */
import { useState } from 'react';
import type { KernelTime, Profile } from '../../../worker/protocol.ts';
import { sentences } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { useCompute } from '../../session/compute.ts';
import { useRun } from '../../session/run.ts';
import { Part } from './Part.tsx';
import { Failure, RunButton } from './RunButton.tsx';
import { runProfile, useHood } from './store.ts';

/** Stands for the length of the canvas in Generate. */
const CANVAS = 'canvas';
const LENGTHS = [64, 128, 256, 512, 1024] as const;

export function Times() {
  const model = useCompute((state) => state.model);
  const profile = useHood((state) => state.profile);
  const doing = useHood((state) => state.doing);
  const possible = useHood((state) => state.asked === 'here');
  const impossible = useHood((state) => state.asked === 'none');
  const onCanvas = useRun((state) => state.trace?.start.ids.length);
  const [chosen, choose] = useState<number>();
  const length = chosen ?? onCanvas ?? LENGTHS[0];
  const backend = model?.device.backend;
  const lengths = LENGTHS.filter((tokens) => tokens <= (model?.maxLength ?? LENGTHS[0]));
  return (
    <Part title={m.hood.times.title}>
      <p className="hood-text">{m.hood.times.lead}</p>
      {backend && backend !== 'webgpu' && possible && (
        <p className="hood-text">{m.hood.times.elsewhere(m.header.backends[backend] ?? backend)}</p>
      )}
      <LastRun />
      <div className="hood-run">
        <RunButton
          of="profile"
          label={profile ? m.hood.times.again : m.hood.times.run}
          onRun={() => void runProfile(length)}
        />
        <label className="hood-length">
          {m.hood.times.length}
          <select
            value={chosen ?? (onCanvas === undefined ? LENGTHS[0] : CANVAS)}
            onChange={({ target }) => choose(target.value === CANVAS ? undefined : Number(target.value))}
          >
            {onCanvas !== undefined && <option value={CANVAS}>{m.hood.times.onCanvas(onCanvas)}</option>}
            {lengths.map((tokens) => (
              <option key={tokens} value={tokens}>
                {m.hood.times.tokens(tokens)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p className="note" role="status">
        {doing === 'profile' ? m.hood.times.running : impossible && m.bench.noAdapter}
      </p>
      <Failure of="profile" />
      {profile && <Result profile={profile} />}
    </Part>
  );
}

/** What every backend can tell: how long the steps of the run on the canvas took. */
function LastRun() {
  const trace = useRun((state) => state.trace);
  const times = trace?.steps.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a - b) ?? [];
  // The recorded run keeps no times, because those of another machine would say nothing here.
  if (!trace || !times.some((milliseconds) => milliseconds > 0)) return null;
  const { name, device } = trace.backend;
  const where = m.header.deviceName(m.header.backends[name] ?? name, device);
  return <p className="hood-text">{m.hood.times.lastRun(times.length, times[times.length >> 1] as number, where)}</p>;
}

function Result({ profile: { model, device, length, step, times, rounds } }: { profile: Profile }) {
  const total = times?.reduce((sum, { milliseconds }) => sum + milliseconds, 0) ?? 0;
  const dispatches = times?.reduce((sum, kernel) => sum + kernel.dispatches, 0) ?? 0;
  return (
    <>
      <p>
        <b>{m.hood.times.where(model, length, device)}</b> {m.hood.times.whole(step)}{' '}
        {times
          ? sentences(m.hood.times.sum(total, dispatches), total < step ? m.hood.times.rest : m.hood.times.noisy)
          : m.hood.times.noClock}
      </p>
      {times && (
        <>
          <Bars times={times} total={total} />
          <p className="note">{m.hood.times.rounds(rounds)}</p>
        </>
      )}
    </>
  );
}

function Bars({ times, total }: { times: readonly KernelTime[]; total: number }) {
  const [kernel, time, share, gflops, gigabytes] = m.hood.times.columns;
  const longest = times[0]?.milliseconds ?? 1;
  return (
    <table className="hood-table hood-times">
      <caption className="hidden">{m.hood.times.table}</caption>
      <thead>
        <tr>
          <th scope="col">{kernel}</th>
          {[time, share, gflops, gigabytes].map((name) => (
            <th key={name} scope="col" className="figure">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {times.map(({ name, dispatches: count, milliseconds, flops, bytes }) => (
          <tr key={name}>
            <th scope="row">
              {name} <span className="note">{m.hood.times.dispatches(count)}</span>
              <span className="hood-bar" aria-hidden="true">
                <i style={{ width: `${(100 * milliseconds) / Math.max(longest, 1e-9)}%` }} />
              </span>
            </th>
            <td data-name={time} className="figure">
              {m.hood.times.number(milliseconds)}
            </td>
            <td data-name={share} className="figure">
              {m.hood.times.share(total > 0 ? milliseconds / total : 0)}
            </td>
            <td data-name={gflops} className="figure">
              {flops > 0 && milliseconds > 0 ? m.hood.times.number(flops / milliseconds / 1e6) : '–'}
            </td>
            <td data-name={gigabytes} className="figure">
              {bytes > 0 && milliseconds > 0 ? m.hood.times.number(bytes / milliseconds / 1e6) : '–'}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
