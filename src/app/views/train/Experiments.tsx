/** Claims of the articles that were tried with this program: what came out, where its curves are, and how to run it again. */
import { useId } from 'react';
import { hundredths } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { takePreset } from '../../session/train/setup.ts';
import { show, useTrain } from '../../session/train/store.ts';
import a2d from './recorded/a2d.json';

const runOf = (run: string) => a2d.runs.find(({ name }) => name === run)?.evaluations;
const last = (run: string) => runOf(run)?.at(-1);
const facts = {
  steps: last('converted')?.step ?? 0,
  converted: hundredths(last('converted')?.nelbo ?? Number.NaN),
  scratch: hundredths(last('scratch')?.nelbo ?? Number.NaN),
  warm: hundredths(last('warm')?.nelbo ?? Number.NaN),
  begun: hundredths(runOf('warm')?.[0]?.nelbo ?? Number.NaN),
  unigram: hundredths(a2d.runs[0]?.references.unigram ?? Number.NaN),
};

/** Where the figure of each is: a view, or a recipe of this one. */
const EXPERIMENTS = [
  { name: 'steps', command: 'npm run frontier', view: '#/compare?tab=frontier' },
  { name: 'converted', command: a2d.recipe },
  { name: 'warm', command: a2d.recipe },
  { name: 'blocks', command: 'npm run bench:blocks', view: '#/schedule' },
] as const;

export function Experiments() {
  const id = useId();
  const idle = useTrain(({ status }) => status === 'idle');
  const words = m.train.experiments;
  const see = () => {
    show(undefined);
    takePreset('a2d');
    window.scrollTo({ top: 0 });
  };
  return (
    <section className="train-part" aria-labelledby={id}>
      <h2 id={id}>{words.title}</h2>
      <p className="note">{words.lead}</p>
      <ul className="train-experiments">
        {EXPERIMENTS.map(({ name, command, ...where }) => (
          <li key={name}>
            <h3>{words.claims[name]}</h3>
            <p>{words.found[name](facts)}</p>
            <p className="train-line">
              {'view' in where ? (
                <a href={where.view}>{words.see}</a>
              ) : (
                <button type="button" className="outline" disabled={!idle} onClick={see}>
                  {words.see}
                </button>
              )}
              <code>{command}</code>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
