/** The list of keys, and the switch for those of a single key. */

import { Modal } from '../fields/Modal.tsx';
import { m } from '../messages/index.ts';
import { prefer, usePreferences } from '../session/preferences.ts';
import { MOD } from './keys.ts';

export function Shortcuts({ onClose }: { onClose: () => void }) {
  const singleKeys = usePreferences((state) => state.singleKeys);
  return (
    <Modal open title={m.shortcuts.title} className="shortcuts" onClose={onClose}>
      {m.shortcuts.groups.map(([title, rows]) => (
        <section key={title}>
          <h3>{title}</h3>
          <dl>
            {rows.map(([keys, what]) => (
              <div key={keys}>
                <dt>
                  <kbd>{keys.replace('⌘', MOD)}</kbd>
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <label className="single-keys">
        <input
          type="checkbox"
          checked={singleKeys}
          onChange={(event) => prefer({ singleKeys: event.target.checked })}
        />
        {m.shortcuts.singleKeys}
      </label>
      <p>
        <a href="#/access">{m.views.access}</a>
      </p>
    </Modal>
  );
}
