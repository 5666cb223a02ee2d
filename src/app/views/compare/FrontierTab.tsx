/** Quality against passes: four small plots that share their axis, never one without the others. */
import { useEffect, useMemo } from 'react';
import type { Frontier } from '../../../diffusion/frontier.ts';
import { parseLink } from '../../../diffusion/link.ts';
import { OPENINGS } from '../../../diffusion/openings.ts';
import { Segments } from '../../fields/Segments.tsx';
import { m } from '../../messages/index.ts';
import { useCompute } from '../../session/compute.ts';
import { useLent } from '../../session/lent.ts';
import { FrontierPlots } from './FrontierPlots.tsx';
import {
  computeFrontier,
  fetchMeasured,
  planOf,
  pointsHere,
  recallSamples,
  startOver,
  useFrontier,
} from './frontierStore.ts';
import { SeriesChoice } from './SeriesChoice.tsx';
import { Numbered, WorkButtons } from './SharedSettings.tsx';
import { compareWith, useComparison } from './store.ts';
import { TextList } from './TextList.tsx';
import { useWork } from './work.ts';

export function FrontierTab() {
  const comparison = useComparison();
  const { measured, samples, done, shown, chosen } = useFrontier();
  const status = useWork((state) => state.status);
  const plan = useMemo(() => planOf(comparison), [comparison]);
  const here = useMemo(() => pointsHere(plan, samples), [plan, samples]);

  useLent(measured?.model);
  useEffect(() => void fetchMeasured(), []);
  // What an earlier visit computed with these settings is shown again.
  useEffect(() => {
    if (status === 'idle' && plan) void recallSamples();
  }, [plan, status]);

  const fromUs = shown === 'measured' && measured !== undefined;
  const { reference, points } = fromUs ? measured : here;
  const all = reference ? [reference, ...points] : points;
  const point = all.find(({ key }) => key === chosen);
  const texts = plan.tasks.length;
  return (
    <>
      <p className="lead">{m.compare.frontier.lead}</p>
      <div className="compare-settings">
        <Numbered name="length" />
        <Numbered name="temperature" />
        <Numbered name="topP" />
        <PromptCount />
        <SeriesChoice />
        <WorkButtons label={goWords(done, texts)} disabled={done === texts} onStart={() => void computeFrontier()}>
          {done > 0 && (
            <button type="button" className="quiet" onClick={() => void startOver()}>
              {m.compare.frontier.forget}
            </button>
          )}
        </WorkButtons>
      </div>
      <Progress />
      {measured && (
        <Segments
          small
          label={m.compare.frontier.shown}
          options={['measured', 'here'] as const}
          words={m.compare.frontier.sources}
          value={shown}
          onChoose={(one) => useFrontier.setState({ shown: one, chosen: undefined })}
        />
      )}
      <p className="note" role="status">
        {fromUs ? m.compare.frontier.measuredBy(factsOf(measured)) : <Here count={done} />}
      </p>
      {points.length > 0 ? (
        <FrontierPlots
          points={points}
          reference={reference}
          chosen={chosen}
          onChoose={(key) => useFrontier.setState({ chosen: key })}
        />
      ) : (
        <p className="note">{m.compare.frontier.nothing}</p>
      )}
      {point && <TextList point={point} onClose={() => useFrontier.setState({ chosen: undefined })} />}
      {fromUs && <Halved points={points} />}
      <p className="note">{m.compare.frontier.reading}</p>
    </>
  );
}

/** What half and a quarter of the steps take and cost, where one sampler was measured with all three. */
function Halved({ points }: Pick<Frontier, 'points'>) {
  const of = points.filter(({ series, knob }) => series === 'confidence' && knob === 'steps');
  const most = Math.max(...of.map(({ value }) => value));
  const found = [most, most / 2, most / 4].flatMap((steps) => of.filter(({ value }) => value === steps));
  if (found.length < 3) return null;
  const facts = found.map(({ passes, milliseconds, quality }) => ({
    passes,
    milliseconds,
    perplexity: quality.perplexity.value,
  }));
  return <p>{m.compare.frontier.halved(facts)}</p>;
}

function goWords(done: number, texts: number): string {
  if (done === texts) return m.compare.frontier.complete(texts);
  return done > 0 ? m.compare.frontier.goOn(texts - done) : m.compare.frontier.start(texts);
}

function factsOf({ measured, length, prompts, seeds, device, reference }: Frontier) {
  const { temperature, topP } = parseLink(`?${reference.link}`).settings;
  return { measured, length, texts: prompts * seeds, prompts, temperature, topP, device };
}

function Here({ count }: { count: number }) {
  const model = useCompute((state) => state.model);
  return <>{count === 0 ? m.compare.frontier.notYet : m.compare.frontier.computedHere(model?.device.device ?? '')}</>;
}

function PromptCount() {
  const prompts = useComparison((state) => state.prompts);
  return (
    <div className="field">
      <label htmlFor="frontier-prompts" title={m.compare.frontier.promptsHelp}>
        {m.compare.frontier.prompts}
      </label>
      <input
        id="frontier-prompts"
        className="number framed"
        type="number"
        min={1}
        max={OPENINGS.length}
        value={prompts}
        onChange={(event) => {
          const count = Math.round(Number(event.target.value));
          if (count >= 1 && count <= OPENINGS.length) compareWith({ prompts: count });
        }}
      />
    </div>
  );
}

function Progress() {
  const { done, total, left } = useFrontier();
  const running = useWork((state) => state.status === 'running');
  if (!running) return null;
  return (
    <div className="compare-progress">
      <progress value={done} max={total} aria-label={m.compare.frontier.progress(done, total)} />
      <p className="note">
        {m.compare.frontier.progress(done, total)}
        {left !== undefined && ` ${m.compare.frontier.left(left)}`}
      </p>
    </div>
  );
}
