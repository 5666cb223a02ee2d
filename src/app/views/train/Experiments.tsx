/** Claims of the articles that were tried with this program: what came out, where its curves are, and how to run it again. */
import { useId } from 'react';
import type { ExperimentName } from '../../../worker/protocol.train.ts';
import { m } from '../../messages/index.ts';
import { takePreset } from '../../session/train/setup.ts';
import { show, useTrain } from '../../session/train/store.ts';
import { factsOf, RECORDED } from './recorded.ts';

/** Where the figure of each is: a view, or a recipe of this one. */
const EXPERIMENTS = [
  { name: 'shapes', recipe: 'shapes' },
  { name: 'starts', recipe: 'starts' },
  { name: 'rates', recipe: 'rates' },
  { name: 'steps', command: 'npm run frontier', view: '#/compare?tab=frontier' },
  { name: 'repeats', recipe: 'repeats' },
  { name: 'converted', recipe: 'a2d' },
  { name: 'warm', recipe: 'a2d' },
  { name: 'blocks', command: 'npm run bench:blocks', view: '#/schedule' },
] as const;

/** What came out. */
function foundBy({ name, ...each }: (typeof EXPERIMENTS)[number]): string {
  const { experiments, recorded } = m.train;
  return recorded.filled(experiments.found[name], 'recipe' in each ? factsOf(RECORDED[each.recipe]) : {});
}

export function Experiments() {
  const id = useId();
  const idle = useTrain(({ status }) => status === 'idle');
  const words = m.train.experiments;
  const see = (recipe: ExperimentName) => {
    show(undefined);
    takePreset(recipe);
    window.scrollTo({ top: 0 });
  };
  return (
    <section className="train-part" aria-labelledby={id}>
      <h2 id={id}>{words.title}</h2>
      <p className="note">{words.lead}</p>
      <ul className="train-experiments">
        {EXPERIMENTS.map((each) => (
          <li key={each.name}>
            <h3>{words.claims[each.name]}</h3>
            <p>{foundBy(each)}</p>
            <p className="train-line">
              {'view' in each ? (
                <a href={each.view}>{words.see}</a>
              ) : (
                <button type="button" className="outline" disabled={!idle} onClick={() => see(each.recipe)}>
                  {words.see}
                </button>
              )}
              <code>{'recipe' in each ? `npm run experiment -- ${each.recipe}` : each.command}</code>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
