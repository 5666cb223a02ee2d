/** The self-test: a button, a verdict that is remembered, and every check with what was found and what is allowed. */
import type { Check } from '../../worker/protocol.ts';
import { m } from '../messages/index.ts';
import { useVerdict, type Verdict } from '../stores/verified.ts';
import { Part } from './Part.tsx';
import { Failure, RunButton } from './RunButton.tsx';
import { runTest, useHood } from './store.ts';

const words = m.hood.test;

export function SelfTest() {
  const facts = useHood((state) => state.facts);
  const doing = useHood((state) => state.doing);
  const checks = useHood((state) => state.checks);
  const stopped = useHood((state) => state.stopped);
  const verdict = useVerdict(facts);
  const testing = doing === 'test';
  return (
    <Part title={words.title}>
      <p className="hood-text">{words.lead}</p>
      <div className="hood-run">
        <RunButton of="test" label={verdict ? words.again : words.run} onRun={() => void runTest()} />
        <div role="status">
          {testing && <p className="note">{words.running(checks.length)}</p>}
          {!testing && verdict && !stopped && <Outcome verdict={verdict} />}
          {!testing && stopped && <p className="note">{words.stopped}</p>}
          {!testing && !verdict && !stopped && <p className="note">{words.download}</p>}
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
        {failed === 0 ? `✓ ${words.passed(software)}` : `✕ ${words.differs(software)}`}
      </p>
      <p className="note">{words.outcome(checks, failed, new Date(at))}</p>
      {failed > 0 && <p>{words.differsHelp}</p>}
    </>
  );
}

function Checks({ checks }: { checks: readonly Check[] }) {
  const [trial, what, worst, allowed, result] = words.columns;
  return (
    <>
      <table className="hood-table">
        <thead>
          <tr>
            <th scope="col">{trial}</th>
            <th scope="col">{what}</th>
            <th scope="col" className="figure">
              {worst}
            </th>
            <th scope="col" className="figure">
              {allowed}
            </th>
            <th scope="col">{result}</th>
          </tr>
        </thead>
        <tbody>
          {checks.map((check) => (
            <tr key={`${check.trial} ${check.tile} ${check.what}`} data-passed={check.passed}>
              <th scope="row">
                {words.trials[check.trial] ?? check.trial}
                <span className="note">
                  {check.tile ? words.tile(check.tile) : words.tokens(check.tokens)}
                  {check.error && `. ${check.error.message}`}
                </span>
              </th>
              <td data-name={what}>{words.what[check.what]}</td>
              <td data-name={worst} className="figure">
                {words.difference(check.worst)}
              </td>
              <td data-name={allowed} className="figure">
                {check.error ? '–' : words.difference(check.tolerance)}
              </td>
              <td data-name={result} className={check.passed ? 'ok' : 'bad'}>
                {check.passed ? `✓ ${words.ok}` : `✕ ${check.error ? words.broken : words.bad}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="note">{words.unit}</p>
    </>
  );
}
