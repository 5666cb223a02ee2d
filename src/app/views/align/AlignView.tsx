/** Preferences: why they are noisy for a masked model, and a taste that it learns from pairs. */
import { useEffect, useMemo } from 'react';
import { SMALL } from '../../../diffusion/shipped.ts';
import { FileButton } from '../../fields/FileButton.tsx';
import { Segments } from '../../fields/Segments.tsx';
import { percent, significant } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { toldError } from '../../messages/told.ts';
import { loadModel, useCompute } from '../../session/compute.ts';
import { useLent } from '../../session/lent.ts';
import { saveBlob } from '../../session/save.ts';
import { CopyLink } from '../../shell/links/CopyLink.tsx';
import { WRITTEN } from '../../trace/words.ts';
import '../../figures/column.css';
import './align.css';
import { LearnButton, LearnerChoice, StepsField } from './Learning.tsx';
import { Reward } from './Reward.tsx';
import { type Budget, drawnScores, exactVariance, type PairSets, RULES, varianceOf } from './spread.ts';
import {
  change,
  choicesFile,
  choose,
  FEWEST,
  forgetChoices,
  learnTaste,
  lookIntoPair,
  offerTwo,
  stopLearning,
  TASTES,
  useAlign,
} from './store.ts';

export function AlignView() {
  const error = useAlign((state) => state.error);
  useLent(SMALL);
  useEffect(() => void loadModel().catch(() => undefined), []);
  return (
    <main className="column align">
      <div className="title-line">
        <h1>{m.align.title}</h1>
        <CopyLink view="align" query={() => ''} />
      </div>
      <p className="lead">{m.align.lead}</p>
      {error && (
        <p className="notice error" role="alert">
          {toldError(error)}
        </p>
      )}
      <Noise />
      <Taste />
      <Reward />
    </main>
  );
}

const TEXTS = ['prompt', 'chosen', 'rejected'] as const;
const BETA = 0.2;
const REPEATS = 2000;

function Noise() {
  const state = useAlign();
  const loaded = useCompute(({ model }) => model?.id);
  // What has been learnt is compared with the model that it was learnt from.
  const tuned = state.run !== undefined && state.run.model === loaded;
  const against = tuned ? state.against : 'doubt';
  return (
    <section aria-labelledby="align-noise">
      <h2 id="align-noise">{m.align.noise.title}</h2>
      <p className="note">{m.align.noise.lead}</p>
      <p className="note">{m.align.noise.references[against]}</p>
      {tuned && (
        <Segments
          label={m.align.noise.against}
          options={['doubt', 'tuned'] as const}
          words={m.align.noise.policies}
          value={against}
          onChoose={(one) => change({ against: one })}
        />
      )}
      <div className="align-pair">
        {TEXTS.map((name) => (
          <label key={name}>
            <span>{m.align.noise[name]}</span>
            <input
              type="text"
              value={state[name]}
              {...WRITTEN}
              onChange={(event) => change({ [name]: event.target.value })}
            />
          </label>
        ))}
        <button type="button" className="go" disabled={state.asking} onClick={() => void lookIntoPair(against)}>
          {state.asking ? m.align.noise.asking : m.align.noise.ask}
        </button>
      </div>
      {state.sets && <Rules sets={state.sets} />}
    </section>
  );
}

