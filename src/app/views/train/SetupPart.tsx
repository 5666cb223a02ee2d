/** A run before it begins: a recipe, the text, the starting weights, every setting, and the first batch beside them. */
import { useEffect, useId } from 'react';
import { EDITOR, LARGE, SMALL, TWIN } from '../../../diffusion/shipped.ts';
import { isExperiment, PRESETS, type PresetName, TRAIN_SETTINGS } from '../../../worker/protocol.train.ts';
import { fetched } from '../../fields/fetched.tsx';
import { Segments } from '../../fields/Segments.tsx';
import { sentences } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { isShipped, loadModel, useCompute, useWantedModel } from '../../session/compute.ts';
import { estimateSeconds, FIRST_SECONDS, passOf } from '../../session/train/estimate.ts';
import { useLook, useLooking } from '../../session/train/look.ts';
import { change, dataOf, followSpeed, INITS, startOf, takePreset, useSetup } from '../../session/train/setup.ts';
import { start, useTrain } from '../../session/train/store.ts';
import { Check } from './Check.tsx';
import { cutWords } from './cut.ts';
import { Data } from './Data.tsx';
import { Field } from './Field.tsx';
import { Preview } from './Preview.tsx';

const Recorded = fetched(async () => (await import('./Recorded.tsx')).Recorded);

export function SetupPart() {
  const id = useId();
  const ready = useSetup((state) => dataOf(state) !== undefined);
  const status = useTrain((state) => state.status);
  const hopeless = useLook(({ error }) => error?.code === 'data' || error?.code === 'settings');
  const model = useWantedModel();
  const experiment = useSetup(({ preset }) => (isExperiment(preset) ? preset : undefined));
  useLooking(model);
  const fresh = useSetup((state) => state.init === 'fresh');
  useEffect(() => {
    // A run that goes on from a model needs its files anyway, and how long it takes is judged by how fast that one writes.
    if (!fresh) loadModel().catch(() => undefined);
  }, [fresh]);
  return (
    <section className="train-part train-setup" aria-labelledby={id}>
      <div className="train-form">
        <h2 id={id} tabIndex={-1}>
          {m.train.parts.setup}
        </h2>
        <Preset />
        <Data />
        <Start model={model} />
        <Recipe />
      </div>
      <div className="train-sheet">
        {experiment && <Recorded key={experiment} experiment={experiment} />}
        <Preview />
        <div className="train-begin">
          <button
            type="button"
            className="go train-go"
            disabled={!ready || hopeless || status !== 'idle'}
            onClick={() => void start(model)}
          >
            {m.train.start}
          </button>
          <Estimate model={model} />
          <p className="note">{m.train.startHelp}</p>
        </div>
      </div>
    </section>
  );
}

/** Only for a model whose speed here is known from the one in use. */
function Estimate({ model }: { model: string }) {
  const settings = useSetup((state) => state.settings);
  const init = useSetup((state) => state.init);
  const loaded = useCompute((state) => state.model);
  const pass = loaded && passOf(startOf(model, settings.objective, init), loaded);
  const known = init === 'fresh' ? undefined : pass;
  const follows = useSetup((state) => state.stepsFollow);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other settings make a step longer or shorter
  useEffect(() => {
    if (known !== undefined) followSpeed(known);
  }, [known, settings]);
  if (known === undefined) return null;
  const seconds = estimateSeconds(settings, known);
  const why = seconds <= FIRST_SECONDS ? m.train.stepsFit : m.train.stepsFewest;
  return (
    <p className="note">
      {sentences(m.train.estimate(seconds), ...(follows && settings.steps < TRAIN_SETTINGS.steps.default ? [why] : []))}
    </p>
  );
}

/** Recipes that were made for larger machines than a page has. */
const SCALED_DOWN: readonly string[] = [
  'barry-roberta',
  'dllm-warm-up',
  'shakespeare-characters',
  'dllm-bert-chat',
] satisfies PresetName[];

function Preset() {
  const id = useId();
  const preset = useSetup((state) => state.preset);
  return (
    <div className="train-field">
      <label htmlFor={id}>{m.train.preset}</label>
      <select
        id={id}
        value={preset}
        aria-describedby={`${id}-help`}
        onChange={(event) => event.target.value !== '' && takePreset(event.target.value as PresetName)}
      >
        <option value="">{m.train.ownPreset}</option>
        {PRESETS.map((name) => (
          <option key={name} value={name}>
            {m.train.presets[name]}
          </option>
        ))}
      </select>
      <p className={SCALED_DOWN.includes(preset) ? 'note warn' : 'note'} id={`${id}-help`}>
        {preset === '' ? m.train.presetHelp : m.train.presetAbout[preset]}
      </p>
    </div>
  );
}

