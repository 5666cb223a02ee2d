/** What a number rests on: every item with its question, its answers and what was right; beside those of another model. */
import { useState } from 'react';
import { type Answered, compareItems, type Item, type TaskRecord } from '../../../evaluation/record.ts';
import { TASKS } from '../../../evaluation/tasks.ts';
import { significant } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { WRITTEN } from '../../trace/words.ts';

interface Props {
  readonly record: TaskRecord;
  readonly other: TaskRecord | undefined;
  readonly names: readonly [string, string];
}

/** More are shown on demand. */
const AT_ONCE = 25;

export function Items({ record, other, names }: Props) {
  const [most, setMost] = useState(AT_ONCE);
  const [first] = TASKS[record.task].metrics;
  const score = first && 'of' in first ? (record.task === 'lambada' ? 'acc' : first.of) : 'acc';
  const compared = other && compareItems(record, other, score);
  const others = new Map(compared?.items.map(({ a, b }) => [a.index, b]));
  return (
    <section className="evaluate-items" aria-labelledby="evaluate-items">
      <h2 id="evaluate-items">{m.evaluate.itemsOf(m.evaluate.names[record.task])}</h2>
      {compared && Number.isFinite(compared.difference.value) && (
        <p className="note">
          {m.evaluate.difference(
            names[1],
            names[0],
            significant(compared.difference.value),
            Number.isFinite(compared.difference.standardError) ? significant(compared.difference.standardError) : '–',
            compared.items.length,
          )}
        </p>
      )}
      <ol>
        {record.items.slice(0, most).map((item) => (
          <li key={item.index}>
            {other ? <Both names={names} item={item} beside={others.get(item.index)} /> : <One item={item} />}
          </li>
        ))}
      </ol>
      {record.items.length > most && (
        <button type="button" className="quiet" onClick={() => setMost(most + AT_ONCE)}>
          {m.evaluate.more(record.items.length - most)}
        </button>
      )}
    </section>
  );
}

function One({ item }: { item: Item }) {
  const { requests, prompt, text, target } = item;
  if (requests === undefined) {
    return (
      <>
        <p className="text" {...WRITTEN}>
          {prompt === undefined ? target : <span className="given">{prompt}</span>}
          {text}
        </p>
        {prompt !== undefined && target !== '' && <p className="note">{m.evaluate.right(target)}</p>}
        <Scores scores={item.scores} />
      </>
    );
  }
  return (
    <>
      <Question item={item} />
      <Choices item={item} requests={requests} />
    </>
  );
}

/** One question, and under it what either model makes of it. */
function Both({ names, item, beside }: { names: Props['names']; item: Item; beside: Item | undefined }) {
  const { requests, prompt, target } = item;
  if (beside === undefined) {
    return (
      <>
        <One item={item} />
        <p className="note">{m.evaluate.notAsked(names[1])}</p>
      </>
    );
  }
  return (
    <>
      <Question item={item} />
      {requests === undefined && prompt !== undefined && target !== '' && (
        <p className="note">{m.evaluate.right(target)}</p>
      )}
      <div className="evaluate-sides">
        {[item, beside].map((one, side) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the two may be of one model
          <section key={side} aria-label={names[side]}>
            <h3>{names[side]}</h3>
            {one.requests ? <Choices item={one} requests={one.requests} /> : <Written item={one} />}
          </section>
        ))}
      </div>
    </>
  );
}

function Question({ item: { requests, prompt, target } }: { item: Item }) {
  const text = requests === undefined ? (prompt ?? target) : shared(requests);
  if (text === undefined) return null;
  return (
    <p className="text" {...WRITTEN}>
      {text}
    </p>
  );
}

/** What stands before all choices; undefined where each has its own beginning. */
function shared(requests: readonly Answered[]): string | undefined {
  const [first] = requests;
  return requests.every(({ context }) => context === first?.context) ? first?.context : undefined;
}

function Choices({ item, requests }: { item: Item; requests: readonly Answered[] }) {
  const whole = shared(requests) === undefined;
  return (
    <ul className="evaluate-choices">
      {requests.map((request, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: choices keep their order
        <Choice key={at} item={item} at={at} request={request} whole={whole} />
      ))}
    </ul>
  );
}

function Written({ item: { text, scores } }: { item: Item }) {
  return (
    <>
      {text !== undefined && (
        <p className="text" {...WRITTEN}>
          {text}
        </p>
      )}
      <Scores scores={scores} />
    </>
  );
}

function Choice({ item, at, request, whole }: { item: Item; at: number; request: Answered; whole: boolean }) {
  const { logLikelihood, error, greedy } = request;
  const alone = item.requests?.length === 1;
  const chosen = alone ? greedy === true : at === likeliest(item);
  const right = alone || item.gold === at;
  return (
    <li data-chosen={chosen || undefined} data-right={right || undefined}>
      <span {...WRITTEN}>
        {whole && request.context}
        {request.continuation}
      </span>{' '}
      <small>
        {m.evaluate.logLikelihood(significant(logLikelihood))}
        {error > 0 && ` ± ${significant(error)}`}
        {right && !alone && ` · ${m.evaluate.gold}`}
        {alone ? ` · ${greedy ? m.evaluate.written : m.evaluate.notWritten}` : chosen && ` · ${m.evaluate.chosen}`}
      </small>
    </li>
  );
}

function likeliest({ requests = [] }: Item): number {
  const values = requests.map(({ logLikelihood }) => logLikelihood);
  return values.indexOf(Math.max(...values));
}

function Scores({ scores }: { scores: Item['scores'] }) {
  const words = Object.entries(scores).map(
    ([name, value]) => `${m.evaluate.scores[name] ?? name} ${significant(value)}`,
  );
  return <p className="note">{words.join(' · ')}</p>;
}
