/** What `Explain` unfolds: two sentences on a setting, and its figure. */
import type { SamplerName, SettingName, Settings } from '../../diffusion/settings.ts';
import { sentences } from '../messages/format.ts';
import { m } from '../messages/index.ts';
import { useSettings } from '../session/settings.ts';
import { ExplainFigure } from './ExplainFigure.tsx';

type TwoSentences = readonly [string, string];
// Typed by the tables of settings and samplers, so that the compiler names what is not explained yet.
const ofSetting = (name: SettingName): TwoSentences => m.explain.settings[name];
const ofSampler = (name: SamplerName): TwoSentences => m.explain.samplers[name];

export function ExplainPanel({ name }: { name: SettingName }) {
  const { sampler, schedule } = useSettings((state) => state.settings);
  return (
    <>
      {name === 'sampler' && <Sentences words={ofSampler(sampler)} />}
      <ExplainFigure name={name} />
      <Sentences words={ofSetting(name)} />
      {alsoExplained(name, schedule).map((other) => (
        <Sentences key={other} words={ofSetting(other)} />
      ))}
    </>
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