function Start({ model }: { model: string }) {
  const init = useSetup((state) => state.init);
  const { tokenizer, objective } = useSetup((state) => state.settings);
  const shipped = isShipped(model);
  const from = startOf(model, objective, init);
  const turns = init === 'twin' && from === TWIN && objective !== 'next-token';
  const help = turns ? 'twin' : from === SMALL ? 'small' : from === LARGE ? 'large' : 'model';
  const options = INITS.filter((each) => shipped || (each !== 'twin' && each !== 'large'));
  return (
    <>
      <h3>{m.train.parts.start}</h3>
      <Segments
        label={m.train.initLabel}
        options={options}
        words={{
          ...m.train.inits,
          ...(shipped && { model: model === EDITOR && objective === 'edits' ? EDITOR : SMALL }),
          large: LARGE,
          twin: TWIN,
        }}
        value={init}
        onChoose={(chosen) => useSetup.setState({ init: chosen })}
      />
      <p className="note">{init === 'fresh' ? m.train.initHelp.fresh : m.train.initHelp[help](from)}</p>
      {init !== 'fresh' && (
        <div className="train-fields">
          <Field name="forget" />
        </div>
      )}
      {init === 'fresh' && (
        <div className="train-fields">
          <Field name="architecture" />
          <Field name="size" />
          <Field name="tokenizer" />
          {tokenizer === 'bpe' && <Field name="vocabulary" />}
        </div>
      )}
    </>
  );
}

const BLOCK_FIELDS = ['blockTimes', 'firstTime', 'lastTime', 'redraw'] as const;

/** What a text is made from that is itself with mistakes. */
const MISTAKEN: ReadonlySet<string> = new Set(['typos', 'drop', 'double', 'order', 'mixed']);

/** Measurements without a new best that the tick means, when no number has been given. */
const PATIENCE = 3;

function Recipe() {
  const { objective, corrupt, patience, evalEvery } = useSetup((state) => state.settings);
  const diffuses = objective === 'mdlm' || objective === 'bd3lm';
  const slow = useSetup((state) => state.slow);
  const init = useSetup((state) => state.init);
  return (
    <>
      <h3>{m.train.parts.recipe}</h3>
      <div className="train-fields">
        <Field name="objective" />
        {objective === 'bd3lm' && <Field name="block" />}
        {objective === 'edits' && <Field name="corrupt" />}
        {objective === 'edits' && MISTAKEN.has(corrupt) && <Field name="mistakes" />}
        {objective === 'edits' && corrupt === 'masks' && <Field name="editMasks" />}
        <Field name="steps" />
        <Field name="batch" />
        <Field name="length" />
        <Field name="lr" />
      </div>
      {init !== 'fresh' && <AdapterFields />}
      <Memory />
      <div className="train-checks">
        <Check
          label={m.train.stopEarly}
          checked={patience > 0 && evalEvery > 0}
          disabled={evalEvery === 0}
          onChange={(on) => change({ patience: on ? PATIENCE : 0 })}
        />
        <Check label={m.train.slow} checked={slow} onChange={(on) => useSetup.setState({ slow: on })} />
      </div>
      <details className="train-more">
        <summary>{m.train.more}</summary>
        <div className="train-fields">
          {diffuses && <Field name="schedule" />}
          {diffuses && <DrawnSchedule />}
          {diffuses && <Field name="weighting" />}
          {diffuses && <Field name="normalisation" />}
          {objective === 'mdlm' && <Field name="maskOrder" />}
          {objective === 'bd3lm' && BLOCK_FIELDS.map((name) => <Field key={name} name={name} />)}
          {objective === 'edits' && <Field name="kappa" />}
          {objective === 'ten-rates' && <Field name="maskRates" />}
          {objective === 'ten-rates' && <Field name="prefix" />}
          <Field name="heldOut" />
          <Field name="repeats" />
          <Field name="accumulation" />
          <Field name="memory" />
          <Field name="warmup" />
          <Field name="decay" />
          <Field name="weightDecay" />
          <Field name="clip" />
          <Field name="beta1" />
          <Field name="beta2" />
          <Field name="evalEvery" />
          <Field name="evalTexts" />
          <Field name="sampleEvery" />
          <Field name="saveEvery" />
          <Field name="patience" />
          <Field name="seed" />
        </div>
      </details>
    </>
  );
}

/** What learns: the whole network, or low ranks beside it. */
function AdapterFields() {
  const adapts = useSetup((state) => state.settings.adapter !== 'none');
  return (
    <div className="train-fields">
      <Field name="adapter" />
      {adapts && (
        <>
          <Field name="rank" />
          <Field name="alpha" />
          <Field name="bits" />
          <Field name="targets" />
          <Field name="loraDropout" />
          <Field name="rsLora" />
        </>
      )}
    </div>
  );
}

/** What a run as it is set up would take; measured while it goes. */
function Memory() {
  const memory = useLook((state) => state.memory);
  const { batch } = useSetup((state) => state.settings);
  if (memory === undefined) return null;
  const { base, learning, work, fit } = memory;
  return (
    <p className="note train-memory" role="status">
      {sentences(m.train.takes(base, learning, work), ...cutWords(fit, batch))}
    </p>
  );
}

function DrawnSchedule() {
  const drawn = useSetup((state) => state.settings.schedule === 'drawn');
  return drawn ? <Field name="curve" /> : null;
}
