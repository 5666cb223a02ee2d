/** A small question mark beside a control; pressed, two sentences and a figure unfold under it. */
import { lazy, Suspense, useId, useState } from 'react';
import type { SamplerName, SettingName, Settings } from '../../diffusion/settings.ts';
import { sentences } from '../messages/format.ts';
import { m } from '../messages/index.ts';
import { useSettings } from '../session/settings.ts';

type TwoSentences = readonly [string, string];
// Typed by the tables of settings and samplers, so that the compiler names what is not explained yet.
const ofSetting = (name: SettingName): TwoSentences => m.explain.settings[name];
const ofSampler = (name: SamplerName): TwoSentences => m.explain.samplers[name];

// Fetched when somebody asks.
const ExplainFigure = lazy(() => import('./ExplainFigure.tsx'));

export function Explain({ name }: { name: SettingName }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const label = name in m.settings ? m.settings[name as keyof typeof m.settings][0] : m.controls.mode;
  return (
    <>
      <button
        type="button"
        className="explain-mark"
        aria-label={m.explain.about(label)}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {m.explain.more}
      </button>
      {open && <Panel id={id} name={name} />}
    </>
  );
}

function Panel({ id, name }: { id: string; name: SettingName }) {
  const { sampler, schedule } = useSettings((state) => state.settings);
  return (
    <div className="explain" id={id}>
      {name === 'sampler' && <Sentences words={ofSampler(sampler)} />}
      <Suspense fallback={<div className="explain-room" />}>
        <ExplainFigure name={name} />
      </Suspense>
      <Sentences words={ofSetting(name)} />
      {alsoExplained(name, schedule).map((other) => (
        <Sentences key={other} words={ofSetting(other)} />
      ))}
    </div>
  );
}

/** Settings that have no question mark of their own, told where they belong. */
function alsoExplained(name: SettingName, schedule: Settings['schedule']): SettingName[] {
  if (name === 'mode') return ['prompt', 'model'];
  return name === 'schedule' && schedule === 'drawn' ? ['curve'] : [];
}

function Sentences({ words }: { words: TwoSentences }) {
  return <p>{sentences(...words)}</p>;
}
