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
            <One item={item} />
            {other && <Beside name={names[1]} item={others.get(item.index)} />}
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
  const { requests, prompt, text, target, scores } = item;
  if (requests === undefined) {
    return (
      <>
        <p className="text" {...WRITTEN}>
          {prompt === undefined ? target : <span className="given">{prompt}</span>}
          {text}
        </p>
        {prompt !== undefined && target !== '' && <p className="note">{m.evaluate.right(target)}</p>}
        <Scores scores={scores} />
      </>
    );
  }
  const [shared] = requests;
  const same = requests.every(({ context }) => context === shared?.context);
  return (
    <>
      {same && (
        <p className="text" {...WRITTEN}>
          {shared?.context}
        </p>
      )}
      <ul className="evaluate-choices">
        {requests.map((request, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: choices keep their order
          <Choice key={at} item={item} at={at} request={request} whole={!same} />
        ))}
      </ul>
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

function Beside({ name, item }: { name: string; item: Item | undefined }) {
  if (item === undefined) return <p className="note">{m.evaluate.notAsked(name)}</p>;
  return (
    <details>
      <summary>{name}</summary>
      <One item={item} />
    </details>
  );
}
