/** The self-test: a button, a verdict that is remembered, and every check with what was found and what is allowed. */
import type { Check } from '../../../worker/protocol.ts';
import { m } from '../../messages/index.ts';
import { told } from '../../messages/told.ts';
import { useVerdict, type Verdict } from '../../session/verified.ts';
import { Part } from './Part.tsx';
import { Failure, RunButton } from './RunButton.tsx';
import { runTest, useHood } from './store.ts';

export function SelfTest() {
  const facts = useHood((state) => state.facts);
  const doing = useHood((state) => state.doing);
  const checks = useHood((state) => state.checks);
  const stopped = useHood((state) => state.stopped);
  const impossible = useHood((state) => state.asked === 'none');
  const verdict = useVerdict(facts);
  const testing = doing === 'test';
  return (
    <Part title={m.hood.test.title}>
      <p className="hood-text">{m.hood.test.lead}</p>
      <div className="hood-run">
        <RunButton of="test" label={verdict ? m.hood.test.again : m.hood.test.run} onRun={() => void runTest()} />
        <div role="status">
          {testing && <p className="note">{m.hood.test.running(checks.length)}</p>}
          {!testing && verdict && !stopped && <Outcome verdict={verdict} />}
          {!testing && stopped && <p className="note">{m.hood.test.stopped}</p>}
          {!testing && !verdict && !stopped && (
            <p className="note">{impossible ? m.bench.noAdapter : m.hood.test.download}</p>
          )}
        </div>
      </div>
      <Failure of="test" />
      {checks.length > 0 && <Checks checks={checks} />}
    </Part>
  );
}

function Outcome({ verdict: { software, checks, failed, at } }: { verdict: Verdict }) {
  return (
    <>
      <p className={failed === 0 ? 'hood-verdict' : 'hood-verdict bad'}>
        {failed === 0 ? `✓ ${m.hood.test.passed(software)}` : `✕ ${m.hood.test.differs(software)}`}
      </p>
      <p className="note">{m.hood.test.outcome(checks, failed, new Date(at))}</p>
      {failed > 0 && <p>{m.hood.test.differsHelp}</p>}
    </>
  );
}

/** The checks of one model in one form of the products. */
interface Row {
  readonly key: string;
  readonly first: Check;
  readonly logits?: Check;
  readonly answers?: Check;
}

function rowsOf(checks: readonly Check[]): Row[] {
  const rows = new Map<string, Row>();
  for (const check of checks) {
    const key = `${check.trial} ${check.tile ?? ''}`;
    rows.set(key, { ...(rows.get(key) ?? { key, first: check }), [check.what]: check });
  }
  return [...rows.values()];
}

function Checks({ checks }: { checks: readonly Check[] }) {
  const [trial, logits, answers, result] = m.hood.test.columns;
  return (
    <>
      <table className="hood-table hood-checks">
        <thead>
          <tr>
            <th scope="col">{trial}</th>
            <th scope="col" className="figure">
              {logits}
            </th>
            <th scope="col" className="figure">
              {answers}
            </th>
            <th scope="col">{result}</th>
          </tr>
        </thead>
        <tbody>
          {rowsOf(checks).map((row) => (
            <Line key={row.key} row={row} />
          ))}
        </tbody>
      </table>
      <p className="note">{m.hood.test.unit}</p>
    </>
  );
}

function Line({ row: { first, logits, answers } }: { row: Row }) {
  const [, logitsName, answersName, resultName] = m.hood.test.columns;
  const { error } = first;
  const passed = [logits, answers].every((check) => check?.passed !== false);
  return (
    <tr data-passed={passed}>
      <th scope="row">
        {m.hood.test.trials[first.trial] ?? first.trial}
        <span className="note">
          {first.tile ? m.hood.test.tile(first.tile) : m.hood.test.tokens(first.tokens)}
          {error && ` · ${told(error.message)}`}
        </span>
      </th>
      <Difference name={logitsName} check={logits} />
      <Difference name={answersName} check={answers} />
      <td data-name={resultName} className={passed ? 'ok' : 'bad'}>
        {passed ? `✓ ${m.hood.test.ok}` : `✕ ${error ? m.hood.test.broken : m.hood.test.bad}`}
      </td>
    </tr>
  );
}

function Difference({ name, check }: { name: string | undefined; check: Check | undefined }) {
  return (
    <td data-name={name} className={check && !check.passed ? 'figure bad' : 'figure'}>
      {check === undefined || check.error ? (
        m.hood.test.none
      ) : (
        <span>
          {m.hood.test.found(check.worst)} <small>{m.hood.test.allowed(check.tolerance)}</small>
        </span>
      )}
    </td>
  );
}
