/** What the model runs on, with the choice between WebGPU and the way without it. */
import { useRef } from 'react';
import { m } from '../messages/index.ts';
import { reloadModel, useCompute } from '../stores/compute.ts';
import { BACKENDS, prefer, usePreferences } from '../stores/preferences.ts';
import { Icon } from './Icon.tsx';

export function DeviceChip() {
  const model = useCompute((state) => state.model);
  const device = model?.device;
  const chosen = usePreferences((state) => state.backend);
  const menu = useRef<HTMLDivElement>(null);
  const label = device ? (m.header.backends[device.backend] ?? device.backend) : m.header.deviceUnknown;

  const choose = (backend: (typeof BACKENDS)[number]) => {
    menu.current?.hidePopover();
    if (backend === chosen) return;
    prefer({ backend });
    void reloadModel().catch(() => undefined);
  };

  return (
    <div className="device">
      <button type="button" className="quiet" popoverTarget="device-menu" aria-label={`${m.header.device}: ${label}`}>
        <span className={device && !device.notice ? 'dot good' : 'dot'} />
        {label}
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
        <p className="menu-note">{m.header.backendHelp}</p>
      </div>
    </div>
  );
}
