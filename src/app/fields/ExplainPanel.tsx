/** What `Explain` shows: two sentences on a setting, and its figure. */
import { useEffect, useRef } from 'react';
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
  const first = useRef<HTMLSpanElement>(null);
  // The lowest controls have no room below them.
  useEffect(() => {
    const panel = first.current?.parentElement;
    // The column or the dialog alone: the page stays where it is.
    const scroller = panel?.closest('.side, dialog');
    if (!panel || !scroller) return;
    const floor = Math.min(scroller.getBoundingClientRect().bottom, innerHeight) - 8;
    scroller.scrollTop += Math.max(0, panel.getBoundingClientRect().bottom - floor);
  }, []);
  return (
    <>
      <span ref={first} hidden />
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