function Rules({ sets }: { sets: PairSets }) {
  const rules = useMemo(
    () =>
      (Object.keys(RULES) as (keyof typeof RULES)[]).map((rule) => ({
        rule,
        rows: RULES[rule].map((budget) => ({
          budget,
          exact: exactVariance(sets, BETA, budget),
          drawn: varianceOf(drawnScores(sets, BETA, budget, { repeats: REPEATS, seed: 1 })),
        })),
      })),
    [sets],
  );
  return (
    <div className="align-rules">
      {rules.map(({ rule, rows }) => {
        const most = Math.max(...rows.map(({ drawn }) => drawn.high));
        return (
          <section key={rule} aria-label={m.align.rules[rule]}>
            <h3>{m.align.rules[rule]}</h3>
            <table>
              <thead>
                <tr>
                  <th scope="col">{m.align.columns.draws}</th>
                  <th scope="col">{m.align.columns.drawn}</th>
                  <th scope="col">{m.align.columns.exact}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map(({ budget, exact, drawn }) => (
                  <tr key={wordsOf(budget)}>
                    <th scope="row">{wordsOf(budget)}</th>
                    <td>
                      <span className="align-bar" aria-hidden="true">
                        <i style={{ width: `${(100 * drawn.value) / most}%` }} />
                        <b
                          style={{
                            left: `${(100 * drawn.low) / most}%`,
                            width: `${(100 * (drawn.high - drawn.low)) / most}%`,
                          }}
                        />
                      </span>
                      {m.align.interval(significant(drawn.value), significant(drawn.low), significant(drawn.high))}
                    </td>
                    <td>{significant(exact)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        );
      })}
      <p className="note">{m.align.noise.reading(REPEATS)}</p>
    </div>
  );
}

const wordsOf = ({ times, masks, shared }: Budget) => m.align.budget(times, masks, shared);

function Taste() {
  const { taste, file, choices, steps, learner, learning, evaluations, samples, run } = useAlign();
  const enough = { ours: true, own: choices.length >= FEWEST, file: file !== undefined }[taste];
  return (
    <section aria-labelledby="align-taste">
      <h2 id="align-taste">{m.align.taste.title}</h2>
      <p className="note">{m.align.taste.lead}</p>
      <Segments
        label={m.align.taste.whose}
        options={TASTES}
        words={m.align.taste.tastes}
        value={taste}
        onChoose={(one) => change({ taste: one })}
      />
      {taste === 'ours' && <p className="note">{m.align.taste.ours}</p>}
      {taste === 'own' && <Choosing />}
      {taste === 'file' && <PairsFile />}
      <fieldset className="align-fields" disabled={learning !== undefined}>
        <StepsField value={steps} onChange={(value) => change({ steps: value })} />
        <LearnerChoice value={learner} onChoose={(one) => change({ learner: one })} />
      </fieldset>
      <LearnButton
        words={m.align.taste.learn}
        learning={learning}
        disabled={!enough}
        onLearn={() => void learnTaste()}
        onStop={stopLearning}
      />
      {evaluations.length > 0 && (
        <table className="align-table">
          <thead>
            <tr>
              <th scope="col">{m.align.taste.columns.step}</th>
              <th scope="col">{m.align.taste.columns.accuracy}</th>
              <th scope="col">{m.align.taste.columns.margin}</th>
              <th scope="col">{m.align.taste.columns.divergence}</th>
              <th scope="col">{m.align.taste.columns.nelbo}</th>
            </tr>
          </thead>
          <tbody>
            {evaluations.map(({ step, nelbo, preference }) => (
              <tr key={step}>
                <th scope="row">{step}</th>
                <td>{preference && percent(preference.accuracy.value)}</td>
                <td>{preference && significant(preference.margin.value)}</td>
                <td>{preference?.divergence && significant(preference.divergence.value)}</td>
                <td>{significant(nelbo)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {samples.length > 1 && (
        <div className="align-texts">
          {([0, samples.length - 1] as const).map((at, i) => (
            <figure key={at}>
              <figcaption>{i === 0 ? m.align.taste.before : m.align.taste.after}</figcaption>
              <p className="text" {...WRITTEN}>
                {samples[at]?.pieces.join('')}
              </p>
            </figure>
          ))}
        </div>
      )}
      {run !== undefined && !learning && (
        <p className="note">
          {m.align.taste.kept(run.name)} <a href="#/train">{m.views.train}</a>
        </p>
      )}
    </section>
  );
}

function PairsFile() {
  const file = useAlign((state) => state.file);
  return (
    <>
      <p className="note">{m.align.taste.fileHelp}</p>
      <p className="align-file">
        <FileButton
          label={m.align.taste.chooseFile}
          accept=".jsonl,.json,.ndjson,.csv,.tsv,.parquet"
          onFiles={([chosen]) => useAlign.setState({ file: chosen })}
        />
        {file && <span className="note">{file.name}</span>}
      </p>
    </>
  );
}

function Choosing() {
  const { offer, offering, choices } = useAlign();
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '1') choose(0);
      if (event.key === '2') choose(1);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
  return (
    <div>
      <p className="note" aria-live="polite">
        {m.align.taste.count(choices.length, FEWEST)}
      </p>
      {offer ? (
        <div className="align-offer">
          <p className="given" {...WRITTEN}>
            {offer.prompt}
          </p>
          {([0, 1] as const).map((at) => (
            <button key={at} type="button" disabled={offering} onClick={() => choose(at)}>
              <kbd>{at + 1}</kbd> <span {...WRITTEN}>{offer.texts[at]}</span>
            </button>
          ))}
        </div>
      ) : (
        <button type="button" className="quiet" disabled={offering} onClick={() => void offerTwo()}>
          {offering ? m.align.taste.writing : m.align.taste.offer}
        </button>
      )}
      {choices.length > 0 && (
        <>
          <button type="button" className="quiet" onClick={() => saveBlob(choicesFile(), choicesFile().name)}>
            {m.align.taste.save}
          </button>
          <button type="button" className="quiet" onClick={forgetChoices}>
            {m.align.taste.forget}
          </button>
        </>
      )}
    </div>
  );
}
