/** What the model runs on, with the choice between WebGPU and the way without it. */
import { useRef } from 'react';
import { Icon } from '../fields/Icon.tsx';
import { clauses } from '../messages/format.ts';
import { m } from '../messages/index.ts';
import { reloadModel, useCompute } from '../session/compute.ts';
import { BACKENDS, prefer, usePreferences } from '../session/preferences.ts';
import { useVerdict, type Verdict } from '../session/verified.ts';

export function DeviceChip() {
  const model = useCompute((state) => state.model);
  const device = model?.device;
  const chosen = usePreferences((state) => state.backend);
  const menu = useRef<HTMLDivElement>(null);
  const label = device ? (m.header.backends[device.backend] ?? device.backend) : m.header.deviceUnknown;

  const verdict = useVerdict(device);

  const choose = (backend: (typeof BACKENDS)[number]) => {
    menu.current?.hidePopover();
    if (backend === chosen) return;
    prefer({ backend });
    void reloadModel().catch(() => undefined);
  };

  return (
    <div className="device">
      <button type="button" className="quiet" popoverTarget="device-menu" aria-label={describe(label, verdict)}>
        <span className={device && !device.notice ? 'dot good' : 'dot'} />
        <span className="device-name">{label}</span>
        {verdict && <Badge verdict={verdict} />}
        <Icon name="down" />
      </button>
      <div ref={menu} id="device-menu" className="menu" popover="auto">
        {model && device && (
          <p className="menu-note">
            {m.header.model(model.id, model.parameters)}
            <br />
            {m.header.deviceName(label, device.device)}
          </p>
        )}
        {BACKENDS.map((backend) => (
          <button key={backend} type="button" aria-pressed={backend === chosen} onClick={() => choose(backend)}>
            <b>{m.header.choices[backend][0]}</b>
            <span>{m.header.choices[backend][1]}</span>
          </button>
        ))}
        <HoodLink verdict={verdict} onFollow={() => menu.current?.hidePopover()} />
        {/* biome-ignore lint/a11y/useValidAnchor: it leads to a view, and closes the menu on the way */}
        <a className="menu-link" href="#/bench" onClick={() => menu.current?.hidePopover()}>
          <b>{m.benchLink.title}</b>
          <span>{m.benchLink.help}</span>
        </a>
        <Power />
        <p className="menu-note">{m.header.backendHelp}</p>
      </div>
    </div>
  );
}

/** What spares a battery, by choice. */
function Power() {
  const preferences = usePreferences();
  return (
    <fieldset className="menu-choices">
      <legend>{m.header.power.title}</legend>
      {(['pauseHidden', 'sparing'] as const).map((name) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={preferences[name]}
            onChange={({ target }) => prefer({ [name]: target.checked })}
          />
          {m.header.power[name]}
        </label>
      ))}
    </fieldset>
  );
}

function describe(label: string, verdict: Verdict | undefined): string {
  const { passed, failed } = m.badge.short;
  return m.header.deviceIs(clauses(label, verdict && (verdict.failed === 0 ? passed : failed)));
}

function Badge({ verdict: { failed } }: { verdict: Verdict }) {
  return (
    <span
      className={failed === 0 ? 'badge' : 'badge bad'}
      title={failed === 0 ? m.badge.short.passed : m.badge.short.failed}
    >
      {failed === 0 ? '✓' : '✕'}
    </span>
  );
}

/** To the view that tells what the device is and whether it computes rightly. */
function HoodLink({ verdict, onFollow }: { verdict: Verdict | undefined; onFollow: () => void }) {
  const { passed, software, failed } = m.badge.menu;
  const said = verdict && (verdict.failed > 0 ? failed : verdict.software ? software : passed);
  return (
    // biome-ignore lint/a11y/useValidAnchor: it leads to a view, and closes the menu on the way
    <a className="menu-link" href="#/hood" onClick={onFollow}>
      <b>{said ?? m.badge.none}</b>
      <span>{verdict ? m.badge.help(new Date(verdict.at)) : m.badge.noneHelp}</span>
    </a>
  );
}
