/** How a model that ships was trained: curves from the log that its training wrote, and the command that made it. */
import { useEffect, useState } from 'react';
import { CurvePlot } from '../../figures/CurvePlot.tsx';
import { DataTable } from '../../figures/DataTable.tsx';
import { hundredths, short } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { shippedFolder } from '../../session/compute.ts';
import { domainOver, lineThrough } from '../../session/train/curves.ts';
import { type Log, parseLog } from './log.ts';
import '../../figures/figures.css';

/** One fetch for each model, whatever is opened and closed. */
const logs = new Map<string, Promise<Log | undefined>>();

async function fetchLog(name: string): Promise<Log | undefined> {
  const answer = await fetch(`${shippedFolder(name)}log.jsonl`);
  return answer.ok ? parseLog(await answer.text()) : undefined;
}

function logOf(name: string): Promise<Log | undefined> {
  const known = logs.get(name) ?? fetchLog(name);
  logs.set(name, known);
  known.catch(() => logs.delete(name));
  return known;
}

export function Learnt({ name }: { name: string }) {
  const [log, setLog] = useState<Log | 'none'>();
  useEffect(() => {
    let gone = false;
    logOf(name)
      .catch(() => undefined)
      .then((found) => !gone && setLog(found ?? 'none'));
    return () => {
      gone = true;
    };
  }, [name]);
  if (log === undefined) return <p className="note">{m.models.learnt.fetching}</p>;
  return log === 'none' ? <p className="note">{m.models.learnt.none(name)}</p> : <Curves log={log} />;
}

function Curves({ log }: { log: Log }) {
  const { edits, ...words } = m.models.learnt;
  const main = log.kind === 'chats' ? 'answers' : 'hidden';
  const units = log.kind === 'edits' ? { ...words.units, hidden: edits.unit, loss: edits.unit } : words.units;
  const end = Math.max(...[...log.loss, ...log.hidden].map(([tokens]) => tokens));
  const [cursor, setCursor] = useState(log.hidden.at(-1)?.[0] ?? end);
  const plots = ([main, 'loss'] as const).map((key) => {
    const dots = key === 'loss' ? log.loss : log.hidden;
    return { key, at: lineThrough(dots), dots };
  });
  return (
    <div className="learnt">
      {plots.map(({ key, at, dots }) => {
        const value = at(cursor);
        const read = Number.isNaN(value) ? '' : words.read(words[key], cursor, value);
        return (
          <figure key={key}>
            <figcaption>{words[key]}</figcaption>
            <CurvePlot
              label={words[key]}
              x={{ label: words.tokens, domain: [0, end], format: short }}
              y={{ label: units[key], domain: domainOver(dots.map(([, value]) => value)), format: hundredths }}
              curves={[{ key, name: words[key], at, strong: key === main }]}
              cursor={cursor}
              onCursor={setCursor}
              step={Math.max(1, Math.round(end / 200))}
              words={read}
              height={170}
            />
            <p className="note">{read}</p>
          </figure>
        );
      })}
      <p className="note">{{ writes: words.about, chats: words.aboutChat, edits: edits.about }[log.kind]}</p>
      {log.recipe.map((command) => (
        <code key={command}>{command}</code>
      ))}
      <DataTable
        table={{
          caption: words[main],
          columns: [words.tokens, units[main]],
          rows: log.hidden.map(([tokens, value]) => [short(tokens), hundredths(value)]),
        }}
      />
    </div>
  );
}
