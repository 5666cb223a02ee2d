/** The seed of the run, with a die. Chance comes from the system's generator, so two visitors do not share a run. */
import { useId } from 'react';
import { SETTINGS } from '../../diffusion/settings.ts';
import { m } from '../messages/index.ts';
import { useSettingRule } from '../session/lesson.ts';
import { prefer, usePreferences } from '../session/preferences.ts';
import { rollSeed, setSetting, useSettings } from '../session/settings.ts';
import { Explain } from './Explain.tsx';
import { Icon } from './Icon.tsx';
import { Locked } from './Ruled.tsx';

export function SeedField({ idle }: { idle: boolean }) {
  const seed = useSettings((state) => state.settings.seed);
  const rule = useSettingRule('seed');
  const pinned = usePreferences((state) => state.seedPinned);
  const id = useId();
  if (rule === 'hidden') return null;
  return (
    <div className="field seed">
      <label htmlFor={id}>{m.settings.seed[0]}</label>
      <Explain name="seed" />
      <input
        id={id}
        className="number"
        inputMode="numeric"
        value={seed}
        disabled={rule === 'locked'}
        aria-describedby={rule === 'locked' ? `${id}-help` : undefined}
        onChange={(event) => {
          try {
            setSetting('seed', SETTINGS.seed.parse(event.target.value || '0'));
          } catch {
            // Not a seed: the field shows the last good one.
          }
        }}
      />
      <button
        type="button"
        className="quiet square"
        aria-label={m.controls.dice}
        title={m.controls.dice}
        disabled={rule === 'locked'}
        onClick={() => setSetting('seed', rollSeed())}
      >
        <Icon name="dice" />
      </button>
      <button
        type="button"
        className="quiet square"
        aria-label={m.controls.pinSeed}
        title={pinned ? m.controls.seedPinned : m.controls.pinSeed}
        aria-pressed={pinned}
        disabled={rule === 'locked'}
        onClick={() => prefer({ seedPinned: !pinned })}
      >
        <Icon name={pinned ? 'lock' : 'unlock'} />
      </button>
      {(idle || rule === 'locked') && (
        <p className="note" id={`${id}-help`}>
          {rule === 'locked' && <Locked />}
          {idle && m.controls.seedIdle}
        </p>
      )}
    </div>
  );
}
